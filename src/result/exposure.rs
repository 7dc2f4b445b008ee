//! What a result keeps of what was exchanged: enough to look into every cause, and no more than a reader opens.

use std::collections::BTreeSet;

use super::cause::causes;
use super::model::RunResult;

/// So many trials in which something is wrong keep their exchanges, beside those that show a cause best.
const TRIALS: usize = 100;

/// Leaves exchanges out of trials that show what others show as well. Which ones they are depends on the plan alone, so that shards
/// that are joined keep what a whole run keeps.
pub(super) fn limit(result: &mut RunResult) {
    let show_a_cause: BTreeSet<usize> = causes(result).iter().map(|cause| cause.trial.number).collect();
    let exposed = result.trials.iter_mut().filter(|trial| !trial.exchanges.is_empty());
    for trial in exposed.skip(TRIALS).filter(|trial| !show_a_cause.contains(&trial.number)) {
        trial.exchanges = Vec::new();
        trial.exchanges_left_out = true;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing;
    use super::{TRIALS, limit};
    use crate::result::{Exposed, OutcomeWord, RunResult};

    /// A failed trial shows one rule that many others show, the last of all one that no other shows.
    fn failed() -> RunResult {
        let names: Vec<String> = (0..500).map(|number| format!("t{number}")).collect();
        let checks = |number: usize| if number == 499 { "body-size" } else { "no-effect" };
        let trials: Vec<_> =
            (0..500).map(|number| (names[number].as_str(), OutcomeWord::Failed, checks(number))).collect();
        let mut result = testing::result(&trials);
        for trial in &mut result.trials {
            trial.requests = if trial.number == 400 { 1 } else { 7 };
            trial.exchanges = vec![exposed()];
        }
        result
    }

    fn exposed() -> Exposed {
        let empty = json!({
            "step": "it", "method": "GET", "target": "/", "request_headers": [], "status": 200, "headers": [],
            "body": "", "elapsed_ms": 1,
        });
        serde_json::from_value(empty).expect("it is an exchange")
    }

    fn kept(result: &RunResult) -> Vec<usize> {
        let kept = result.trials.iter().filter(|trial| !trial.exchanges.is_empty());
        kept.map(|trial| trial.number).collect()
    }

    #[test]
    fn the_first_are_kept_and_what_shows_a_cause_best() {
        let mut result = failed();
        limit(&mut result);
        let expected: Vec<usize> = (0..TRIALS).chain([400, 499]).collect();
        assert_eq!(kept(&result), expected);
        let left_out = result.trials.iter().filter(|trial| trial.exchanges_left_out).count();
        assert_eq!(left_out, 500 - expected.len());
    }

    #[test]
    fn parts_keep_what_the_whole_keeps() {
        let mut whole = failed();
        limit(&mut whole);
        let mut joined = failed();
        let parts = (0..3).map(|part| {
            let mut shard = failed();
            shard.trials.retain(|trial| trial.number % 3 == part);
            limit(&mut shard);
            shard
        });
        joined.trials = parts.flat_map(|part| part.trials).collect();
        joined.trials.sort_by_key(|trial| trial.number);
        limit(&mut joined);
        assert_eq!(kept(&joined), kept(&whole));
    }
}
