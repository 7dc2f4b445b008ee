//! Runs over time: a table for the terminal, JSON, and a page with pictures.

use std::fmt::Write as _;

use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde_json::{Value, json};

use super::html::{Look, STYLE, verdict_look};
use crate::result::{Times, Trend, TrendOperation, TrendRun};
use crate::text::counted;

const PAGE: &str = include_str!("page/trend.html");

/// The maximum number of operations in the terminal.
const OPERATIONS_SHOWN: usize = 10;

/// An operation whose 95th percentile grew by this factor is told in the terminal.
const SLOWER: f64 = 1.5;

/// Response times below this many milliseconds say nothing about the endpoint.
const NOTHING: f64 = 5.0;

/// The size of the picture of all runs.
const ALL: (f64, f64) = (640.0, 120.0);

/// The maximum width of one run in it.
const WIDEST: f64 = 60.0;

/// The size of the small picture of an operation.
const LINE: (f64, f64) = (160.0, 28.0);

/// The trends as text.
#[must_use]
pub fn trend(trends: &[Trend]) -> String {
    let mut out = String::new();
    for trend in trends {
        let _ = writeln!(out, "{}: {}", trend.target, counted(trend.runs.len(), "run"));
        let _ = writeln!(
            out,
            "  {:<20} {:>7} {:>8} {:>7} {:>7} {:>9}  verdict",
            "began", "proven", "untested", "broken", "failed", "requests"
        );
        for run in &trend.runs {
            let _ = writeln!(
                out,
                "  {:<20} {:>7} {:>8} {:>7} {:>7} {:>9}  {}",
                minute(run.began),
                run.musts_proven,
                run.musts_untested,
                run.musts_failed,
                run.counts.failed,
                run.requests,
                run.words,
            );
        }
        if let Some(change) = &trend.last_change {
            let _ = writeln!(out, "  Last run: {}", change.words());
        }
        let slower: Vec<&TrendOperation> = trend.operations.iter().filter(|one| is_slower(one)).collect();
        if !slower.is_empty() {
            out.push_str(
                "  Slower than before (95th percentile, compared with the median of earlier runs):\n",
            );
        }
        for operation in slower.iter().take(OPERATIONS_SHOWN) {
            let last = operation.times.last().copied().flatten().map_or(0.0, |times| times.p95);
            let change = operation.change.unwrap_or(1.0);
            let _ = writeln!(out, "    {:<40} {last:>8.1} ms  {change:.1} ×", operation.id.0);
        }
        if slower.len() > OPERATIONS_SHOWN {
            let _ = writeln!(out, "    and {} more", slower.len() - OPERATIONS_SHOWN);
        }
    }
    out.push_str("Proven, untested and broken count `must` requirements; failed counts trials.\n");
    out
}

/// The trends as JSON.
///
/// # Panics
/// Never: the data has no key that is not a string.
#[must_use]
pub fn trend_json(trends: &[Trend]) -> String {
    let mut text = serde_json::to_string_pretty(trends).expect("it is plain data");
    text.push('\n');
    text
}

/// The trends as a page with pictures.
#[must_use]
pub fn trend_html(trends: &[Trend]) -> String {
    let values = json!({
        "css": STYLE,
        "trends": trends.iter().map(section).collect::<Vec<_>>(),
        "runs": trends.iter().map(|trend| trend.runs.len()).sum::<usize>(),
    });
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment
        .render_str(PAGE, Serde(values))
        .unwrap_or_else(|error| format!("<!doctype html><pre>{error}</pre>"))
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn is_slower(operation: &TrendOperation) -> bool {
    let is_felt = operation.times.last().is_some_and(|times| times.is_some_and(|times| times.p95 > NOTHING));
    is_felt && operation.change.is_some_and(|change| change >= SLOWER)
}

fn section(trend: &Trend) -> Value {
    let most = trend.runs.iter().map(musts).max().unwrap_or(0).max(1);
    let (width, height) = ALL;
    let step = (width / count(trend.runs.len().max(1))).min(WIDEST);
    let runs: Vec<Value> = trend
        .runs
        .iter()
        .enumerate()
        .map(|(place, run)| shown(run, count(place) * step, step, height / count(most)))
        .collect();
    json!({
        "target": trend.target,
        "runs": runs,
        "change": trend.last_change.as_ref().map(|change| json!({
            "words": change.words(), "new": change.new, "fixed": change.fixed, "lost": change.lost,
        })),
        "operations": trend.operations.iter().map(operation).collect::<Vec<_>>(),
    })
}

fn musts(run: &TrendRun) -> usize {
    run.musts_proven + run.musts_untested + run.musts_failed
}

/// A run, with its bar: what is broken stands on what is untested, and that on what is proven.
fn shown(run: &TrendRun, x: f64, step: f64, unit: f64) -> Value {
    let Look { symbol, tone, .. } = verdict_look(run.verdict);
    let (_, mut y) = ALL;
    let parts = [
        ("good", "proven", run.musts_proven),
        ("quiet", "untested", run.musts_untested),
        ("bad", "broken", run.musts_failed),
    ];
    let bars: Vec<Value> = parts
        .into_iter()
        .map(|(tone, word, musts)| {
            let height = count(musts) * unit;
            y -= height;
            json!({"tone": tone, "y": y, "height": height, "title": format!("{}: {musts} {word}", minute(run.began))})
        })
        .collect();
    json!({
        "began": minute(run.began),
        "verdict": run.words,
        "symbol": symbol,
        "tone": tone,
        "proven": run.musts_proven,
        "untested": run.musts_untested,
        "broken": run.musts_failed,
        "passed": run.counts.passed,
        "failed": run.counts.failed,
        "requests": run.requests,
        "elapsed": format!("{:.1}", std::time::Duration::from_millis(run.elapsed_ms).as_secs_f64()),
        "tool": run.tool,
        "suite": run.suite,
        "x": x + step * 0.1,
        "width": step * 0.8,
        "middle": x + step / 2.0,
        "bars": bars,
    })
}

fn operation(operation: &TrendOperation) -> Value {
    let told = |times: Option<&Times>| times.map(|times| format!("{:.1}", times.p95));
    let known = || operation.times.iter().flatten();
    json!({
        "id": operation.id,
        "first": told(known().next()),
        "last": told(operation.times.last().and_then(Option::as_ref)),
        "median": operation.times.last().copied().flatten().map(|times| format!("{:.1}", times.median)),
        "change": operation.change.map(|change| format!("{change:.1} ×")),
        "is_slower": is_slower(operation),
        "points": points(&operation.times),
    })
}

/// The 95th percentiles as the points of a line, from 0 at the bottom to the largest at the top.
fn points(times: &[Option<Times>]) -> String {
    let (width, height) = LINE;
    let longest = times.iter().flatten().map(|times| times.p95).fold(0.001, f64::max);
    let step = width / count(times.len().saturating_sub(1).max(1));
    let points = times.iter().enumerate().filter_map(|(place, times)| {
        let y = height - times.as_ref()?.p95 / longest * height;
        Some(format!("{:.1},{y:.1}", count(place) * step))
    });
    points.collect::<Vec<_>>().join(" ")
}

fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_left_to_right_and_leaves_out_what_is_missing() {
        let times = |p95: f64| Some(Times { median: p95, p95, longest: p95 });
        assert_eq!(points(&[times(10.0), None, times(20.0)]), "0.0,14.0 160.0,0.0");
        assert_eq!(points(&[times(10.0)]), "0.0,0.0");
        assert_eq!(points(&[]), "");
    }
}
