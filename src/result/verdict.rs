//! The verdict on a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::report::RunReport;

/// The verdict on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every tested requirement holds.
    Conforms,
    /// Every tested requirement holds, except for known failures.
    ConformsButForKnown,
    /// A requirement does not hold.
    DoesNotConform,
    /// The run was stopped before its end, without a finding.
    Stopped,
    /// The endpoint was unreachable, or created resources could not be removed.
    CouldNotBeTested,
    /// Nothing was tested.
    NotTested,
}

impl Verdict {
    /// The verdict on a run.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        let has_orphans = report.orphans_fail && !report.orphans.is_empty();
        Self::new(&report.counts(), has_orphans, report.interrupted, !report.left_behind.is_empty())
    }

    /// The verdict where trials came out so.
    pub(crate) fn new(counts: &Counts, has_orphans: bool, is_interrupted: bool, has_left: bool) -> Self {
        if counts.failed > 0 || has_orphans {
            Self::DoesNotConform
        } else if is_interrupted {
            Self::Stopped
        } else if counts.errored > 0 || has_left {
            Self::CouldNotBeTested
        } else if counts.passed + counts.flaky + counts.known_failures == 0 {
            Self::NotTested
        } else if counts.known_failures > 0 {
            Self::ConformsButForKnown
        } else {
            Self::Conforms
        }
    }

    /// The verdict as the end of a sentence: `https://… conforms`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::ConformsButForKnown => "conforms, except for known failures",
            Self::DoesNotConform => "does not conform",
            Self::Stopped => "stopped before the end",
            Self::CouldNotBeTested => "could not be fully tested",
            Self::NotTested => "was not tested",
        }
    }
}
