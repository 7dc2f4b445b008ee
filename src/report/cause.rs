//! Findings by their cause: one broken rule is one thing to look at, however many trials it shows in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::result::{FindingResult, OutcomeWord, RunResult, TrialResult};
use crate::judge::anywhere;
use crate::spec::contract::OperationId;

/// Says that something has changed, not that it is wrong: it is told after what is.
const SNAPSHOT: &str = "snapshot";

/// Holds answers against the contract: what it finds is the same rule, whichever case shows it.
const CONTRACT: &str = "response-schema";

/// So many requirements are named that a cause leaves unproven, beside those that its finding names.
const OTHERS_NAMED: usize = 3;

/// A broken rule, and where it shows.
#[derive(Debug)]
pub struct Cause<'r> {
    /// The finding in the trial that needs the fewest requests to show it.
    pub finding: &'r FindingResult,
    /// The trial.
    pub trial: &'r TrialResult,
    /// Where in the answer; `*` stands for every item.
    pub subject: String,
    /// The trials that it shows in.
    pub trials: BTreeSet<&'r str>,
    /// The operations that it shows in.
    pub operations: BTreeSet<&'r OperationId>,
    /// The requirements that it breaks: first those that it takes most proofs from.
    pub requirements: Vec<&'r str>,
}

/// The names of the trials that are there to prove each requirement.
type Proving<'r> = BTreeMap<&'r str, BTreeSet<&'r str>>;

/// The checks of whether there is an answer at all. Where there is none, whatever else is missed follows from that.
const ROOTS: [&str; 2] = ["transport", "no-redirect"];

/// The causes of all that is wrong: critical ones first, then what all else follows from, then those that show most often.
#[must_use]
pub fn causes(result: &RunResult) -> Vec<Cause<'_>> {
    let mut causes: BTreeMap<(&str, String, &[String], &str), Cause<'_>> = BTreeMap::new();
    for trial in result.trials.iter().filter(|trial| trial.outcome == OutcomeWord::Failed) {
        for finding in &trial.findings {
            let subject = anywhere(&finding.subject);
            let (requirements, expected) = match finding.check.as_str() {
                CONTRACT => (&[][..], finding.expected.as_str()),
                _ => (finding.requirements.as_slice(), ""),
            };
            let key = (finding.check.as_str(), subject.clone(), requirements, expected);
            let cause = causes.entry(key).or_insert_with(|| Cause {
                finding,
                trial,
                subject,
                trials: BTreeSet::new(),
                operations: BTreeSet::new(),
                requirements: Vec::new(),
            });
            if trial.requests < cause.trial.requests {
                (cause.finding, cause.trial) = (finding, trial);
            }
            cause.trials.insert(&trial.name);
            cause.operations.extend(&finding.operation);
        }
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    let mut proving = Proving::new();
    for trial in &result.trials {
        for id in trial.requirements.iter() {
            proving.entry(id.0.as_str()).or_default().insert(&trial.name);
        }
    }
    for cause in &mut causes {
        cause.requirements = match cause.finding.check.as_str() {
            CONTRACT => shown_best(cause, result, &proving),
            _ => broken(cause, &proving),
        };
    }
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

/// The requirements that a cause breaks: those that its finding names, and some that its trials are there to prove. First those that
/// it takes most proofs from.
fn broken<'r>(cause: &Cause<'r>, proving: &Proving<'r>) -> Vec<&'r str> {
    let named: BTreeSet<&str> = cause.finding.requirements.iter().map(String::as_str).collect();
    // What the finding names counts twice.
    let weight = |id: &str| share(id, cause, proving) * if named.contains(id) { 2 } else { 1 };
    let is_other = |id: &&str| !named.contains(id) && !proving[id].is_disjoint(&cause.trials);
    let mut others: Vec<&str> = proving.keys().copied().filter(is_other).collect();
    others.sort_by_key(|id| Reverse(weight(id)));
    let mut all: Vec<&str> = named.iter().copied().chain(others.into_iter().take(OTHERS_NAMED)).collect();
    all.sort_by_key(|id| Reverse(weight(id)));
    all
}

/// No requirement says by itself that an answer is as the contract has it: the trials that need the fewest requests to show that it is
/// not are about it.
fn shown_best<'r>(cause: &Cause<'r>, result: &'r RunResult, proving: &Proving<'r>) -> Vec<&'r str> {
    let best = result
        .trials
        .iter()
        .filter(|trial| trial.requests == cause.trial.requests && cause.trials.contains(&*trial.name));
    let named: BTreeSet<&str> =
        best.flat_map(|trial| trial.requirements.iter()).map(|id| id.0.as_str()).collect();
    let mut all: Vec<&str> = named.into_iter().collect();
    all.sort_by_key(|id| Reverse(share(id, cause, proving)));
    all.truncate(OTHERS_NAMED);
    all
}

/// Of how many trials of a requirement in a thousand a cause takes the proof.
fn share(id: &str, cause: &Cause<'_>, proving: &Proving<'_>) -> usize {
    proving.get(id).map_or(1000, |trials| trials.intersection(&cause.trials).count() * 1000 / trials.len())
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
