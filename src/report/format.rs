//! The forms that a report can have: one list.

use super::result::RunResult;
use super::{github, html, junit, markdown};

/// A form of report.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// Makes one.
    pub render: fn(&RunResult) -> String,
}

/// Every form.
pub const FORMATS: [Format; 5] = [
    Format { name: "json", summary: "all that came out, for programs (see `schema result`)", render: json },
    Format { name: "junit", summary: "JUnit XML, one case a trial, for CI servers", render: junit::junit },
    Format { name: "html", summary: "one page with all that came out, for people", render: html::html },
    Format { name: "markdown", summary: "a summary, for GITHUB_STEP_SUMMARY", render: markdown::markdown },
    Format {
        name: "github",
        summary: "annotations at the spec lines, for GitHub Actions",
        render: github::github,
    },
];

/// A result file.
fn json(result: &RunResult) -> String {
    format!("{:#}\n", serde_json::json!(result))
}
