//! The forms that a report can have: one list.

use super::github;
use super::html;
use super::junit;
use super::markdown;
use crate::result::{Proof, RunResult};
use crate::text;

/// A form of report.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// How the names of its files end.
    pub extension: &'static str,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// Makes one.
    pub render: fn(&RunResult) -> String,
}

/// Every form.
pub const FORMATS: [Format; 7] = [
    Format {
        name: "json",
        extension: "json",
        summary: "the complete result for programs (see `schema result`)",
        render: json,
    },
    Format {
        name: "junit",
        extension: "xml",
        summary: "JUnit XML for CI servers, with one test case per trial",
        render: junit::junit,
    },
    Format {
        name: "html",
        extension: "html",
        summary: "the complete result as one HTML page",
        render: html::html,
    },
    Format {
        name: "markdown",
        extension: "md",
        summary: "a summary for GITHUB_STEP_SUMMARY",
        render: markdown::markdown,
    },
    Format {
        name: "github",
        extension: "txt",
        summary: "annotations at spec lines for GitHub Actions",
        render: github::github,
    },
    Format {
        name: "proof",
        extension: "json",
        summary: "the proven requirements, for publication (see `schema proof`)",
        render: proof,
    },
    Format { name: "badge", extension: "svg", summary: "the verdict as an SVG image", render: badge },
];

/// A result file.
fn json(result: &RunResult) -> String {
    text::json(&format!("{:#}\n", serde_json::json!(result)))
}

/// What is published.
fn proof(result: &RunResult) -> String {
    format!("{:#}\n", serde_json::json!(Proof::of(result)))
}

fn badge(result: &RunResult) -> String {
    super::badge(&Proof::of(result))
}
