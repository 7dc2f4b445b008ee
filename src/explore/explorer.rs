//! Walks against an endpoint and, in step, against the model; what differs is shrunk to what it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::draw::Draws;
use super::walk::{Move, Way, renumbered};
use crate::judge::{Finding, PARITY};
use crate::parity::{Parity, Side, compare};
use crate::plan::Trial;
use crate::result::{Coverage, Outcome, RunReport, TrialReport};
use crate::runner::Harness;
use crate::spec::contract::OperationId;
use crate::spec::{Diagnostics, SourceText, Suite};

/// A walk is run again no more often than this to find out what it takes.
const MOST_RUNS: usize = 150;

/// What is to be explored.
#[derive(Debug, Clone, Copy)]
pub struct Wishes {
    /// The number of walks.
    pub walks: usize,
    /// The number of steps that are drawn for each.
    pub steps: usize,
    /// The same seed draws the same walks.
    pub seed: u64,
    /// End after this time, with what is known then.
    pub budget: Option<Duration>,
}

/// A walk that has failed, and was shrunk.
#[derive(Debug)]
pub struct Failure {
    /// The place of the walk.
    pub walk: usize,
    /// What it takes, as a case.
    pub trial: Trial,
    /// The names of its steps.
    pub steps: Vec<String>,
    /// The number of steps of the walk before it was shrunk.
    pub drawn: usize,
}

/// What has come of an exploration.
#[derive(Debug)]
pub struct Explored {
    /// The walks as trials.
    pub report: RunReport,
    /// One walk for each thing that is wrong.
    pub failures: Vec<Failure>,
    /// Where the model and the endpoint differ, though neither is wrong.
    pub parity: Parity,
    /// The model, and the endpoint.
    pub sides: [Side; 2],
}

/// Whatever makes two findings one: the check, and the operation.
type Cause = (&'static str, Option<OperationId>);

fn cause(finding: &Finding) -> Cause {
    (finding.check, finding.operation.clone())
}

/// Walks on an endpoint and on the model; both keep their responses for comparison.
///
/// # Errors
/// What a suite of one's own lacks for the case of a walk.
pub async fn explore(
    endpoint: &Harness,
    model: &Harness,
    wishes: Wishes,
    mut observe: impl FnMut(&TrialReport),
) -> Result<Explored, Diagnostics> {
    let started = Instant::now();
    if let Some(budget) = wishes.budget {
        endpoint.end_at(started + budget);
    }
    let mut explorer =
        Explorer { endpoint, model, seed: wishes.seed, number: 0, coverage: Coverage::default() };
    let walked = explorer.all(wishes, &mut observe).await;
    let stopped = endpoint.stop().is_cancelled();
    // What was made is removed, whatever came of it.
    let cleaned = endpoint.conclude(stopped.then(Instant::now)).await;
    let Walked { trials, failures, parity, sides } = walked?;
    let report = RunReport {
        not_begun: wishes.walks - trials.len(),
        trials,
        coverage: explorer.coverage,
        absent: endpoint.absent().clone(),
        elapsed: started.elapsed(),
        interrupted: endpoint.stop().is_cancelled(),
        left_behind: cleaned.left,
        appeared: cleaned.appeared,
        ..RunReport::default()
    };
    Ok(Explored { report, failures, parity, sides })
}

struct Explorer<'e> {
    endpoint: &'e Harness,
    model: &'e Harness,
    seed: u64,
    /// The number of the next trial: no two have names in common.
    number: usize,
    coverage: Coverage,
}

struct Walked {
    trials: Vec<TrialReport>,
    failures: Vec<Failure>,
    parity: Parity,
    sides: [Side; 2],
}

