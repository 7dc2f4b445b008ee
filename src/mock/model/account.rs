//! Who owns things: users and organizations, with their keys and projects.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::TokenHash;
use super::projects::Projects;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::sync::lock;

/// What one owner has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Account {
    pub(in crate::mock) owner: Owner,
    pub(in crate::mock) keys: BTreeMap<i64, Key>,
    /// Keys that were revoked; only faults still show them.
    pub(in crate::mock) revoked: BTreeMap<i64, Key>,
    pub(in crate::mock) projects: Projects,
    pub(in crate::mock) ids: Ids,
    /// The last number that was given to a database or a role.
    pub(in crate::mock) last_number: i64,
    /// Lists of projects and new projects must name an organization.
    #[serde(default)]
    pub(in crate::mock) in_organizations_only: bool,
}

/// Whose an account is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) enum Owner {
    User(User),
    Organization(Organization),
}

/// Someone who can sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct User {
    pub(in crate::mock) id: Uuid,
    pub(in crate::mock) name: String,
    pub(in crate::mock) last_name: String,
    pub(in crate::mock) email: String,
    pub(in crate::mock) login: String,
    pub(in crate::mock) provider: String,
}

/// Several users who share projects.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Organization {
    pub(in crate::mock) id: String,
    pub(in crate::mock) name: String,
    pub(in crate::mock) handle: String,
    /// Of whoever founded it.
    pub(in crate::mock) email: String,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) members: Vec<Member>,
    #[serde(default = "free")]
    pub(in crate::mock) plan: String,
    /// Those that were accepted as well.
    #[serde(default)]
    pub(in crate::mock) invitations: Vec<Invitation>,
    #[serde(default)]
    pub(in crate::mock) spending_limit_cents: Option<i64>,
    #[serde(default)]
    pub(in crate::mock) vpc_endpoints: Vec<VpcEndpoint>,
}

/// The plan of users, and of organizations that are said to have no other.
pub(in crate::mock) const FREE: &str = "free_v2";

fn free() -> String {
    FREE.to_owned()
}

/// The role of who may change what is an organization's.
pub(super) const ADMINISTRATOR: &str = "admin";

/// What a member may be.
pub(in crate::mock) const MEMBER_ROLES: [&str; 5] = ["admin", "member", "editor", "viewer", "collaborator"];

/// That someone is to become a member.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Invitation {
    pub(in crate::mock) id: Uuid,
    pub(in crate::mock) email: String,
    pub(in crate::mock) invited_by: Uuid,
    pub(in crate::mock) invited_at: Timestamp,
    pub(in crate::mock) role: String,
}

/// An endpoint in a customer's private network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct VpcEndpoint {
    pub(in crate::mock) id: String,
    pub(in crate::mock) region: String,
    pub(in crate::mock) label: String,
    /// Then it cannot be added again.
    pub(in crate::mock) is_removed: bool,
}

/// A user in an organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Member {
    pub(in crate::mock) id: Uuid,
    /// The number of the user's account.
    pub(in crate::mock) account: usize,
    pub(in crate::mock) role: String,
    pub(in crate::mock) joined_at: Timestamp,
}

/// An API key. Its token is kept as a hash only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Key {
    pub(in crate::mock) id: i64,
    pub(in crate::mock) name: String,
    /// The number of the account of the user who made it.
    pub(in crate::mock) created_by: usize,
    /// The only project it reaches.
    pub(in crate::mock) project: Option<String>,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) last_used: LastUse,
    /// The token itself, which only a fault keeps.
    #[serde(skip)]
    pub(in crate::mock) token: Option<String>,
    pub(super) hash: TokenHash,
}

/// When a key was last used, and from where. Those who only look take note of it too, many at once.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::mock) struct LastUse(Mutex<Option<(Timestamp, IpAddr)>>);

impl LastUse {
    pub(in crate::mock) fn get(&self) -> Option<(Timestamp, IpAddr)> {
        *lock(&self.0)
    }

    pub(in crate::mock) fn note(&self, now: Timestamp, address: IpAddr) {
        *lock(&self.0) = Some((now, address));
    }
}

impl Clone for LastUse {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.get()))
    }
}

impl Owner {
    /// The plan, which says what is allowed.
    pub(in crate::mock) fn plan(&self) -> &str {
        self.organization().map_or(FREE, |organization| &organization.plan)
    }

    /// The owner as projects name it.
    pub(in crate::mock) fn id(&self) -> String {
        match self {
            Self::User(user) => user.id.to_string(),
            Self::Organization(organization) => organization.id.clone(),
        }
    }

    pub(in crate::mock) fn organization(&self) -> Option<&Organization> {
        match self {
            Self::Organization(organization) => Some(organization),
            Self::User(_) => None,
        }
    }

    pub(super) fn organization_mut(&mut self) -> Option<&mut Organization> {
        match self {
            Self::Organization(organization) => Some(organization),
            Self::User(_) => None,
        }
    }

    pub(in crate::mock) fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Organization(_) => None,
        }
    }
}

impl Organization {
    /// Whether the user of an account may change what is the organization's.
    pub(in crate::mock) fn is_administrator(&self, account: usize) -> bool {
        self.members.iter().any(|member| member.account == account && member.role == ADMINISTRATOR)
    }

    /// A member by its id.
    pub(in crate::mock) fn member(&self, id: &str) -> Result<&Member, ApiError> {
        let member = self.members.iter().find(|member| member.id.to_string() == id);
        member.ok_or_else(|| ApiError::not_found("member", id))
    }

    /// Someone must be left who may change what is the organization's.
    pub(super) fn must_keep_an_administrator(&self, without: &str) -> Result<(), ApiError> {
        let stays = |member: &Member| member.role == ADMINISTRATOR && member.id.to_string() != without;
        if self.members.iter().any(stays) {
            return Ok(());
        }
        Err(ApiError::unprocessable("the last administrator of an organization stays"))
    }

    /// The endpoint of an id in a customer's network, in force.
    pub(in crate::mock) fn vpc_endpoint(&self, id: &str) -> Result<&VpcEndpoint, ApiError> {
        let endpoint = self.vpc_endpoints.iter().find(|endpoint| endpoint.id == id && !endpoint.is_removed);
        endpoint.ok_or_else(|| ApiError::not_found("VPC endpoint", id))
    }
}

impl User {
    /// The first and the last name.
    pub(in crate::mock) fn full_name(&self) -> String {
        format!("{} {}", self.name, self.last_name)
    }
}

#[cfg(test)]
mod tests {
    use super::LastUse;

    #[test]
    fn the_last_use_is_kept_as_time_and_address() {
        let kept = r#"["2022-07-29T08:00:40Z","127.0.0.1"]"#;
        let last: LastUse = serde_json::from_str(kept).expect("it is one");
        assert_eq!(serde_json::to_string(&last).expect("it can be written"), kept);
        let (time, address) = last.get().expect("there was a use");
        // Time may be put back.
        let before = time - jiff::SignedDuration::from_hours(1);
        last.note(before, address);
        assert_eq!(last.get(), Some((before, address)));
    }
}
