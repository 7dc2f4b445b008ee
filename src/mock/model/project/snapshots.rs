//! Snapshots: what a branch had at one time, kept until it is given to a new branch.

use jiff::Timestamp;

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::branch::{Branch, Restoration};
use crate::mock::model::endpoint::ComputeType;
use crate::mock::model::operation::{Action, Status};
use crate::mock::model::snapshot::{NewSnapshot, Snapshot, SnapshotRestoration};

impl Project {
    pub(in crate::mock) fn snapshot(&self, id: &str) -> Result<&Snapshot, ApiError> {
        let snapshot = self.snapshots.iter().find(|snapshot| snapshot.id == id);
        snapshot.ok_or_else(|| ApiError::not_found("snapshot", id))
    }

    /// Keeps what a branch has.
    pub(in crate::mock) fn create_snapshot(
        &mut self,
        branch: &str,
        new: NewSnapshot,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<&Snapshot, ApiError> {
        let branch = self.branch(branch)?;
        self.must_be_idle(&branch.id)?;
        let id = ids.snapshot();
        let snapshot = Snapshot {
            name: new.name.unwrap_or_else(|| id.clone()),
            id: id.clone(),
            source_branch: branch.id.clone(),
            timestamp: new.timestamp.unwrap_or(now),
            lsn: new.lsn,
            expires_at: new.expires_at,
            created_at: now,
            roles: branch.roles.clone(),
            databases: branch.databases.clone(),
            auth: branch.auth.clone(),
        };
        self.note_copy(&snapshot.source_branch, &id);
        self.snapshots.push(snapshot);
        self.snapshot(&id)
    }

    /// Another name for a snapshot.
    pub(in crate::mock) fn rename_snapshot(
        &mut self,
        id: &str,
        name: Option<String>,
    ) -> Result<&Snapshot, ApiError> {
        let snapshot = self.snapshots.iter_mut().find(|snapshot| snapshot.id == id);
        let snapshot = snapshot.ok_or_else(|| ApiError::not_found("snapshot", id))?;
        snapshot.name = name.unwrap_or_else(|| snapshot.name.clone());
        Ok(snapshot)
    }

    /// Takes a snapshot out; branches that were made from it stay.
    pub(in crate::mock) fn remove_snapshot(&mut self, id: &str) -> Result<(), ApiError> {
        self.snapshot(id)?;
        self.snapshots.retain(|snapshot| snapshot.id != id);
        Ok(())
    }

    /// A new branch with what a snapshot kept, to stand for a target branch one day, or at once; its id.
    pub(in crate::mock) fn restore_snapshot(
        &mut self,
        id: &str,
        restoration: SnapshotRestoration,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        let SnapshotRestoration { name, target, is_final } = restoration;
        let snapshot = self.snapshot(id)?;
        let target = match target {
            Some(target) => self.branch(&target)?.id.clone(),
            // The branch that the snapshot is of may be gone: then there is nothing to stand for.
            None => snapshot.source_branch.clone(),
        };
        let name_of_target = if is_final { Some(self.replaceable(&target, None)?) } else { None };
        let branch_id = ids.branch();
        let name = name.unwrap_or_else(|| format!("{}-from-{}", snapshot.name, branch_id));
        self.must_be_free(&name)?;
        let mut branch = Branch::new(branch_id.clone(), name, now);
        branch.roles.clone_from(&snapshot.roles);
        branch.databases.clone_from(&snapshot.databases);
        branch.auth = snapshot.auth.as_ref().map(|auth| Box::new(auth.copied(None, ids, now)));
        let restored = Restoration { snapshot: snapshot.id.clone(), target, is_final: false };
        branch.restored = Some(restored.clone());
        self.note_copy(&restored.snapshot, &branch_id);
        self.branches.push(branch);
        self.begin(Action::CreateBranch, Status::Running, (Some(&branch_id), None), ids, now);
        if let Some(name_of_target) = name_of_target {
            self.replace(&branch_id, restored, name_of_target, ids, now)?;
        }
        Ok(branch_id)
    }

    /// Puts a restored branch in the place of its target: it takes over name, endpoints, and being the default. The
    /// target gets another name. Nothing is changed where that cannot be.
    pub(in crate::mock) fn finalize_restore(
        &mut self,
        id: &str,
        name_of_target: Option<String>,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let restored = self.branch(id)?.restored.clone();
        let Some(restored) = restored.filter(|restored| !restored.is_final) else {
            let message = "the branch is not one that was restored from a snapshot and not yet finalized";
            return Err(ApiError::unprocessable(message));
        };
        self.must_be_idle(id)?;
        let name_of_target = self.replaceable(&restored.target, name_of_target)?;
        if self.has_writer(id) && self.has_writer(&restored.target) {
            return Err(ApiError::conflict("read_write endpoint already exists"));
        }
        self.replace(id, restored, name_of_target, ids, now)
    }

    /// What a branch that is to be replaced will be called, where it can be replaced.
    pub(super) fn replaceable(&self, target: &str, wanted: Option<String>) -> Result<String, ApiError> {
        let target = self.branch(target)?;
        self.must_be_idle(&target.id)?;
        if let Some(name) = wanted {
            self.must_be_free(&name)?;
            return Ok(name);
        }
        let is_free = |name: &String| self.must_be_free(name).is_ok();
        let mut names = (1..).map(|number| format!("{}_old_{number}", target.name));
        names.find(is_free).ok_or_else(ApiError::internal)
    }

    pub(super) fn has_writer(&self, branch: &str) -> bool {
        self.endpoints_of(branch).any(|endpoint| endpoint.compute.kind == ComputeType::ReadWrite)
    }

    /// The restored branch in the place of its target, which can be replaced.
    pub(super) fn replace(
        &mut self,
        id: &str,
        restored: Restoration,
        name_of_target: String,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let old = self.branch_mut(&restored.target)?;
        let name = std::mem::replace(&mut old.name, name_of_target);
        let was_default = std::mem::take(&mut old.is_default);
        old.updated_at = now.max(old.created_at);
        let moved: Vec<String> =
            self.endpoints_of(&restored.target).map(|endpoint| endpoint.id.clone()).collect();
        let new = self.branch_mut(id)?;
        new.name = name;
        new.is_default = was_default;
        new.updated_at = now.max(new.created_at);
        new.restored = Some(Restoration { is_final: true, ..restored });
        for endpoint in moved {
            let of = self.endpoint_mut(&endpoint)?;
            id.clone_into(&mut of.branch_id);
            of.updated_at = now.max(of.created_at);
            self.begin(Action::ApplyConfig, Status::Scheduling, (Some(id), Some(&endpoint)), ids, now);
        }
        Ok(())
    }
}
