//! All accounts, and who reaches what.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::{Account, Key, LastUse, Member, Organization, Owner, User};
use super::branch::{Database, Role};
use super::data::Data;
use super::operation::OperationClock;
use super::project::{NewProject, Project};
use super::projects::Projects;
use crate::mock::auth::{Caller, TokenHash, hash};
use crate::mock::error::ApiError;
use crate::mock::fixture::{AccountFixture, OrganizationFixture, ProjectFixture};
use crate::mock::ids::Ids;

/// All accounts.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mock) struct State {
    seed: u64,
    pub(super) accounts: Vec<Account>,
    #[serde(with = "by_hash")]
    keys: HashMap<TokenHash, Caller>,
    #[serde(with = "by_hash")]
    revoked: HashMap<TokenHash, Caller>,
    next_key: i64,
    /// The addresses of all users.
    addresses: HashSet<String>,
    /// The organizations of each user, by the numbers of their accounts.
    memberships: HashMap<usize, Vec<usize>>,
    /// The projects that are shared with each e-mail address, and in which account they are.
    shared_with: HashMap<String, BTreeSet<(usize, String)>>,
    #[serde(skip)]
    keeps_tokens: bool,
    #[serde(skip)]
    clock: OperationClock,
    /// Where branches have real data.
    #[serde(skip)]
    pub(super) data: Option<Arc<Data>>,
}

/// A project that the caller reaches, with what changing it takes.
pub(in crate::mock) struct Opened<'s> {
    pub(in crate::mock) owner: &'s Owner,
    pub(in crate::mock) project: &'s mut Project,
    pub(in crate::mock) ids: &'s mut Ids,
    numbers: &'s mut i64,
}

impl Opened<'_> {
    /// The next number for a database or a role.
    pub(in crate::mock) fn number(&mut self) -> i64 {
        *self.numbers += 1;
        *self.numbers
    }
}

impl State {
    pub(in crate::mock) fn new(seed: u64) -> Self {
        Self {
            seed,
            accounts: Vec::new(),
            keys: HashMap::new(),
            revoked: HashMap::new(),
            next_key: 1_000_000,
            addresses: HashSet::new(),
            memberships: HashMap::new(),
            shared_with: HashMap::new(),
            keeps_tokens: false,
            clock: OperationClock::Immediate,
            data: None,
        }
    }

    /// What identifiers and tokens are made from.
    pub(in crate::mock) fn seed(&self) -> u64 {
        self.seed
    }

    /// When operations are finished.
    pub(in crate::mock) fn clock(&self) -> OperationClock {
        self.clock
    }

    /// When operations that begin from now on are finished. This is not kept with the state.
    pub(in crate::mock) fn set_clock(&mut self, clock: OperationClock) {
        self.clock = clock;
    }

    /// As it was, with what is not kept with it as it is.
    pub(in crate::mock) fn return_to(&mut self, kept: Self) {
        let (clock, keeps_tokens) = (self.clock, self.keeps_tokens);
        let data = self.data.take();
        *self = Self { keeps_tokens, clock, ..kept };
        self.set_data(data);
    }

    /// Whether tokens are kept beside their hashes, which only a fault needs.
    pub(in crate::mock) fn keep_tokens(&mut self, keeps_tokens: bool) {
        self.keeps_tokens = keeps_tokens;
    }

    /// Finishes all that is under way, due or not; how many operations that was.
    pub(in crate::mock) fn finish_all(&mut self, now: Timestamp) -> usize {
        self.projects_mut().map(|project| project.finish_all(now)).sum()
    }

    /// Brings about all that is due.
    pub(in crate::mock) fn settle_all(&mut self, now: Timestamp) {
        self.projects_mut().for_each(|project| project.settle(now));
    }

    fn projects_mut(&mut self) -> impl Iterator<Item = &mut Project> {
        self.accounts.iter_mut().flat_map(|account| account.projects.iter_mut())
    }

    // --- accounts ---

