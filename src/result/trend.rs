//! Runs of the same endpoint over time: what each came to, and how its response times went.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::baseline::compare;
use super::counts::Counts;
use super::model::{Comparison, RunResult, Times};
use super::musts::Musts;
use super::verdict::Verdict;
use crate::spec::contract::OperationId;

/// Runs of one target, in the order of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// The tested endpoint: a URL, or `the embedded mock`.
    pub target: String,
    /// The runs, the earliest first.
    pub runs: Vec<TrendRun>,
    /// The operations, those whose responses have become slower first.
    pub operations: Vec<TrendOperation>,
    /// The last run beside the one before it, where there is one.
    pub last_change: Option<Comparison>,
}

/// One run of a trend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendRun {
    /// The time at which it started.
    pub began: Timestamp,
    /// The duration in milliseconds.
    pub elapsed_ms: u64,
    /// The program, with its version.
    pub tool: String,
    /// The digest of its suite.
    pub suite: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict as the end of a sentence; it says whether only a part was tested.
    #[serde(skip)]
    pub words: &'static str,
    /// The number of trials by outcome.
    pub counts: Counts,
    /// The number of requests.
    pub requests: usize,
    /// The number of `must` requirements that are proven.
    pub musts_proven: usize,
    /// The number of `must` requirements that are not tested, or not by all of their trials.
    pub musts_untested: usize,
    /// The number of `must` requirements that do not hold.
    pub musts_failed: usize,
}

/// The response times of an operation, run by run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendOperation {
    /// The operation.
    pub id: OperationId,
    /// The times in each run; null where it was not requested.
    pub times: Vec<Option<Times>>,
    /// The 95th percentile of the last run, divided by the median of those before it; null where one of them is missing.
    pub change: Option<f64>,
}

/// Puts runs in order, those of each target together. The same run given twice counts once.
///
/// # Errors
/// When a result is that of a shard: it says nothing about the whole run.
pub fn trends(results: Vec<RunResult>) -> Result<Vec<Trend>, String> {
    let mut by_target: BTreeMap<String, Vec<RunResult>> = BTreeMap::new();
    for result in results {
        if let Some(shard) = &result.shard {
            return Err(format!(
                "the result of {} on {} is shard {}/{} of a run; merge all its shards first, with `report merge`",
                result.began, result.target, shard.number, shard.of
            ));
        }
        let runs = by_target.entry(result.target.clone()).or_default();
        if !runs.contains(&result) {
            runs.push(result);
        }
    }
    Ok(by_target.into_iter().map(|(target, runs)| Trend::of(target, runs)).collect())
}

impl Trend {
    fn of(target: String, mut runs: Vec<RunResult>) -> Self {
        runs.sort_by_key(|run| run.began);
        let last_change = match &runs[..] {
            [.., before, last] => Some(compare(last, before)),
            _ => None,
        };
        let ids: BTreeSet<&OperationId> =
            runs.iter().flat_map(|run| run.operations.iter().map(|operation| &operation.id)).collect();
        let mut operations: Vec<TrendOperation> =
            ids.into_iter().map(|id| TrendOperation::of(id, &runs)).collect();
        operations.retain(|operation| operation.times.iter().any(Option::is_some));
        // Of those that have no change, the order of their names stays.
        let rank = |operation: &TrendOperation| operation.change.unwrap_or(0.0);
        operations.sort_by(|one, other| rank(other).total_cmp(&rank(one)));
        Self { target, runs: runs.iter().map(TrendRun::of).collect(), operations, last_change }
    }
}

impl TrendRun {
    fn of(run: &RunResult) -> Self {
        let musts = Musts::of(&run.requirements, run.judged);
        Self {
            began: run.began,
            elapsed_ms: run.elapsed_ms,
            tool: run.tool.clone(),
            suite: run.suite.digest.clone(),
            verdict: run.verdict,
            words: run.verdict_words(),
            counts: run.counts,
            requests: run.trials.iter().map(|trial| trial.requests).sum(),
            musts_proven: musts.proven,
            musts_untested: musts.untested,
            musts_failed: musts.failed,
        }
    }
}

