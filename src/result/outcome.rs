//! How a trial came out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;

/// The outcome of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that was looked at is as it must be.
    Passed,
    /// Something is not: see the findings.
    Failed,
    /// The trial failed and passed on a retry; the reason describes the failure.
    Flaky(String),
    /// All that is wrong is known and accepted.
    KnownFailure(String),
    /// The endpoint is declared without what it is about.
    NotApplicable(String),
    /// The trial was not allowed, or is impossible on this target.
    Skipped(String),
    /// A precondition of the trial could not be met.
    Untested(String),
    /// The endpoint could not be reached, or the run was stopped in the middle of it.
    Errored(String),
}

impl Outcome {
    /// The reason for an outcome other than passed or failed.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Passed | Self::Failed => None,
            Self::Flaky(reason)
            | Self::KnownFailure(reason)
            | Self::NotApplicable(reason)
            | Self::Skipped(reason)
            | Self::Untested(reason)
            | Self::Errored(reason) => Some(reason),
        }
    }
}

/// The outcome of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// Every expectation was met.
    Passed,
    /// At least one expectation was not met.
    Failed,
    /// The trial failed and passed on a retry.
    Flaky,
    /// All findings are known failures.
    KnownFailure,
    /// The endpoint is declared without the operation.
    NotApplicable,
    /// The trial was not allowed, or is impossible on this target.
    Skipped,
    /// A precondition could not be met.
    Untested,
    /// The endpoint was unreachable, or the run was stopped during the trial.
    Errored,
}

impl OutcomeWord {
    /// The count that it belongs to.
    pub(crate) fn count(self, counts: &mut Counts) -> &mut usize {
        match self {
            Self::Passed => &mut counts.passed,
            Self::Failed => &mut counts.failed,
            Self::Flaky => &mut counts.flaky,
            Self::KnownFailure => &mut counts.known_failures,
            Self::NotApplicable => &mut counts.not_applicable,
            Self::Skipped => &mut counts.skipped,
            Self::Untested => &mut counts.untested,
            Self::Errored => &mut counts.errored,
        }
    }
}

impl From<&Outcome> for OutcomeWord {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::Flaky(_) => Self::Flaky,
            Outcome::KnownFailure(_) => Self::KnownFailure,
            Outcome::NotApplicable(_) => Self::NotApplicable,
            Outcome::Skipped(_) => Self::Skipped,
            Outcome::Untested(_) => Self::Untested,
            Outcome::Errored(_) => Self::Errored,
        }
    }
}
