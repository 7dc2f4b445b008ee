//! The faults that are switched on, and what they remember.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{HeaderMap, Method, header};
use jiff::Timestamp;
use serde_json::Value;

use super::data::Break;
use super::entry::Fault;

/// The faults that are switched on. Without any, each point returns at once.
#[derive(Debug, Default)]
pub(in crate::mock) struct Faults {
    on: Vec<Fault>,
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

/// A request as faults look at it.
pub(in crate::mock) struct Asked<'a> {
    /// What it is; empty where it is no operation.
    pub(in crate::mock) operation: &'static str,
    pub(in crate::mock) method: &'a Method,
    pub(in crate::mock) path: &'a str,
    pub(in crate::mock) query: &'a str,
    pub(in crate::mock) headers: &'a HeaderMap,
}

impl Asked<'_> {
    /// Whether the query has a parameter of this name.
    pub(super) fn has_query(&self, name: &str) -> bool {
        url::form_urlencoded::parse(self.query.as_bytes())
            .any(|(known, value)| known == name && !value.is_empty())
    }

    /// What stands behind the scheme of the `Authorization` header.
    pub(super) fn token(&self) -> Option<&str> {
        self.headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?
            .split(' ')
            .next_back()
            .filter(|token| !token.is_empty())
    }
}

impl Faults {
    pub(in crate::mock) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { on: faults.into_iter().collect(), ..Self::default() }
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
