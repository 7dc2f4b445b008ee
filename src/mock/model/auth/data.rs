//! What Neon Auth keeps in the database of a branch: it outlives the integration, and goes with the branch's data.

use serde::{Deserialize, Serialize};

use super::Provider;
use super::oauth::OauthProvider;
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
}
