//! A check: one rule that reads a trial's exchanges.

use super::record::Record;
use crate::spec::Location;

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name in reports.
    pub id: &'static str,
    /// The rule in one sentence.
    pub summary: &'static str,
    /// What it looks at: without any, it says nothing.
    pub looks_at: &'static str,
    /// The requirements it defends.
    pub requirements: &'static [&'static str],
    /// Why it is there although other checks notice the same, where they do.
    pub kept_because: Option<&'static str>,
    /// How bad a violation is.
    pub severity: Severity,
    pub(super) judge: fn(&Record<'_>, &mut Look),
}

/// How bad a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The endpoint does not conform.
    Error,
    /// What was refused happened, or a secret got out.
    Critical,
}

/// What a check had to look at in one trial. A check that examined nothing did not pass: it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The check.
    pub check: &'static str,
    /// For each thing it looked at, the exchange that it is in, by its place in the record.
    pub examined: Vec<usize>,
    /// For each violation, the exchange that it is in.
    pub violated: Vec<usize>,
}

/// What a check looks at and finds, as it goes.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// For each thing that was looked at, the exchange that it is in.
    pub(super) examined: Vec<usize>,
    pub(super) violations: Vec<Violation>,
}

/// Something that is not as it must be.
#[derive(Debug)]
pub(super) struct Violation {
    /// The exchange it shows in, by its place in the record.
    pub(super) exchange: usize,
    /// Where in the answer: `status`, `header content-type`, `body /projects/0/id`.
    pub(super) subject: String,
    pub(super) expected: String,
    pub(super) actual: String,
    /// Where the expectation is written, if not in the step.
    pub(super) location: Option<Location>,
}

impl Check {
    pub(super) fn look(&self, record: &Record<'_>) -> Look {
        let mut look = Look::default();
        (self.judge)(record, &mut look);
        look
    }
}

impl Look {
    /// Takes note of something looked at, in an exchange.
    pub(super) fn examine(&mut self, exchange: usize) {
        self.examined.push(exchange);
    }

    /// Something about an exchange as a whole is wrong.
    pub(super) fn report(
        &mut self,
        exchange: usize,
        subject: impl Into<String>,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) {
        self.violations.push(Violation {
            exchange,
            subject: subject.into(),
            expected: expected.into(),
            actual: actual.into(),
            location: None,
        });
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
