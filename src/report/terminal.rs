//! Text for a terminal. Styled throughout; whoever prints it strips the styles where they do not belong.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::text;
use crate::judge::{CHECKS, Finding, Severity};
use crate::result::{
    AdviceResult, Cause, Counts, Outcome, OutcomeWord, RequirementResult, RetryResult, RunResult,
    TrialReport, TrialResult, Unchecked, UncheckedResult, Verdict, causes, musts,
};
use crate::spec::requirement::{Level, Subject};
use crate::text::counted;

pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// So many trials that could not be tested are named at the end.
const FAILED_SHOWN: usize = 30;

/// The maximum number of reasons shown for an outcome.
const REASONS_SHOWN: usize = 8;

/// So many causes are told at the end.
const CAUSES_SHOWN: usize = 20;

/// So many operations are named where a cause shows.
const OPERATIONS_SHOWN: usize = 3;

/// One line for a trial that has ended.
#[must_use]
pub fn trial_line(trial: &TrialReport) -> String {
    let (style, word) = match &trial.outcome {
        Outcome::Passed => (GREEN, "pass"),
        Outcome::Failed => (RED, "FAIL"),
        Outcome::Flaky(_) => (YELLOW, "FLAKY"),
        Outcome::KnownFailure(_) => (YELLOW, "known"),
        Outcome::NotApplicable(_) => (DIM, "n/a"),
        Outcome::Skipped(_) => (YELLOW, "skip"),
        Outcome::Untested(_) => (YELLOW, "UNTESTED"),
        Outcome::Errored(_) => (RED, "ERROR"),
    };
    let mut line = format!(
        "{style}{word:>8}{style:#} {DIM}[{:>7.3}s]{DIM:#} {}",
        trial.elapsed.as_secs_f64(),
        trial.name
    );
    if let Some(reason) = trial.outcome.reason() {
        let _ = write!(line, "{DIM}: {reason}{DIM:#}");
    }
    line
}

/// What is worth telling of a trial and fails nothing; often nothing.
#[must_use]
pub fn notes(trial: &TrialReport) -> String {
    trial.notes.iter().map(|note| format!("  {YELLOW}note{YELLOW:#} {}\n", indented(note, 7))).collect()
}

/// Everything that is wrong with a trial; empty where nothing is and nothing is worth telling.
#[must_use]
pub fn failure(trial: &TrialReport) -> String {
    let mut out = String::new();
    if trial.findings.is_empty() && trial.notes.is_empty() {
        return out;
    }
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}\n  {}", trial.name, trial.title);
    for finding in &trial.findings {
        out.push_str(&one_finding(finding));
    }
    out.push_str(&notes(trial));
    // The last finding's commands show what the others found as well, if they are the same.
    let mut told: Vec<&str> = Vec::new();
    for finding in trial.findings.iter().filter(|finding| !finding.reproduce.is_empty()) {
        if !told.contains(&finding.reproduce.as_str()) {
            told.push(&finding.reproduce);
        }
    }
    for commands in told {
        let _ = writeln!(out, "  {DIM}to reproduce (set NEON_API_KEY):{DIM:#}");
        let _ = writeln!(out, "    {}", indented(commands, 4));
    }
    out
}

/// What a trial sent and received, as far as it is shown.
#[must_use]
pub fn exchanges(trial: &TrialReport) -> String {
    let texts = trial.exposed.iter().map(text::exchange);
    texts.map(|text| format!("    {DIM}{}{DIM:#}\n", indented(&text, 4))).collect()
}

