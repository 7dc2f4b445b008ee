//! The branches of a project.

use jiff::Timestamp;

use super::{Project, Removed};
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::branch::{Branch, NewBranch, Parent};
use crate::mock::model::endpoint::{ComputeType, Endpoint};
use crate::mock::model::operation::{Action, Status};
use crate::mock::model::recoverable_until;

impl Project {
    pub(in crate::mock) fn branch(&self, id: &str) -> Result<&Branch, ApiError> {
        self.branches.iter().find(|branch| branch.id == id).ok_or_else(|| ApiError::not_found("branch", id))
    }

    pub(in crate::mock) fn branch_mut(&mut self, id: &str) -> Result<&mut Branch, ApiError> {
        let branch = self.branches.iter_mut().find(|branch| branch.id == id);
        branch.ok_or_else(|| ApiError::not_found("branch", id))
    }

    /// The one branch that stands for the project.
    pub(in crate::mock) fn default_branch(&self) -> Result<&Branch, ApiError> {
        let branch = self.branches.iter().find(|branch| branch.is_default);
        branch.ok_or_else(|| ApiError::not_found("branch", "the default branch"))
    }

    /// A branch with copies of its parent's roles, databases and Neon Auth; its id.
    pub(in crate::mock) fn create_branch(
        &mut self,
        new: NewBranch,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        let parent = match &new.parent_id {
            Some(id) => self.branch(id)?,
            None => self.default_branch()?,
        };
        self.must_be_idle(&parent.id)?;
        let id = ids.branch();
        let name = new.name.unwrap_or_else(|| id.clone());
        self.must_be_free(&name)?;
        let mut branch = Branch::new(id.clone(), name, now);
        branch.roles.clone_from(&parent.roles);
        branch.databases.clone_from(&parent.databases);
        branch.auth = parent.auth.as_ref().map(|auth| Box::new(auth.copied(None, ids, now)));
        branch.services = parent.services().inherited();
        branch.parent =
            Some(Parent { id: parent.id.clone(), timestamp: new.parent_timestamp.unwrap_or(now) });
        branch.protected = new.protected;
        if new.init_source.as_deref() == Some("schema-only") {
            branch.auth.iter_mut().for_each(|auth| auth.data.remove_users());
        }
        branch.init_source = new.init_source;
        branch.expires_at = new.expires_at;
        branch.annotation = new.annotation;
        let parent = branch.parent.as_ref().map(|parent| parent.id.clone()).unwrap_or_default();
        self.branches.push(branch);
        self.note_copy(&parent, &id);
        self.begin(Action::CreateBranch, Status::Running, (Some(&id), None), ids, now);
        Ok(id)
    }

    /// No two branches have one name.
    pub(in crate::mock) fn must_be_free(&self, name: &str) -> Result<(), ApiError> {
        match self.branches.iter().find(|branch| branch.name == name) {
            Some(_) => Err(ApiError::exists("branch", name)),
            None => Ok(()),
        }
    }

