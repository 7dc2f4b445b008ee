//! TELL: what came of a run, for people.

mod coverage;
mod difference;
mod terminal;

pub use coverage::{Unproven, coverage, coverage_json, unproven};
pub use difference::{difference, difference_json};
pub use terminal::{failure, summary, trial_line};
