//! The ledger of a run: what of the suite was exercised and proven, and what was not, and why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value, json};

use crate::judge::{CHECKS, Check};
use crate::result::{Coverage, Judged, OperationCoverage, RunReport, Standing};
use crate::spec::Suite;
use crate::spec::contract::{Operation, Place};
use crate::spec::credential::Credential;
use crate::spec::requirement::{Level, RequirementId, Subject};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();

/// The form of [`coverage_json`]. Members may be added; what is there keeps its meaning.
const VERSION: u32 = 1;

/// A requirement that a run has not proven, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// The requirement.
    pub id: RequirementId,
    /// Why it is not proven.
    pub reasons: BTreeSet<String>,
}

/// The requirements that are not proven: no trial has passed, or some trial broke it, could not be tested or was broken off. One that
/// no trial names is proven by the checks that defend it, where they had something to look at and found nothing wrong.
#[must_use]
pub fn unproven(report: &RunReport, suite: &Suite) -> Vec<Unproven> {
    let standings = report.standings(suite).into_iter();
    let open = standings.filter(|(_, standing)| !standing.proven && !standing.counts.is_not_applicable());
    open.map(|(id, standing)| Unproven { id: id.clone(), reasons: standing.reasons }).collect()
}

/// The ledger for people.
#[must_use]
pub fn coverage(report: &RunReport, suite: &Suite, target: &str) -> String {
    let coverage = &report.coverage;
    let mut out = String::new();
    let _ = writeln!(out, "{BOLD}Operations{BOLD:#}");
    for operation in suite.operations.values() {
        operation_line(&mut out, operation, coverage);
    }
    let open = unproven(report, suite);
    let is_of_endpoint = |id: &RequirementId| subject(suite, id) == Subject::Endpoint;
    let (of_endpoint, of_clients): (Vec<&Unproven>, Vec<&Unproven>) =
        open.iter().partition(|unproven| is_of_endpoint(&unproven.id));
    for (title, open) in [("Not proven", of_endpoint), ("Of clients, and not proven here", of_clients)] {
        if !open.is_empty() {
            let _ = writeln!(out, "{BOLD}{title}{BOLD:#}");
        }
        for Unproven { id, reasons } in open {
            let level = level(suite, id);
            let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
            let _ = writeln!(out, "  {:<24} {DIM}{level:<6}{DIM:#} {}", id.0, reasons.join("; "));
        }
    }
    let named = |out: &mut String, what: &str, names: &[&str]| {
        if !names.is_empty() {
            let _ =
                writeln!(out, "{BOLD}{what}{BOLD:#} {DIM}({}){DIM:#}\n  {}", names.len(), names.join(", "));
        }
    };
    checks(&mut out, coverage);
    let absent: Vec<&str> = report.absent.keys().map(|id| id.0.as_str()).collect();
    named(&mut out, "Operations declared absent", &absent);
    let never_succeeded = never_succeeded(suite, report);
    named(&mut out, "Operations that never succeeded", &never_succeeded);
    named(&mut out, "Unused schemas", &unused_schemas(suite, coverage));
    named(&mut out, "Checks not exercised", &coverage.idle_checks().collect::<Vec<_>>());
    let standings = report.standings(suite);
    let proven = standings.iter().filter(|(id, standing)| standing.proven && is_of_endpoint(id)).count();
    let refusing = suite.operations.values().filter(|operation| refuses_all(operation, coverage)).count();
    let _ = writeln!(
        out,
        "{target}: {} of {} operations exercised, {refusing} with every unusable credential; \
         {} succeeded, {} optional; {} of {} requirements proven",
        coverage.operations.len(),
        suite.operations.len(),
        suite.operations.values().filter(|operation| has_succeeded(operation, coverage)).count(),
        absent.len(),
        proven,
        suite.requirements.keys().filter(|id| is_of_endpoint(id)).count(),
    );
    out
}

fn operation_line(out: &mut String, operation: &Operation, coverage: &Coverage) {
    let Some(covered) = coverage.operations.get(&operation.id) else {
        let _ = writeln!(out, "  {RED}{:<42}{RED:#} nothing was sent", operation.id.0);
        return;
    };
    let statuses: Vec<String> =
        covered.statuses.iter().map(|(status, count)| format!("{status} ×{count}")).collect();
    let violated: usize = covered.checks.values().map(|judged| judged.violated).sum();
    let wrong = if violated > 0 { format!(", {RED}{violated} findings{RED:#}") } else { String::new() };
    let _ = writeln!(
        out,
        "  {:<42} {} {:>5} requests: {}; {} of {} credentials rejected{}{wrong}",
        operation.id.0,
        CHECKS.iter().map(|check| judged(covered, check.id).symbol()).collect::<String>(),
        covered.requests,
        statuses.join(" "),
        covered.refused.len(),
        refusable().count(),
        varied(operation, covered),
    );
}

/// The documented query parameters that were sent, of all.
fn varied(operation: &Operation, covered: &OperationCoverage) -> String {
    let documented = operation.parameters.iter().filter(|parameter| parameter.place == Place::Query);
    let all: Vec<&str> = documented.map(|parameter| parameter.name.as_str()).collect();
    let sent = all.iter().filter(|name| covered.parameters.contains(**name)).count();
    if all.is_empty() { String::new() } else { format!("; {sent} of {} parameters sent", all.len()) }
}

