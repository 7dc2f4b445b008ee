//! Fixture accounts: what an account starts with.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::fault::{AnswerRule, RuleFile};
use crate::spec::Document;

/// What an account starts with, as written in `fixtures/accounts/*.yaml`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountFixture {
    /// Whose account it is.
    #[serde(default)]
    pub user: UserFixture,
    /// The names of keys that exist already; nobody knows their tokens any more.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The user works in organizations only: lists of projects and new projects must name one.
    #[serde(default)]
    pub in_organizations_only: bool,
    /// The organizations that the user is an administrator of.
    #[serde(default)]
    pub organizations: Vec<OrganizationFixture>,
    /// The projects, oldest first.
    #[serde(default)]
    pub projects: Vec<ProjectFixture>,
    /// So many projects more, with made-up names; a million at most.
    #[serde(default)]
    pub more_projects: u32,
    /// What the keys of this user get instead of the usual responses.
    #[serde(default)]
    #[schemars(with = "Vec<RuleFile>")]
    pub answers: Vec<AnswerRule>,
}

/// So many projects may be asked for beyond those that are spelled out: no more would fit into memory.
pub(crate) const MOST_PROJECTS: u32 = 1_000_000;

/// A user.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserFixture {
    /// First name.
    pub name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// The name to sign in with.
    pub login: String,
    /// Whose account the user signs in with: `github`, `google`, …
    #[serde(default = "github")]
    pub provider: String,
}

/// An organization.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationFixture {
    /// Its id; made up where there is none.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its plan: `free_v2`, `launch`, `scale`, …
    #[serde(default = "free")]
    pub plan: String,
    /// Its members beside the user, who is an administrator.
    #[serde(default)]
    pub members: Vec<MemberFixture>,
    /// Its projects, oldest first.
    #[serde(default)]
    pub projects: Vec<ProjectFixture>,
}

/// Someone else in an organization.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberFixture {
    /// Who it is.
    pub user: UserFixture,
    /// What the member may do: `admin`, `member`, `editor`, `viewer` or `collaborator`.
    #[serde(default = "member")]
    pub role: String,
}

/// A project.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectFixture {
    /// Its id; made up where there is none.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name; the id where there is none.
    #[serde(default)]
    pub name: Option<String>,
    /// When it was created (RFC 3339).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed (RFC 3339).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub updated_at: Option<Timestamp>,
    /// Its state, as v1 shows it.
    #[serde(default)]
    pub current_state: Option<String>,
    /// Its databases, as v1 shows them.
    #[serde(default)]
    pub databases: Vec<DatabaseFixture>,
}

/// A database, as v1 shows it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseFixture {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The id of the role that owns it.
    pub owner_id: i64,
}

impl Default for UserFixture {
    fn default() -> Self {
        Self {
            name: "Robin".to_owned(),
            last_name: "Example".to_owned(),
            email: "robin@example.com".to_owned(),
            login: "robin".to_owned(),
            provider: github(),
        }
    }
}

fn github() -> String {
    "github".to_owned()
}

fn free() -> String {
    "free_v2".to_owned()
}

fn member() -> String {
    "member".to_owned()
}

/// The fixture accounts that come with the program.
const BUILTIN: [(&str, &str); 5] = [
    ("company", include_str!("../../fixtures/accounts/company.yaml")),
    ("empty", include_str!("../../fixtures/accounts/empty.yaml")),
    ("many-projects", include_str!("../../fixtures/accounts/many-projects.yaml")),
    ("seed", include_str!("../../fixtures/accounts/seed.yaml")),
    ("team", include_str!("../../fixtures/accounts/team.yaml")),
];

impl AccountFixture {
    /// A fixture account that comes with the program.
    ///
    /// # Panics
    /// Never: the built-in fixtures are tested to be sound.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        let (_, text) = BUILTIN.iter().find(|(builtin, _)| *builtin == name)?;
        let document =
            Document::parse(Path::new(name), text.as_bytes()).expect("the built-in fixtures are sound");
        Some(Self::deserialize(document.value()).expect("the built-in fixtures are sound"))
    }

    /// The names [`AccountFixture::builtin`] knows.
    #[must_use]
    pub fn builtin_names() -> Vec<&'static str> {
        BUILTIN.iter().map(|(name, _)| *name).collect()
    }

    /// An id that two projects or organizations of the fixture have.
    #[must_use]
    pub fn repeated_id(&self) -> Option<&str> {
        let projects = self.projects.iter().filter_map(|project| project.id.as_deref());
        let organizations = self.organizations.iter().filter_map(|organization| organization.id.as_deref());
        let of_organizations = self.organizations.iter().flat_map(|organization| &organization.projects);
        let others = of_organizations.filter_map(|project| project.id.as_deref());
        let mut seen = BTreeSet::new();
        projects.chain(organizations).chain(others).find(|id| !seen.insert(*id))
    }

    /// A stable id for the user of the `number`th account.
    pub(super) fn user_id(number: u64) -> Uuid {
        Uuid::from_u64_pair(0x6e65_6f6e_0000_4000, 0x8000_0000_0000_0000 | number)
    }
}

#[cfg(test)]
mod tests {
    use super::AccountFixture;

    #[test]
    fn every_builtin_is_sound() {
        for name in AccountFixture::builtin_names() {
            assert!(AccountFixture::builtin(name).is_some());
        }
    }

    #[test]
    fn the_seed_is_the_documented_example() {
        let seed = AccountFixture::builtin("seed").expect("it is built in");
        let ids: Vec<_> = seed.projects.iter().filter_map(|project| project.id.as_deref()).collect();
        assert_eq!(ids, ["throbbing-forest-567082", "purple-wave-147596"]);
    }
}
