//! Neon Auth on a branch: the integration with a provider, and the data that it keeps in the branch's database.

mod data;
mod email;
mod oauth;
mod settings;
mod users;

pub(in crate::mock) use data::{AuthData, Domain};
pub(in crate::mock) use email::{EmailProvider, EmailServer, Verification};
pub(in crate::mock) use oauth::{Client, OauthId, OauthProvider};
pub(in crate::mock) use settings::{CreatorRole, Webhook, WebhookEvent};
pub(in crate::mock) use users::AuthUser;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mock::ids::Ids;

/// Who does the work of authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum Provider {
    Mock,
    Stack,
    BetterAuth,
}

impl Provider {
    pub(in crate::mock) const WORDS: [&str; 3] = ["mock", "stack", "better_auth"];
}

/// That a branch and a provider are connected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Integration {
    pub(in crate::mock) provider: Provider,
    /// What the branch's users are kept under at the provider.
    pub(in crate::mock) project_id: String,
    pub(in crate::mock) created_at: Timestamp,
    /// Whether somebody has asked for the project at the provider.
    pub(in crate::mock) in_transfer: bool,
}

impl Integration {
    pub(in crate::mock::model) fn new(provider: Provider, ids: &mut Ids, now: Timestamp) -> Self {
        Self { provider, project_id: ids.uuid().to_string(), created_at: now, in_transfer: false }
    }
}

/// What there is of Neon Auth on a branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Auth {
    /// None, where it was disabled and its data were kept.
    pub(in crate::mock) integration: Option<Integration>,
    pub(in crate::mock) data: AuthData,
}

impl Auth {
    /// The same data for another branch, which keeps the integration that it has, or gets one of its own.
    pub(in crate::mock::model) fn copied(&self, own: Option<&Self>, ids: &mut Ids, now: Timestamp) -> Self {
        let own = own.and_then(|own| own.integration.clone());
        let integration = self
            .integration
            .as_ref()
            .map(|of| own.unwrap_or_else(|| Integration::new(of.provider, ids, now)));
        Self { integration, data: self.data.clone() }
    }
}
