//! Advice: rules that should hold and are broken. It fails nothing, and is told in a section of its own.

use super::cause::{Cause, causes_among};
use super::model::{AdviceResult, TrialResult};

/// So many operations are named.
const OPERATIONS_NAMED: usize = 5;

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