    /// Takes a branch out with its endpoints; `None` where there is none. The default branch, the last root and one with
    /// children stay.
    pub(in crate::mock) fn remove_branch(
        &mut self,
        id: &str,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<Option<Branch>, ApiError> {
        let Some(index) = self.branches.iter().position(|branch| branch.id == id) else { return Ok(None) };
        let branch = &self.branches[index];
        if branch.is_default {
            return Err(ApiError::unprocessable("the default branch cannot be deleted"));
        }
        let is_root = |branch: &Branch| branch.parent.is_none();
        if is_root(branch) && self.branches.iter().filter(|branch| is_root(branch)).count() == 1 {
            return Err(ApiError::unprocessable("the root branch cannot be deleted"));
        }
        if self.branches.iter().any(|other| other.parent.as_ref().is_some_and(|parent| parent.id == id)) {
            return Err(ApiError::unprocessable("a branch with children cannot be deleted"));
        }
        self.must_be_idle(id)?;
        let branch = self.branches.remove(index);
        let shown = branch.clone();
        let endpoints: Vec<Endpoint> =
            self.endpoints.extract_if(.., |endpoint| endpoint.branch_id == id).collect();
        for endpoint in &endpoints {
            self.begin(Action::SuspendCompute, Status::Running, (Some(id), Some(&endpoint.id)), ids, now);
        }
        self.begin(Action::DeleteTimeline, Status::Scheduling, (Some(id), None), ids, now);
        self.removed.push(Removed { branch: Branch { removed_at: Some(now), ..branch }, endpoints });
        Ok(Some(shown))
    }

    /// The removed branches that can still be recovered.
    pub(in crate::mock) fn recoverable(&self, now: Timestamp) -> impl Iterator<Item = &Branch> {
        let branches = self.removed.iter().map(|removed| &removed.branch);
        branches.filter(move |branch| branch.removed_at.is_some_and(|at| recoverable_until(at) > now))
    }

    /// Brings a removed branch back, with its endpoints, which are idle. It expires no more.
    pub(in crate::mock) fn recover_branch(&mut self, id: &str, now: Timestamp) -> Result<(), ApiError> {
        if self.branch(id).is_ok() {
            return Err(ApiError::unprocessable("the branch is not deleted"));
        }
        let removed = self.recoverable(now).find(|branch| branch.id == id);
        let removed = removed.ok_or_else(|| ApiError::not_found("branch", id))?;
        self.must_be_free(&removed.name)?;
        self.must_be_idle(id)?;
        if let Some(parent) = &removed.parent {
            self.branch(&parent.id)?;
        }
        let index = self.removed.iter().position(|removed| removed.branch.id == id);
        let Some(Removed { mut branch, mut endpoints }) = index.map(|index| self.removed.remove(index))
        else {
            return Err(ApiError::not_found("branch", id));
        };
        branch.removed_at = None;
        branch.expires_at = None;
        branch.updated_at = now.max(branch.created_at);
        self.branches.push(branch);
        for endpoint in &mut endpoints {
            endpoint.suspended(now.max(endpoint.created_at));
        }
        self.endpoints.append(&mut endpoints);
        Ok(())
    }

    /// Moves the default to a branch.
    pub(in crate::mock) fn set_default(&mut self, id: &str, now: Timestamp) -> Result<(), ApiError> {
        self.branch(id)?;
        for branch in &mut self.branches {
            let is_default = branch.id == id;
            if branch.is_default != is_default {
                branch.is_default = is_default;
                branch.updated_at = now.max(branch.created_at);
            }
        }
        Ok(())
    }

    /// Gives a branch the roles, databases and Neon Auth of another; what it was is kept under a name, if one is given.
    pub(in crate::mock) fn restore_branch(
        &mut self,
        id: &str,
        source: &str,
        preserve_as: Option<String>,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let (roles, databases, auth) = {
            let source = self.branch(source)?;
            (source.roles.clone(), source.databases.clone(), source.auth.clone())
        };
        self.must_be_idle(id)?;
        if id == source && preserve_as.is_none() {
            return Err(ApiError::unprocessable(
                "a branch is restored from its own history only with preserve_under_name",
            ));
        }
        if let Some(name) = preserve_as {
            self.must_be_free(&name)?;
            let mut kept = self.branch(id)?.clone();
            kept.id = ids.branch();
            kept.name = name;
            kept.is_default = false;
            kept.restored = None;
            kept.auth = kept.auth.map(|auth| Box::new(auth.copied(None, ids, now)));
            // What is set up stays where it is, as endpoints do.
            kept.services = None;
            (kept.created_at, kept.updated_at) = (now, now);
            self.note_copy(id, &kept.id);
            self.branches.push(kept);
        }
        if id != source {
            self.note_copy(source, id);
        }
        let branch = self.branch_mut(id)?;
        (branch.roles, branch.databases) = (roles, databases);
        branch.auth = auth.map(|auth| Box::new(auth.copied(branch.auth.as_deref(), ids, now)));
        branch.last_reset_at = Some(now);
        branch.updated_at = now.max(branch.created_at);
        let endpoints: Vec<String> = self.endpoints_of(id).map(|endpoint| endpoint.id.clone()).collect();
        self.begin(Action::CreateBranch, Status::Running, (Some(id), None), ids, now);
        for endpoint in endpoints {
            self.begin(Action::ApplyConfig, Status::Scheduling, (Some(id), Some(&endpoint)), ids, now);
        }
        Ok(())
    }

    /// The work that a change of roles or databases makes on a branch's endpoints.
    pub(in crate::mock) fn apply_config(&mut self, branch: &str, ids: &mut Ids, now: Timestamp) {
        let endpoint = self
            .endpoints_of(branch)
            .find(|endpoint| endpoint.compute.kind == ComputeType::ReadWrite)
            .map(|endpoint| endpoint.id.clone());
        if let Some(endpoint) = endpoint {
            self.begin(Action::ApplyConfig, Status::Running, (Some(branch), Some(&endpoint)), ids, now);
        }
    }
}