    /// Makes an account from a fixture; returns its user with the token of a new key.
    pub(in crate::mock) fn create_account(
        &mut self,
        fixture: &AccountFixture,
        now: Timestamp,
    ) -> (Uuid, String) {
        let number = self.accounts.len();
        let id = AccountFixture::user_id(number as u64);
        let user = User {
            id,
            name: fixture.user.name.clone(),
            last_name: fixture.user.last_name.clone(),
            email: self.free_address(&fixture.user.email),
            login: fixture.user.login.clone(),
            provider: fixture.user.provider.clone(),
        };
        self.open_account(Owner::User(user));
        self.furnish(number, fixture, now);
        let (_, token) = self.create_key(number, number, "first key", None, now);
        (id, token)
    }

    /// Puts what a fixture has into a user's account.
    pub(in crate::mock) fn furnish(&mut self, user: usize, fixture: &AccountFixture, now: Timestamp) {
        self.accounts[user].in_organizations_only = fixture.in_organizations_only;
        self.fill(user, &fixture.projects, fixture.more_projects, now);
        for organization in &fixture.organizations {
            self.create_organization(user, organization, now);
        }
        for name in &fixture.keys {
            self.create_key(user, user, name, None, now);
        }
    }

    /// An id in a fixture that something which the user reaches has already.
    pub(in crate::mock) fn taken(&self, user: usize, fixture: &AccountFixture) -> Option<String> {
        let reached: Vec<&Account> =
            self.reached(Caller { account: user, key: 0 }).map(|number| &self.accounts[number]).collect();
        let has_project = |id: &&String| {
            let has = |account: &&Account| {
                account.projects.get(id).is_some() || account.projects.removed(id).is_some()
            };
            reached.iter().any(has)
        };
        let is_organization = |id: &&String| {
            let mut organizations = reached.iter().filter_map(|account| account.owner.organization());
            organizations.any(|organization| organization.id == **id)
        };
        let of_organizations = fixture.organizations.iter().flat_map(|organization| &organization.projects);
        let mut projects =
            fixture.projects.iter().chain(of_organizations).filter_map(|project| project.id.as_ref());
        let mut organizations =
            fixture.organizations.iter().filter_map(|organization| organization.id.as_ref());
        projects.find(has_project).or_else(|| organizations.find(is_organization)).cloned()
    }

    /// The users, with the numbers of their accounts.
    pub(in crate::mock) fn users(&self) -> impl Iterator<Item = (usize, &User)> {
        let accounts = self.accounts.iter().enumerate();
        accounts.filter_map(|(number, account)| Some((number, account.owner.user()?)))
    }

    /// The number of a user's account.
    pub(in crate::mock) fn number_of(&self, user: Uuid) -> Option<usize> {
        self.users().find(|(_, other)| other.id == user).map(|(number, _)| number)
    }

    /// The first account, with the key it began with, or with a new one where that was revoked; a new account where there is none.
    pub(in crate::mock) fn first_account(
        &mut self,
        fixture: &AccountFixture,
        now: Timestamp,
    ) -> (Uuid, String) {
        let Some(user) = self.user_at(0) else { return self.create_account(fixture, now) };
        let id = user.id;
        // Tokens are not kept, but the same seed makes the same ones.
        let (_, token) = Self::new(self.seed).create_account(fixture, now);
        if self.key(&hash(&token)).is_some() {
            return (id, token);
        }
        (id, self.create_key(0, 0, "another start", None, now).1)
    }

    fn create_organization(&mut self, user: usize, fixture: &OrganizationFixture, now: Timestamp) {
        let number = self.accounts.len();
        let mut ids = self.ids_of(number);
        let id = fixture.id.clone().unwrap_or_else(|| ids.organization());
        let organization = Organization {
            handle: id.strip_prefix("org-").unwrap_or(&id).to_owned(),
            id,
            name: fixture.name.clone(),
            email: self.user_at(user).map(|user| user.email.clone()).unwrap_or_default(),
            created_at: now,
            members: vec![Member { id: ids.uuid(), account: user, role: "admin".to_owned(), joined_at: now }],
        };
        self.open_account(Owner::Organization(organization));
        self.memberships.entry(user).or_default().push(number);
        self.accounts[number].ids = ids;
        self.fill(number, &fixture.projects, 0, now);
    }

