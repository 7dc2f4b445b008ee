//! Parts of a run, joined.

use std::collections::BTreeMap;

use super::advice::advice;
use super::counts::Counts;
use super::coverage::Judged;
use super::exposure;
use super::model::{RetryResult, RunResult, UncheckedResult};
use super::standing::{Seen, Standing, standings};
use super::verdict::Verdict;
use crate::plan::Shard;
use crate::spec::requirement::RequirementId;

/// The parts do not make a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// There is nothing to join.
    #[error("there is no result to merge")]
    Nothing,
    /// One is not a part.
    #[error("result {0} covers a whole run; expected a shard")]
    NoShard(usize),
    /// Two are of different runs.
    #[error("result {0} has a different {1} than the first")]
    Different(usize, &'static str),
    /// The same part is there twice.
    #[error("shard {0} is given twice")]
    Twice(u32),
    /// Parts are missing.
    #[error("shards are missing: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Missing(Vec<u32>),
    /// All parts are there, and trials are not.
    #[error(
        "{0} trials were planned, but the shards contain {1}; they come from different suites or selections"
    )]
    Trials(usize, usize),
}

/// Joins the shards of one run.
///
/// # Errors
/// When they are not all shards of one run, each once.
pub fn merge(parts: Vec<RunResult>) -> Result<RunResult, MergeError> {
    let mut of_number: BTreeMap<u32, RunResult> = BTreeMap::new();
    let mut first: Option<(u32, usize, String, String)> = None;
    for (place, part) in parts.into_iter().enumerate() {
        let Shard { number, of, trials } = part.shard.ok_or(MergeError::NoShard(place + 1))?;
        let (of_first, _, digest, target) =
            first.get_or_insert_with(|| (of, trials, part.suite.digest.clone(), part.target.clone()));
        if *of_first != of {
            return Err(MergeError::Different(place + 1, "number of shards"));
        }
        if *digest != part.suite.digest {
            return Err(MergeError::Different(place + 1, "suite"));
        }
        if *target != part.target {
            return Err(MergeError::Different(place + 1, "target"));
        }
        if of_number.insert(number, part).is_some() {
            return Err(MergeError::Twice(number));
        }
    }
    let (of, planned, ..) = first.ok_or(MergeError::Nothing)?;
    let missing: Vec<u32> = (1..=of).filter(|number| !of_number.contains_key(number)).collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing(missing));
    }
    let mut parts = of_number.into_values();
    let Some(mut whole) = parts.next() else { return Err(MergeError::Nothing) };
    for part in parts {
        join(&mut whole, part);
    }
    let there = whole.trials.len() + whole.not_begun;
    if there != planned {
        return Err(MergeError::Trials(planned, there));
    }
    // A shard knows its own trials alone.
    (whole.shard, whole.comparison, whole.gate) = (None, None, None);
    whole.trials.sort_by_key(|trial| trial.number);
    settle(&mut whole);
    exposure::limit(&mut whole);
    Ok(whole)
}

fn join(whole: &mut RunResult, part: RunResult) {
    whole.began = whole.began.min(part.began);
    whole.elapsed_ms = whole.elapsed_ms.max(part.elapsed_ms);
    whole.not_begun += part.not_begun;
    whole.interrupted |= part.interrupted;
    whole.trials.extend(part.trials);
    for (check, Judged { examined, violated }) in part.checks {
        let judged = whole.checks.entry(check).or_default();
        judged.examined += examined;
        judged.violated += violated;
    }
    for (operation, other) in whole.operations.iter_mut().zip(part.operations) {
        operation.requests += other.requests;
        for (status, count) in other.statuses {
            *operation.statuses.entry(status).or_default() += count;
        }
        // What the answers of each shard took is not told one by one: the slower shard counts.
        operation.times = match (operation.times, other.times) {
            (Some(one), Some(other)) => Some(if one.p95 >= other.p95 { one } else { other }),
            (one, other) => one.or(other),
        };
    }
    for retry in part.retries {
        let is_it = |known: &&mut RetryResult| known.route == retry.route && known.cause == retry.cause;
        match whole.retries.iter_mut().find(is_it) {
            Some(known) => {
                known.times += retry.times;
                known.waited_ms += retry.waited_ms;
            }
            None => whole.retries.push(retry),
        }
    }
    for other in part.unchecked {
        let is_it = |known: &&mut UncheckedResult| {
            (&known.operation, known.status, known.why) == (&other.operation, other.status, other.why)
        };
        match whole.unchecked.iter_mut().find(is_it) {
            Some(known) => known.responses += other.responses,
            None => whole.unchecked.push(other),
        }
    }
    whole.offered_snapshots.extend(part.offered_snapshots);
    whole.written_snapshots.extend(part.written_snapshots);
    whole.left_behind.extend(part.left_behind);
    whole.appeared.extend(part.appeared);
}

/// Works out again what follows from trials and checks.
fn settle(whole: &mut RunResult) {
    whole.counts = Counts::default();
    for trial in &whole.trials {
        *trial.outcome.count(&mut whole.counts) += 1;
    }
    let ids: Vec<RequirementId> =
        whole.requirements.iter().map(|requirement| requirement.id.clone()).collect();
    let trials = whole.trials.iter().map(Seen::from);
    let mut standings = standings(ids.iter(), trials, |check| whole.checks.get(check));
    for (requirement, id) in whole.requirements.iter_mut().zip(&ids) {
        let Standing { counts, proven, reasons } = standings.remove(id).unwrap_or_default();
        (requirement.counts, requirement.proven, requirement.reasons) = (counts, proven, reasons);
    }
    whole.advice = advice(&whole.trials);
    let has_orphans = whole.orphans_fail && !whole.orphans.is_empty();
    whole.verdict =
        Verdict::new(&whole.counts, has_orphans, whole.interrupted, !whole.left_behind.is_empty());
}
