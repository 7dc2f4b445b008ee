//! Whose an account is, and what a key reaches.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Opened, State};
use crate::mock::error::ApiError;
use crate::mock::model::Caller;
use crate::mock::model::account::{Account, Organization, Owner, User};
use crate::mock::model::project::Project;

impl State {
    /// The users, with the numbers of their accounts.
    pub(in crate::mock) fn users(&self) -> impl Iterator<Item = (usize, &User)> {
        let accounts = self.accounts.iter().enumerate();
        accounts.filter_map(|(number, account)| Some((number, account.owner.user()?)))
    }

    /// The number of a user's account.
    pub(in crate::mock) fn number_of(&self, user: Uuid) -> Option<usize> {
        self.users().find(|(_, other)| other.id == user).map(|(number, _)| number)
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
