//! Text for a terminal. Styled throughout; whoever prints it strips the styles where they do not belong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};

use crate::judge::{Finding, Severity};
use crate::runner::{Counts, NewSnapshot, Outcome, RunReport, TrialReport};
use crate::spec::Suite;

pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

/// So many failed trials are named again at the end.
const FAILED_SHOWN: usize = 30;

/// One line for a trial that has ended.
#[must_use]
pub fn trial_line(trial: &TrialReport) -> String {
    let (style, word) = match &trial.outcome {
        Outcome::Passed => (GREEN, "pass"),
        Outcome::Failed => (RED, "FAIL"),
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
    for note in &trial.notes {
        let _ = writeln!(out, "  {YELLOW}note{YELLOW:#} {}", indented(note, 7));
    }
    // The last finding's commands show what the others found as well, if they are the same.
    let mut told: Vec<&str> = Vec::new();
    for finding in trial.findings.iter().filter(|finding| !finding.reproduce.is_empty()) {
        if !told.contains(&finding.reproduce.as_str()) {
            told.push(&finding.reproduce);
        }
    }
    for commands in told {
        let _ = writeln!(out, "  {DIM}to see it again (NEON_API_KEY holds a key):{DIM:#}");
        let _ = writeln!(out, "    {}", indented(commands, 4));
    }
    out
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

/// The verdict: what came of each requirement, and of the whole run.
#[must_use]
pub fn summary(report: &RunReport, suite: &Suite, target: &str) -> String {
    let mut out = String::new();
    let by_requirement = report.by_requirement();
    let _ = writeln!(out, "{BOLD}Requirements{BOLD:#}");
    for (id, requirement) in &suite.requirements {
        let Some(counts) = by_requirement.get(id) else { continue };
        let (style, word) = verdict(*counts);
        let level =
            if requirement.level == crate::spec::requirement::Level::Must { "must" } else { "should" };
        let _ = writeln!(
            out,
            "  {style}{word:>8}{style:#} {:<24} {DIM}{level:<6}{DIM:#} {}",
            id.0,
            tally(*counts)
        );
    }
    out.push_str(&not_applicable(report));
    let idle: Vec<&str> = report.coverage.idle_checks().collect();
    if !idle.is_empty() && !report.trials.is_empty() {
        let _ = writeln!(out, "{DIM}Checks that had nothing to look at: {}{DIM:#}", idle.join(", "));
    }
    out.push_str(&summary_of(report, target));
    out
}

/// The verdict on a whole run.
pub(super) fn summary_of(report: &RunReport, target: &str) -> String {
    let mut out = String::new();
    let failed: Vec<&TrialReport> = report
        .trials
        .iter()
        .filter(|trial| matches!(trial.outcome, Outcome::Failed | Outcome::Errored(_)))
        .collect();
    if !failed.is_empty() {
        let _ = writeln!(out, "{BOLD}Failed{BOLD:#}");
        for trial in failed.iter().take(FAILED_SHOWN) {
            let _ = writeln!(out, "  {}", trial.name);
        }
        if failed.len() > FAILED_SHOWN {
            let _ = writeln!(out, "  and {} more", failed.len() - FAILED_SHOWN);
        }
    }
    let new = report.new_snapshots();
    let offered: Vec<&Path> = new
        .iter()
        .filter_map(|new| match new {
            NewSnapshot::Offered(path) => Some(path.as_path()),
            NewSnapshot::Written(_) => None,
        })
        .collect();
    if !offered.is_empty() {
        let _ = writeln!(
            out,
            "{YELLOW}new snapshots{YELLOW:#}, accept them with `--update` or `cargo insta review`:"
        );
        for path in &offered {
            let _ = writeln!(out, "  {}", path.display());
        }
    }
    let written = new.len() - offered.len();
    if written > 0 {
        let _ = writeln!(out, "{} written", counted(written, "snapshot"));
    }
    if !report.orphans.is_empty() {
        let word = if report.orphans_fail { "error" } else { "note" };
        let _ = writeln!(out, "{YELLOW}{word}{YELLOW:#}: snapshots that no trial has; remove them:");
        for path in &report.orphans {
            let _ = writeln!(out, "  {}", path.display());
        }
    }
    out.push_str(&retries(report));
    if !report.left_behind.is_empty() {
        let _ = writeln!(out, "{RED}Left behind{RED:#}, remove it with `neon-contract sweep`:");
        for left in &report.left_behind {
            let _ = writeln!(out, "  {left}");
        }
    }
    let counts = report.counts();
    let requests: usize = report.trials.iter().map(|trial| trial.exchanges).sum();
    let (style, word) = if counts.failed > 0 || (report.orphans_fail && !report.orphans.is_empty()) {
        (RED, "does not conform")
    } else if report.interrupted {
        (YELLOW, "stopped before the end")
    } else if counts.errored > 0 {
        (RED, "could not be tested to the end")
    } else if counts.passed + counts.known_failures == 0 {
        (YELLOW, "was not tested")
    } else if counts.known_failures > 0 {
        (GREEN, "conforms, but for what is known")
    } else {
        (GREEN, "conforms")
    };
    let _ = writeln!(
        out,
        "{style}{target} {word}{style:#}: {} of {}, {} in {:.2}s",
        tally(counts),
        counted(report.trials.len() + report.not_begun, "trial"),
        counted(requests, "request"),
        report.elapsed.as_secs_f64()
    );
    if report.not_begun > 0 {
        let _ = writeln!(out, "{} not begun", counted(report.not_begun, "trial"));
    }
    out
}

/// What the endpoint is said to lack, as far as trials were about it.
fn not_applicable(report: &RunReport) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for trial in &report.trials {
        if let Outcome::NotApplicable(reason) = &trial.outcome {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut out = String::new();
    if !reasons.is_empty() {
        let _ = writeln!(out, "{BOLD}Not applicable{BOLD:#}");
    }
    for (reason, trials) in reasons {
        let _ = writeln!(out, "  {:>12}  {reason}", counted(trials, "trial"));
    }
    out
}

/// What was sent again, and why.
fn retries(report: &RunReport) -> String {
    let retries = report.retries();
    let mut out = String::new();
    if !retries.is_empty() {
        let _ = writeln!(out, "{BOLD}Sent again{BOLD:#}");
    }
    for ((cause, route), (count, waited)) in retries {
        let waited = waited.as_secs_f64();
        let _ =
            writeln!(out, "  {:>10}  {route}, after {cause}; waited {waited:.1}s", counted(count, "time"));
    }
    out
}

fn verdict(counts: Counts) -> (Style, &'static str) {
    match counts {
        Counts { failed: 1.., .. } => (RED, "FAILED"),
        Counts { errored: 1.., .. } => (RED, "ERROR"),
        counts if counts.is_not_applicable() => (DIM, "n/a"),
        Counts { known_failures: 1.., .. } => (YELLOW, "known"),
        Counts { passed: 0, .. } => (YELLOW, "untested"),
        Counts { untested: 1.., .. } => (YELLOW, "partly"),
        Counts { .. } => (GREEN, "passed"),
    }
}

/// `1 trial`, `2 trials`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `3 passed, 1 failed`.
pub(super) fn tally(counts: Counts) -> String {
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
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
