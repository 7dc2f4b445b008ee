//! AUDIT: the suite against a mock that breaks one rule at a time. What the suite does not notice, it does not guard.
//!
//! Snapshots are left out: a rule must be noticed by what the requirements say, not by what answers used to be like.

mod score;
mod survey;
mod verdict;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use tokio::task::JoinError;

pub use score::{CaseScore, CheckScore, Score, Share};
pub use verdict::Verdict;

use crate::mock::{Fault, MockError};
use crate::plan::{Selection, plan};
use crate::runner::{Harness, SnapshotMode};
use crate::snapshot::Store;
use crate::spec::Suite;
use crate::target::{Embedded, Limits};
use survey::Survey;

/// How an audit is done.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The faults to try; all, where it is empty.
    pub faults: Vec<Fault>,
    /// The trials to try them with.
    pub selection: Selection,
    /// A case that has noticed a fault is not asked about it again: its other trials are left out.
    pub is_fast: bool,
}

/// What an audit has found out.
#[derive(Debug)]
pub struct Audit {
    /// What came of each fault, in the order of the catalogue.
    pub verdicts: Vec<Verdict>,
    /// The cases that were tried, in the order of the plan.
    pub cases: Vec<AuditedCase>,
    /// How many trials there are.
    pub trials: usize,
    /// All faults were tried: what no other case notices is known.
    pub is_whole: bool,
    /// Cases that had noticed a fault were not asked about it again: what other checks would have noticed is not known.
    pub is_fast: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// A case of an audit.
#[derive(Debug, Clone)]
pub struct AuditedCase {
    /// Its name.
    pub name: String,
    /// The requirements it proves.
    pub requirements: Vec<String>,
    /// Why it is there although other cases notice the same.
    pub kept_because: Option<String>,
    /// It can be run where nothing may be written.
    pub only_reads: bool,
}

/// An audit cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The mock cannot start.
    #[error(transparent)]
    Mock(#[from] MockError),
    /// There is no case.
    #[error("the suite has no cases to audit; add files to `cases/` in the directory of --specs")]
    NoTrials,
    /// The suite finds something where there is nothing to find.
    #[error("{name} does not pass without faults{}: {reason}; an audit requires a suite that passes, see `neon-contract run`", and_more(*.others))]
    Unhealthy {
        /// A trial that does not pass.
        name: String,
        /// What is wrong.
        reason: String,
        /// How many more there are.
        others: usize,
    },
}

/// How many faults are tried at once. What one waits for, another can use.
const FAULTS_AT_ONCE: usize = 8;

/// How many more there are.
fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" (and {count} more trials)") }
}

/// The mock does everything at once: what has not come about after this time never will.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How many trials go on at once with each.
const TRIALS_AT_ONCE: usize = 16;

/// Tries every fault, and tells `observe` of each as it ends.
///
/// # Errors
/// When the mock cannot start, or the suite does not pass without any fault.
pub async fn audit(
    suite: &Arc<Suite>,
    options: &Options,
    mut observe: impl FnMut(&Verdict),
) -> Result<Audit, AuditError> {
    let began = Instant::now();
    let trials = plan(suite, &options.selection);
    if suite.cases.is_empty() || trials.is_empty() {
        return Err(AuditError::NoTrials);
    }
    let survey = Arc::new(Survey::make(suite, trials).await?);
    let faults: Vec<Fault> =
        if options.faults.is_empty() { Fault::all().collect() } else { options.faults.clone() };
    let mut tried = stream::iter(faults)
        .map(|fault| {
            let (suite, survey, is_fast) = (suite.clone(), survey.clone(), options.is_fast);
            tokio::spawn(async move { verdict::attempt(fault, &suite, &survey, is_fast).await })
        })
        .buffer_unordered(FAULTS_AT_ONCE);
    let mut verdicts: Vec<Verdict> = Vec::new();
    while let Some(ended) = tried.next().await {
        let verdict = done(ended)?;
        observe(&verdict);
        verdicts.push(verdict);
    }
    let place = |verdict: &Verdict| Fault::all().position(|fault| fault == verdict.fault);
    verdicts.sort_by_key(place);
    let is_whole = verdicts.len() == Fault::all().count();
    Ok(Audit {
        is_whole,
        is_fast: options.is_fast,
        verdicts,
        cases: survey.cases(),
        trials: survey.trials.len(),
        elapsed: began.elapsed(),
    })
}

/// A harness for a mock of its own, and that mock. Without a fault, everything comes about in the end, however busy the machine is.
async fn harness(
    suite: &Arc<Suite>,
    fault: Option<Fault>,
) -> Result<(Arc<Harness>, Arc<Embedded>), MockError> {
    let (limits, patience) = match fault {
        Some(_) => (Limits { timeout: Duration::from_secs(2), ..Limits::default() }, PATIENCE),
        None => (Limits::default(), Duration::MAX),
    };
    let mock = Arc::new(Embedded::start(suite.accounts.clone(), fault, limits).await?.within(patience));
    let harness = Harness::new(suite.clone(), mock.clone(), Store::new(None, false), SnapshotMode::Ignore);
    Ok((Arc::new(harness), mock))
}

/// What a task has done. None is ever cancelled: one that did not end has panicked, which is a bug of ours.
fn done<T>(ended: Result<T, JoinError>) -> T {
    ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
