//! What traffic that someone else made has shown.

use std::fmt::Write as _;

use super::terminal::{BOLD, DIM, GREEN, RED, YELLOW, summary_of};
use crate::judge::{CHECKS, unfit_for_traffic};
use crate::runner::RunReport;

/// What each check had to say, and the verdict. `is_whole`: all that was sent was seen.
#[must_use]
pub fn traffic(report: &RunReport, is_whole: bool, target: &str) -> String {
    let mut out = format!("{BOLD}Checks{BOLD:#}\n");
    for check in &CHECKS {
        let judged = report.coverage.checks.get(check.id).copied().unwrap_or_default();
        let (style, word, why) = match unfit_for_traffic(check, is_whole) {
            Some(reason) => (YELLOW, "untested", reason.to_owned()),
            None if judged.examined == 0 => (YELLOW, "untested", format!("it looks at {}", check.looks_at)),
            None if judged.violated > 0 => {
                (RED, "FAILED", format!("{} found in {} looked at", judged.violated, judged.examined))
            }
            None => (GREEN, "passed", format!("{} looked at", judged.examined)),
        };
        let _ = writeln!(out, "  {style}{word:>8}{style:#} {:<20} {DIM}{why}{DIM:#}", check.id);
    }
    out.push_str(&summary_of(report, target));
    out
}
