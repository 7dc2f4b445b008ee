//! How many trials came out how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of trials by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Trials that passed.
    pub passed: usize,
    /// Trials with findings.
    pub failed: usize,
    /// Trials that failed, and passed when they were run again.
    pub flaky: usize,
    /// Trials of which all that is wrong is known and accepted.
    pub known_failures: usize,
    /// Trials of what the endpoint is declared without.
    pub not_applicable: usize,
    /// Trials that were not allowed, or cannot be run on the target.
    pub skipped: usize,
    /// Trials that could not be tested.
    pub untested: usize,
    /// Trials whose endpoint could not be reached.
    pub errored: usize,
}

impl Counts {
    /// Returns `true` if all trials are not applicable.
    #[must_use]
    pub fn is_not_applicable(&self) -> bool {
        self.not_applicable > 0 && *self == Self { not_applicable: self.not_applicable, ..Self::default() }
    }
}
