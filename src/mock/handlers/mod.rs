//! What each operation does: reads the request, asks the state, shows the answer.

pub(super) mod api_keys;
pub(super) mod projects;
pub(super) mod users;
pub(super) mod v1;

use std::collections::HashMap;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::auth::Caller;
use super::fault::{Fault, Faults};

/// An authenticated request.
pub(super) struct Call<'a> {
    pub(super) caller: Caller,
    pub(super) parameter: Option<String>,
    pub(super) query: HashMap<String, String>,
    pub(super) body: &'a [u8],
    pub(super) now: Timestamp,
    pub(super) faults: &'a Faults,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Call<'_> {
    /// The parameter in the path; empty where the path has none.
    pub(super) fn parameter(&self) -> &str {
        self.parameter.as_deref().unwrap_or_default()
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, body }
    }
}
