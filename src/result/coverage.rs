//! What a run has covered: for each operation, what was sent, what came back, and which checks looked at it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::Role;
use crate::judge::{CHECKS, Judgement, Record};
use crate::spec::contract::OperationId;
use crate::spec::schema_ref::SchemaRef;

/// The coverage of a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The operations that requests were sent to.
    pub operations: BTreeMap<OperationId, OperationCoverage>,
    /// The items that each check examined in all exchanges.
    pub checks: BTreeMap<&'static str, Judged>,
    /// The schemas that answers were held against.
    pub schemas: BTreeSet<SchemaRef>,
}

/// The coverage of one operation.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct OperationCoverage {
    /// The number of requests that got a response.
    pub requests: usize,
    /// The response times.
    #[serde(skip)]
    pub times: Vec<Duration>,
    /// The number of responses by status.
    pub statuses: BTreeMap<u16, usize>,
    /// Those of them whose body is not known.
    #[serde(skip)]
    pub unseen: BTreeMap<u16, usize>,
    /// For each unusable credential, the number of requests with it and the number rejected with 401.
    pub refused: BTreeMap<&'static str, usize>,
    /// The query parameters that were sent.
    pub parameters: BTreeSet<String>,
    /// The items that each check examined; a check without any is absent.
    pub checks: BTreeMap<&'static str, Judged>,
}

/// The items that a check examined.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Judged {
    /// The number of examined items.
    pub examined: usize,
    /// The number of violations.
    pub violated: usize,
}

impl Coverage {
    /// Adds what a trial has covered.
    pub(crate) fn see(&mut self, record: &Record<'_>, judgements: &[Judgement]) {
        for (_, exchange) in record.answered() {
            if let Some(schema) = record.schema(exchange)
                && !self.schemas.contains(schema)
            {
                self.schemas.insert(schema.clone());
            }
            let Some(operation) = &exchange.operation else { continue };
            let covered = self.operation(operation);
            covered.requests += 1;
            covered.times.push(exchange.response.elapsed);
            *covered.statuses.entry(exchange.response.status).or_default() += 1;
            if exchange.response.unseen.is_some() {
                *covered.unseen.entry(exchange.response.status).or_default() += 1;
            }
            covered.parameters.extend(exchange.query.keys().cloned());
            if exchange.role == Role::Step
                && exchange.credential.is_refused()
                && exchange.response.status == 401
            {
                *covered.refused.entry(exchange.credential.word()).or_default() += 1;
            }
        }
        for judgement in judgements {
            let mut judged = |exchange: usize, count: fn(&mut Judged) -> &mut usize| {
                *count(self.checks.entry(judgement.check).or_default()) += 1;
                if let Some(operation) = &record.exchanges[exchange].operation {
                    *count(self.operation(operation).checks.entry(judgement.check).or_default()) += 1;
                }
            };
            judgement.examined.iter().for_each(|exchange| judged(*exchange, |judged| &mut judged.examined));
            judgement.violated.iter().for_each(|exchange| judged(*exchange, |judged| &mut judged.violated));
        }
    }

    fn operation(&mut self, id: &OperationId) -> &mut OperationCoverage {
        // Most are known already: no id is made for them.
        if !self.operations.contains_key(id) {
            self.operations.insert(id.clone(), OperationCoverage::default());
        }
        self.operations.get_mut(id).expect("it has been inserted")
    }

    /// Adds what others have covered.
    pub(crate) fn add(&mut self, other: Self) {
        self.schemas.extend(other.schemas);
        add_judged(&mut self.checks, other.checks);
        for (operation, covered) in other.operations {
            let sum = self.operations.entry(operation).or_default();
            sum.requests += covered.requests;
            sum.times.extend(covered.times);
            add_counts(&mut sum.statuses, covered.statuses);
            add_counts(&mut sum.unseen, covered.unseen);
            add_counts(&mut sum.refused, covered.refused);
            sum.parameters.extend(covered.parameters);
            add_judged(&mut sum.checks, covered.checks);
        }
    }

    /// The checks that had nothing to look at, in the order findings are told.
    pub fn idle_checks(&self) -> impl Iterator<Item = &'static str> {
        let is_idle = |id: &&str| self.checks.get(id).is_none_or(|judged| judged.examined == 0);
        CHECKS.iter().map(|check| check.id).filter(is_idle)
    }
}

impl OperationCoverage {
    /// Returns `true` if any request succeeded.
    #[must_use]
    pub fn has_succeeded(&self) -> bool {
        self.statuses.keys().any(|status| (200..300).contains(status))
    }
}

fn add_counts<K: Ord>(sum: &mut BTreeMap<K, usize>, other: BTreeMap<K, usize>) {
    for (key, count) in other {
        *sum.entry(key).or_default() += count;
    }
}

fn add_judged(sum: &mut BTreeMap<&'static str, Judged>, other: BTreeMap<&'static str, Judged>) {
    for (check, judged) in other {
        let of_check = sum.entry(check).or_default();
        of_check.examined += judged.examined;
        of_check.violated += judged.violated;
    }
}
