//! All accounts, and who reaches what.

mod access;
mod data;
mod for_faults;
mod furnish;
mod keys;
mod members;
mod transfer;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mock::ids::Ids;
use crate::mock::model::account::{Account, Owner};
use crate::mock::model::data::Data;
use crate::mock::model::operation::OperationClock;
use crate::mock::model::project::{NewProject, Project};
use crate::mock::model::{Caller, TokenHash};

pub(in crate::mock) use transfer::Unsatisfied;

/// All accounts.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::mock) struct State {
    seed: u64,
    pub(in crate::mock::model) accounts: Vec<Account>,
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
    pub(in crate::mock::model) data: Option<Arc<Data>>,
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

    fn ids_of(&self, number: usize) -> Ids {
        Ids::new(self.seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A project in an account.
    pub(in crate::mock) fn new_project(
        &mut self,
        account: usize,
        id: Option<String>,
        mut new: NewProject,
        now: Timestamp,
    ) -> &mut Project {
        new.clock = self.clock;
        let data = self.data.clone();
        if let Some(data) = &data {
            new.pg_version = data.pg_version;
        }
        let Account { projects, ids, last_number, .. } = &mut self.accounts[account];
        let id = id.unwrap_or_else(|| projects.new_id(ids));
        let mut project = Project::create(id, new, ids, last_number, now);
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
}

/// Hashes as members of a JSON object.
mod by_hash {
    use std::collections::HashMap;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::mock::model::{Caller, TokenHash};

    pub(in crate::mock::model) fn serialize<S: Serializer>(
        keys: &HashMap<TokenHash, Caller>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut pairs: Vec<(&TokenHash, &Caller)> = keys.iter().collect();
        pairs.sort_by_key(|(_, caller)| caller.key);
        pairs.serialize(serializer)
    }

    pub(in crate::mock::model) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashMap<TokenHash, Caller>, D::Error> {
        Ok(Vec::<(TokenHash, Caller)>::deserialize(deserializer)?.into_iter().collect())
    }
}
