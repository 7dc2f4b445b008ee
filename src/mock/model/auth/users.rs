//! The people who have an account where Neon Auth works.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct AuthUser {
    pub(in crate::mock) id: String,
    pub(in crate::mock) email: String,
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) roles: Vec<String>,
    pub(in crate::mock) created_at: Timestamp,
}
