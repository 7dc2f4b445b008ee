//! Snapshots: what a branch had at one time, kept until it is given to a new branch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::auth::Auth;
use super::branch::{Database, Role};

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
    #[serde(default)]
    pub(super) auth: Option<Box<Auth>>,
}

/// How a snapshot is to be restored.
#[derive(Debug)]
pub(in crate::mock) struct SnapshotRestoration {
    /// What the new branch is called.
    pub(in crate::mock) name: Option<String>,
    /// The branch that it is to stand for.
    pub(in crate::mock) target: Option<String>,
    /// It stands for it at once.
    pub(in crate::mock) is_final: bool,
}

/// What a client may say of a new snapshot.
#[derive(Debug, Clone, Default)]
pub(in crate::mock) struct NewSnapshot {
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) timestamp: Option<Timestamp>,
    pub(in crate::mock) lsn: Option<String>,
    pub(in crate::mock) expires_at: Option<Timestamp>,
}
