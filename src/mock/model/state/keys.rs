//! Keys: in force, revoked, and their use.

use std::net::IpAddr;

use jiff::Timestamp;

use super::State;
use crate::mock::model::account::{Key, LastUse};
use crate::mock::model::{Caller, TokenHash, hash};

impl State {
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

    /// The caller's key; a revoked one, where a fault lets it in.
    pub(in crate::mock) fn key_of(&self, caller: Caller) -> Option<&Key> {
        let account = self.account(caller);
        account.keys.get(&caller.key).or_else(|| account.revoked.get(&caller.key))
    }
}