impl TrendOperation {
    fn of(id: &OperationId, runs: &[RunResult]) -> Self {
        let times = runs.iter().map(|run| run.operations.iter().find(|operation| operation.id == *id)?.times);
        let times: Vec<Option<Times>> = times.collect();
        Self { id: id.clone(), change: change(&times), times }
    }
}

/// How much slower the last run is than the median of those before it.
fn change(times: &[Option<Times>]) -> Option<f64> {
    let (last, before) = times.split_last()?;
    let mut before: Vec<f64> = before.iter().flatten().map(|times| times.p95).collect();
    before.sort_by(f64::total_cmp);
    let usual = before.get(before.len() / 2).filter(|usual| **usual > 0.0)?;
    Some(last.as_ref()?.p95 / usual)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::plan::Shard;
    use crate::result::{OperationResult, OutcomeWord, testing};

    /// A run at a second, with the 95th percentile of some operations.
    fn run(target: &str, second: i64, p95: &[(&str, f64)]) -> RunResult {
        let mut run = testing::result(&[("a/b", OutcomeWord::Passed, "")]);
        run.target = target.to_owned();
        run.began = Timestamp::from_second(second).expect("it is a time");
        let operation = |(id, p95): &(&str, f64)| OperationResult {
            id: OperationId((*id).to_owned()),
            method: "GET".to_owned(),
            path: "/".to_owned(),
            requests: 1,
            statuses: [(200, 1)].into(),
            times: Some(Times { median: *p95, p95: *p95, longest: *p95 }),
        };
        run.operations = p95.iter().map(operation).collect();
        run
    }

    #[test]
    fn runs_are_in_order_by_target_and_once() {
        let runs = [run("b", 2, &[]), run("a", 9, &[]), run("b", 1, &[]), run("b", 2, &[])];
        let trends = trends(runs.to_vec()).expect("none is a shard");
        let told: Vec<(&str, Vec<i64>)> = trends
            .iter()
            .map(|trend| {
                (trend.target.as_str(), trend.runs.iter().map(|run| run.began.as_second()).collect())
            })
            .collect();
        assert_eq!(told, [("a", vec![9]), ("b", vec![1, 2])]);
        assert_eq!(trends.iter().map(|trend| trend.last_change.is_some()).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_has_become_slower_is_first() {
        let runs = vec![
            run("a", 1, &[("calm", 10.0), ("slow", 10.0), ("gone", 5.0)]),
            run("a", 2, &[("calm", 11.0), ("slow", 12.0)]),
            run("a", 3, &[("calm", 10.0), ("slow", 36.0), ("new", 1.0)]),
        ];
        let trends = trends(runs).expect("none is a shard");
        let told: Vec<(&str, Option<f64>)> = trends[0]
            .operations
            .iter()
            .map(|operation| (operation.id.0.as_str(), operation.change.map(f64::round)))
            .collect();
        assert_eq!(told, [("slow", Some(3.0)), ("calm", Some(1.0)), ("gone", None), ("new", None)]);
    }

    #[rstest]
    #[case::one_run(&[Some(1.0)], None)]
    #[case::none_before(&[None, Some(1.0)], None)]
    #[case::no_time_at_all(&[Some(0.0), Some(1.0)], None)]
    #[case::beside_the_usual_one(&[Some(2.0), Some(100.0), Some(2.0), Some(6.0)], Some(3.0))]
    fn a_change_is_beside_the_median_of_the_runs_before(
        #[case] p95: &[Option<f64>],
        #[case] expected: Option<f64>,
    ) {
        let times: Vec<Option<Times>> =
            p95.iter().map(|p95| p95.map(|p95| Times { median: p95, p95, longest: p95 })).collect();
        assert_eq!(change(&times), expected);
    }

    #[test]
    fn a_shard_is_no_run() {
        let mut part = run("a", 1, &[]);
        part.shard = Some(Shard { number: 2, of: 3, trials: 9 });
        let error = trends(vec![part]).expect_err("it is a part");
        assert!(error.contains("shard 2/3") && error.contains("report merge"), "{error}");
    }
}
