//! JWKS: where the keys are published that verify a project's JSON Web Tokens (RFC 7517 §5).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One place of keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Jwks {
    pub(in crate::mock) id: String,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) of: NewJwks,
}

/// What a client says of one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct NewJwks {
    pub(in crate::mock) url: String,
    pub(in crate::mock) provider_name: String,
    /// All branches, where none is named.
    pub(in crate::mock) branch: Option<String>,
    pub(in crate::mock) audience: Option<String>,
    pub(in crate::mock) roles: Vec<String>,
}
