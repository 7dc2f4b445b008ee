//! Advice: rules that should hold and are broken. It fails nothing, and is told in a section of its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cause::{Cause, causes_among};
use super::result::TrialResult;

/// So many operations are named.
const OPERATIONS_NAMED: usize = 5;

/// A rule that should hold and is broken, wherever it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdviceResult {
    /// The check that found it.
    pub check: String,
    /// The requirements that it breaks.
    pub requirements: Vec<String>,
    /// Where in the response; `*` stands for every item.
    pub subject: String,
    /// How it should be.
    pub expected: String,
    /// How it is.
    pub actual: String,
    /// How many trials it shows in.
    pub trials: usize,
    /// The one that needs the fewest requests to show it.
    pub trial: String,
    /// The operations it shows in, the first few by name.
    pub operations: String,
    /// The spec file and the line that say how it should be.
    pub location: String,
    /// Shell commands that show it again.
    pub reproduce: String,
}

impl From<&Cause<'_>> for AdviceResult {
    fn from(cause: &Cause<'_>) -> Self {
        let finding = cause.finding;
        Self {
            check: finding.check.clone(),
            requirements: cause.requirements.iter().map(|id| (*id).to_owned()).collect(),
            subject: cause.subject.clone(),
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            trials: cause.trials.len(),
            trial: cause.trial.name.to_string(),
            operations: cause.places(OPERATIONS_NAMED),
            location: finding.location.clone(),
            reproduce: finding.reproduce.clone(),
        }
    }
}

/// All advice that trials give, each rule once.
pub(super) fn advice(trials: &[TrialResult]) -> Vec<AdviceResult> {
    causes_among(trials, |trial| &trial.advice).iter().map(AdviceResult::from).collect()
}
