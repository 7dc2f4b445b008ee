//! One page with all that came out: nothing is loaded, and all of it is in the file.

use std::collections::BTreeMap;
use std::time::Duration;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use serde_json::{Value, json};

use super::terminal::tally;
use super::text;
use crate::result::{Cause, OutcomeWord, RequirementResult, RunResult, TrialResult, Verdict, causes, musts};
use crate::spec::contract::OperationId;
use crate::spec::requirement::{Level, Subject};

const PAGE: &str = include_str!("page/report.html");
pub(super) const STYLE: &str = include_str!("page/report.css");
const SCRIPT: &str = include_str!("page/report.js");

/// So many causes are shown with their exchanges; the others without.
const CAUSES_WITH_EXCHANGES: usize = 100;

/// So many operations are in the table of the slowest.
const SLOWEST_SHOWN: usize = 20;

/// So many operations are named where a cause shows.
const OPERATIONS_SHOWN: usize = 12;

/// The upper ends of the bars of the histogram, in milliseconds.
const BARS: [f64; 12] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 5000.0, f64::INFINITY];

/// How an outcome is drawn: no colour says anything that a symbol does not.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Look {
    pub(super) word: &'static str,
    pub(super) symbol: &'static str,
    pub(super) tone: &'static str,
}

/// From the worst to the best.
const OUTCOMES: [OutcomeWord; 8] = [
    OutcomeWord::Failed,
    OutcomeWord::Errored,
    OutcomeWord::Flaky,
    OutcomeWord::KnownFailure,
    OutcomeWord::Untested,
    OutcomeWord::Skipped,
    OutcomeWord::NotApplicable,
    OutcomeWord::Passed,
];

fn look(outcome: OutcomeWord) -> Look {
    let (word, symbol, tone) = match outcome {
        OutcomeWord::Passed => ("passed", "✓", "good"),
        OutcomeWord::Failed => ("failed", "✗", "bad"),
        OutcomeWord::Errored => ("errored", "!", "bad"),
        OutcomeWord::Flaky => ("flaky", "≈", "warn"),
        OutcomeWord::KnownFailure => ("known to fail", "k", "warn"),
        OutcomeWord::Untested => ("untested", "?", "warn"),
        OutcomeWord::Skipped => ("skipped", "–", "quiet"),
        OutcomeWord::NotApplicable => ("not applicable", "·", "quiet"),
    };
    Look { word, symbol, tone }
}

/// How a verdict is drawn.
pub(super) fn verdict_look(verdict: Verdict) -> Look {
    let (symbol, tone) = match verdict {
        Verdict::Conforms | Verdict::ConformsButForKnown => ("✓", "good"),
        Verdict::DoesNotConform | Verdict::CouldNotBeTested => ("✗", "bad"),
        Verdict::Stopped | Verdict::NotTested => ("?", "warn"),
    };
    Look { word: verdict.words(), symbol, tone }
}

pub(super) fn html(result: &RunResult) -> String {
    let causes = causes(result);
    let Look { symbol, tone, .. } = verdict_look(result.verdict);
    let requests: usize = result.trials.iter().map(|trial| trial.requests).sum();
    let absent: Vec<&str> = result.suite.absent.keys().map(|id| id.0.as_str()).collect();
    let values = json!({
        "css": STYLE,
        "js": SCRIPT,
        "data": script_data(result, &causes),
        "target": result.target,
        "verdict": result.verdict_words(),
        "tone": tone,
        "symbol": symbol,
        "tally": tally(result.counts),
        "trials": result.trials.len() + result.not_begun,
        "requests": requests,
        "elapsed": format!("{:.1} s", Duration::from_millis(result.elapsed_ms).as_secs_f64()),
        "began": result.began.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        "left_behind": result.left_behind,
        "appeared": result.appeared,
        "gate": result.gate,
        "comparison": result.comparison.as_ref().map(|comparison| json!({
            "words": comparison.words(), "new": comparison.new, "fixed": comparison.fixed, "lost": comparison.lost,
        })),
        "causes": causes.iter().enumerate().map(|(number, cause)| shown(cause, number, result)).collect::<Vec<_>>(),
        "advice": result.advice,
        "musts": musts::line(result),
        "requirements": [
            section("Requirements", "requirements", Subject::Endpoint, result),
            section("Requirements of clients", "client-requirements", Subject::Client, result),
        ],
        "matrix": matrix(result),
        "legend": legend(result),
        "histogram": histogram(&result.trials),
        "slowest": slowest(result),
        "retries": result.retries.iter().map(|retry| json!({
            "route": retry.route, "cause": retry.cause, "times": retry.times,
            "waited": format!("{:.1}", retry.waited_ms / 1000.0),
        })).collect::<Vec<_>>(),
        "untested": untested(result),
        "tool": result.tool,
        "digest": result.suite.digest,
        "contracts": result.suite.contracts.iter().collect::<Vec<_>>(),
        "profiles": result.suite.profiles.join(", "),
        "absent": absent.join(", "),
    });
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment
        .render_str(PAGE, Serde(values))
        .unwrap_or_else(|error| format!("<!doctype html><pre>{error}</pre>"))
}

