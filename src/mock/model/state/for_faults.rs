//! What only faults ask for.

use super::State;
use crate::mock::model::account::Account;
use crate::mock::model::{Caller, TokenHash};

impl State {
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

    /// Lets who was invited last reach an organization; `None` where they are in it.
    pub(in crate::mock) fn keep_access(&mut self, number: usize) -> Option<()> {
        let email = &self.accounts[number].owner.organization()?.invitations.last()?.email;
        let (account, _) = self.users().find(|(_, user)| user.email == *email)?;
        let memberships = self.memberships.entry(account).or_default();
        (!memberships.contains(&number)).then(|| memberships.push(number))
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
        if let Some(organization) = before.owner.organization() {
            for memberships in self.memberships.values_mut() {
                memberships.retain(|organization| *organization != number);
            }
            for member in &organization.members {
                let memberships = self.memberships.entry(member.account).or_default();
                memberships.push(number);
            }
        }
        // What was given out is not given out again.
        let Account { ids, last_number, .. } = std::mem::replace(&mut self.accounts[number], before);
        self.accounts[number].ids = ids;
        self.accounts[number].last_number = last_number;
    }

    /// Whether tokens are kept beside their hashes, which only a fault needs.
    pub(in crate::mock) fn keep_tokens(&mut self, keeps_tokens: bool) {
        self.keeps_tokens = keeps_tokens;
    }
}
