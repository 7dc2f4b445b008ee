//! What the mock holds: accounts with their keys and projects.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::auth::{Caller, TokenHash, hash};
use super::fault::{Fault, Faults};
use super::fixture::{AccountFixture, DatabaseFixture, UserFixture};
use super::ids::Ids;

/// All accounts.
#[derive(Debug)]
pub(super) struct State {
    seed: u64,
    keeps_tokens: bool,
    accounts: Vec<Account>,
    keys: HashMap<TokenHash, Caller>,
    revoked: HashMap<TokenHash, Caller>,
    next_key: i64,
}

/// One user's things.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) user_id: Uuid,
    pub(super) user: UserFixture,
    pub(super) keys: BTreeMap<i64, Key>,
    /// Keys that were revoked; only faults still show them.
    pub(super) revoked: BTreeMap<i64, Key>,
    pub(super) projects: Projects,
    pub(super) ids: Ids,
    next_database: i64,
}

/// An API key. Its token is kept as a hash only.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) created_at: Timestamp,
    pub(super) last_used: Option<(Timestamp, String)>,
    /// The token itself, which only a fault keeps.
    pub(super) token: Option<String>,
    hash: TokenHash,
}

/// Projects in the order of their creation, found by id at once.
#[derive(Debug, Default)]
pub(super) struct Projects {
    by_age: BTreeMap<u64, Project>,
    age_of: HashMap<String, u64>,
    /// Projects that were removed; only faults and cursors still know them.
    removed: HashMap<String, (u64, Project)>,
    next: u64,
}

/// A project.
#[derive(Debug, Clone)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) region_id: String,
    pub(super) pg_version: i64,
    pub(super) store_passwords: bool,
    pub(super) history_retention_seconds: i64,
    pub(super) settings: Map<String, Value>,
    pub(super) default_endpoint_settings: Map<String, Value>,
    pub(super) current_state: String,
    pub(super) databases: Vec<DatabaseFixture>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) password: String,
}

impl State {
    pub(super) fn new(seed: u64, faults: &Faults) -> Self {
        Self {
            seed,
            keeps_tokens: faults.has(Fault::TokenInKeyList),
            accounts: Vec::new(),
            keys: HashMap::new(),
            revoked: HashMap::new(),
            next_key: 1_000_000,
        }
    }

    /// Makes an account from a fixture; returns it with the token of a new key.
    pub(super) fn create_account(&mut self, fixture: &AccountFixture, now: Timestamp) -> (Uuid, String) {
        let number = self.accounts.len();
        let mut ids = Ids::new(self.seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let user_id = AccountFixture::user_id(number as u64);
        let mut projects = Projects::default();
        let mut next_database = 39_000_000 + 1_000 * i64::try_from(number).unwrap_or(0);
        for project in &fixture.projects {
            let id = project.id.clone().unwrap_or_else(|| ids.project());
            let created_at = project.created_at.unwrap_or(now);
            let mut new = Project::new(id, project.name.clone(), created_at, &mut ids);
            new.updated_at = project.updated_at.unwrap_or(created_at);
            new.databases.clone_from(&project.databases);
            if let Some(state) = &project.current_state {
                new.current_state.clone_from(state);
            }
            projects.insert(new);
        }
        for _ in 0..fixture.more_projects {
            let mut new = Project::new(ids.project(), None, now, &mut ids);
            next_database += 1;
            new.databases.push(DatabaseFixture {
                id: next_database,
                name: "neondb".to_owned(),
                owner_id: next_database,
            });
            projects.insert(new);
        }
        self.accounts.push(Account {
            user_id,
            user: fixture.user.clone(),
            keys: BTreeMap::new(),
            revoked: BTreeMap::new(),
            projects,
            ids,
            next_database,
        });
        for name in &fixture.keys {
            self.create_key(number, name, now);
        }
        let (_, token) = self.create_key(number, "first key", now);
        (user_id, token)
    }

    pub(super) fn account(&self, caller: Caller) -> &Account {
        &self.accounts[caller.account]
    }

    pub(super) fn account_mut(&mut self, caller: Caller) -> &mut Account {
        &mut self.accounts[caller.account]
    }

    /// All accounts, which only a fault looks through.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    pub(super) fn key(&self, hash: &TokenHash) -> Option<Caller> {
        self.keys.get(hash).copied()
    }

    pub(super) fn revoked_key(&self, hash: &TokenHash) -> Option<Caller> {
        self.revoked.get(hash).copied()
    }

    /// Some key that works, which only a fault asks for.
    pub(super) fn any_key(&self) -> Option<Caller> {
        self.keys.values().copied().min_by_key(|caller| caller.key)
    }

