//! Credentials for the services of a branch. What they are used with is shown once, and not kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Credential {
    pub(in crate::mock) id: String,
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) scopes: Vec<String>,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) revoked_at: Option<Timestamp>,
}

/// What a credential may be good for.
pub(in crate::mock) const SCOPES: [&str; 4] =
    ["storage:read", "storage:write", "ai_gateway:invoke", "functions:invoke"];
