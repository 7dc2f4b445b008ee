//! TELL: what came of a run, for people.

mod coverage;
mod difference;
mod failures;
mod parity;
mod progress;
mod rehearsal;
mod terminal;
mod traffic;

pub use coverage::{Unproven, coverage, coverage_json, unproven};
pub use difference::{difference, difference_json};
pub use failures::save_failures;
pub use parity::{answered, parity, parity_json};
pub use progress::Progress;
pub use rehearsal::rehearsal;
pub use terminal::{failure, summary, trial_line};
pub use traffic::traffic;
