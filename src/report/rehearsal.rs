//! What a run would send, before it sends anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::terminal::{BOLD, DIM};
use crate::plan::Forecast;
use crate::runner::Rehearsal;
use crate::spec::case_file::Effect;
use crate::text::counted;

/// The requests in order, and how many there are of each.
#[must_use]
pub fn rehearsal(rehearsal: &Rehearsal<'_>, target: &str) -> String {
    let mut out = String::new();
    if !rehearsal.shared.is_empty() {
        let _ = writeln!(out, "{BOLD}Once for all trials{BOLD:#}");
        out.push_str(&requests(&rehearsal.shared));
    }
    for (trial, forecasts) in &rehearsal.trials {
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", trial.name);
        out.push_str(&requests(forecasts));
    }
    if !rehearsal.left_out.is_empty() {
        let _ = writeln!(out, "{BOLD}Not run{BOLD:#}");
    }
    for (reason, trials) in &rehearsal.left_out {
        let _ = writeln!(out, "  {:>12}  {reason}", counted(*trials, "trial"));
    }
    let all = rehearsal.trials.iter().flat_map(|(_, forecasts)| forecasts).chain(&rehearsal.shared);
    let mut routes: BTreeMap<(Effect, &str), usize> = BTreeMap::new();
    for forecast in all {
        *routes.entry((forecast.effect, &forecast.route)).or_default() += forecast.times;
    }
    let _ = writeln!(out, "{BOLD}Requests, at least{BOLD:#}");
    for ((_, route), times) in &routes {
        let _ = writeln!(out, "  {times:>6}  {route}");
    }
    let of = |wanted: fn(Effect) -> bool| -> usize {
        routes.iter().filter(|((effect, _), _)| wanted(*effect)).map(|(_, times)| times).sum()
    };
    let (reads, writes) = (of(|effect| effect == Effect::Reads), of(|effect| effect > Effect::Reads));
    let _ = writeln!(
        out,
        "{target}: would run {} with at least {} that read and {writes} that write; nothing was sent",
        counted(rehearsal.trials.len(), "trial"),
        counted(reads, "request"),
    );
    out
}

fn requests(forecasts: &[Forecast]) -> String {
    let line = |forecast: &Forecast| {
        let Forecast { route, why, credential, times, .. } = forecast;
        let times = if *times > 1 { format!(" ×{times}") } else { String::new() };
        let why = if why == "step" { String::new() } else { format!(", {why}") };
        format!("  {route}{times}  {DIM}key: {credential}{why}{DIM:#}\n")
    };
    forecasts.iter().map(line).collect()
}
