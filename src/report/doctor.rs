//! What is well and what is not, before a run.

use std::fmt::Write as _;

use super::terminal::{DIM, GREEN, RED, YELLOW};
use crate::runner::{Diagnosis, Health};
use crate::text;

/// A line for each thing that was looked at.
#[must_use]
pub fn doctor(diagnoses: &[Diagnosis]) -> String {
    let mut out = String::new();
    for Diagnosis { about, health, told, help } in diagnoses {
        let (style, word) = match health {
            Health::Well => (GREEN, "ok"),
            Health::Noted => (YELLOW, "note"),
            Health::Ill => (RED, "FAIL"),
        };
        let _ = writeln!(out, "{style}{word:>6}{style:#} {about:<12} {}", text::line(told));
        if let Some(help) = help {
            let _ = writeln!(out, "{:>20}{DIM}{}{DIM:#}", "", text::line(help));
        }
    }
    out
}
