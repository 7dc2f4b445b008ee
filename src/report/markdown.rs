//! A summary in Markdown, such as GitHub shows beside a job.

use std::fmt::Write as _;
use std::time::Duration;

use super::terminal::tally;
use crate::result::{Cause, OutcomeWord, RequirementResult, RunResult, Verdict, causes};
use crate::spec::requirement::Subject;
use crate::text::counted;

/// So many causes are told.
const CAUSES_SHOWN: usize = 25;

/// So many operations are named.
const OPERATIONS_SHOWN: usize = 5;

pub(super) fn markdown(result: &RunResult) -> String {
    let mut out = String::new();
    let symbol = match result.verdict {
        Verdict::Conforms | Verdict::ConformsButForKnown => "✅",
        Verdict::DoesNotConform | Verdict::CouldNotBeTested => "❌",
        Verdict::Stopped | Verdict::NotTested => "⚠️",
    };
    let _ = writeln!(out, "## {symbol} {} {}\n", escape(&result.target), result.verdict_words());
    let _ = writeln!(
        out,
        "{} of {} in {:.1} s, by {}.\n",
        tally(result.counts),
        counted(result.trials.len() + result.not_begun, "trial"),
        Duration::from_millis(result.elapsed_ms).as_secs_f64(),
        result.tool
    );
    out.push_str(&demanded(result));
    let causes = causes(result);
    if !causes.is_empty() {
        let _ = writeln!(out, "### Findings\n");
    }
    for cause in causes.iter().take(CAUSES_SHOWN) {
        out.push_str(&one(cause, &result.requirements));
    }
    if causes.len() > CAUSES_SHOWN {
        let _ = writeln!(out, "… and {} more.\n", causes.len() - CAUSES_SHOWN);
    }
    if !result.advice.is_empty() {
        let _ = writeln!(
            out,
            "### Advice\n\n`should` requirements that do not hold. They do not fail the run.\n"
        );
    }
    for advice in result.advice.iter().take(CAUSES_SHOWN) {
        let _ = writeln!(
            out,
            "- **{}** {} in {}: expected {}, was {}",
            advice.requirements.join(", "),
            escape(&advice.subject),
            counted(advice.trials, "trial"),
            code(&advice.expected),
            code(&advice.actual)
        );
    }
    if !result.advice.is_empty() {
        out.push('\n');
    }
    for (subject, of) in [(Subject::Endpoint, ""), (Subject::Client, " of clients")] {
        let is_open =
            |requirement: &&RequirementResult| !requirement.proven && requirement.subject == subject;
        let open: Vec<&RequirementResult> = result.requirements.iter().filter(is_open).collect();
        if open.is_empty() {
            continue;
        }
        let count = counted(open.len(), "requirement");
        let _ = writeln!(out, "<details><summary>{count}{of} not proven</summary>\n");
        let _ = writeln!(out, "| requirement | level | why |\n|---|---|---|");
        for requirement in open {
            let reasons: Vec<&str> = requirement.reasons.iter().map(String::as_str).collect();
            let level = format!("{:?}", requirement.level).to_lowercase();
            let _ = writeln!(out, "| `{}` | {level} | {} |", requirement.id, escape(&reasons.join("; ")));
        }
        let _ = writeln!(out, "\n</details>\n");
    }
    for (word, outcome) in [("Flaky", OutcomeWord::Flaky), ("Known failures", OutcomeWord::KnownFailure)] {
        let trials: Vec<_> = result.trials.iter().filter(|trial| trial.outcome == outcome).collect();
        if !trials.is_empty() {
            let _ = writeln!(out, "### {word}\n");
            for trial in trials.iter().take(CAUSES_SHOWN) {
                let _ = writeln!(
                    out,
                    "- `{}`: {}",
                    trial.name,
                    escape(trial.reason.as_deref().unwrap_or_default())
                );
            }
            out.push('\n');
        }
    }
    out
}

/// What was demanded, and what the run is beside an earlier one.
fn demanded(result: &RunResult) -> String {
    let mut out = String::new();
    if let Some(gate) = &result.gate {
        let _ = writeln!(out, "**Gate {}**\n", if gate.passed { "passed" } else { "failed" });
        for reason in &gate.reasons {
            let _ = writeln!(out, "- {}", escape(reason));
        }
        out.push('\n');
    }
    if let Some(comparison) = &result.comparison {
        let _ = writeln!(out, "{}.\n", escape(&comparison.words()));
        for name in comparison.new.iter().take(CAUSES_SHOWN) {
            let _ = writeln!(out, "- new: `{name}`");
        }
        out.push('\n');
    }
    out
}

fn one(cause: &Cause<'_>, requirements: &[RequirementResult]) -> String {
    let finding = cause.finding;
    let mut out = String::new();
    let word = if finding.critical { "**critical** " } else { "" };
    let places = cause.places(OPERATIONS_SHOWN);
    let places = if places.is_empty() { String::new() } else { format!(" in {places}") };
    let _ = writeln!(
        out,
        "- {word}`{}` {}{places}, {}",
        finding.check,
        escape(&cause.subject),
        counted(cause.trials.len(), "trial")
    );
    for id in &cause.requirements {
        if let Some(requirement) = requirements.iter().find(|requirement| requirement.id.0 == *id) {
            let _ = writeln!(out, "  - **{id}** {}", escape(&requirement.statement));
        }
    }
    let _ = writeln!(out, "  - expected {}, was {}", code(&finding.expected), code(&finding.actual));
    let _ = writeln!(out, "  - first in `{}` ({})\n", cause.trial.name, finding.location);
    out
}

/// A text as it is, on one line.
fn code(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    format!("`{}`", line.replace('`', "'"))
}

/// A text that says nothing to Markdown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}
