//! Who asks, and what tokens are known by.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is kept of a token.
pub(in crate::mock) type TokenHash = [u8; 32];

/// A key that opens an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mock) struct Caller {
    pub(in crate::mock) account: usize,
    pub(in crate::mock) key: i64,
}

pub(in crate::mock) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}
