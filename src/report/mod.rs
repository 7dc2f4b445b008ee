//! TELL: what came of a run, for people.

mod coverage;
mod terminal;

pub use coverage::{Unproven, coverage, coverage_json, unproven};
pub use terminal::{failure, summary, trial_line};
