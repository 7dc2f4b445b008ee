//! What random walks have shown.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::parity::one;
use super::parity_json;
use super::terminal::{BOLD, DIM, conclusion};
use crate::explore::Explored;
use crate::result::RunResult;
use crate::text::counted;

/// The form of [`explored_json`]. Members may be added; what is there keeps its meaning.
const VERSION: u32 = 1;

/// The walks that failed, step by step, the findings and the verdict; after them where the model and the endpoint differ.
#[must_use]
pub fn explored(explored: &Explored, result: &RunResult) -> String {
    let mut out = String::new();
    for failure in &explored.failures {
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#} fails in {} {DIM}of {}{DIM:#}",
            failure.trial.name,
            counted(failure.steps.len(), "step"),
            failure.drawn
        );
        for step in &failure.steps {
            let _ = writeln!(out, "  {step}");
        }
        out.push('\n');
    }
    out.push_str(&conclusion(result));
    let (decisions, others): (Vec<_>, Vec<_>) =
        explored.parity.differences.iter().partition(|difference| difference.subject == "status");
    if !decisions.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Decided otherwise than by the model, and not ruled out{BOLD:#}");
        for difference in decisions {
            out.push_str(&one(difference, explored.sides.each_ref().map(|side| side.name.as_str())));
        }
    }
    if !others.is_empty() {
        let places = counted(others.len(), "place");
        let _ = writeln!(
            out,
            "{DIM}Values and members differ from the model in {places}, which no requirement rules out: --json lists them{DIM:#}"
        );
    }
    out
}

/// The same as JSON.
#[must_use]
pub fn explored_json(explored: &Explored, result: &RunResult, seed: u64) -> Value {
    let [model, endpoint] = &explored.sides;
    let failures = explored.failures.iter().map(|failure| {
        json!({
            "walk": failure.walk + 1,
            "trial": failure.trial.name,
            "steps": failure.steps,
            "drawn": failure.drawn,
            "case": failure.source().text(),
        })
    });
    json!({
        "version": VERSION,
        "seed": seed,
        "failures": failures.collect::<Vec<_>>(),
        "result": result,
        "parity": parity_json(&explored.parity, [model, endpoint], &[]),
    })
}