fn one_finding(finding: &Finding) -> String {
    let mut out = String::new();
    let requirements = match finding.requirements.join(", ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    };
    let severity = if finding.severity == Severity::Critical { "CRITICAL " } else { "" };
    let _ = writeln!(out, "\n  {RED}{severity}{}{RED:#}{DIM}{requirements}{DIM:#}", finding.check);
    let step = if finding.step.is_empty() { String::new() } else { format!(" in step `{}`", finding.step) };
    let _ = writeln!(out, "    {DIM}-->{DIM:#} {}{step}", finding.location);
    let _ = writeln!(out, "    {}", finding.subject);
    let _ = writeln!(out, "    expected  {}", indented(&finding.expected, 14));
    let _ = writeln!(out, "    actual    {}", indented(&finding.actual, 14));
    out
}

/// A text whose further lines begin under its first.
fn indented(text: &str, by: usize) -> String {
    text.trim_end().replace('\n', &format!("\n{}", " ".repeat(by)))
}

/// What came of each requirement, what is wrong, and the verdict.
#[must_use]
pub fn summary(result: &RunResult) -> String {
    // Where nothing was reached, all of it would say the same.
    if result.counts.errored > 0 && result.counts.passed + result.counts.failed == 0 {
        return conclusion(result);
    }
    let mut out = String::new();
    let is_shown = |requirement: &&RequirementResult| requirement.counts != Counts::default();
    let (of_endpoint, of_clients): (Vec<&RequirementResult>, Vec<&RequirementResult>) = result
        .requirements
        .iter()
        .filter(is_shown)
        .partition(|requirement| requirement.subject == Subject::Endpoint);
    let _ = writeln!(out, "{BOLD}Requirements{BOLD:#}");
    out.extend(of_endpoint.into_iter().map(requirement_line));
    if !of_clients.is_empty() {
        let _ = writeln!(out, "{BOLD}Requirements of clients{BOLD:#}");
        out.extend(of_clients.into_iter().map(requirement_line));
    }
    out.push_str(&not_tested(result, &[SKIPPED, NOT_APPLICABLE]));
    let is_idle = |id: &&str| result.checks.get(*id).is_none_or(|judged| judged.examined == 0);
    let idle: Vec<&str> = CHECKS.iter().map(|check| check.id).filter(is_idle).collect();
    if !idle.is_empty() && !result.trials.is_empty() {
        let _ = writeln!(out, "{DIM}Checks not exercised: {}{DIM:#}", idle.join(", "));
    }
    out.push_str(&conclusion(result));
    out
}

fn requirement_line(requirement: &RequirementResult) -> String {
    let is_should = requirement.level == Level::Should;
    let (style, word) = match verdict(requirement.counts) {
        (_, "FAILED") if is_should => (YELLOW, "advice"),
        known => known,
    };
    let level = if requirement.level == Level::Must { "must" } else { "should" };
    format!(
        "  {style}{word:>8}{style:#} {:<24} {DIM}{level:<6}{DIM:#} {}\n",
        requirement.id.0,
        tally(requirement.counts)
    )
}

/// The responses whose bodies were not fully checked.
fn unchecked(result: &RunResult) -> String {
    let mut out = String::new();
    for (why, words) in [
        (Unchecked::SchemaUnusable, "because the contract's schema cannot be used"),
        (Unchecked::BodyNotRecorded, "because the body was not recorded"),
    ] {
        let all: Vec<&UncheckedResult> = result.unchecked.iter().filter(|one| one.why == why).collect();
        let count: usize = all.iter().map(|one| one.responses).sum();
        if count == 0 {
            continue;
        }
        let named = all.iter().take(OPERATIONS_SHOWN);
        let mut places: Vec<String> =
            named.map(|one| format!("{} {} ({})", one.operation, one.status, one.responses)).collect();
        if all.len() > places.len() {
            places.push(format!("{} more", all.len() - places.len()));
        }
        let count = counted(count, "response");
        let _ = writeln!(out, "{YELLOW}{count} not fully checked{YELLOW:#}, {words}: {}", places.join(", "));
    }
    out
}

/// What is wrong, and the verdict.
#[must_use]
pub fn conclusion(result: &RunResult) -> String {
    let mut out = retries(result);
    out.push_str(&snapshots(result));
    out.push_str(&advice(result));
    out.push_str(&findings(result));
    out.push_str(&flaky(result));
    out.push_str(&comparison(result));
    if !result.left_behind.is_empty() {
        let _ = writeln!(out, "{RED}Leftover resources{RED:#}, remove them with `neon-contract sweep`:");
        for left in &result.left_behind {
            let _ = writeln!(out, "  {left}");
        }
    }
    if !result.appeared.is_empty() {
        let _ = writeln!(
            out,
            "{YELLOW}New on the account{YELLOW:#} since the run began, under other names than its own, and left alone (remove them if nobody else made them):"
        );
        for one in &result.appeared {
            let _ = writeln!(out, "  {one}");
        }
    }
    let requests: usize = result.trials.iter().map(|trial| trial.requests).sum();
    let style = match result.verdict {
        Verdict::Conforms | Verdict::ConformsButForKnown => GREEN,
        Verdict::DoesNotConform | Verdict::CouldNotBeTested => RED,
        Verdict::Stopped | Verdict::NotTested => YELLOW,
    };
    let _ = writeln!(
        out,
        "{style}{} {}{style:#}: {} of {}, {} in {:.2}s",
        result.target,
        result.verdict_words(),
        tally(result.counts),
        counted(result.trials.len() + result.not_begun, "trial"),
        counted(requests, "request"),
        Duration::from_millis(result.elapsed_ms).as_secs_f64()
    );
    out.push_str(&unchecked(result));
    if result.not_begun > 0 {
        let _ = writeln!(out, "{} not started", counted(result.not_begun, "trial"));
    }
    if result.requirements.iter().any(|requirement| requirement.counts != Counts::default()) {
        let _ = writeln!(out, "{}", musts::line(result));
    }
    out.push_str(&gate(result));
    out
}

/// What a run is beside an earlier one.
fn comparison(result: &RunResult) -> String {
    let mut out = String::new();
    let Some(comparison) = &result.comparison else { return out };
    let _ = writeln!(
        out,
        "{BOLD}Compared with the run of {}{BOLD:#} {DIM}({}{}){DIM:#}",
        comparison.began.strftime("%Y-%m-%d %H:%M UTC"),
        comparison.target,
        if comparison.same_suite { "" } else { ", with different spec files" }
    );
    for (style, word, trials) in [
        (RED, "new", &comparison.new),
        (GREEN, "fixed", &comparison.fixed),
        (YELLOW, "unchanged", &comparison.unchanged),
        (YELLOW, "lost", &comparison.lost),
    ] {
        let style = if trials.is_empty() { DIM } else { style };
        let _ = writeln!(out, "  {style}{word:>9}{style:#} {}", counted(trials.len(), "trial"));
        for name in trials.iter().take(FAILED_SHOWN) {
            let _ = writeln!(out, "            {name}");
        }
    }
    if comparison.not_run > 0 {
        let _ = writeln!(
            out,
            "  {DIM}{} of that run not in this run{DIM:#}",
            counted(comparison.not_run, "trial")
        );
    }
    out
}

/// What a gate has said; empty where nothing is demanded.
fn gate(result: &RunResult) -> String {
    let Some(gate) = &result.gate else { return String::new() };
    let (style, word) = if gate.passed { (GREEN, "passed") } else { (RED, "failed") };
    let mut out = format!("{BOLD}Gate{BOLD:#} {style}{word}{style:#}\n");
    for reason in &gate.reasons {
        let _ = writeln!(out, "  {reason}");
    }
    out
}

/// What should be otherwise, by its cause.
fn advice(result: &RunResult) -> String {
    let mut out = String::new();
    if !result.advice.is_empty() {
        let _ = writeln!(
            out,
            "{BOLD}Advice{BOLD:#} {DIM}(`should` requirements that do not hold; does not fail the run){DIM:#}"
        );
    }
    for advice in result.advice.iter().take(CAUSES_SHOWN) {
        let AdviceResult { check, requirements, subject, expected, actual, trials, trial, .. } = advice;
        let first =
            if *trials == 1 { format!("in {trial}") } else { format!("in {trials} trials, first {trial}") };
        let _ =
            writeln!(out, "  {YELLOW}{}{YELLOW:#} {DIM}({check}){DIM:#} {first}", requirements.join(", "));
        let _ = writeln!(out, "    {subject}: expected {}", indented(expected, 6));
        let _ = writeln!(out, "    actual {}", indented(actual, 6));
    }
    if result.advice.len() > CAUSES_SHOWN {
        let more = result.advice.len() - CAUSES_SHOWN;
        let _ = writeln!(out, "  {more} more; `--report html=FILE` shows all");
    }
    out
}

/// What is wrong, by its cause.
fn findings(result: &RunResult) -> String {
    let mut out = String::new();
    let causes = causes(result);
    // The worst stands last, where it is seen.
    for (number, cause) in causes.iter().enumerate().take(CAUSES_SHOWN).rev() {
        let _ = writeln!(out, "{BOLD}Finding {} of {}{BOLD:#}", number + 1, causes.len());
        out.push_str(&one_cause(cause, result));
    }
    if causes.len() > CAUSES_SHOWN {
        let more = causes.len() - CAUSES_SHOWN;
        let _ = writeln!(out, "{} more; `--report html=FILE` shows all\n", counted(more, "finding"));
    }
    out.push_str(&not_tested(result, &[UNTESTED, ERRORED]));
    out
}

/// The trials that passed only when they were run again.
fn flaky(result: &RunResult) -> String {
    let flaky = result.trials.iter().filter(|trial| trial.outcome == OutcomeWord::Flaky);
    let line = |trial: &TrialResult| {
        let reason = trial.reason.as_deref().unwrap_or_default();
        format!("  {YELLOW}FLAKY{YELLOW:#} {}{DIM}: {reason}{DIM:#}\n", trial.name)
    };
    flaky.take(FAILED_SHOWN).map(line).collect()
}

fn one_cause(cause: &Cause<'_>, result: &RunResult) -> String {
    let Cause { finding, trial, .. } = cause;
    let mut out = String::new();
    let severity = if finding.critical { "CRITICAL " } else { "" };
    let requirements = match cause.requirements.join(", ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    };
    let _ = writeln!(out, "  {RED}{severity}{}{RED:#}{DIM}{requirements}{DIM:#}", finding.check);
    for id in &cause.requirements {
        if let Some(requirement) = result.requirements.iter().find(|requirement| requirement.id.0 == *id) {
            let _ = writeln!(out, "    {DIM}{id}:{DIM:#} {}", requirement.statement);
        }
    }
    let step = if finding.step.is_empty() { String::new() } else { format!(" in step `{}`", finding.step) };
    let _ = writeln!(out, "    {DIM}-->{DIM:#} {}{step}", finding.location);
    let places = cause.places(OPERATIONS_SHOWN);
    let places = if places.is_empty() { String::new() } else { format!(" {DIM}of{DIM:#} {places}") };
    let _ = writeln!(out, "    {}{places}", cause.subject);
    let _ = writeln!(out, "    expected  {}", indented(&finding.expected, 14));
    let _ = writeln!(out, "    actual    {}", indented(&finding.actual, 14));
    let trials = match cause.trials.len() {
        1 => format!("in {}", trial.name),
        count => format!("in {count} trials, first {}", trial.name),
    };
    let _ = writeln!(out, "    {trials}");
    if !finding.reproduce.is_empty() {
        let _ = writeln!(out, "    {DIM}to reproduce (set NEON_API_KEY):{DIM:#}");
        let _ = writeln!(out, "      {}", indented(&finding.reproduce, 6));
    }
    out.push('\n');
    out
}

fn snapshots(result: &RunResult) -> String {
    let mut out = String::new();
    if !result.offered_snapshots.is_empty() {
        let _ = writeln!(
            out,
            "{YELLOW}new snapshots{YELLOW:#}; accept them with `--update` or `cargo insta review`:"
        );
        for path in &result.offered_snapshots {
            let _ = writeln!(out, "  {}", path.display());
        }
    }
    if !result.written_snapshots.is_empty() {
        let _ = writeln!(out, "{} written", counted(result.written_snapshots.len(), "snapshot"));
    }
    if !result.orphans.is_empty() {
        let word = if result.orphans_fail { "error" } else { "note" };
        let _ = writeln!(out, "{YELLOW}{word}{YELLOW:#}: snapshots without a trial; remove them:");
        for path in &result.orphans {
            let _ = writeln!(out, "  {}", path.display());
        }
    }
    out
}

/// An outcome of trials that have shown nothing, and what it is called.
type Untold = (OutcomeWord, Style, &'static str);

const ERRORED: Untold = (OutcomeWord::Errored, RED, "Errors");
const UNTESTED: Untold = (OutcomeWord::Untested, YELLOW, "Untested");
const SKIPPED: Untold = (OutcomeWord::Skipped, YELLOW, "Skipped");
const NOT_APPLICABLE: Untold = (OutcomeWord::NotApplicable, DIM, "Not applicable");

/// Which trials have shown nothing, by the reasons, the most frequent first.
fn not_tested(result: &RunResult, outcomes: &[Untold]) -> String {
    let mut out = String::new();
    for (outcome, style, title) in outcomes {
        let mut reasons: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for trial in result.trials.iter().filter(|trial| trial.outcome == *outcome) {
            let reason = trial.reason.as_deref().unwrap_or_default();
            reasons.entry(reason).or_insert((0, &trial.name)).0 += 1;
        }
        if reasons.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{style}{title}{style:#}");
        let mut reasons: Vec<(&str, (usize, &str))> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, (trials, _))| Reverse(*trials));
        for (reason, (trials, first)) in reasons.iter().take(REASONS_SHOWN) {
            let of = if *trials == 1 { format!("{first}: ") } else { String::new() };
            let _ = writeln!(out, "  {:>12}  {DIM}{of}{DIM:#}{reason}", counted(*trials, "trial"));
        }
        if reasons.len() > REASONS_SHOWN {
            let more = counted(reasons.len() - REASONS_SHOWN, "more reason");
            let _ = writeln!(out, "  {:>12}  {more}; `--report html=FILE` shows all", "");
        }
    }
    out
}

/// What was sent again, and why.
fn retries(result: &RunResult) -> String {
    let mut out = String::new();
    if !result.retries.is_empty() {
        let _ = writeln!(out, "{BOLD}Retried requests{BOLD:#}");
    }
    for RetryResult { route, cause, times, waited_ms } in &result.retries {
        let waited = waited_ms / 1000.0;
        let _ =
            writeln!(out, "  {:>10}  {route}, after {cause}; waited {waited:.1}s", counted(*times, "time"));
    }
    out
}

fn verdict(counts: Counts) -> (Style, &'static str) {
    match counts {
        Counts { failed: 1.., .. } => (RED, "FAILED"),
        Counts { errored: 1.., .. } => (RED, "ERROR"),
        counts if counts.is_not_applicable() => (DIM, "n/a"),
        Counts { known_failures: 1.., .. } => (YELLOW, "known"),
        Counts { flaky: 1.., .. } => (YELLOW, "flaky"),
        Counts { passed: 0, .. } => (YELLOW, "untested"),
        Counts { untested: 1.., .. } => (YELLOW, "partly"),
        Counts { .. } => (GREEN, "passed"),
    }
}

/// `3 passed, 1 failed`.
pub(super) fn tally(counts: Counts) -> String {
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.flaky, "flaky"),
        (counts.known_failures, "known to fail"),
        (counts.untested, "untested"),
        (counts.not_applicable, "not applicable"),
        (counts.skipped, "skipped"),
        (counts.errored, "errored"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() { "none".to_owned() } else { told.join(", ") }
}
