//! What an audit has found out: which broken rules the suite notices, and what it could do without.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::terminal::{BOLD, DIM};
use crate::audit::{Audit, CaseScore, CheckScore, Score, Share, Verdict};
use crate::mock::Severity;
use crate::text::counted;

/// One fault as it ends.
#[must_use]
pub fn verdict_line(verdict: &Verdict) -> String {
    let word = if verdict.is_killed() { "killed" } else { "SURVIVED" };
    let by = match (verdict.checks.len(), verdict.cases.len()) {
        (0, _) => verdict.fault.summary().to_owned(),
        (checks, cases) => format!("by {} in {}", counted(checks, "check"), counted(cases, "case")),
    };
    let Verdict { fault, elapsed, .. } = verdict;
    format!("{word:>8} {DIM}[{:>7.3}s]{DIM:#} {fault} {DIM}{by}{DIM:#}\n", elapsed.as_secs_f64())
}

/// The whole audit, for people; where it is to be brief, what has survived and the score.
#[must_use]
pub fn audit(audit: &Audit, is_brief: bool) -> String {
    let score = audit.score();
    let mut out = String::new();
    if !is_brief {
        kills(&mut out, audit, &score);
    }
    survivors(&mut out, audit);
    let Share { killed, of } = score.all;
    let _ = writeln!(
        out,
        "\n{BOLD}{killed} of {} killed ({:.1}%){BOLD:#} with {} in {:.2}s",
        counted(of, "fault"),
        score.all.percent(),
        counted(audit.trials, "trial"),
        audit.elapsed.as_secs_f64(),
    );
    out
}

fn kills(out: &mut String, audit: &Audit, score: &Score) {
    let _ = writeln!(out, "\n{BOLD}Killed, by severity{BOLD:#}");
    for (severity, share) in &score.severities {
        let _ = writeln!(out, "{}", row(severity.0.word(), *share));
    }
    let _ = writeln!(out, "\n{BOLD}Killed, by class{BOLD:#}");
    for (class, share) in &score.classes {
        let _ = writeln!(out, "{}", row(class, *share));
    }
    let _ = writeln!(out, "\n{BOLD}Killed, by requirement{BOLD:#}");
    for (requirement, share) in &score.requirements {
        let _ = writeln!(out, "{}", row(requirement, *share));
    }
    // What some faults show says nothing of what a case is good for, nor some trials of what a check is.
    if audit.is_whole && !audit.is_fast {
        checks(out, &score.checks);
    }
    if audit.is_whole {
        cases(out, &score.cases);
    }
}

fn checks(out: &mut String, checks: &[CheckScore]) {
    let _ = writeln!(out, "\n{BOLD}Killed, by check{BOLD:#} {DIM}(and by no other){DIM:#}");
    for check in checks {
        let alone = match (check.alone.is_empty(), check.alone_unaided.is_empty()) {
            (true, false) => {
                let noticed = names(check.alone_unaided.iter().map(|fault| fault.id()));
                format!("without the expectations of cases: {noticed}")
            }
            (true, true) => check.kept_because.unwrap_or(SPARE).to_owned(),
            _ => names(check.alone.iter().map(|fault| fault.id())),
        };
        let _ = writeln!(
            out,
            "  {:<28} {:>4} {:>4}  {DIM}{alone}{DIM:#}",
            check.id,
            check.kills,
            check.alone.len()
        );
    }
}

fn cases(out: &mut String, cases: &[CaseScore]) {
    let _ = writeln!(out, "\n{BOLD}Killed, by case{BOLD:#} {DIM}(and by no other){DIM:#}");
    for case in cases {
        let _ = writeln!(
            out,
            "  {:<52} {:>4} {:>4}  {DIM}{}{DIM:#}",
            case.name,
            case.kills,
            case.alone.len(),
            worth(case)
        );
    }
}

/// What is said of what nothing would be missed without.
const SPARE: &str = "detects nothing that nothing else detects";