/// What the script draws the list of trials from.
fn script_data(result: &RunResult, causes: &[Cause<'_>]) -> String {
    let mut reasons: Vec<&str> = vec![""];
    let mut places: BTreeMap<&str, usize> = BTreeMap::from([("", 0)]);
    let requirements: Vec<&str> =
        result.requirements.iter().map(|requirement| requirement.id.0.as_str()).collect();
    let trials: Vec<Value> = result
        .trials
        .iter()
        .map(|trial| {
            let reason = trial.reason.as_deref().unwrap_or_default();
            let reason = *places.entry(reason).or_insert_with(|| {
                reasons.push(reason);
                reasons.len() - 1
            });
            let proves = trial.requirements.iter();
            let proves: Vec<usize> =
                proves.filter_map(|id| requirements.iter().position(|known| *known == id.0)).collect();
            let shows = causes.iter().enumerate().filter(|(_, cause)| cause.trials.contains(&*trial.name));
            let shows: Vec<usize> = shows.map(|(number, _)| number + 1).collect();
            let outcome = OUTCOMES.iter().position(|outcome| *outcome == trial.outcome).unwrap_or_default();
            json!([trial.name, outcome, (trial.elapsed_ms * 10.0).round() / 10.0, reason, proves, shows])
        })
        .collect();
    let titles: Vec<String> =
        causes.iter().map(|cause| format!("{} {}", cause.finding.check, cause.subject)).collect();
    let data = json!({
        "outcomes": OUTCOMES.map(look),
        "requirements": requirements,
        "reasons": reasons,
        "causes": titles,
        "trials": trials,
    });
    // Nothing in it may end the element that it stands in.
    data.to_string().replace('<', "\\u003c")
}

fn shown(cause: &Cause<'_>, number: usize, result: &RunResult) -> Value {
    let finding = cause.finding;
    let requirements: Vec<Value> = cause
        .requirements
        .iter()
        .map(|id| {
            let known = result.requirements.iter().find(|requirement| requirement.id.0 == **id);
            json!({"id": id, "statement": known.map(|requirement| &requirement.statement)})
        })
        .collect();
    let actual: Vec<Value> = finding
        .actual
        .lines()
        .map(|line| {
            let class = match line.as_bytes().first() {
                _ if finding.check != "snapshot" => "",
                Some(b'-') => "minus",
                Some(b'+') => "plus",
                Some(b'@') => "hunk",
                _ => "",
            };
            json!({"text": line, "class": class})
        })
        .collect();
    let exchanges: Vec<Value> = if number < CAUSES_WITH_EXCHANGES {
        let exchanges = cause.trial.exchanges.iter().enumerate();
        exchanges
            .map(|(place, exchange)| {
                json!({"text": text::exchange(exchange), "is_it": finding.exchange == Some(place)})
            })
            .collect()
    } else {
        Vec::new()
    };
    json!({
        "check": finding.check,
        "critical": finding.critical,
        "subject": cause.subject,
        "requirements": requirements,
        "expected": finding.expected,
        "actual": actual,
        "places": cause.places(OPERATIONS_SHOWN),
        "count": cause.trials.len(),
        "trial": cause.trial.name,
        "step": finding.step,
        "location": finding.location,
        "reproduce": finding.reproduce,
        "exchanges": exchanges,
    })
}

/// The requirements that bind one party.
fn section(title: &str, id: &str, subject: Subject, result: &RunResult) -> Value {
    let of_it: Vec<&RequirementResult> =
        result.requirements.iter().filter(|requirement| requirement.subject == subject).collect();
    json!({
        "title": title,
        "id": id,
        "proven": of_it.iter().filter(|requirement| requirement.proven).count(),
        "all": of_it.into_iter().map(requirement).collect::<Vec<_>>(),
    })
}

fn requirement(requirement: &RequirementResult) -> Value {
    let counts = &requirement.counts;
    let is_advice = requirement.level == Level::Should && counts.failed > 0;
    let Look { symbol, tone, .. } = look(match requirement {
        // A broken should fails nothing.
        _ if is_advice => OutcomeWord::Flaky,
        RequirementResult { proven: true, .. } => OutcomeWord::Passed,
        _ if counts.failed > 0 => OutcomeWord::Failed,
        _ if counts.errored > 0 => OutcomeWord::Errored,
        _ if counts.is_not_applicable() => OutcomeWord::NotApplicable,
        _ if counts.known_failures > 0 => OutcomeWord::KnownFailure,
        _ if counts.flaky > 0 => OutcomeWord::Flaky,
        _ => OutcomeWord::Untested,
    });
    json!({
        "id": requirement.id,
        "level": requirement.level,
        "evidence": requirement.evidence,
        "statement": requirement.statement,
        "source": requirement.source,
        "tally": tally(*counts),
        "reasons": requirement.reasons.iter().take(5).cloned().collect::<Vec<_>>().join("; "),
        "symbol": symbol,
        "tone": tone,
    })
}

/// The operations and credentials that trials are about: of several in one cell the worst outcome shows.
fn matrix(result: &RunResult) -> Value {
    let mut cells: BTreeMap<(&OperationId, &str), OutcomeWord> = BTreeMap::new();
    let mut columns: Vec<&str> = Vec::new();
    for trial in &result.trials {
        let (Some(operation), Some(credential)) = (&trial.operation, &trial.credential) else { continue };
        if !columns.contains(&credential.as_str()) {
            columns.push(credential);
        }
        let worst = |one: OutcomeWord, other: OutcomeWord| {
            let rank = |outcome| OUTCOMES.iter().position(|known| *known == outcome);
            if rank(one) < rank(other) { one } else { other }
        };
        let cell = cells.entry((operation, credential)).or_insert(trial.outcome);
        *cell = worst(*cell, trial.outcome);
    }
    columns.sort_unstable();
    let operations = result.operations.iter().map(|operation| &operation.id);
    let rows: Vec<Value> = operations
        .filter(|operation| columns.iter().any(|column| cells.contains_key(&(*operation, *column))))
        .map(|operation| {
            let cells: Vec<Value> = columns
                .iter()
                .map(|column| match cells.get(&(operation, *column)) {
                    None => json!({}),
                    Some(outcome) => {
                        let Look { word, symbol, tone } = look(*outcome);
                        json!({"word": word, "symbol": symbol, "tone": tone, "column": column})
                    }
                })
                .collect();
            json!({"name": operation, "cells": cells})
        })
        .collect();
    json!({"columns": columns, "rows": rows})
}

/// The outcomes that there are, each with how often.
fn legend(result: &RunResult) -> Vec<Value> {
    let count = |outcome| result.trials.iter().filter(|trial| trial.outcome == outcome).count();
    let there = OUTCOMES.into_iter().map(|outcome| (look(outcome), count(outcome)));
    there
        .filter(|(_, count)| *count > 0)
        .map(|(Look { word, symbol, tone }, count)| {
            json!({"word": word, "symbol": symbol, "tone": tone, "count": count})
        })
        .collect()
}

fn histogram(trials: &[TrialResult]) -> Value {
    let mut counts = [0_u32; BARS.len()];
    let mut times: Vec<f64> =
        trials.iter().filter(|trial| trial.requests > 0).map(|trial| trial.elapsed_ms).collect();
    for time in &times {
        if let Some(bar) = BARS.iter().position(|end| time <= end) {
            counts[bar] += 1;
        }
    }
    times.sort_by(f64::total_cmp);
    let most = f64::from(counts.iter().copied().max().unwrap_or(0).max(1));
    let step = 640.0 / f64::from(u32::try_from(BARS.len()).unwrap_or(1));
    let mut x = 0.0;
    let mut bars = Vec::new();
    for (end, count) in BARS.iter().zip(counts) {
        let height = 130.0 * f64::from(count) / most;
        let label = match *end {
            end if end.is_infinite() => "more".to_owned(),
            end if end >= 1000.0 => format!("{} s", end / 1000.0),
            end => format!("{end} ms"),
        };
        bars.push(json!({
            "x": x + 2.0, "y": 140.0 - height, "width": step - 4.0, "height": height, "middle": x + step / 2.0,
            "title": format!("up to {label}: {count}"), "label": label,
        }));
        x += step;
    }
    let at = |hundredths: usize| {
        times.get(times.len().saturating_sub(1) * hundredths / 100).copied().unwrap_or(0.0)
    };
    let summary =
        format!("median {:.1} ms, 95th percentile {:.1} ms, maximum {:.1} ms", at(50), at(95), at(100));
    json!({"bars": bars, "summary": summary})
}

fn slowest(result: &RunResult) -> Vec<Value> {
    let mut timed: Vec<_> =
        result.operations.iter().filter_map(|operation| Some((operation, operation.times?))).collect();
    timed.sort_by(|(_, one), (_, other)| other.p95.total_cmp(&one.p95));
    let longest = timed.first().map_or(1.0, |(_, times)| times.p95.max(0.001));
    timed.truncate(SLOWEST_SHOWN);
    let rows = timed.into_iter().map(|(operation, times)| {
        json!({
            "id": operation.id,
            "requests": operation.requests,
            "median": format!("{:.1}", times.median),
            "p95": format!("{:.1}", times.p95),
            "longest": format!("{:.1}", times.longest),
            "width": (times.p95 / longest * 100.0).round(),
        })
    });
    rows.collect()
}

/// Why trials neither passed nor failed.
fn untested(result: &RunResult) -> Vec<Value> {
    let mut reasons: BTreeMap<(OutcomeWord, &str), usize> = BTreeMap::new();
    for trial in &result.trials {
        let is_told = !matches!(trial.outcome, OutcomeWord::Passed | OutcomeWord::Failed);
        if let Some(reason) = trial.reason.as_deref().filter(|_| is_told) {
            *reasons.entry((trial.outcome, reason)).or_default() += 1;
        }
    }
    let rows = reasons.into_iter();
    rows.map(
        |((outcome, reason), count)| json!({"count": count, "word": look(outcome).word, "reason": reason}),
    )
    .collect()
}
