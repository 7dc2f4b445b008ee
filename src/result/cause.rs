//! Findings by their cause: one broken rule is one thing to look at, however many trials it shows in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::model::{FindingResult, RunResult, TrialResult};
use super::outcome::OutcomeWord;
use crate::judge::anywhere;
use crate::spec::contract::OperationId;

/// Says that something has changed, not that it is wrong: it is told after what is.
const SNAPSHOT: &str = "snapshot";

/// Holds answers against the contract: what it finds is the same rule, whichever case shows it.
const CONTRACT: &str = "response-schema";

/// A broken rule, and where it shows.
#[derive(Debug)]
pub struct Cause<'r> {
    /// The worst finding, in the trial that needs the fewest requests to show it.
    pub finding: &'r FindingResult,
    /// The trial.
    pub trial: &'r TrialResult,
    /// Where in the answer; `*` stands for every item.
    pub subject: String,
    /// The trials that it shows in.
    pub trials: BTreeSet<&'r str>,
    /// The operations that it shows in.
    pub operations: BTreeSet<&'r OperationId>,
    /// The requirements that it breaks, its rule first.
    pub requirements: Vec<&'r str>,
}

/// The checks of whether there is an answer at all. Where there is none, whatever else is missed follows from that.
const ROOTS: [&str; 2] = ["transport", "no-redirect"];

/// The causes of all that is wrong: critical ones first, then what all else follows from, then those that show most often.
#[must_use]
pub fn causes(result: &RunResult) -> Vec<Cause<'_>> {
    let failed = |trial: &TrialResult| trial.outcome == OutcomeWord::Failed;
    causes_among(&result.trials, move |trial| if failed(trial) { &trial.findings } else { &[] })
}

/// The same of some of what trials have to say.
pub(super) fn causes_among<'r>(
    trials: &'r [TrialResult],
    findings: impl Fn(&'r TrialResult) -> &'r [FindingResult],
) -> Vec<Cause<'r>> {
    let mut causes: BTreeMap<(&str, String, &str, &str), Cause<'_>> = BTreeMap::new();
    for trial in trials {
        for finding in findings(trial) {
            let subject = anywhere(&finding.subject);
            let expected = if finding.check == CONTRACT { finding.expected.as_str() } else { "" };
            let rule = finding.requirements.first().map_or("", String::as_str);
            let key = (finding.check.as_str(), subject.clone(), rule, expected);
            let cause = causes.entry(key).or_insert_with(|| Cause {
                finding,
                trial,
                subject,
                trials: BTreeSet::new(),
                operations: BTreeSet::new(),
                requirements: Vec::new(),
            });
            for id in &finding.requirements {
                if !cause.requirements.contains(&id.as_str()) {
                    cause.requirements.push(id);
                }
            }
            let is_worse = finding.critical && !cause.finding.critical;
            let is_as_bad = finding.critical == cause.finding.critical;
            if is_worse || (is_as_bad && trial.requests < cause.trial.requests) {
                (cause.finding, cause.trial) = (finding, trial);
            }
            cause.trials.insert(&trial.name);
            cause.operations.extend(&finding.operation);
        }
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    causes.sort_by(|one, other| {
        let weight = |cause: &Cause<'_>| {
            let is_snapshot = cause.finding.check == SNAPSHOT;
            let is_no_answer = ROOTS.contains(&cause.finding.check.as_str());
            (!cause.finding.critical, is_snapshot, !is_no_answer, Reverse(cause.trials.len()))
        };
        weight(one).cmp(&weight(other))
    });
    causes
}

impl Cause<'_> {
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
