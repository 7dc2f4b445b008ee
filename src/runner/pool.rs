//! Many trials at once, no more than allowed, until all are done or someone says stop.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;

use super::harness::{Harness, SnapshotMode};
use crate::plan::Trial;
use crate::result::{Coverage, Outcome, RunReport, TrialReport};

/// An event during a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A trial has ended.
    Ended(&'a TrialReport),
}

/// Options of a run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The number of trials to run in parallel.
    pub jobs: usize,
    /// Begin no more trials once one has failed.
    pub fail_fast: bool,
    /// End after this time, with what is known then.
    pub budget: Option<Duration>,
    /// All trials of the suite were planned: snapshots of others are orphans.
    pub is_everything: bool,
}

/// How often it is told what has ended; whoever runs a trial does not wait for it.
const TOLD_EVERY: Duration = Duration::from_millis(20);

/// The trials that are still to be begun.
struct Queue {
    harness: Arc<Harness>,
    trials: Arc<[Trial]>,
    next: AtomicUsize,
    is_closed: AtomicBool,
    options: Options,
}

impl Queue {
    fn take(&self) -> Option<&Trial> {
        if self.is_closed.load(Ordering::Relaxed)
            || self.harness.stop().is_cancelled()
            || self.harness.is_over()
        {
            return None;
        }
        self.trials.get(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Runs so many trials at once on this thread, until there are no more. Returns what they have covered. What has panicked here is
    /// a bug of ours: it goes on when the others have undone what they made.
    fn work(self: Arc<Self>, jobs: usize, ended: &mpsc::Sender<TrialReport>) -> Coverage {
        let all = async {
            let mut workers = JoinSet::new();
            for _ in 0..jobs {
                workers.spawn(self.clone().one_by_one(ended.clone()));
            }
            let mut coverage = Coverage::default();
            let mut panic = None;
            while let Some(joined) = workers.join_next().await {
                match joined {
                    Ok(covered) => coverage.add(covered),
                    // No worker is ever cancelled.
                    Err(error) => {
                        self.harness.stop().cancel();
                        panic = Some(error.into_panic());
                    }
                }
            }
            if let Some(panic) = panic {
                resume_unwind(panic);
            }
            coverage
        };
        // On a runtime of its own, an answer is awaited, read and judged on the thread that has sent the request.
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(all),
            // Too many files are open: what can be done is, and each request that cannot be sent tells why.
            Err(_) => Handle::current().block_on(all),
        }
    }

    /// Runs one trial after another, and hands on what came of them. Returns what they have covered.
    async fn one_by_one(self: Arc<Self>, ended: mpsc::Sender<TrialReport>) -> Coverage {
        let mut coverage = Coverage::default();
        while let Some(trial) = self.take() {
            let report = self.harness.run(trial, &mut coverage).await;
            if self.options.fail_fast && report.outcome == Outcome::Failed {
                self.is_closed.store(true, Ordering::Relaxed);
            }
            if ended.send(report).is_err() {
                break;
            }
        }
        coverage
    }
}

/// The number of trials that each thread runs in parallel.
fn by_thread(jobs: usize, cores: usize) -> impl Iterator<Item = usize> {
    let threads = jobs.min(cores);
    (0..threads).map(move |number| jobs / threads + usize::from(number < jobs % threads))
}

/// Runs trials and tells `observe` of each that has ended. Where it is dropped before it is done, the harness is stopped.
pub async fn run(
    harness: &Arc<Harness>,
    trials: &Arc<[Trial]>,
    options: Options,
    mut observe: impl FnMut(Event<'_>),
) -> RunReport {
    let started = Instant::now();
    if let Some(budget) = options.budget {
        harness.end_at(started + budget);
    }
    let queue = Arc::new(Queue {
        harness: harness.clone(),
        trials: trials.clone(),
        next: AtomicUsize::new(0),
        is_closed: AtomicBool::new(false),
        options,
    });
    let stopping = harness.stop().clone().drop_guard();
    let (sender, reports) = mpsc::channel();
    let mut workers = JoinSet::new();
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    for jobs in by_thread(options.jobs.max(1).min(trials.len()), cores) {
        let (queue, sender) = (queue.clone(), sender.clone());
        workers.spawn_blocking(move || queue.work(jobs, &sender));
    }
    let mut ended: Vec<TrialReport> = Vec::with_capacity(trials.len());
    let mut coverage = Coverage::default();
    let mut panic = None;
    let mut ticks = tokio::time::interval(TOLD_EVERY);
    let mut is_over = false;
    let mut stopped = None;
    while !is_over {
        tokio::select! {
            joined = workers.join_next() => match joined {
                None => is_over = true,
                Some(Ok(covered)) => coverage.add(covered),
                // What the run has made is removed all the same.
                Some(Err(error)) => {
                    harness.stop().cancel();
                    panic = Some(error.into_panic());
                }
            },
            () = harness.stop().cancelled(), if stopped.is_none() => stopped = Some(Instant::now()),
            _ = ticks.tick() => {}
        }
        for report in reports.try_iter() {
            observe(Event::Ended(&report));
            ended.push(report);
        }
    }
    stopping.disarm();
    let cleaned = harness.conclude(stopped).await;
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
    ended.sort_unstable_by_key(|report| report.number);
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
        appeared: cleaned.appeared,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::by_thread;

    #[rstest]
    #[case(0, 2, &[])]
    #[case(1, 2, &[1])]
    #[case(5, 2, &[3, 2])]
    #[case(32, 2, &[16, 16])]
    #[case(7, 4, &[2, 2, 2, 1])]
    fn each_thread_has_its_share(#[case] jobs: usize, #[case] cores: usize, #[case] expected: &[usize]) {
        assert_eq!(by_thread(jobs, cores).collect::<Vec<_>>(), expected);
    }
}
