//! A run beside an earlier one: what is new, what is fixed.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Comparison, RunResult, TrialResult};
use super::outcome::OutcomeWord;
use crate::judge::anywhere;
use crate::text::counted;

/// Holds a run beside an earlier one.
#[must_use]
pub fn compare(result: &RunResult, baseline: &RunResult) -> Comparison {
    let mut earlier: BTreeMap<&str, &TrialResult> =
        baseline.trials.iter().map(|trial| (&*trial.name, trial)).collect();
    let mut comparison = Comparison {
        began: baseline.began,
        target: baseline.target.clone(),
        same_suite: baseline.suite.digest == result.suite.digest,
        new: Vec::new(),
        fixed: Vec::new(),
        unchanged: Vec::new(),
        lost: Vec::new(),
        not_run: 0,
    };
    for trial in &result.trials {
        let before = earlier.remove(&*trial.name);
        let Some(list) = comparison.list_of(trial, before) else { continue };
        list.push(trial.name.to_string());
    }
    comparison.not_run = earlier.len();
    comparison
}

impl Comparison {
    /// What it comes to, in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        format!(
            "{} new since the run of {}, {} fixed, {} unchanged, {} lost{}",
            counted(self.new.len(), "failure"),
            self.began.strftime("%Y-%m-%d %H:%M UTC"),
            self.fixed.len(),
            self.unchanged.len(),
            self.lost.len(),
            if self.same_suite { "" } else { ", with different spec files" }
        )
    }

    /// The list that a trial belongs to, if any.
    fn list_of(&mut self, trial: &TrialResult, before: Option<&TrialResult>) -> Option<&mut Vec<String>> {
        use OutcomeWord::{Errored, Failed, Flaky, KnownFailure, Passed, Untested};
        match (trial.outcome, before.map(|before| before.outcome)) {
            (Failed, Some(Failed))
                if before.is_some_and(|before| wrong(before).is_superset(&wrong(trial))) =>
            {
                Some(&mut self.unchanged)
            }
            (Failed, _) => Some(&mut self.new),
            (Passed | Flaky, Some(Failed)) => Some(&mut self.fixed),
            (Untested | Errored, Some(Passed | Flaky | KnownFailure | Failed)) => Some(&mut self.lost),
            _ => None,
        }
    }
}

/// What a trial fails of.
fn wrong(trial: &TrialResult) -> BTreeSet<(&str, String)> {
    trial.findings.iter().map(|finding| (finding.check.as_str(), anywhere(&finding.subject))).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::OutcomeWord::{Errored, Failed, KnownFailure, Passed, Untested};
    use super::*;
    use crate::result::testing;

    #[rstest]
    #[case::still_well(Some((Passed, "")), (Passed, ""), "")]
    #[case::broken(Some((Passed, "")), (Failed, "status"), "new")]
    #[case::of_a_new_case(None, (Failed, "status"), "new")]
    #[case::as_before(Some((Failed, "status")), (Failed, "status"), "unchanged")]
    #[case::less_than_before(Some((Failed, "status schema")), (Failed, "status"), "unchanged")]
    #[case::of_something_else(Some((Failed, "schema")), (Failed, "status"), "new")]
    #[case::of_more(Some((Failed, "status")), (Failed, "status schema"), "new")]
    #[case::mended(Some((Failed, "status")), (Passed, ""), "fixed")]
    #[case::now_accepted(Some((Failed, "status")), (KnownFailure, ""), "")]
    #[case::not_told_any_more(Some((Passed, "")), (Untested, ""), "lost")]
    #[case::hidden_by_an_error(Some((Failed, "status")), (Errored, ""), "lost")]
    #[case::never_told(Some((Untested, "")), (Untested, ""), "")]
    fn a_trial_is_new_fixed_unchanged_or_lost(
        #[case] before: Option<(OutcomeWord, &str)>,
        #[case] now: (OutcomeWord, &str),
        #[case] expected: &str,
    ) {
        let run = |trials: &[(OutcomeWord, &str)]| {
            let trials: Vec<_> =
                trials.iter().map(|(outcome, checks)| ("trial", *outcome, *checks)).collect();
            testing::result(&trials)
        };
        let comparison = compare(&run(&[now]), &run(before.as_slice()));
        let lists = [
            ("new", &comparison.new),
            ("fixed", &comparison.fixed),
            ("unchanged", &comparison.unchanged),
            ("lost", &comparison.lost),
        ];
        let told: Vec<&str> =
            lists.iter().filter(|(_, list)| !list.is_empty()).map(|(name, _)| *name).collect();
        assert_eq!(told.join(" "), expected);
    }

    #[test]
    fn what_was_not_run_is_counted_and_not_lost() {
        let before = testing::result(&[("one", Passed, ""), ("other", Passed, "")]);
        let comparison = compare(&testing::result(&[("one", Passed, "")]), &before);
        assert_eq!((comparison.not_run, comparison.lost.len()), (1, 0));
    }
}
