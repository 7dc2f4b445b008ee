//! TELL: what came of a run, for people.

mod terminal;

pub use terminal::{failure, summary, trial_line};
