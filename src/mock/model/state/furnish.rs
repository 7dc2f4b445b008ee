//! Accounts, and what fixtures put into them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::State;
use crate::mock::fixture::{AccountFixture, OrganizationFixture, ProjectFixture, UserFixture};
use crate::mock::model::account::{ADMINISTRATOR, Account, Member, Organization, Owner, User};
use crate::mock::model::branch::{Database, Role};
use crate::mock::model::project::NewProject;
use crate::mock::model::projects::Projects;
use crate::mock::model::{Caller, hash};

impl State {
    /// Makes an account from a fixture; returns its user with the token of a new key.
    pub(in crate::mock) fn create_account(
        &mut self,
        fixture: &AccountFixture,
        now: Timestamp,
    ) -> (Uuid, String) {
        let number = self.create_user(&fixture.user);
        self.accept_invitations(number, now);
        self.furnish(number, fixture, now);
        let (_, token) = self.create_key(number, number, "first key", None, now);
        (AccountFixture::user_id(number as u64), token)
    }

    /// A user with an account that has nothing yet; its number.
    fn create_user(&mut self, fixture: &UserFixture) -> usize {
        let number = self.accounts.len();
        let user = User {
            id: AccountFixture::user_id(number as u64),
            name: fixture.name.clone(),
            last_name: fixture.last_name.clone(),
            email: self.free_address(&fixture.email),
            login: fixture.login.clone(),
            provider: fixture.provider.clone(),
        };
        self.open_account(Owner::User(user));
        number
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

    pub(super) fn create_organization(&mut self, user: usize, fixture: &OrganizationFixture, now: Timestamp) {
        let number = self.accounts.len();
        let mut ids = self.ids_of(number);
        let id = fixture.id.clone().unwrap_or_else(|| ids.organization());
        let organization = Organization {
            handle: id.strip_prefix("org-").unwrap_or(&id).to_owned(),
            id,
            name: fixture.name.clone(),
            email: self.user_at(user).map(|user| user.email.clone()).unwrap_or_default(),
            created_at: now,
            members: vec![Member {
                id: ids.uuid(),
                account: user,
                role: ADMINISTRATOR.to_owned(),
                joined_at: now,
            }],
            plan: fixture.plan.clone(),
            invitations: Vec::new(),
            spending_limit_cents: None,
            vpc_endpoints: Vec::new(),
        };
        self.open_account(Owner::Organization(organization));
        self.memberships.entry(user).or_default().push(number);
        self.accounts[number].ids = ids;
        for member in &fixture.members {
            let account = self.create_user(&member.user);
            self.join(number, account, &member.role, now);
        }
        self.fill(number, &fixture.projects, 0, now);
    }

    pub(super) fn open_account(&mut self, owner: Owner) {
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

    pub(super) fn fill(&mut self, number: usize, fixtures: &[ProjectFixture], more: u32, now: Timestamp) {
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

    /// An address that no other user has: two users are never taken for one.
    pub(super) fn free_address(&mut self, email: &str) -> String {
        let (name, host) = email.split_once('@').unwrap_or((email, ""));
        let numbered = format!("{name}+{}@{host}", self.accounts.len());
        let address = if self.addresses.contains(email) { numbered } else { email.to_owned() };
        self.addresses.insert(address.clone());
        address
    }
}
