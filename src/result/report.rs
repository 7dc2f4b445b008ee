//! What a run has done, as it is in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::counts::Counts;
use super::coverage::Coverage;
use super::exposed::Exposed;
use super::outcome::{Outcome, OutcomeWord};
use super::retry::{Retry, RetryCause};
use crate::judge::{Finding, Severity};
use crate::spec::absent::Absent;
use crate::spec::contract::OperationId;
use crate::spec::requirement::RequirementId;

/// A trial that was run.
#[derive(Debug, Clone)]
pub struct TrialReport {
    /// Its name.
    pub name: Arc<str>,
    /// The rule it proves, in one sentence.
    pub title: Arc<str>,
    /// The requirements it proves.
    pub requirements: Arc<[RequirementId]>,
    /// The outcome.
    pub outcome: Outcome,
    /// All that is wrong.
    pub findings: Vec<Finding>,
    /// Broken `should` requirements, which do not fail the trial.
    pub advice: Vec<Finding>,
    /// Notes, which do not fail the trial.
    pub notes: Vec<String>,
    /// A snapshot that was written, or offered for review.
    pub new_snapshot: Option<NewSnapshot>,
    /// The number of requests that got a response.
    pub exchanges: usize,
    /// The requests that were sent again.
    pub retries: Vec<Retry>,
    /// The duration.
    pub elapsed: Duration,
    /// Its place in the plan of the whole run.
    pub number: usize,
    /// The spec file that it is from.
    pub file: Arc<str>,
    /// The operation that it is about, where its matrix has one.
    pub operation: Option<OperationId>,
    /// The credential that it is about, where its matrix has one.
    pub credential: Option<&'static str>,
    /// The number of attempts.
    pub attempts: u32,
    /// The exchanges, if the trial has findings.
    pub exposed: Vec<Exposed>,
}

/// A snapshot that a run has put on disk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NewSnapshot {
    /// The snapshot waits for review.
    Offered(PathBuf),
    /// The snapshot was written.
    Written(PathBuf),
}

/// A whole run.
#[derive(Debug, Default, Clone)]
pub struct RunReport {
    /// The trials that were run, in the order of the plan.
    pub trials: Vec<TrialReport>,
    /// The number of planned trials that were not started, because the run was stopped.
    pub not_begun: usize,
    /// The coverage of all trials.
    pub coverage: Coverage,
    /// The operations that the endpoint is said to lack.
    pub absent: Absent,
    /// The duration.
    pub elapsed: Duration,
    /// Snapshots that no trial of the suite has.
    pub orphans: Vec<PathBuf>,
    /// The orphans fail the run.
    pub orphans_fail: bool,
    /// The run was stopped before its end.
    pub interrupted: bool,
    /// Created resources that could not be removed.
    pub left_behind: Vec<String>,
    /// Resources that appeared during the run, under other names than its own: they were left alone.
    pub appeared: Vec<String>,
}

impl TrialReport {
    /// The report of a trial that nothing has come of yet.
    pub(crate) fn new(name: Arc<str>, title: Arc<str>, requirements: Arc<[RequirementId]>) -> Self {
        Self {
            name,
            title,
            requirements,
            outcome: Outcome::Passed,
            findings: Vec::new(),
            advice: Vec::new(),
            notes: Vec::new(),
            new_snapshot: None,
            exchanges: 0,
            retries: Vec::new(),
            elapsed: Duration::ZERO,
            number: 0,
            file: Arc::default(),
            operation: None,
            credential: None,
            attempts: 1,
            exposed: Vec::new(),
        }
    }
}

impl TrialReport {
    /// Returns `true` if the trial failed and could pass on a retry.
    pub(crate) fn may_be_flaky(&self) -> bool {
        self.outcome == Outcome::Failed
            && self.findings.iter().all(|finding| finding.severity != Severity::Critical)
    }

    /// Keeps apart what is advice.
    pub(crate) fn find(&mut self, findings: impl IntoIterator<Item = Finding>) {
        let (advice, findings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.severity == Severity::Advice);
        self.advice.extend(advice);
        self.findings.extend(findings);
    }

    /// Adds what came of the same trial when it was run again. What was found the first time stays.
    pub(crate) fn followed_by(&mut self, again: Self) {
        self.attempts += 1;
        self.exchanges += again.exchanges;
        self.elapsed += again.elapsed;
        self.retries.extend(again.retries);
        match again.outcome {
            Outcome::Passed | Outcome::KnownFailure(_) => {
                let first: Vec<String> = self
                    .findings
                    .iter()
                    .map(|finding| format!("{}, {}", finding.check, finding.subject))
                    .collect();
                let reason =
                    format!("passed at attempt {} after failing: {}", self.attempts, first.join("; "));
                self.outcome = Outcome::Flaky(reason);
                self.new_snapshot = again.new_snapshot;
            }
            // What is found now and was not found before counts as well.
            Outcome::Failed => {
                let is_new = |finding: &Finding| {
                    self.findings
                        .iter()
                        .all(|known| (known.check, &known.subject) != (finding.check, &finding.subject))
                };
                let mut new: Vec<Finding> = again.findings.into_iter().filter(is_new).collect();
                // Its exchanges are not kept beside those of the first time.
                for finding in &mut new {
                    finding.exchange = None;
                }
                self.findings.extend(new);
            }
            _ => {}
        }
        for note in again.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}

impl RunReport {
    /// The number of trials by outcome.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for trial in &self.trials {
            *OutcomeWord::from(&trial.outcome).count(&mut counts) += 1;
        }
        counts
    }

    /// The number of retries by cause and route, with their total waiting time.
    #[must_use]
    pub fn retries(&self) -> BTreeMap<(&RetryCause, &str), (usize, Duration)> {
        let mut causes: BTreeMap<(&RetryCause, &str), (usize, Duration)> = BTreeMap::new();
        for retry in self.trials.iter().flat_map(|trial| &trial.retries) {
            let (count, waited) = causes.entry((&retry.cause, &retry.route)).or_default();
            *count += 1;
            *waited += retry.waited;
        }
        causes
    }

    /// The snapshots that were put on disk, each once.
    #[must_use]
    pub fn new_snapshots(&self) -> BTreeSet<&NewSnapshot> {
        self.trials.iter().filter_map(|trial| trial.new_snapshot.as_ref()).collect()
    }
}