impl<'e> Explorer<'e> {
    fn suite(&self) -> &'e Suite {
        self.endpoint.suite()
    }

    fn is_over(&self) -> bool {
        self.endpoint.stop().is_cancelled() || self.endpoint.is_over()
    }

    async fn all(
        &mut self,
        wishes: Wishes,
        observe: &mut impl FnMut(&TrialReport),
    ) -> Result<Walked, Diagnostics> {
        let mut trials = Vec::new();
        let mut failing: Vec<(usize, Vec<Move>, Cause)> = Vec::new();
        // What either side lacks is not asked for.
        let mut absent = self.endpoint.absent().clone();
        absent.extend(self.model.absent().clone());
        let mut draws = Draws::new(self.suite(), &absent, wishes.seed);
        for walk in 0..wishes.walks {
            if self.is_over() {
                break;
            }
            let way = Way::of(self.suite(), &draws.next(wishes.steps));
            let trial = self.trial(&way, walk)?;
            let mut of_model = Coverage::default();
            let (mut report, modelled) = tokio::join!(
                Box::pin(self.endpoint.run(&trial, &mut self.coverage)),
                Box::pin(self.model.run(&trial, &mut of_model)),
            );
            // What the model does as well, the walk is wrong about.
            let is_of_model =
                |finding: &Finding| modelled.findings.iter().any(|one| cause(one) == cause(finding));
            report.findings.retain(|finding| !is_of_model(finding));
            if report.outcome == Outcome::Failed && report.findings.is_empty() {
                let reason = first(&modelled).map(|finding| {
                    let Finding { step, subject, expected, actual, .. } = finding;
                    format!("the model does not do what the walk expects: `{step}`, {subject}: {expected}, not {actual}")
                });
                report.outcome = Outcome::Untested(reason.unwrap_or_default());
            }
            observe(&report);
            if let Some(first) = first(&report) {
                let cause = cause(first);
                if failing.iter().all(|(_, _, known)| *known != cause) {
                    failing.push((trials.len(), way.moves.clone(), cause));
                }
            }
            trials.push(report);
        }
        let sides = [(self.model, true), (self.endpoint, false)].map(|(harness, is_mock)| Side {
            name: if is_mock { "the model".to_owned() } else { harness.target().describe() },
            is_mock,
            answers: harness.take_answers(),
        });
        let [left, right] = &sides;
        let mut parity = compare(left, right);
        parity.differences.retain(|difference| difference.check == PARITY);
        let mut failures = Vec::new();
        for (place, moves, cause) in failing {
            let before = moves.len();
            let Some((way, report, trial)) = self.shrink(place, moves, &cause).await? else { continue };
            trials[place] = report;
            failures.push(Failure { walk: place, steps: way.names(), trial, drawn: before });
        }
        Ok(Walked { trials, failures, parity, sides })
    }

    fn trial(&mut self, way: &Way<'_>, walk: usize) -> Result<Trial, Diagnostics> {
        let number = self.number;
        self.number += 1;
        let seed = self.seed;
        let title = format!("Walk {} of seed {seed}: what it has made is as it was left", walk + 1);
        way.trial(&format!("explore/seed_{seed}_walk_{}", walk + 1), &title, number)
    }

    /// Runs moves once more. Returns their result where they fail for the same cause.
    async fn again(
        &mut self,
        way: &Way<'_>,
        walk: usize,
        wanted: &Cause,
    ) -> Result<Option<(TrialReport, Trial)>, Diagnostics> {
        if way.moves.is_empty() {
            return Ok(None);
        }
        let trial = self.trial(way, walk)?;
        self.endpoint.wait_again();
        let report = Box::pin(self.endpoint.run(&trial, &mut Coverage::default())).await;
        let is_same = report.findings.iter().any(|finding| cause(finding) == *wanted);
        Ok(is_same.then_some((report, trial)))
    }

    /// Leaves out all that a failure does not take: first what comes after it, then halves, then single moves, until each that is left
    /// is needed. None, where it does not show again.
    async fn shrink(
        &mut self,
        walk: usize,
        moves: Vec<Move>,
        wanted: &Cause,
    ) -> Result<Option<(Way<'e>, TrialReport, Trial)>, Diagnostics> {
        let suite = self.suite();
        let way = Way::of(suite, &moves);
        let Some((mut report, mut trial)) = self.again(&way, walk, wanted).await? else { return Ok(None) };
        let mut best = way;
        let mut runs = 0;
        let mut size = best.moves.len();
        let mut is_first = true;
        while size > 0 {
            let mut is_smaller = false;
            let mut at = 0;
            while at < best.moves.len() {
                if runs >= MOST_RUNS || self.is_over() {
                    return Ok(Some((best, report, trial)));
                }
                let candidate = if std::mem::take(&mut is_first) {
                    // What comes after the step that shows it does not matter.
                    let names = best.names();
                    let shown = report.findings.iter().find(|finding| cause(finding) == *wanted);
                    let end = shown.and_then(|finding| names.iter().position(|name| *name == finding.step));
                    Way::of(suite, &best.moves[..end.map_or(best.moves.len(), |end| end + 1)])
                } else {
                    let end = (at + size).min(best.moves.len());
                    Way::of(suite, &[&best.moves[..at], &best.moves[end..]].concat())
                };
                runs += 1;
                match self.again(&candidate, walk, wanted).await? {
                    Some(found) => {
                        is_smaller |= candidate.moves.len() < best.moves.len();
                        (report, trial) = found;
                        best = candidate;
                    }
                    None => at += size,
                }
            }
            size = match size {
                1 if is_smaller => 1,
                size => size / 2,
            };
        }
        let last = Way::of(suite, &renumbered(&best.moves));
        if let Some((report, trial)) = self.again(&last, walk, wanted).await? {
            return Ok(Some((last, report, trial)));
        }
        Ok(Some((best, report, trial)))
    }
}

/// The finding that shows first.
fn first(report: &TrialReport) -> Option<&Finding> {
    report.findings.iter().min_by_key(|finding| finding.exchange.unwrap_or(usize::MAX))
}

impl Failure {
    /// The text of its case file.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceText> {
        &self.trial.case.source
    }
}
