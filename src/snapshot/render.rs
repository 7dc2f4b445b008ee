//! A trial's answers as text: what a snapshot file holds.

use std::fmt::Write as _;

use serde_json::Value;

use super::normalise::{self, References};
use crate::exchange::{Exchange, Role};
use crate::judge::Record;
use crate::text;

/// The headers that matter; the rest is the business of whoever serves the answer.
const HEADERS: [&str; 4] = ["allow", "content-type", "location", "www-authenticate"];

/// The answers of a trial's steps after normalisation. Trials of a family keep only the last answer, without the
/// request, so that all of them read the same.
#[must_use]
pub fn render(record: &Record<'_>) -> String {
    let mut references = References::collect(record);
    let steps: Vec<&Exchange> =
        record.exchanges.iter().filter(|exchange| exchange.role == Role::Step).collect();
    if record.trial.case.snapshot.family.is_some() {
        let last = steps.last().map(|exchange| answer(record, exchange, &mut references));
        return text::lines(&last.unwrap_or_default());
    }
    let mut out = String::new();
    for exchange in steps {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{} {}", exchange.request.method, target(record, exchange, &references));
        out.push_str(&answer(record, exchange, &mut references));
    }
    text::lines(&out)
}

/// The bodies of all answers after normalisation, each with its place in the record; `None` where there is no JSON.
#[must_use]
pub fn normalised(record: &Record<'_>) -> Vec<(usize, Option<Value>)> {
    let mut references = References::collect(record);
    record
        .answered()
        .map(|(place, exchange)| (place, normalise::body(record, exchange, &mut references)))
        .collect()
}

fn answer(record: &Record<'_>, exchange: &Exchange, references: &mut References) -> String {
    let response = &exchange.response;
    let mut out = format!("{}\n", response.status);
    for name in HEADERS {
        if let Some(value) = response.header(name) {
            let _ = writeln!(out, "{name}: {}", references.in_text(value));
        }
    }
    match normalise::body(record, exchange, references) {
        Some(body) => {
            // A JSON value always has a text.
            let _ = writeln!(out, "{}", serde_json::to_string_pretty(&body).unwrap_or_default());
        }
        None if response.body.is_empty() => {}
        None => {
            let _ = writeln!(out, "{}", references.in_text(&response.text()));
        }
    }
    out
}

/// The path and query of a request, each segment and value named if it is an identifier.
fn target(record: &Record<'_>, exchange: &Exchange, references: &References) -> String {
    let path = exchange.request.target.split('?').next().unwrap_or_default();
    let path: Vec<String> = path.split('/').map(|segment| references.in_segment(segment)).collect();
    let query: Vec<String> = exchange
        .query
        .iter()
        .map(|(name, value)| format!("{name}={}", references.in_segment(value)))
        .collect();
    let mut target = path.join("/");
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    target.replace(&record.prefix, "<prefix>")
}