/// What the columns of checks stand for.
fn checks(out: &mut String, coverage: &Coverage) {
    let _ = writeln!(
        out,
        "{BOLD}Checks{BOLD:#} {DIM}in the order of the columns: ✓ passed, ✗ failed, · not exercised{DIM:#}"
    );
    for (column, check) in CHECKS.iter().enumerate() {
        let judged = coverage.checks.get(check.id).copied().unwrap_or_default();
        let found = match judged.violated {
            0 => String::new(),
            violated => format!(", {RED}{violated} findings{RED:#}"),
        };
        let _ = writeln!(
            out,
            "  {:>2} {:<18} {:>6} examined{found}; examines {}",
            column + 1,
            check.id,
            judged.examined,
            check.looks_at
        );
    }
}

/// What came of a check on an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    Untested,
}

impl Verdict {
    fn symbol(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Untested => '·',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Untested => "untested",
        }
    }
}

fn judged(covered: &OperationCoverage, check: &str) -> Verdict {
    match covered.checks.get(check) {
        Some(Judged { violated: 1.., .. }) => Verdict::Failed,
        Some(Judged { examined: 1.., .. }) => Verdict::Passed,
        _ => Verdict::Untested,
    }
}

/// Every check on an operation, with the reason where it has nothing to say.
fn judged_json(report: &RunReport, operation: &Operation, covered: &OperationCoverage) -> Value {
    let of_check = |check: &Check| {
        let counts = covered.checks.get(check.id).copied().unwrap_or_default();
        let verdict = judged(covered, check.id);
        let reason = match report.absent.get(&operation.id) {
            _ if verdict != Verdict::Untested => Value::Null,
            Some(reason) => json!(reason),
            None if covered.requests == 0 => json!("nothing was sent"),
            None => json!(format!("it examines {}, and there were none", check.looks_at)),
        };
        let entry = json!({
            "verdict": verdict.word(),
            "reason": reason,
            "examined": counts.examined,
            "violated": counts.violated,
        });
        (check.id.to_owned(), entry)
    };
    Value::Object(CHECKS.iter().map(of_check).collect())
}

/// The credentials that open nothing.
fn refusable() -> impl Iterator<Item = Credential> {
    Credential::ALL.into_iter().filter(|credential| credential.is_refused())
}

fn refuses_all(operation: &Operation, coverage: &Coverage) -> bool {
    coverage
        .operations
        .get(&operation.id)
        .is_some_and(|covered| refusable().all(|credential| covered.refused.contains_key(credential.word())))
}

fn has_succeeded(operation: &Operation, coverage: &Coverage) -> bool {
    coverage.operations.get(&operation.id).is_some_and(OperationCoverage::has_succeeded)
}

/// The operations that never succeeded, though the endpoint is not said to lack them.
fn never_succeeded<'s>(suite: &'s Suite, report: &RunReport) -> Vec<&'s str> {
    let is_demanded = |operation: &&Operation| !report.absent.contains_key(&operation.id);
    let operations = suite.operations.values().filter(is_demanded);
    let failing = operations.filter(|operation| !has_succeeded(operation, &report.coverage));
    failing.map(|operation| operation.id.0.as_str()).collect()
}

/// Schemas of answers and of what is in them; those of request bodies judge no answer.
fn unused_schemas<'s>(suite: &'s Suite, coverage: &Coverage) -> Vec<&'s str> {
    let used: BTreeSet<String> = suite
        .operations
        .values()
        .flat_map(|operation| &operation.responses)
        .flat_map(|response| response.content.values().flatten())
        .filter(|schema| !coverage.schemas.contains(schema))
        .map(ToString::to_string)
        .collect();
    let is_unused = |name: &&str| used.contains(&format!("schemas/{name}.json"));
    suite.schemas.names().filter(is_unused).collect()
}

fn level(suite: &Suite, id: &RequirementId) -> &'static str {
    let is_must = suite.requirements.get(id).is_some_and(|requirement| requirement.level == Level::Must);
    if is_must { "must" } else { "should" }
}

fn subject(suite: &Suite, id: &RequirementId) -> Subject {
    suite.requirements.get(id).map_or(Subject::Endpoint, |requirement| requirement.subject)
}

/// The ledger for programs.
#[must_use]
pub fn coverage_json(report: &RunReport, suite: &Suite, target: &str) -> Value {
    let coverage = &report.coverage;
    let standings = report.standings(suite);
    let used_schemas: BTreeSet<String> = coverage.schemas.iter().map(ToString::to_string).collect();
    let operations: Map<String, Value> = suite
        .operations
        .values()
        .map(|operation| {
            let covered = coverage.operations.get(&operation.id).cloned().unwrap_or_default();
            let entry = json!({
                "method": operation.method,
                "path": operation.path,
                "succeeded": covered.has_succeeded(),
                "absent": report.absent.get(&operation.id),
                "requests": covered.requests,
                "statuses": covered.statuses,
                "refused": covered.refused,
                "parameters": covered.parameters,
                "checks": judged_json(report, operation, &covered),
            });
            (operation.id.0.clone(), entry)
        })
        .collect();
    let requirements: Map<String, Value> = suite
        .requirements
        .keys()
        .map(|id| {
            let Standing { counts, proven, reasons } = standings.get(id).cloned().unwrap_or_default();
            let entry = json!({
                "level": level(suite, id),
                "subject": subject(suite, id),
                "proven": proven,
                "reasons": reasons,
                "passed": counts.passed,
                "failed": counts.failed,
                "flaky": counts.flaky,
                "known_failures": counts.known_failures,
                "not_applicable": counts.not_applicable,
                "skipped": counts.skipped,
                "untested": counts.untested,
                "errored": counts.errored,
            });
            (id.0.clone(), entry)
        })
        .collect();
    json!({
        "version": VERSION,
        "target": target,
        "operations": operations,
        "requirements": requirements,
        "checks": coverage.checks,
        "schemas": { "used": used_schemas, "unused": unused_schemas(suite, coverage) },
    })
}
