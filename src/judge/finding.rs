//! A finding: something the endpoint did wrong, as data.

use std::path::Path;

use super::check::{Check, Severity, Violation};
use super::record::Record;
use super::refusal;
use crate::exchange::{Exchange, Role};
use crate::reproduce;
use crate::secret::Secrets;
use crate::spec::contract::OperationId;
use crate::spec::known_failure::KnownFailure;
use crate::spec::requirement::{Level, RequirementId};
use crate::text;

/// Something the endpoint did wrong. Nothing in it is secret.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static str,
    /// The severity.
    pub severity: Severity,
    /// The requirements it violates.
    pub requirements: Vec<String>,
    /// The step it shows in.
    pub step: String,
    /// The exchange it shows in, by its place in the record.
    pub exchange: Option<usize>,
    /// The operation it shows in.
    pub operation: Option<OperationId>,
    /// The spec file, and the line in it, that says how it should be.
    pub location: String,
    /// The part of the response: `status`, `header content-type`, `body /projects/0/id`.
    pub subject: String,
    /// The expected value.
    pub expected: String,
    /// The actual value.
    pub actual: String,
    /// Shell commands that show it again, the last of them the request in question.
    pub reproduce: String,
}

impl Finding {
    pub(super) fn new(check: &Check, violation: Violation, record: &Record<'_>) -> Self {
        let exchange = record.exchanges.get(violation.exchange);
        let requirements = broken(check, &violation, record, exchange);
        let severity = match violation.severity.unwrap_or(check.severity) {
            Severity::Error if is_advice(record, &requirements) => Severity::Advice,
            severity => severity,
        };
        let location = violation.location.or_else(|| exchange.map(|exchange| exchange.location.clone()));
        Self {
            check: check.id,
            severity,
            requirements,
            step: exchange.map(|exchange| exchange.step.clone()).unwrap_or_default(),
            exchange: exchange.map(|_| violation.exchange),
            operation: exchange.and_then(|exchange| exchange.operation.clone()),
            location: location.map(|location| location.to_string()).unwrap_or_default(),
            subject: violation.subject,
            expected: violation.expected,
            actual: violation.actual,
            reproduce: reproduce::script(&record.exchanges, violation.exchange),
        }
    }

    /// Replaces every secret in what would be shown.
    pub(crate) fn mask(&mut self, secrets: &Secrets) {
        for text in
            [&mut self.step, &mut self.subject, &mut self.expected, &mut self.actual, &mut self.reproduce]
        {
            *text = text::lines(&secrets.mask(text));
        }
    }
}

/// The requirements that a violation breaks, and no others: those of its rule, and where a step of the case shows it, what the step proves.
fn broken(
    check: &Check,
    violation: &Violation,
    record: &Record<'_>,
    exchange: Option<&Exchange>,
) -> Vec<String> {
    let rules = if violation.rules.is_empty() { check.requirements } else { violation.rules };
    let mut broken: Vec<String> = rules.iter().map(|id| (*id).to_owned()).collect();
    let expected = exchange
        .filter(|exchange| exchange.role == Role::Step)
        .and_then(|exchange| exchange.expected.as_ref());
    let proves = expected.map(|expected| &*expected.proves).unwrap_or_default();
    // Who must be refused and is not breaks what the step says that it proves as well.
    let is_let_in = check.id == refusal::CHECK.id && violation.subject == "status" && !proves.is_empty();
    if check.requirements.is_empty() || is_let_in {
        let others = claimed(record, proves).filter(|id| !rules.contains(&id.0.as_str()));
        broken.extend(others.map(ToString::to_string));
    }
    broken
}

/// What a case proves by a step that says `proves`; where it says nothing, all that must hold, or all that should.
fn claimed<'r>(
    record: &'r Record<'_>,
    proves: &'r [RequirementId],
) -> impl Iterator<Item = &'r RequirementId> {
    let all = if proves.is_empty() { &*record.trial.case.requirements } else { proves };
    let is_must = |id: &RequirementId| level(record, &id.0) != Some(Level::Should);
    let has_must = all.iter().any(is_must);
    all.iter().filter(move |id| is_must(id) || !has_must)
}

/// Whether none of what is broken must hold.
fn is_advice(record: &Record<'_>, requirements: &[String]) -> bool {
    !requirements.is_empty() && requirements.iter().all(|id| level(record, id) == Some(Level::Should))
}

fn level(record: &Record<'_>, id: &str) -> Option<Level> {
    record.suite.requirements.get(&RequirementId(id.to_owned())).map(|requirement| requirement.level)
}

/// A deviation that is known shows no more, or is accepted no more.
pub(crate) fn known_failure_finding(known: &KnownFailure, actual: String) -> Finding {
    Finding {
        check: "known-failure",
        severity: Severity::Error,
        requirements: Vec::new(),
        step: String::new(),
        exchange: None,
        operation: known.operation.clone(),
        location: known.location.to_string(),
        subject: known.check.clone(),
        expected: format!("the known failure since {}: {}", known.date, known.reason),
        actual,
        reproduce: String::new(),
    }
}

/// Answers that claim to have made what is not the run's: the account had it before, or it bears another name.
pub(crate) fn foreign_findings(record: &Record<'_>) -> Vec<Finding> {
    let of = |(index, exchange): (usize, &Exchange)| {
        let actual = exchange.foreign.clone()?;
        Some(Finding {
            check: "made-anew",
            severity: Severity::Error,
            requirements: claimed(record, &[]).map(ToString::to_string).collect(),
            step: exchange.step.clone(),
            exchange: Some(index),
            operation: exchange.operation.clone(),
            location: exchange.location.to_string(),
            subject: "body".to_owned(),
            expected: "the created resource, under the requested name".to_owned(),
            actual,
            reproduce: reproduce::script(&record.exchanges, index),
        })
    };
    record.exchanges.iter().enumerate().filter_map(of).collect()
}

/// The trial reads otherwise than its snapshot.
pub(crate) fn snapshot_finding(record: &Record<'_>, path: &Path, difference: &str) -> Finding {
    of_snapshot(
        record,
        path,
        "the snapshot; accept the change with `--update` or `cargo insta review`",
        difference,
    )
}

/// The trial has no snapshot where one is demanded.
pub(crate) fn missing_snapshot_finding(record: &Record<'_>, path: &Path) -> Finding {
    of_snapshot(
        record,
        path,
        "a snapshot; create it with `neon-contract run --update` and commit it",
        "no snapshot",
    )
}

fn of_snapshot(record: &Record<'_>, path: &Path, expected: &str, actual: &str) -> Finding {
    Finding {
        check: "snapshot",
        severity: Severity::Error,
        // That an answer is not what it used to be breaks no rule by itself.
        requirements: Vec::new(),
        step: String::new(),
        exchange: None,
        operation: None,
        location: record.trial.case.source.at("").to_string(),
        subject: format!("snapshot {}", path.display()),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        reproduce: reproduce::script(&record.exchanges, record.exchanges.len().saturating_sub(1)),
    }
}
