//! What a run says of each requirement: from its trials, from what they broke, and from the checks that defend it.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::Counts;
use super::coverage::Judged;
use super::model::TrialResult;
use super::outcome::OutcomeWord;
use super::report::TrialReport;
use crate::judge::all_checks;
use crate::spec::requirement::RequirementId;

/// Why a requirement is not proven by a trial that broke another one.
const OTHER: &str = "its trial failed for another reason";

/// Why it is not proven where it is broken.
const BROKEN: &str = "it does not hold";

/// What is known of a trial.
pub(crate) struct Seen<'t> {
    requirements: &'t [RequirementId],
    outcome: OutcomeWord,
    reason: Option<&'t str>,
    /// The requirements that its findings, or its advice, name.
    broken: BTreeSet<&'t str>,
}

/// What a run says of a requirement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How its trials came out: as far as it goes, `failed` are those that broke it.
    pub(crate) counts: Counts,
    /// Some trial has passed, and none has said otherwise or nothing.
    pub(crate) proven: bool,
    /// Why it is not.
    pub(crate) reasons: BTreeSet<String>,
}

impl<'t> From<&'t TrialResult> for Seen<'t> {
    fn from(trial: &'t TrialResult) -> Self {
        let findings = trial.findings.iter().chain(&trial.advice);
        Self {
            requirements: &trial.requirements,
            outcome: trial.outcome,
            reason: trial.reason.as_deref(),
            broken: findings.flat_map(|finding| &finding.requirements).map(String::as_str).collect(),
        }
    }
}

impl<'t> From<&'t TrialReport> for Seen<'t> {
    fn from(trial: &'t TrialReport) -> Self {
        let findings = trial.findings.iter().chain(&trial.advice);
        Self {
            requirements: &trial.requirements,
            outcome: OutcomeWord::from(&trial.outcome),
            reason: trial.outcome.reason(),
            broken: findings.flat_map(|finding| &finding.requirements).map(String::as_str).collect(),
        }
    }
}

/// What trials say of a requirement, `judged` what the checks have looked at.
pub(crate) fn standings<'t, 'c>(
    ids: impl Iterator<Item = &'t RequirementId>,
    trials: impl Iterator<Item = Seen<'t>>,
    judged: impl Fn(&str) -> Option<&'c Judged>,
) -> BTreeMap<&'t RequirementId, Standing> {
    let mut standings: BTreeMap<&RequirementId, Standing> = ids.map(|id| (id, Standing::default())).collect();
    let by_name: BTreeMap<&str, &RequirementId> = standings.keys().map(|id| (id.0.as_str(), *id)).collect();
    for trial in trials {
        let is_broken = |id: &RequirementId| trial.broken.contains(id.0.as_str());
        for id in trial.requirements.iter().filter(|id| !is_broken(id)) {
            let Some(standing) = standings.get_mut(id) else { continue };
            match trial.outcome {
                OutcomeWord::Failed => {
                    standing.counts.untested += 1;
                    standing.reasons.insert(OTHER.to_owned());
                }
                outcome => {
                    *outcome.count(&mut standing.counts) += 1;
                    standing.reasons.extend(trial.reason.map(str::to_owned));
                }
            }
        }
        // A check may find broken what the trial was not there to prove.
        for id in trial.broken.iter().filter_map(|name| by_name.get(name)) {
            let Some(standing) = standings.get_mut(*id) else { continue };
            let outcome = match trial.outcome {
                OutcomeWord::Flaky => OutcomeWord::Flaky,
                _ => OutcomeWord::Failed,
            };
            *outcome.count(&mut standing.counts) += 1;
            standing.reasons.insert(match trial.reason {
                Some(reason) if outcome == OutcomeWord::Flaky => reason.to_owned(),
                _ => BROKEN.to_owned(),
            });
        }
    }
    for (id, standing) in &mut standings {
        standing.proven = is_proven(&standing.counts, || is_defended(id, &judged));
        if standing.proven || standing.counts.is_not_applicable() {
            standing.reasons.clear();
        } else if standing.reasons.is_empty() {
            standing.reasons.insert("no executed trial proves it".to_owned());
        }
    }
    standings
}

/// Whether a requirement is proven, whose trials came out so. One that no trial names is proven by the checks that defend it.
fn is_proven(counts: &Counts, is_defended: impl Fn() -> bool) -> bool {
    if *counts == Counts::default() {
        return is_defended();
    }
    let Counts { passed, failed, flaky, known_failures, untested, errored, .. } = counts;
    *passed > 0 && failed + flaky + known_failures + untested + errored == 0
}

/// Whether all checks that defend a requirement had something to look at, and found nothing wrong.
fn is_defended<'c>(id: &RequirementId, judged: &impl Fn(&str) -> Option<&'c Judged>) -> bool {
    let mut defending = all_checks().filter(|check| check.requirements.contains(&id.0.as_str())).peekable();
    let is_sound = |judged: &Judged| judged.examined > 0 && judged.violated == 0;
    defending.peek().is_some() && defending.all(|check| judged(check.id).is_some_and(is_sound))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::OutcomeWord::{Failed, Flaky, NotApplicable, Passed, Untested};
    use super::*;

    #[rstest]
    #[case::passed(&[(Passed, "")], true, "")]
    #[case::no_trial(&[], false, "no executed trial proves it")]
    #[case::broken(&[(Failed, "THIS"), (Passed, "")], false, BROKEN)]
    #[case::another_is_broken(&[(Failed, "OTHER"), (Passed, "")], false, OTHER)]
    #[case::as_advice(&[(Passed, "THIS")], false, BROKEN)]
    #[case::another_as_advice(&[(Passed, "OTHER")], true, "")]
    #[case::untested(&[(Untested, ""), (Passed, "")], false, "reason")]
    #[case::flaky(&[(Flaky, "THIS"), (Passed, "")], false, "reason")]
    #[case::not_applicable(&[(NotApplicable, "")], false, "")]
    fn a_requirement_is_proven_or_not(
        #[case] trials: &[(OutcomeWord, &str)],
        #[case] proven: bool,
        #[case] reason: &str,
    ) {
        let ids = [RequirementId("THIS".to_owned())];
        let seen = trials.iter().map(|(outcome, broken)| Seen {
            requirements: &ids,
            outcome: *outcome,
            reason: (!matches!(outcome, Passed | Failed)).then_some("reason"),
            broken: [*broken].into_iter().filter(|id| !id.is_empty()).collect(),
        });
        let standings = standings(ids.iter(), seen, |_| None);
        let standing = &standings[&ids[0]];
        assert_eq!(standing.proven, proven);
        assert_eq!(standing.reasons.iter().map(String::as_str).collect::<Vec<_>>().join("; "), reason);
    }
}
