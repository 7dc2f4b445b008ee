//! What Neon Auth keeps in the database of a branch: it outlives the integration, and goes with the branch's data.

use serde::{Deserialize, Serialize};

use super::Provider;
use super::oauth::{Client, OauthId, OauthProvider};
use super::settings::Settings;
use super::users::AuthUser;
use crate::mock::error::ApiError;

/// The schema `neon_auth`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct AuthData {
    /// The database that it is in.
    pub(in crate::mock) database: String,
    pub(super) users: Vec<AuthUser>,
    pub(in crate::mock) domains: Vec<Domain>,
    pub(in crate::mock) oauth: Vec<OauthProvider>,
    pub(in crate::mock) settings: Settings,
}

/// Where users may be sent after they have been authenticated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Domain {
    pub(in crate::mock) domain: String,
    pub(in crate::mock) provider: Provider,
}

impl AuthData {
    pub(in crate::mock::model) fn new(database: String) -> Self {
        Self {
            database,
            users: Vec::new(),
            domains: Vec::new(),
            oauth: Vec::new(),
            settings: Settings::default(),
        }
    }

    /// Nobody has an account there any more; all else stays.
    pub(in crate::mock) fn remove_users(&mut self) {
        self.users.clear();
    }

    /// Trusts a domain more.
    pub(in crate::mock) fn trust(&mut self, domain: Domain) -> Result<(), ApiError> {
        if self.domains.iter().any(|other| other.domain == domain.domain) {
            return Err(ApiError::exists("domain", &domain.domain));
        }
        self.domains.push(domain);
        Ok(())
    }

    /// Trusts these domains no longer, where it does.
    pub(in crate::mock) fn distrust(&mut self, domains: &[String]) {
        self.domains.retain(|known| !domains.contains(&known.domain));
    }

    /// Somebody more. No two have one address, in whatever case.
    pub(in crate::mock) fn add_user(&mut self, user: AuthUser) -> Result<(), ApiError> {
        if self.users.iter().any(|other| other.email.eq_ignore_ascii_case(&user.email)) {
            return Err(ApiError::exists("user", &user.email));
        }
        self.users.push(user);
        Ok(())
    }

    /// What somebody may do from now on.
    pub(in crate::mock) fn set_roles(&mut self, id: &str, roles: Vec<String>) -> Result<(), ApiError> {
        let user = self.users.iter_mut().find(|user| user.id == id);
        user.ok_or_else(|| ApiError::not_found("user", id))?.roles = roles;
        Ok(())
    }

    /// Takes somebody out.
    pub(in crate::mock) fn remove_user(&mut self, id: &str) -> Result<(), ApiError> {
        let index = self.users.iter().position(|user| user.id == id);
        self.users.remove(index.ok_or_else(|| ApiError::not_found("user", id))?);
        Ok(())
    }

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
