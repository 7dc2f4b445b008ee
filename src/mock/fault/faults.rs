//! The faults that are switched on, and what they remember.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::Value;

use super::asked::Asked;
use super::data::Break;
use super::demand::Rules;
use super::entry::Fault;

/// The faults that are switched on. Without any, each point returns at once.
#[derive(Debug, Default)]
pub(in crate::mock) struct Faults {
    on: Vec<Fault>,
    /// The answers on demand.
    pub(super) rules: Arc<Rules>,
    pub(super) memory: Mutex<Memory>,
    fired: AtomicUsize,
}

/// What faults know of earlier requests.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// When keys were revoked, and whether by themselves.
    pub(super) revoked: HashMap<i64, (Timestamp, bool)>,
    /// The keys that were made through the API.
    pub(super) made: HashSet<i64>,
    /// How often something was done with a key.
    pub(super) uses: HashMap<i64, u32>,
    /// What was shown first, by account and place.
    pub(super) seen: HashMap<(usize, String), Value>,
    /// What was shown by an operation that a fault watches, by account.
    pub(super) kept: HashMap<usize, Vec<Value>>,
}

impl Faults {
    pub(in crate::mock) fn new(faults: impl IntoIterator<Item = Fault>, rules: Arc<Rules>) -> Self {
        Self { on: faults.into_iter().collect(), rules, ..Self::default() }
    }

    pub(in crate::mock) fn is_on(&self, fault: Fault) -> bool {
        self.on.contains(&fault)
    }

    pub(in crate::mock) fn is_empty(&self) -> bool {
        self.on.is_empty()
    }

    /// Whether one of them looks at tokens, which nobody else keeps.
    pub(in crate::mock) fn need_tokens(&self) -> bool {
        self.on.iter().any(|fault| match fault.how() {
            Break::Admission(admission) => admission.needs_tokens(),
            _ => false,
        })
    }

    /// Whether 204 comes with a body.
    pub(super) fn have_body_in_204(&self) -> bool {
        let has = self.on.iter().any(|fault| matches!(fault.how(), Break::BodyIn204));
        if has {
            self.note();
        }
        has
    }

    /// How often they have made a difference.
    pub(in crate::mock) fn fired(&self) -> usize {
        self.fired.load(Ordering::Relaxed)
    }

    /// One of them has made a difference.
    pub(super) fn note(&self) {
        self.fired.fetch_add(1, Ordering::Relaxed);
    }

    /// What those that concern a request do.
    pub(super) fn concerning<'s>(
        &'s self,
        asked: &'s Asked<'_>,
    ) -> impl Iterator<Item = &'static Break> + 's {
        let concerned = self.on.iter().filter(|fault| fault.concerns(asked.operation, asked.method));
        concerned.map(|fault| fault.how())
    }
}
