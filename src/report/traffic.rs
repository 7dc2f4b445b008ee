//! What traffic that someone else made has shown.

use std::fmt::Write as _;

use super::terminal::{BOLD, DIM, GREEN, RED, YELLOW, conclusion, failure, trial_line};
use crate::judge::{Finding, checks_of, unfit_for_traffic};
use crate::result::{RunResult, TrialReport};
use crate::spec::requirement::Subject;

/// What there is to say of an exchange when it has been judged.
#[must_use]
pub fn exchange_line(trial: &TrialReport) -> String {
    let mut out = format!("{}\n{}", trial_line(trial), failure(trial));
    for Finding { requirements, subject, expected, actual, .. } in &trial.advice {
        let _ = writeln!(out, "  {YELLOW}advice{YELLOW:#} {DIM}{}{DIM:#} {subject}", requirements.join(", "));
        let _ = writeln!(out, "    expected {expected}\n    actual   {actual}");
    }
    out
}

/// What each check of the endpoint had to say, and the verdict. `is_whole`: all that was sent was seen.
#[must_use]
pub fn traffic(result: &RunResult, is_whole: bool) -> String {
    judged(result, Subject::Endpoint, is_whole)
}

/// What each check of the client had to say, and the verdict.
#[must_use]
pub fn client(result: &RunResult) -> String {
    judged(result, Subject::Client, true)
}

fn judged(result: &RunResult, subject: Subject, is_whole: bool) -> String {
    let mut out = format!("{BOLD}Checks{BOLD:#}\n");
    for check in checks_of(subject) {
        let judged = result.checks.get(check.id).copied().unwrap_or_default();
        // Of several recordings, some may show what others do not.
        let unfit = unfit_for_traffic(check, is_whole).filter(|_| judged.examined == 0);
        let (style, word, why) = match unfit {
            Some(reason) => (YELLOW, "untested", reason.to_owned()),
            None if judged.examined == 0 => (YELLOW, "untested", format!("it examines {}", check.looks_at)),
            None if judged.violated > 0 => {
                (RED, "FAILED", format!("{} found in {} examined", judged.violated, judged.examined))
            }
            None => (GREEN, "passed", format!("{} examined", judged.examined)),
        };
        let _ = writeln!(out, "  {style}{word:>8}{style:#} {:<20} {DIM}{why}{DIM:#}", check.id);
    }
    out.push_str(&conclusion(result));
    out
}
