//! Many trials at once, no more than allowed, until all are done or someone says stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::coverage::Coverage;
use super::harness::{Harness, SnapshotMode};
use super::outcome::{Outcome, RunReport, TrialReport};
use crate::plan::Trial;

/// What happens during a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A trial has ended.
    Ended(&'a TrialReport),
}

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many trials at once.
    pub jobs: usize,
    /// Begin no more trials once one has failed.
    pub fail_fast: bool,
    /// Begin no more trials after this time.
    pub budget: Option<Duration>,
    /// All trials of the suite were planned: snapshots of others are orphans.
    pub is_everything: bool,
}

/// Runs trials and tells `observe` of each as it ends.
pub async fn run(
    harness: &Arc<Harness>,
    trials: &[Trial],
    options: Options,
    mut observe: impl FnMut(Event<'_>),
) -> RunReport {
    let started = Instant::now();
    let mut waiting = trials.iter();
    let mut running = JoinSet::new();
    let mut ended: Vec<TrialReport> = Vec::with_capacity(trials.len());
    let mut coverage = Coverage::default();
    let mut stopping = false;
    let mut panic = None;
    loop {
        while !stopping && !harness.stop().is_cancelled() && running.len() < options.jobs.max(1) {
            let Some(trial) = waiting.next() else { break };
            let (harness, trial) = (harness.clone(), trial.clone());
            running.spawn(async move { harness.run(&trial).await });
        }
        let mut report = match running.join_next().await {
            None => break,
            Some(Ok(ended)) => ended,
            // A trial is never cancelled: it has panicked, which is a bug of ours. What the run has made is removed all the same.
            Some(Err(error)) => {
                harness.stop().cancel();
                panic = Some(error.into_panic());
                continue;
            }
        };
        stopping |= options.budget.is_some_and(|budget| started.elapsed() >= budget);
        stopping |= options.fail_fast && report.outcome == Outcome::Failed;
        coverage.add(std::mem::take(&mut report.coverage));
        observe(Event::Ended(&report));
        ended.push(report);
    }
    let cleaned = harness.finish().await;
    if let Some(panic) = panic {
        std::panic::resume_unwind(panic);
    }
    ended.sort_by_key(|report| report.number);
    let interrupted = harness.stop().is_cancelled();
    let orphans = if options.is_everything && !interrupted { harness.orphans(trials) } else { Vec::new() };
    let not_begun = trials.len() - ended.len();
    if options.is_everything
        && not_begun == 0
        && let Some(report) = harness.outdated(&coverage)
    {
        observe(Event::Ended(&report));
        ended.push(report);
    }
    RunReport {
        not_begun,
        trials: ended,
        coverage,
        absent: harness.absent().clone(),
        elapsed: started.elapsed(),
        orphans_fail: harness.snapshot_mode() == SnapshotMode::Strict,
        orphans,
        interrupted,
        left_behind: cleaned.left,
    }
}
