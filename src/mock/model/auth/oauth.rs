//! The services by whose accounts users can sign in.

use serde::{Deserialize, Serialize};

use super::data::AuthData;
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
    fn must_be_whole(&self) -> Result<(), ApiError> {
        if self.id.is_some() == self.secret.is_some() {
            return Ok(());
        }
        Err(ApiError::body("invalid: client_id and client_secret belong together"))
    }

    /// What is named is as `by` has it, the rest as it was.
    fn changed(self, by: Self) -> Self {
        Self { id: by.id.or(self.id), secret: by.secret.or(self.secret), tenant: by.tenant.or(self.tenant) }
    }
}

impl AuthData {
    fn oauth_mut(&mut self, id: OauthId) -> Result<&mut OauthProvider, ApiError> {
        let provider = self.oauth.iter_mut().find(|provider| provider.id == id);
        provider.ok_or_else(|| ApiError::not_found("OAuth provider", id.word()))
    }

    /// A service more. There is one of each at most.
    pub(in crate::mock) fn add_oauth(&mut self, new: OauthProvider) -> Result<&OauthProvider, ApiError> {
        new.client.must_be_whole()?;
        if self.oauth_mut(new.id).is_ok() {
            return Err(ApiError::exists("OAuth provider", new.id.word()));
        }
        self.oauth.push(new);
        self.oauth.last().ok_or_else(ApiError::internal)
    }

    /// Another registration at a service.
    pub(in crate::mock) fn change_oauth(
        &mut self,
        id: OauthId,
        by: Client,
    ) -> Result<&OauthProvider, ApiError> {
        let provider = self.oauth_mut(id)?;
        let client = provider.client.clone().changed(by);
        client.must_be_whole()?;
        provider.client = client;
        Ok(provider)
    }

    /// Takes a service out.
    pub(in crate::mock) fn remove_oauth(&mut self, id: OauthId) -> Result<(), ApiError> {
        self.oauth_mut(id)?;
        self.oauth.retain(|provider| provider.id != id);
        Ok(())
    }
}

impl OauthId {
    fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}
