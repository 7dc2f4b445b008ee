//! Snapshots: what a branch had at one time, kept until it is given to a new branch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::branch::{Branch, Database, Restoration, Role};
use super::operation::{Action, Status};
use super::project::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;

/// A snapshot, with what the branch had.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Snapshot {
    pub(in crate::mock) id: String,
    pub(in crate::mock) name: String,
    pub(in crate::mock) source_branch: String,
    /// The moment of the branch's that is kept.
    pub(in crate::mock) timestamp: Timestamp,
    pub(in crate::mock) lsn: Option<String>,
    pub(in crate::mock) expires_at: Option<Timestamp>,
    pub(in crate::mock) created_at: Timestamp,
    pub(super) roles: Vec<Role>,
    pub(super) databases: Vec<Database>,
}

/// What a client may say of a new snapshot.
#[derive(Debug, Clone, Default)]
pub(in crate::mock) struct NewSnapshot {
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) timestamp: Option<Timestamp>,
    pub(in crate::mock) lsn: Option<String>,
    pub(in crate::mock) expires_at: Option<Timestamp>,
}

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
        self.must_be_idle(branch)?;
        let branch = self.branch(branch)?;
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
        };
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

    /// A new branch with what a snapshot kept, to stand for a target branch one day; its id.
    pub(in crate::mock) fn restore_snapshot(
        &mut self,
        id: &str,
        name: Option<String>,
        target: Option<String>,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        let snapshot = self.snapshot(id)?;
        let target = match target {
            Some(target) => self.branch(&target)?.id.clone(),
            // The branch that the snapshot is of may be gone: then there is nothing to stand for.
            None => snapshot.source_branch.clone(),
        };
        let branch_id = ids.branch();
        let name = name.unwrap_or_else(|| format!("{}-from-{}", snapshot.name, branch_id));
        self.must_be_free(&name)?;
        let mut branch = Branch::new(branch_id.clone(), name, now);
        branch.roles.clone_from(&snapshot.roles);
        branch.databases.clone_from(&snapshot.databases);
        branch.restored = Some(Restoration { snapshot: snapshot.id.clone(), target, is_final: false });
        self.branches.push(branch);
        self.begin(Action::CreateBranch, Status::Running, Some(&branch_id), None, ids, now);
        Ok(branch_id)
    }

    /// Puts a restored branch in the place of its target: it takes over name, endpoints, and being the default. The
    /// target gets another name.
    pub(in crate::mock) fn finalize_restore(
        &mut self,
        id: &str,
        name_of_target: Option<String>,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let restored = self.branch(id)?.restored.clone();
        let Some(restored) = restored.filter(|restored| !restored.is_final) else {
            return Err(ApiError::unprocessable(
                "the branch is not one restored from a snapshot and not yet finalized",
            ));
        };
        let target = self.branch(&restored.target)?;
        let (target, name, was_default) = (target.id.clone(), target.name.clone(), target.is_default);
        self.must_be_idle(&target)?;
        let name_of_target = name_of_target.unwrap_or_else(|| format!("{name}_old_{}", now.as_second()));
        self.must_be_free(&name_of_target)?;
        let old = self.branch_mut(&target)?;
        old.name = name_of_target;
        old.is_default = false;
        old.updated_at = now.max(old.created_at);
        let new = self.branch_mut(id)?;
        new.name = name;
        new.is_default = was_default;
        new.updated_at = now.max(new.created_at);
        new.restored = Some(Restoration { is_final: true, ..restored });
        let moved: Vec<String> = self.endpoints_of(&target).map(|endpoint| endpoint.id.clone()).collect();
        for endpoint in moved {
            let of = self.endpoint_mut(&endpoint)?;
            id.clone_into(&mut of.branch_id);
            of.updated_at = now.max(of.created_at);
            self.begin(Action::ApplyConfig, Status::Scheduling, Some(id), Some(&endpoint), ids, now);
        }
        Ok(())
    }
}
