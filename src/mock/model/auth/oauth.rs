//! The services by whose accounts users can sign in.

use serde::{Deserialize, Serialize};

use crate::mock::error::ApiError;

/// Which service it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum OauthId {
    Google,
    Github,
    Microsoft,
    Vercel,
}

impl OauthId {
    pub(in crate::mock) const WORDS: [&str; 4] = ["google", "github", "microsoft", "vercel"];
}

/// A service, and what it knows the branch as.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct OauthProvider {
    pub(in crate::mock) id: OauthId,
    pub(in crate::mock) client: Client,
}

/// The registration at a service. Without one of its own, a branch shares that of the platform.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::mock) struct Client {
    pub(in crate::mock) id: Option<String>,
    pub(in crate::mock) secret: Option<String>,
    pub(in crate::mock) tenant: Option<String>,
}

impl Client {
    /// An id is of no use without its secret.
    pub(super) fn must_be_whole(&self) -> Result<(), ApiError> {
        if self.id.is_some() == self.secret.is_some() {
            return Ok(());
        }
        Err(ApiError::body("invalid: client_id and client_secret belong together"))
    }

    /// What is named is as `by` has it, the rest as it was.
    pub(super) fn changed(self, by: Self) -> Self {
        Self { id: by.id.or(self.id), secret: by.secret.or(self.secret), tenant: by.tenant.or(self.tenant) }
    }
}

impl OauthId {
    pub(super) fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}
