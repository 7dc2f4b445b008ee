//! How two targets compare.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::terminal::{BOLD, DIM, GREEN, RED, YELLOW, tally};
use crate::parity::{Difference, Drift, Parity, Side};
use crate::result::RunReport;
use crate::spec::contract::OperationId;
use crate::text;
use crate::text::counted;

/// The form of [`parity_json`]. Members may be added; what is there keeps its meaning.
const VERSION: u32 = 1;

/// So many operations are named where a difference shows in many.
const OPERATIONS_SHOWN: usize = 3;

/// A value is shown up to so many characters.
const VALUE_SHOWN: usize = 300;

/// One line on what a side has answered.
#[must_use]
pub fn answered(side: &Side, report: Option<&RunReport>) -> String {
    let answers = counted(side.answers.count(), "response");
    match report {
        Some(report) => {
            let trials = counted(report.trials.len() + report.not_begun, "trial");
            format!("{}: {answers}; {} of {trials}\n", side.name, tally(report.counts()))
        }
        None => format!("{}: {answers}\n", side.name),
    }
}

/// Where two sides differ, and the verdict.
#[must_use]
pub fn parity(parity: &Parity, [left, right]: [&Side; 2], accepted: &[String]) -> String {
    let mut out = String::new();
    let mut last = None;
    for difference in &parity.differences {
        if last != Some(difference.drift) {
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#} {DIM}{}{DIM:#}",
                word(difference.drift),
                meaning(difference.drift)
            );
            last = Some(difference.drift);
        }
        out.push_str(&one(difference, [&left.name, &right.name]));
    }
    for finding in &parity.outdated {
        let _ = writeln!(
            out,
            "{RED}known-failure{RED:#} {} {DIM}-->{DIM:#} {}",
            finding.subject, finding.location
        );
        let _ = writeln!(out, "    {}", finding.actual);
    }
    for line in accepted {
        let _ = writeln!(out, "{YELLOW}note{YELLOW:#} {line}");
    }
    for (side, only) in [left, right].into_iter().zip(&parity.only) {
        if !only.is_empty() {
            let _ = writeln!(
                out,
                "{DIM}Not compared, because only {} responded: {}{DIM:#}",
                side.name,
                named(only)
            );
        }
    }
    let differences = parity.differences.len() + parity.outdated.len();
    let (style, verdict) = match (differences, parity.operations.len()) {
        (0, 0) => (YELLOW, "have no comparable responses".to_owned()),
        (0, _) => (GREEN, "agree".to_owned()),
        (count, _) => (RED, format!("differ in {}", counted(count, "place"))),
    };
    let _ = writeln!(
        out,
        "{style}{} and {} {verdict}{style:#}: {} and {} compared",
        left.name,
        right.name,
        counted(parity.operations.len(), "operation"),
        counted(parity.trials, "trial"),
    );
    out
}

/// One difference.
pub(super) fn one(difference: &Difference, names: [&str; 2]) -> String {
    let Difference { check, operations, subject, expected, left, right, count, trial, .. } = difference;
    let mut out = String::new();
    let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
    let _ = writeln!(
        out,
        "  {RED}{check}{RED:#} {} {}{DIM}{times}{DIM:#}",
        named(operations),
        text::line(subject)
    );
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default().max(8);
    if !expected.is_empty() {
        let _ = writeln!(out, "    {:<width$}  {}", "expected", shown(expected));
    }
    for (name, value) in names.into_iter().zip([left, right]) {
        let _ = writeln!(out, "    {name:<width$}  {}", shown(value));
    }
    if !trial.is_empty() {
        let _ = writeln!(out, "    {DIM}seen in {trial}{DIM:#}");
    }
    out
}

fn named(operations: &BTreeSet<OperationId>) -> String {
    let names: Vec<&str> = operations.iter().take(OPERATIONS_SHOWN).map(|id| id.0.as_str()).collect();
    match operations.len() {
        0 => "requests that no contract describes".to_owned(),
        count if count > OPERATIONS_SHOWN => {
            format!("{} and {} more", names.join(", "), count - OPERATIONS_SHOWN)
        }
        _ => names.join(", "),
    }
}

fn shown(value: &str) -> String {
    let line = text::line(value);
    match line.char_indices().nth(VALUE_SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn word(drift: Drift) -> &'static str {
    match drift {
        Drift::Api => "API drift",
        Drift::Mock => "Mock drift",
        Drift::Document => "Document drift",
        Drift::Sides => "Differences",
    }
}

fn meaning(drift: Drift) -> &'static str {
    match drift {
        Drift::Api => "the service violates the contract",
        Drift::Mock => "the mock differs from the service",
        Drift::Document => "both sides violate the contract",
        Drift::Sides => "the contract allows both",
    }
}

/// The same for programs.
#[must_use]
pub fn parity_json(parity: &Parity, sides: [&Side; 2], accepted: &[String]) -> Value {
    let [left, right] = sides.map(|side| json!({"name": side.name, "answers": side.answers.count()}));
    let differences: Vec<Value> = parity
        .differences
        .iter()
        .map(|difference| {
            json!({
                "drift": match difference.drift {
                    Drift::Api => "api",
                    Drift::Mock => "mock",
                    Drift::Document => "document",
                    Drift::Sides => "sides",
                },
                "check": difference.check,
                "operations": names(&difference.operations),
                "subject": difference.subject,
                "expected": (!difference.expected.is_empty()).then_some(&difference.expected),
                "left": difference.left,
                "right": difference.right,
                "count": difference.count,
                "trial": (!difference.trial.is_empty()).then_some(&difference.trial),
            })
        })
        .collect();
    let outdated: Vec<Value> = parity
        .outdated
        .iter()
        .map(|finding| json!({"check": finding.subject, "location": finding.location, "reason": finding.actual}))
        .collect();
    json!({
        "version": VERSION,
        "left": left,
        "right": right,
        "operations": names(&parity.operations),
        "trials": parity.trials,
        "only_left": names(&parity.only[0]),
        "only_right": names(&parity.only[1]),
        "differences": differences,
        "outdated": outdated,
        "accepted": accepted,
    })
}

fn names(operations: &BTreeSet<OperationId>) -> Vec<&str> {
    operations.iter().map(|id| id.0.as_str()).collect()
}
