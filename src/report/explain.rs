//! What a requirement, a check or a fault means, and where it comes from.

use std::fmt::Write as _;

use super::terminal::{BOLD, DIM};
use crate::judge::{Check, Severity, all_checks};
use crate::mock::Fault;
use crate::plan::{Selection, plan};
use crate::spec::requirement::{Requirement, RequirementId, Subject};
use crate::spec::{Suite, closest};
use crate::text::counted;

/// What is known of a word: the id of a requirement, a check, a fault of the mock or an operation.
///
/// # Errors
/// In one line, when it is none, with what may have been meant.
pub fn explain(word: &str, suite: &Suite) -> Result<String, String> {
    if let Some(told) = all_checks().find(|check| check.id == word) {
        return Ok(check(told, suite));
    }
    if let Some(told) = Fault::all().find(|fault| fault.id() == word) {
        return Ok(format!(
            "{BOLD}{word}{BOLD:#} {DIM}(fault of the mock; {}, {}){DIM:#}\n{}\n\n{BOLD}Breaks{BOLD:#}\n  {}\n\nneon-contract run --fault {word}\n",
            told.class().word(),
            told.severity().word(),
            told.summary(),
            told.requirement()
        ));
    }
    // After the others: the check `secret-once` is not the requirement `SECRET-ONCE`.
    if let Some(told) = suite.requirements.get(&RequirementId(word.to_ascii_uppercase())) {
        return Ok(requirement(told, suite));
    }
    let mut known: Vec<&str> = suite.requirements.keys().map(|id| id.0.as_str()).collect();
    known.extend(all_checks().map(|check| check.id));
    for fault in Fault::all() {
        known.push(fault.id());
    }
    let hint = match closest(word, &known).or_else(|| closest(&word.to_ascii_uppercase(), &known)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `neon-contract list --of requirements`, `checks` or `faults` for a list".to_owned(),
    };
    Err(format!("there is no requirement, check or fault `{word}`; {hint}"))
}

fn requirement(requirement: &Requirement, suite: &Suite) -> String {
    let Requirement { id, level, evidence, statement, source, subject } = requirement;
    let word = |of: &dyn std::fmt::Debug| format!("{of:?}").to_lowercase();
    let mut out =
        format!("{BOLD}{id}{BOLD:#} {DIM}({}, {}){DIM:#}\n{statement}\n", word(level), word(evidence));
    let _ = writeln!(out, "\n{BOLD}Source{BOLD:#}\n  {source}");
    let all = plan(suite, &Selection::default());
    let cases: Vec<_> = suite.cases.iter().filter(|case| case.requirements.contains(id)).collect();
    if !cases.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Proven by{BOLD:#}");
    }
    for case in cases {
        let trials = all.iter().filter(|trial| trial.case.name == case.name).count();
        let _ =
            writeln!(out, "  {} {DIM}({}){DIM:#}\n    {}", case.name, counted(trials, "trial"), case.title);
    }
    let defending: Vec<&Check> =
        all_checks().filter(|check| check.requirements.contains(&id.0.as_str())).collect();
    if !defending.is_empty() {
        let where_to = match subject {
            Subject::Endpoint => "Checked in every trial by",
            Subject::Client => "Checked with `--judge client` by",
        };
        let _ = writeln!(out, "\n{BOLD}{where_to}{BOLD:#}");
    }
    for check in defending {
        let _ = writeln!(out, "  {:<20} {}", check.id, check.summary);
    }
    let _ = match subject {
        Subject::Endpoint => writeln!(out, "\nneon-contract run --requirement {id}"),
        Subject::Client => writeln!(out, "\nneon-contract mock --judge client"),
    };
    out
}

fn check(check: &Check, suite: &Suite) -> String {
    let severity = match check.severity {
        Severity::Critical => "critical",
        Severity::Error => "error",
        Severity::Advice => "advice",
    };
    let mut out = format!("{BOLD}{}{BOLD:#} {DIM}(check, {severity}){DIM:#}\n{}\n", check.id, check.summary);
    let _ = writeln!(out, "\n{BOLD}Examines{BOLD:#}\n  {}", check.looks_at);
    let defended =
        check.requirements.iter().filter_map(|id| suite.requirements.get(&RequirementId((*id).to_owned())));
    let defended: Vec<&Requirement> = defended.collect();
    if !defended.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Defends{BOLD:#}");
    }
    for requirement in defended {
        let _ = writeln!(
            out,
            "  {}\n    {}\n    {DIM}{}{DIM:#}",
            requirement.id, requirement.statement, requirement.source
        );
    }
    out
}
