//! What a target answered, in a form that another's can be held against.

use std::collections::BTreeMap;

use serde_json::Value;

use super::shape::{Shape, generic};
use crate::exchange::{Exchange, Role};
use crate::judge::{Finding, Record, anywhere};
use crate::snapshot::normalised;
use crate::spec::case_file::Effect;
use crate::spec::contract::{OperationId, effect_of};

/// What a target answered, and what was wrong with it.
#[derive(Debug, Default)]
pub struct Answers {
    /// The form of bodies, by operation and status.
    pub(super) shapes: BTreeMap<(OperationId, u16), Shape>,
    /// The answers to each trial's steps, in order.
    pub(super) trials: BTreeMap<String, Vec<Answer>>,
    /// What is wrong, by what it is.
    pub(super) wrong: BTreeMap<Wrong, Instance>,
    /// How many answers there are.
    pub(super) count: usize,
}

/// One answer to a step.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) operation: Option<OperationId>,
    pub(super) status: u16,
    /// The body after normalisation, where its values are what the step has brought about.
    pub(super) body: Option<Value>,
    /// A check has found something wrong with it.
    pub(super) is_wrong: bool,
}

/// What is wrong, wherever it shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wrong {
    pub(super) check: &'static str,
    pub(super) operation: Option<OperationId>,
    /// Where in the answer; `*` stands for every item.
    pub(super) subject: String,
}

/// The first time that something showed, and how often it did.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) trial: String,
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) count: usize,
}

impl Answers {
    /// How many answers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Takes in what a trial has exchanged, and what is wrong with it.
    pub fn add(&mut self, record: &Record<'_>, findings: &[Finding]) {
        let mut answers = Vec::new();
        for (place, body) in normalised(record) {
            let exchange = &record.exchanges[place];
            self.count += 1;
            let status = exchange.response.status;
            if let (Some(operation), Some(body)) = (&exchange.operation, &body) {
                self.shapes.entry((operation.clone(), status)).or_default().add(body);
            }
            if exchange.role == Role::Step {
                answers.push(Answer {
                    operation: exchange.operation.clone(),
                    status,
                    // Without a schema nobody knows which of its values change from run to run.
                    body: body.filter(|_| is_own(exchange) && record.schema(exchange).is_some()),
                    is_wrong: findings.iter().any(|finding| finding.exchange == Some(place)),
                });
            }
        }
        self.trials.insert(record.trial.name.to_string(), answers);
        for finding in findings {
            let wrong = Wrong {
                check: finding.check,
                operation: finding.operation.clone(),
                subject: generic(&anywhere(&finding.subject)),
            };
            let instance = self.wrong.entry(wrong).or_insert_with(|| Instance {
                trial: record.trial.name.to_string(),
                expected: finding.expected.clone(),
                actual: finding.actual.clone(),
                count: 0,
            });
            instance.count += 1;
        }
    }
}

/// Whether what an answer says was brought about by the step itself: what is read shows also what else the account holds.
fn is_own(exchange: &Exchange) -> bool {
    exchange.response.status >= 400 || effect_of(&exchange.request.method) > Effect::Reads
}
