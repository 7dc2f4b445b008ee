//! Many trials at once, no more than allowed, until all are done or someone says stop.

use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

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
    /// All trials of the suite were planned: snapshots of others are orphans.
    pub is_everything: bool,
}

/// Runs trials and tells `observe` of each as it ends.
pub async fn run(
    harness: &Harness,
    trials: &[Trial],
    options: Options,
    mut observe: impl FnMut(Event<'_>),
) -> RunReport {
    let started = Instant::now();
    let mut waiting = trials.iter().enumerate();
    let mut running = FuturesUnordered::new();
    let mut ended: Vec<(usize, TrialReport)> = Vec::with_capacity(trials.len());
    let mut stopping = false;
    loop {
        while !stopping && !harness.stop().is_cancelled() && running.len() < options.jobs.max(1) {
            let Some((number, trial)) = waiting.next() else { break };
            running.push(async move { (number, harness.run(trial, number).await) });
        }
        let Some((number, report)) = running.next().await else { break };
        stopping |= options.fail_fast && report.outcome == Outcome::Failed;
        observe(Event::Ended(&report));
        ended.push((number, report));
    }
    ended.sort_by_key(|(number, _)| *number);
    let interrupted = harness.stop().is_cancelled();
    let orphans = if options.is_everything && !interrupted { harness.orphans(trials) } else { Vec::new() };
    RunReport {
        not_begun: trials.len() - ended.len(),
        trials: ended.into_iter().map(|(_, report)| report).collect(),
        elapsed: started.elapsed(),
        orphans_fail: harness.snapshot_mode() == SnapshotMode::Strict,
        orphans,
        interrupted,
    }
}