    /// Makes a key; returns it with its token, which nothing keeps (KEY-ONCE).
    pub(super) fn create_key(&mut self, account: usize, name: &str, now: Timestamp) -> (Key, String) {
        let token = loop {
            let token = self.accounts[account].ids.token();
            if !self.keys.contains_key(&hash(&token)) && !self.revoked.contains_key(&hash(&token)) {
                break token;
            }
        };
        self.next_key += 1;
        let key = Key {
            id: self.next_key,
            name: name.to_owned(),
            created_at: now,
            last_used: None,
            token: self.keeps_tokens.then(|| token.clone()),
            hash: hash(&token),
        };
        self.keys.insert(key.hash, Caller { account, key: key.id });
        self.accounts[account].keys.insert(key.id, key.clone());
        (key, token)
    }

    /// Revokes a key for good (KEY-REVOKE-FINAL); `None` where the account has none of this id in force.
    pub(super) fn revoke_key(&mut self, caller: Caller, id: i64) -> Option<Key> {
        let account = &mut self.accounts[caller.account];
        let key = account.keys.remove(&id)?;
        account.revoked.insert(id, key.clone());
        self.keys.remove(&key.hash);
        self.revoked.insert(key.hash, Caller { account: caller.account, key: id });
        Some(key)
    }

    /// Takes note that a key was used.
    pub(super) fn touch(&mut self, caller: Caller, now: Timestamp, address: &str) {
        if let Some(key) = self.accounts[caller.account].keys.get_mut(&caller.key) {
            key.last_used = Some((now, address.to_owned()));
        }
    }
}

impl Account {
    /// The first and the last name.
    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.user.name, self.user.last_name)
    }

    pub(super) fn next_database_id(&mut self) -> i64 {
        self.next_database += 1;
        self.next_database
    }

    /// A project id that the account does not have yet.
    pub(super) fn new_project_id(&mut self) -> String {
        loop {
            let id = self.ids.project();
            if !self.projects.age_of.contains_key(&id) && !self.projects.removed.contains_key(&id) {
                return id;
            }
        }
    }
}

impl Project {
    /// A project as it is when nothing is said about it.
    pub(super) fn new(id: String, name: Option<String>, now: Timestamp, ids: &mut Ids) -> Self {
        let settings = serde_json::json!({
            "allowed_ips": { "ips": [], "protected_branches_only": false },
            "enable_logical_replication": false,
            "block_public_connections": false,
            "block_vpc_connections": false,
        });
        let endpoints = serde_json::json!({
            "autoscaling_limit_min_cu": 0.25, "autoscaling_limit_max_cu": 0.25, "suspend_timeout_seconds": 0,
        });
        Self {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            region_id: "aws-us-east-2".to_owned(),
            pg_version: 17,
            store_passwords: true,
            history_retention_seconds: 86_400,
            settings: settings.as_object().cloned().unwrap_or_default(),
            default_endpoint_settings: endpoints.as_object().cloned().unwrap_or_default(),
            current_state: "active".to_owned(),
            databases: Vec::new(),
            created_at: now,
            updated_at: now,
            password: ids.password(),
        }
    }
}

impl Projects {
    pub(super) fn insert(&mut self, project: Project) {
        self.next += 1;
        self.age_of.insert(project.id.clone(), self.next);
        self.by_age.insert(self.next, project);
    }

    pub(super) fn get(&self, id: &str) -> Option<&Project> {
        self.by_age.get(self.age_of.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Project> {
        self.by_age.get_mut(self.age_of.get(id)?)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Project> {
        let age = self.age_of.remove(id)?;
        let project = self.by_age.remove(&age)?;
        self.removed.insert(id.to_owned(), (age, project.clone()));
        Some(project)
    }

    /// A project that was removed, which only faults ask for.
    pub(super) fn removed(&self, id: &str) -> Option<&Project> {
        self.removed.get(id).map(|(_, project)| project)
    }

    /// All that were removed, which only a fault asks for.
    pub(super) fn all_removed(&self) -> impl Iterator<Item = &Project> {
        self.removed.values().map(|(_, project)| project)
    }

    /// The projects after one, oldest first; from the first where there is no cursor. A cursor may name a project that was
    /// removed meanwhile. `None` where it never named one.
    pub(super) fn after(&self, cursor: Option<&str>) -> Option<impl Iterator<Item = &Project>> {
        let from = match cursor {
            None => 0,
            Some(id) => *self.age_of.get(id).or_else(|| self.removed.get(id).map(|(age, _)| age))? + 1,
        };
        Some(self.by_age.range(from..).map(|(_, project)| project))
    }
}
