//! Findings by their cause: one broken rule is one thing to look at, however many trials it shows in.

use std::collections::{BTreeMap, BTreeSet};

use super::result::{FindingResult, OutcomeWord, RunResult, TrialResult};
use crate::judge::anywhere;
use crate::spec::contract::OperationId;
use crate::spec::requirement::RequirementId;

/// Says that something has changed, not that it is wrong: it is told after what is.
const SNAPSHOT: &str = "snapshot";

/// So many requirements are named that a cause leaves unproven.
const UNPROVEN_KEPT: usize = 4;

/// A broken rule, and where it shows.
#[derive(Debug)]
pub struct Cause<'r> {
    /// The first finding, and the trial that it is from.
    pub finding: &'r FindingResult,
    /// The trial.
    pub trial: &'r TrialResult,
    /// Where in the answer; `*` stands for every item.
    pub subject: String,
    /// The trials that it shows in.
    pub trials: BTreeSet<&'r str>,
    /// The operations that it shows in.
    pub operations: BTreeSet<&'r OperationId>,
    /// The requirements that its trials are there to prove: first those that it takes most from.
    pub unproven: Vec<&'r RequirementId>,
}

/// The causes of all that is wrong: critical ones first, then those that show most often.
#[must_use]
pub fn causes(result: &RunResult) -> Vec<Cause<'_>> {
    let mut causes: BTreeMap<(&str, String, &[String]), Cause<'_>> = BTreeMap::new();
    for trial in result.trials.iter().filter(|trial| trial.outcome == OutcomeWord::Failed) {
        for finding in &trial.findings {
            let subject = anywhere(&finding.subject);
            let key = (finding.check.as_str(), subject.clone(), finding.requirements.as_slice());
            let cause = causes.entry(key).or_insert_with(|| Cause {
                finding,
                trial,
                subject,
                trials: BTreeSet::new(),
                operations: BTreeSet::new(),
                unproven: Vec::new(),
            });
            cause.trials.insert(&trial.name);
            cause.operations.extend(&finding.operation);
        }
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    let mut proving: BTreeMap<&RequirementId, BTreeSet<&str>> = BTreeMap::new();
    for trial in &result.trials {
        for id in &trial.requirements {
            proving.entry(id).or_default().insert(&trial.name);
        }
    }
    for cause in &mut causes {
        // Of how many trials in a thousand it takes the proof.
        let taken =
            |trials: &BTreeSet<&str>| trials.intersection(&cause.trials).count() * 1000 / trials.len();
        let mut unproven: Vec<(usize, &RequirementId)> =
            proving.iter().map(|(id, trials)| (taken(trials), *id)).filter(|(taken, _)| *taken > 0).collect();
        unproven.sort_by_key(|(taken, _)| std::cmp::Reverse(*taken));
        cause.unproven = unproven.into_iter().map(|(_, id)| id).take(UNPROVEN_KEPT).collect();
    }
    causes.sort_by(|one, other| {
        let weight = |cause: &Cause<'_>| {
            let is_snapshot = cause.finding.check == SNAPSHOT;
            (!cause.finding.critical, is_snapshot, std::cmp::Reverse(cause.trials.len()))
        };
        weight(one).cmp(&weight(other))
    });
    causes
}

impl Cause<'_> {
    /// The requirements that it breaks or leaves unproven, each once.
    #[must_use]
    pub fn requirements(&self) -> Vec<&str> {
        let unproven = self.unproven.iter().map(|id| id.0.as_str());
        let mut named = Vec::new();
        for id in unproven.chain(self.finding.requirements.iter().map(String::as_str)) {
            if !named.contains(&id) {
                named.push(id);
            }
        }
        named
    }

    /// The operations it shows in, the first few by name; empty, where it shows in none of a contract.
    #[must_use]
    pub fn places(&self, at_most: usize) -> String {
        let names: Vec<&str> = self.operations.iter().take(at_most).map(|id| id.0.as_str()).collect();
        match self.operations.len().saturating_sub(at_most) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}
