//! Endpoints: the computes that connections go to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// A compute endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Endpoint {
    pub(in crate::mock) id: String,
    pub(in crate::mock) branch_id: String,
    pub(in crate::mock) compute: Compute,
    pub(in crate::mock) state: EndpointState,
    pub(in crate::mock) pending: Option<EndpointState>,
    pub(in crate::mock) last_active: Option<Timestamp>,
    pub(in crate::mock) started_at: Option<Timestamp>,
    pub(in crate::mock) suspended_at: Option<Timestamp>,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
}

/// What a compute is like, as a client may ask for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Compute {
    pub(in crate::mock) kind: ComputeType,
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) min_cu: Number,
    pub(in crate::mock) max_cu: Number,
    pub(in crate::mock) suspend_timeout_seconds: i64,
    pub(in crate::mock) settings: Map<String, Value>,
    pub(in crate::mock) pooler_enabled: bool,
    pub(in crate::mock) disabled: bool,
    pub(in crate::mock) passwordless_access: bool,
    pub(in crate::mock) provisioner: String,
}

/// Whether it may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum ComputeType {
    ReadWrite,
    ReadOnly,
}

/// What an endpoint is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum EndpointState {
    Init,
    Active,
    Idle,
}

impl Endpoint {
    pub(super) fn new(id: String, branch_id: String, compute: Compute, now: Timestamp) -> Self {
        Self {
            id,
            branch_id,
            compute,
            state: EndpointState::Init,
            pending: None,
            last_active: None,
            started_at: None,
            suspended_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// It has come up.
    pub(super) fn started(&mut self, now: Timestamp) {
        (self.state, self.pending) = (EndpointState::Active, None);
        self.last_active = Some(now);
        self.started_at = Some(now);
        self.suspended_at = None;
        self.updated_at = now;
    }

    /// It has gone down.
    pub(super) fn suspended(&mut self, now: Timestamp) {
        (self.state, self.pending) = (EndpointState::Idle, None);
        self.suspended_at = Some(now);
        self.updated_at = now;
    }
}