/// What a case is good for that no other is.
fn worth(case: &CaseScore) -> String {
    if !case.alone.is_empty() {
        return names(case.alone.iter().map(|fault| fault.id()));
    }
    if !case.alone_reading.is_empty() {
        let noticed = names(case.alone_reading.iter().map(|fault| fault.id()));
        return format!("the only read-only case for: {noticed}");
    }
    if !case.only_proof_of.is_empty() {
        return format!("the only proof of {}", case.only_proof_of.join(", "));
    }
    case.kept_because.as_deref().unwrap_or(SPARE).to_owned()
}

fn survivors(out: &mut String, audit: &Audit) {
    let survivors: Vec<&Verdict> = audit.verdicts.iter().filter(|verdict| !verdict.is_killed()).collect();
    if survivors.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{BOLD}Survived{BOLD:#}");
    for Verdict { fault, tried, fired, .. } in survivors {
        let _ = writeln!(
            out,
            "  {BOLD}{fault}{BOLD:#} {DIM}({}, {}){DIM:#}\n    {}\n    unguarded: {}",
            fault.severity().word(),
            fault.class().word(),
            fault.summary(),
            fault.requirement()
        );
        let why = match (tried, fired) {
            (0, _) => "no trial sends a request that it affects".to_owned(),
            (_, 0) => format!(
                "it made no difference to any of {} with requests that it affects",
                counted(*tried, "trial")
            ),
            _ => format!(
                "it made a difference {} in {}, undetected",
                counted(*fired, "time"),
                counted(*tried, "trial")
            ),
        };
        let _ = writeln!(out, "    {why}");
    }
}

/// A few names, and how many more there are.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len() {
        0..=3 => names.join(", "),
        many => format!("{}, and {} more", names[..2].join(", "), many - 2),
    }
}

fn row(name: &str, share: Share) -> String {
    format!("  {name:<28} {:>4} of {:<4} {DIM}{:>5.1}%{DIM:#}", share.killed, share.of, share.percent())
}

/// The whole audit, for programs.
#[must_use]
pub fn audit_json(audit: &Audit) -> Value {
    let score = audit.score();
    let share = |share: Share| json!({ "killed": share.killed, "of": share.of, "percent": share.percent() });
    let verdicts = audit.verdicts.iter().map(|verdict| {
        let fault = verdict.fault;
        json!({
            "fault": fault.id(),
            "summary": fault.summary(),
            "class": fault.class().word(),
            "severity": fault.severity().word(),
            "requirement": fault.requirement(),
            "killed": verdict.is_killed(),
            "checks": verdict.checks,
            "cases": verdict.cases,
            "requirements": verdict.requirements,
            "trials": verdict.tried,
            "fired": verdict.fired,
            "elapsed_ms": verdict.elapsed.as_millis(),
        })
    });
    let ids = |faults: &[crate::mock::Fault]| faults.iter().map(|fault| fault.id()).collect::<Vec<_>>();
    let severity = |wanted: Severity| {
        let found = score.severities.iter().find(|(severity, _)| severity.0 == wanted);
        found.map(|(_, of)| share(*of))
    };
    json!({
        "score": share(score.all),
        "severities": {
            "critical": severity(Severity::Critical),
            "major": severity(Severity::Major),
            "minor": severity(Severity::Minor),
        },
        "classes": score.classes.iter().map(|(class, of)| ((*class).to_owned(), share(*of))).collect::<serde_json::Map<_, _>>(),
        "requirements": score.requirements.iter().map(|(id, of)| ((*id).to_owned(), share(*of))).collect::<serde_json::Map<_, _>>(),
        "checks": score.checks.iter().map(|check| json!({
            "check": check.id, "kills": check.kills, "alone": ids(&check.alone), "alone_unaided": ids(&check.alone_unaided), "kept_because": check.kept_because,
        })).collect::<Vec<_>>(),
        "cases": score.cases.iter().map(|case| json!({
            "case": case.name, "kills": case.kills, "alone": ids(&case.alone), "alone_reading": ids(&case.alone_reading), "only_proof_of": case.only_proof_of, "kept_because": case.kept_because,
        })).collect::<Vec<_>>(),
        "faults": verdicts.collect::<Vec<_>>(),
        "is_whole": audit.is_whole,
        "is_fast": audit.is_fast,
        "trials": audit.trials,
        "elapsed_ms": audit.elapsed.as_millis(),
    })
}
