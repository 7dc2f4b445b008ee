//! A project and everything in it, and the rules that hold between its parts.

mod activity;
mod anonymization;
mod auth;
mod branches;
mod data;
mod data_api;
mod endpoints;
mod functions;
mod jwks;
mod operations;
mod snapshots;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(in crate::mock) use self::activity::Activity;
use crate::mock::ids::Ids;
use crate::mock::model::branch::{Branch, Database, Role};
use crate::mock::model::data::Data;
use crate::mock::model::endpoint::{ComputeType, Endpoint};
use crate::mock::model::jwks::Jwks;
use crate::mock::model::operation::{Action, Operation, OperationClock, Status};
use crate::mock::model::snapshot::Snapshot;

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Project {
    pub(in crate::mock) id: String,
    pub(in crate::mock) name: String,
    pub(in crate::mock) region_id: String,
    pub(in crate::mock) pg_version: i64,
    pub(in crate::mock) store_passwords: bool,
    pub(in crate::mock) history_retention_seconds: i64,
    /// Most projects have the defaults, and share them.
    pub(in crate::mock) settings: Arc<Map<String, Value>>,
    pub(in crate::mock) default_endpoint_settings: Arc<Map<String, Value>>,
    /// Its state, as v1 shows it.
    pub(in crate::mock) current_state: String,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
    pub(in crate::mock) removed_at: Option<Timestamp>,
    pub(in crate::mock) branches: Vec<Branch>,
    pub(in crate::mock) endpoints: Vec<Endpoint>,
    /// Oldest first.
    pub(in crate::mock) operations: Vec<Operation>,
    pub(in crate::mock) permissions: Vec<Permission>,
    pub(in crate::mock) jwks: Vec<Jwks>,
    pub(in crate::mock) snapshots: Vec<Snapshot>,
    #[serde(default)]
    pub(in crate::mock) transfer_requests: Vec<TransferRequest>,
    /// The endpoints in private networks that alone may connect, with their labels; any may, where there are none.
    #[serde(default)]
    pub(in crate::mock) vpc_endpoints: BTreeMap<String, String>,
    /// Branches that were removed, and can be recovered.
    pub(in crate::mock::model) removed: Vec<Removed>,
    #[serde(skip)]
    pub(in crate::mock::model) clock: OperationClock,
    /// Where its branches have real data.
    #[serde(skip)]
    pub(in crate::mock) data: Option<Arc<Data>>,
}

/// What is said of a new project.
#[derive(Debug, Clone)]
pub(in crate::mock) struct NewProject {
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) region_id: String,
    pub(in crate::mock) pg_version: i64,
    pub(in crate::mock) store_passwords: bool,
    pub(in crate::mock) history_retention_seconds: i64,
    pub(in crate::mock) settings: Arc<Map<String, Value>>,
    pub(in crate::mock) default_endpoint_settings: Arc<Map<String, Value>>,
    pub(in crate::mock) branch_name: String,
    pub(in crate::mock) role_name: String,
    pub(in crate::mock) database_name: String,
    /// How its operations end.
    pub(in crate::mock) clock: OperationClock,
}

/// A branch that was removed, with its endpoints.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock::model) struct Removed {
    branch: Branch,
    endpoints: Vec<Endpoint>,
}

/// That whoever knows of it may take a project over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct TransferRequest {
    pub(in crate::mock) id: Uuid,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) expires_at: Timestamp,
}

/// Someone else who may use a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Permission {
    pub(in crate::mock) id: String,
    pub(in crate::mock) email: String,
    pub(in crate::mock) granted_at: Timestamp,
    pub(in crate::mock) revoked_at: Option<Timestamp>,
}

static SETTINGS: LazyLock<Arc<Map<String, Value>>> = LazyLock::new(|| {
    object(json!({
        "allowed_ips": { "ips": [], "protected_branches_only": false },
        "enable_logical_replication": false,
        "block_public_connections": false,
        "block_vpc_connections": false,
    }))
});

static ENDPOINT_SETTINGS: LazyLock<Arc<Map<String, Value>>> = LazyLock::new(|| {
    object(json!({
        "autoscaling_limit_min_cu": 0.25, "autoscaling_limit_max_cu": 0.25, "suspend_timeout_seconds": 0,
    }))
});

fn object(value: Value) -> Arc<Map<String, Value>> {
    Arc::new(value.as_object().cloned().unwrap_or_default())
}

impl Default for NewProject {
    /// What the service makes where nothing is said (PROJ-DEFAULTS).
    fn default() -> Self {
        Self {
            name: None,
            region_id: "aws-us-east-2".to_owned(),
            pg_version: 17,
            store_passwords: true,
            history_retention_seconds: 86_400,
            settings: SETTINGS.clone(),
            default_endpoint_settings: ENDPOINT_SETTINGS.clone(),
            branch_name: "main".to_owned(),
            role_name: "neondb_owner".to_owned(),
            database_name: "neondb".to_owned(),
            clock: OperationClock::default(),
        }
    }
}

/// Until when something that was removed can be recovered: for seven days.
pub(in crate::mock) fn recoverable_until(removed_at: Timestamp) -> Timestamp {
    removed_at.checked_add(jiff::SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MAX)
}

impl Project {
    /// A project with its default branch, role, database and endpoint, and the work to make them.
    pub(in crate::mock::model) fn create(
        id: String,
        new: NewProject,
        ids: &mut Ids,
        numbers: &mut i64,
        now: Timestamp,
    ) -> Self {
        let mut branch = Branch::new(ids.branch(), new.branch_name, now);
        branch.is_default = true;
        *numbers += 1;
        let password = Some(ids.password());
        // No more room than most projects need: there may be many.
        branch.roles = vec![Role {
            id: *numbers,
            name: new.role_name.clone(),
            password,
            created_at: now,
            updated_at: now,
        }];
        branch.databases = vec![Database {
            id: *numbers,
            name: new.database_name,
            owner_name: new.role_name,
            created_at: now,
            updated_at: now,
        }];
        let mut project = Self {
            name: new.name.unwrap_or_else(|| id.clone()),
            id,
            region_id: new.region_id,
            pg_version: new.pg_version,
            store_passwords: new.store_passwords,
            history_retention_seconds: new.history_retention_seconds,
            settings: new.settings,
            default_endpoint_settings: new.default_endpoint_settings,
            current_state: "active".to_owned(),
            created_at: now,
            updated_at: now,
            removed_at: None,
            branches: Vec::with_capacity(1),
            endpoints: Vec::with_capacity(1),
            operations: Vec::with_capacity(2),
            permissions: Vec::new(),
            jwks: Vec::new(),
            snapshots: Vec::new(),
            transfer_requests: Vec::new(),
            vpc_endpoints: BTreeMap::new(),
            removed: Vec::new(),
            clock: new.clock,
            data: None,
        };
        let branch_id = branch.id.clone();
        project.branches.push(branch);
        let endpoint_id = ids.endpoint();
        project.begin(Action::CreateTimeline, Status::Running, (Some(&branch_id), None), ids, now);
        let compute = project.default_compute(ComputeType::ReadWrite);
        project.start_endpoint(Endpoint::new(endpoint_id, branch_id, compute, now), ids, now);
        project
    }

    /// Whether it was removed, and can still be brought back.
    pub(in crate::mock) fn is_recoverable(&self, now: Timestamp) -> bool {
        self.removed_at.is_some_and(|removed_at| recoverable_until(removed_at) > now)
    }
}