    fn ids_of(&self, number: usize) -> Ids {
        Ids::new(self.seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn open_account(&mut self, owner: Owner) {
        let number = self.accounts.len();
        self.accounts.push(Account {
            owner,
            keys: BTreeMap::new(),
            revoked: BTreeMap::new(),
            projects: Projects::default(),
            ids: self.ids_of(number),
            in_organizations_only: false,
            last_number: 39_000_000 + 1_000 * i64::try_from(number).unwrap_or(0),
        });
    }

    fn fill(&mut self, number: usize, fixtures: &[ProjectFixture], more: u32, now: Timestamp) {
        for fixture in fixtures {
            let created_at = fixture.created_at.unwrap_or(now);
            let new = NewProject { name: fixture.name.clone(), ..NewProject::default() };
            let project = self.new_project(number, fixture.id.clone(), new, created_at);
            project.finish_all(created_at);
            project.updated_at = fixture.updated_at.unwrap_or(created_at);
            if let Some(state) = &fixture.current_state {
                project.current_state.clone_from(state);
            }
            if let Some(branch) = project.branches.first_mut().filter(|_| !fixture.databases.is_empty()) {
                let role = branch.roles.remove(0);
                branch.databases.clear();
                for database in &fixture.databases {
                    let name = if branch.roles.is_empty() {
                        role.name.clone()
                    } else {
                        format!("role_{}", database.owner_id)
                    };
                    if branch.roles.iter().all(|role| role.id != database.owner_id) {
                        branch.roles.push(Role { id: database.owner_id, name, ..role.clone() });
                    }
                    let owner = branch.roles.iter().find(|role| role.id == database.owner_id);
                    branch.databases.push(Database {
                        id: database.id,
                        name: database.name.clone(),
                        owner_name: owner.map(|role| role.name.clone()).unwrap_or_default(),
                        created_at,
                        updated_at: created_at,
                    });
                }
            }
        }
        for _ in 0..more {
            self.new_project(number, None, NewProject::default(), now).finish_all(now);
        }
    }

    /// A project in an account.
    pub(in crate::mock) fn new_project(
        &mut self,
        account: usize,
        id: Option<String>,
        mut new: NewProject,
        now: Timestamp,
    ) -> &mut Project {
        let clock = self.clock;
        let data = self.data.clone();
        if let Some(data) = &data {
            new.pg_version = data.pg_version;
        }
        let Account { projects, ids, last_number, .. } = &mut self.accounts[account];
        let id = id.unwrap_or_else(|| projects.new_id(ids));
        let mut project = Project::create(id, new, ids, last_number, clock, now);
        project.data = data;
        projects.insert(project)
    }

    pub(in crate::mock) fn account(&self, caller: Caller) -> &Account {
        &self.accounts[caller.account]
    }

    pub(in crate::mock) fn account_mut(&mut self, number: usize) -> &mut Account {
        &mut self.accounts[number]
    }

    pub(in crate::mock) fn account_at(&self, number: usize) -> &Account {
        &self.accounts[number]
    }

    // --- what only faults ask for ---

    /// The user who has a project, or a key of this id in force.
    pub(in crate::mock) fn owner_of(&self, project: Option<&str>, key: Option<i64>) -> Option<Caller> {
        let has = |account: &&Account| {
            project.is_some_and(|id| account.projects.get(id).is_some())
                || key.is_some_and(|id| account.keys.contains_key(&id))
        };
        // The newest first: of what all accounts begin with, each has its own.
        let owner = self.accounts.iter().rev().find(has)?;
        let key = owner.keys.keys().next()?;
        self.keys.values().find(|caller| caller.key == *key).copied()
    }

    /// The key whose token is like this.
    pub(in crate::mock) fn key_like(&self, is_like: impl Fn(&str) -> bool) -> Option<Caller> {
        let keys = self.accounts.iter().flat_map(|account| account.keys.values());
        let mut like = keys.filter(|key| key.token.as_deref().is_some_and(&is_like));
        like.next().and_then(|key| self.key(&key.hash))
    }

    /// Takes the revocation of a key back; `None` where it is not revoked.
    pub(in crate::mock) fn revive_key(&mut self, number: usize, id: i64) -> Option<()> {
        let account = &mut self.accounts[number];
        let key = account.revoked.remove(&id)?;
        let caller = self.revoked.remove(&key.hash)?;
        self.keys.insert(key.hash, caller);
        account.keys.insert(id, key);
        Some(())
    }

    /// Puts an account back to what it was.
    pub(in crate::mock) fn put_back(&mut self, number: usize, before: Account) {
        let revoked: Vec<i64> = self.accounts[number].revoked.keys().copied().collect();
        for id in revoked.into_iter().filter(|id| before.keys.contains_key(id)) {
            self.revive_key(number, id);
        }
        let made: Vec<TokenHash> = (self.accounts[number].keys.values())
            .filter(|key| !before.keys.contains_key(&key.id))
            .map(|key| key.hash)
            .collect();
        for hash in made {
            self.keys.remove(&hash);
        }
        for shared in self.shared_with.values_mut() {
            shared.retain(|(account, _)| *account != number);
        }
        for project in before.projects.iter() {
            for permission in project.permissions.iter().filter(|permission| permission.revoked_at.is_none())
            {
                self.share(number, &project.id, &permission.email, true);
            }
        }
        // What was given out is not given out again.
        let Account { ids, last_number, .. } = std::mem::replace(&mut self.accounts[number], before);
        self.accounts[number].ids = ids;
        self.accounts[number].last_number = last_number;
    }

    /// An address that no other user has: two users are never taken for one.
    fn free_address(&mut self, email: &str) -> String {
        let (name, host) = email.split_once('@').unwrap_or((email, ""));
        let numbered = format!("{name}+{}@{host}", self.accounts.len());
        let address = if self.addresses.contains(email) { numbered } else { email.to_owned() };
        self.addresses.insert(address.clone());
        address
    }

    // --- keys ---

    pub(in crate::mock) fn key(&self, hash: &TokenHash) -> Option<Caller> {
        self.keys.get(hash).copied()
    }

    pub(in crate::mock) fn revoked_key(&self, hash: &TokenHash) -> Option<Caller> {
        self.revoked.get(hash).copied()
    }

    /// Some key that works, which only a fault asks for.
    pub(in crate::mock) fn any_key(&self) -> Option<Caller> {
        self.keys.values().copied().min_by_key(|caller| caller.key)
    }

    /// Makes a key of an account; returns it with its token, which nothing keeps (KEY-ONCE).
    pub(in crate::mock) fn create_key(
        &mut self,
        account: usize,
        creator: usize,
        name: &str,
        project: Option<String>,
        now: Timestamp,
    ) -> (Key, String) {
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
            created_by: creator,
            project,
            created_at: now,
            last_used: LastUse::default(),
            token: self.keeps_tokens.then(|| token.clone()),
            hash: hash(&token),
        };
        self.keys.insert(key.hash, Caller { account, key: key.id });
        self.accounts[account].keys.insert(key.id, key.clone());
        (key, token)
    }

    /// Revokes a key for good (KEY-REVOKE-FINAL); `None` where the account has none of this id in force.
    pub(in crate::mock) fn revoke_key(&mut self, number: usize, id: i64) -> Option<Key> {
        let account = &mut self.accounts[number];
        let key = account.keys.remove(&id)?;
        account.revoked.insert(id, key.clone());
        self.keys.remove(&key.hash);
        self.revoked.insert(key.hash, Caller { account: number, key: id });
        Some(key)
    }

    /// Takes note that a key was used.
    pub(in crate::mock) fn touch(&self, caller: Caller, now: Timestamp, address: IpAddr) {
        if let Some(key) = self.accounts[caller.account].keys.get(&caller.key) {
            key.last_used.note(now, address);
        }
    }

    // --- who reaches what ---

    /// The caller's key; a revoked one, where a fault lets it in.
    pub(in crate::mock) fn key_of(&self, caller: Caller) -> Option<&Key> {
        let account = self.account(caller);
        account.keys.get(&caller.key).or_else(|| account.revoked.get(&caller.key))
    }

    /// The user whose key this is; `None` where it is an organization's.
    pub(in crate::mock) fn user(&self, caller: Caller) -> Option<&User> {
        self.account(caller).owner.user()
    }

    /// The user, or the refusal that an organization's key gets where only a user can be meant.
    pub(in crate::mock) fn user_only(&self, caller: Caller) -> Result<&User, ApiError> {
        self.user(caller).ok_or_else(ApiError::not_for_organizations)
    }

    /// The user behind an account number.
    pub(in crate::mock) fn user_at(&self, number: usize) -> Option<&User> {
        self.accounts.get(number).and_then(|account| account.owner.user())
    }

    /// The accounts a key reaches: its own, and those of its user's organizations.
    pub(in crate::mock) fn reached(&self, caller: Caller) -> impl Iterator<Item = usize> {
        let memberships = self.memberships.get(&caller.account).into_iter().flatten().copied();
        std::iter::once(caller.account).chain(memberships)
    }

    /// The organizations a key reaches, by the numbers of their accounts.
    pub(in crate::mock) fn organizations(
        &self,
        caller: Caller,
    ) -> impl Iterator<Item = (usize, &Organization)> {
        self.reached(caller).filter_map(|number| Some((number, self.accounts[number].owner.organization()?)))
    }

    /// An organization that the caller reaches.
    pub(in crate::mock) fn organization(
        &self,
        caller: Caller,
        id: &str,
    ) -> Result<(usize, &Organization), ApiError> {
        self.organizations(caller)
            .find(|(_, organization)| organization.id == id)
            .ok_or_else(|| ApiError::not_found("organization", id))
    }

    /// The projects of others that are shared with the caller.
    pub(in crate::mock) fn shared(&self, caller: Caller) -> Vec<(&Owner, &Project)> {
        let email = self.user(caller).map(|user| user.email.as_str()).unwrap_or_default();
        let shared = self.shared_with.get(email).into_iter().flatten();
        shared
            .filter_map(|(number, id)| {
                let account = &self.accounts[*number];
                Some((&account.owner, account.projects.get(id)?))
            })
            .collect()
    }

    /// Lets the user of an address reach a project, or no longer.
    pub(in crate::mock) fn share(&mut self, account: usize, project: &str, email: &str, is_shared: bool) {
        let shared = self.shared_with.entry(email.to_owned()).or_default();
        let entry = (account, project.to_owned());
        if is_shared {
            shared.insert(entry)
        } else {
            shared.remove(&entry)
        };
    }

    /// In which account a project is that the caller reaches, removed or not.
    pub(in crate::mock) fn account_of(&self, caller: Caller, id: &str) -> Result<usize, ApiError> {
        let only = self.key_of(caller).and_then(|key| key.project.as_deref());
        if let Some(only) = only.filter(|only| *only != id) {
            return Err(ApiError::outside_scope(only));
        }
        let has = |number: &usize| {
            let projects = &self.accounts[*number].projects;
            projects.get(id).is_some() || projects.removed(id).is_some()
        };
        let shared = || {
            let email = &self.user(caller)?.email;
            self.shared_with.get(email)?.iter().find(|(_, project)| project == id).map(|(number, _)| *number)
        };
        self.reached(caller).find(has).or_else(shared).ok_or_else(|| ApiError::not_found("project", id))
    }

    /// A project that the caller reaches, with what is due in it brought about.
    pub(in crate::mock) fn open(
        &mut self,
        caller: Caller,
        id: &str,
        now: Timestamp,
    ) -> Result<Opened<'_>, ApiError> {
        let number = self.account_of(caller, id)?;
        let clock = self.clock;
        let Account { owner, projects, ids, last_number, .. } = &mut self.accounts[number];
        let project = projects.get_mut(id).ok_or_else(|| ApiError::not_found("project", id))?;
        project.clock = clock;
        project.settle(now);
        Ok(Opened { owner, project, ids, numbers: last_number })
    }
}

/// Hashes as members of a JSON object.
mod by_hash {
    use std::collections::HashMap;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::{Caller, TokenHash};

    pub(super) fn serialize<S: Serializer>(
        keys: &HashMap<TokenHash, Caller>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut pairs: Vec<(&TokenHash, &Caller)> = keys.iter().collect();
        pairs.sort_by_key(|(_, caller)| caller.key);
        pairs.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashMap<TokenHash, Caller>, D::Error> {
        Ok(Vec::<(TokenHash, Caller)>::deserialize(deserializer)?.into_iter().collect())
    }
}
