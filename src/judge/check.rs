//! A check: one rule that reads a trial's exchanges.

use std::collections::{BTreeMap, HashMap};

use super::place::anywhere;
use super::record::Record;
use crate::spec::Location;

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name in reports.
    pub id: &'static str,
    /// The rule in one sentence.
    pub summary: &'static str,
    /// The items that it examines. Without any, the check has no result.
    pub looks_at: &'static str,
    /// The requirements it defends.
    pub requirements: &'static [&'static str],
    /// The reason to keep it although other checks detect the same faults, if they do.
    pub kept_because: Option<&'static str>,
    /// The severity of a violation.
    pub severity: Severity,
    pub(super) judge: fn(&Record<'_>, &mut Look),
}

/// The severity of a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A `should` is broken: the endpoint may have its reasons.
    Advice,
    /// The endpoint does not conform.
    Error,
    /// Someone was let in, or something was done or told, that must not be.
    Critical,
}

/// The items that a check examined in one trial. A check without any has not passed: it has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The check.
    pub check: &'static str,
    /// For each thing it looked at, the exchange that it is in, by its place in the record.
    pub examined: Vec<usize>,
    /// For each violation, the exchange that it is in.
    pub violated: Vec<usize>,
}

/// The examined items and the violations of a check.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// For each thing that was looked at, the exchange that it is in.
    pub(super) examined: Vec<usize>,
    /// For each violation, the exchange that it is in.
    pub(super) violated: Vec<usize>,
    /// The violations that are told: of those that are many, the first.
    pub(super) violations: Vec<Violation>,
    /// What is kept of each place in each answer.
    kept: HashMap<(usize, String, String), Kept>,
    /// What is expected is a rule: where two are broken at one place, both are told.
    pub(super) expects_by_rule: bool,
    /// What the next violation breaks, where it is not all that the check defends.
    rules: &'static [&'static str],
    /// How bad the next violation is, where it is not as bad as the check says.
    severity: Option<Severity>,
    /// How many violations are kept of each answer, and how many are left out of places of which none is.
    answers: BTreeMap<usize, (usize, usize)>,
}

/// What is kept of the violations at one place.
#[derive(Debug)]
struct Kept {
    count: usize,
    /// The first of them, by its place.
    first: usize,
    left_out: usize,
}

/// So many violations are told of one place in one answer, wherever in a list it shows.
const TOLD_OF_A_PLACE: usize = 20;

/// The maximum number of violations reported per response.
const TOLD_OF_AN_ANSWER: usize = 500;

/// Something that is not as it must be.
#[derive(Debug)]
pub(super) struct Violation {
    /// The exchange it shows in, by its place in the record.
    pub(super) exchange: usize,
    /// The part of the response: `status`, `header content-type`, `body /projects/0/id`.
    pub(super) subject: String,
    pub(super) expected: String,
    pub(super) actual: String,
    /// The location of the expectation, if it is not in the step.
    pub(super) location: Option<Location>,
    /// The broken requirements, if they are not all that the check defends.
    pub(super) rules: &'static [&'static str],
    /// The severity, if it differs from that of the check.
    pub(super) severity: Option<Severity>,
}

impl Check {
    pub(super) fn look(&self, record: &Record<'_>) -> Look {
        let mut look = Look::default();
        (self.judge)(record, &mut look);
        look.tell_what_is_left_out(self);
        look
    }
}

impl Look {
    /// Takes note of something looked at, in an exchange.
    pub(super) fn examine(&mut self, exchange: usize) {
        self.examined.push(exchange);
    }

    /// Says what the next violation breaks of all that the check defends.
    pub(super) fn breaks(&mut self, rules: &'static [&'static str]) -> &mut Self {
        self.rules = rules;
        self
    }

    /// Says how bad the next violation is.
    pub(super) fn so_bad(&mut self, severity: Severity) -> &mut Self {
        self.severity = Some(severity);
        self
    }

    /// Something about an exchange as a whole is wrong.
    pub(super) fn report(
        &mut self,
        exchange: usize,
        subject: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) {
        let (rules, severity) = (std::mem::take(&mut self.rules), self.severity.take());
        let (subject, expected, actual) = (subject.into(), expected.into(), actual.into());
        self.add(Violation { exchange, subject, expected, actual, location: None, rules, severity });
    }

    /// Takes a violation, and keeps it if it is not one of too many.
    pub(super) fn add(&mut self, violation: Violation) {
        self.violated.push(violation.exchange);
        let (of_answer, elsewhere) = self.answers.entry(violation.exchange).or_default();
        let is_full = *of_answer >= TOLD_OF_AN_ANSWER;
        let rule = if self.expects_by_rule { violation.expected.clone() } else { String::new() };
        let place = (violation.exchange, anywhere(&violation.subject), rule);
        match self.kept.get_mut(&place) {
            Some(kept) if is_full || kept.count >= TOLD_OF_A_PLACE => kept.left_out += 1,
            None if is_full => *elsewhere += 1,
            kept => {
                let first = self.violations.len();
                self.violations.push(violation);
                *of_answer += 1;
                match kept {
                    Some(kept) => kept.count += 1,
                    None => _ = self.kept.insert(place, Kept { count: 1, first, left_out: 0 }),
                }
            }
        }
    }

    /// Says how many violations are not told. Those at places that are told nowhere else count as one more.
    fn tell_what_is_left_out(&mut self, check: &Check) {
        for kept in self.kept.values().filter(|kept| kept.left_out > 0) {
            let actual = &mut self.violations[kept.first].actual;
            actual.push_str(&format!(" (and {} more here)", kept.left_out));
        }
        for (exchange, (_, elsewhere)) in &self.answers {
            if *elsewhere > 0 {
                self.violations.push(Violation {
                    exchange: *exchange,
                    subject: "body".to_owned(),
                    expected: check.summary.to_owned(),
                    actual: format!("{elsewhere} more findings elsewhere"),
                    location: None,
                    rules: &[],
                    severity: None,
                });
            }
        }
    }

    /// A value in the body of an answer is wrong.
    pub(super) fn report_value(
        &mut self,
        exchange: usize,
        pointer: &str,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) {
        let subject = if pointer.is_empty() { "body".to_owned() } else { format!("body {pointer}") };
        self.report(exchange, subject, expected, actual);
    }
}
