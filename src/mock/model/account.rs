//! Who owns things: users and organizations, with their keys and projects.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::project::Project;
use crate::mock::auth::TokenHash;
use crate::mock::ids::Ids;

/// What one owner has.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mock) struct Account {
    pub(in crate::mock) owner: Owner,
    pub(in crate::mock) keys: BTreeMap<i64, Key>,
    /// Keys that were revoked; only faults still show them.
    pub(in crate::mock) revoked: BTreeMap<i64, Key>,
    pub(in crate::mock) projects: Projects,
    pub(in crate::mock) ids: Ids,
    /// The last number that was given to a database or a role.
    pub(in crate::mock) last_number: i64,
}

/// Whose an account is.
#[derive(Debug, Serialize, Deserialize)]
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
    pub(in crate::mock) last_used: Option<(Timestamp, String)>,
    /// The token itself, which only a fault keeps.
    #[serde(skip)]
    pub(in crate::mock) token: Option<String>,
    pub(super) hash: TokenHash,
}

/// Projects in the order of their creation, found by id at once.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::mock) struct Projects {
    by_age: BTreeMap<u64, Project>,
    age_of: HashMap<String, u64>,
    /// Projects that were removed: they can be recovered, and cursors still know them.
    removed: HashMap<String, (u64, Project)>,
    next: u64,
}

impl Owner {
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

    pub(in crate::mock) fn user(&self) -> Option<&User> {
        match self {
            Self::User(user) => Some(user),
            Self::Organization(_) => None,
        }
    }
}

impl User {
    /// The first and the last name.
    pub(in crate::mock) fn full_name(&self) -> String {
        format!("{} {}", self.name, self.last_name)
    }
}

impl Projects {
    pub(in crate::mock) fn insert(&mut self, project: Project) -> &mut Project {
        self.next += 1;
        self.age_of.insert(project.id.clone(), self.next);
        self.by_age.entry(self.next).or_insert(project)
    }

    /// An id that no project here has or had.
    pub(super) fn new_id(&self, ids: &mut Ids) -> String {
        loop {
            let id = ids.project();
            if !self.age_of.contains_key(&id) && !self.removed.contains_key(&id) {
                return id;
            }
        }
    }

    pub(in crate::mock) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Project> {
        self.by_age.values_mut()
    }

    pub(in crate::mock) fn get(&self, id: &str) -> Option<&Project> {
        self.by_age.get(self.age_of.get(id)?)
    }

    pub(in crate::mock) fn get_mut(&mut self, id: &str) -> Option<&mut Project> {
        self.by_age.get_mut(self.age_of.get(id)?)
    }

    pub(in crate::mock) fn iter(&self) -> impl Iterator<Item = &Project> {
        self.by_age.values()
    }

    /// Takes a project out; its children stay with it, to be recovered.
    pub(in crate::mock) fn remove(&mut self, id: &str, now: Timestamp) -> Option<&Project> {
        let age = self.age_of.remove(id)?;
        let mut project = self.by_age.remove(&age)?;
        project.removed_at = Some(now);
        let (_, project) = self.removed.entry(id.to_owned()).or_insert((age, project));
        Some(project)
    }

    /// Puts a removed project back to where it was.
    pub(in crate::mock) fn recover(&mut self, id: &str) -> Option<&mut Project> {
        let (age, mut project) = self.removed.remove(id)?;
        project.removed_at = None;
        self.age_of.insert(id.to_owned(), age);
        Some(self.by_age.entry(age).or_insert(project))
    }

    /// A project that was removed.
    pub(in crate::mock) fn removed(&self, id: &str) -> Option<&Project> {
        self.removed.get(id).map(|(_, project)| project)
    }

    /// All that were removed, oldest first.
    pub(in crate::mock) fn all_removed(&self) -> Vec<&Project> {
        let mut removed: Vec<&(u64, Project)> = self.removed.values().collect();
        removed.sort_by_key(|(age, _)| *age);
        removed.into_iter().map(|(_, project)| project).collect()
    }

    /// The projects after one, oldest first; from the first where there is no cursor. A cursor may name a project that was
    /// removed meanwhile. `None` where it never named one.
    pub(in crate::mock) fn after(&self, cursor: Option<&str>) -> Option<impl Iterator<Item = &Project>> {
        let from = match cursor {
            None => 0,
            Some(id) => *self.age_of.get(id).or_else(|| self.removed.get(id).map(|(age, _)| age))? + 1,
        };
        Some(self.by_age.range(from..).map(|(_, project)| project))
    }
}
