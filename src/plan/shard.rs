//! A part of the trials, where a run is spread over several processes.

use std::collections::HashMap;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::trial::Trial;

/// Names the shard of a process that Kubernetes has started as one of many, from 0.
const INDEX: &str = "JOB_COMPLETION_INDEX";

/// One of several parts: `3/8` is the third of eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    number: u32,
    of: u32,
}

/// A part of a run that is spread over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which one, from 1.
    pub number: u32,
    /// Of how many.
    pub of: u32,
    /// How many trials all of them have together.
    pub trials: usize,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usage = || "expected 3/8 (the third of eight) or index/8".to_owned();
        let (number, of) = text.split_once('/').ok_or_else(usage)?;
        let of: u32 = of.parse().map_err(|_| usage())?;
        let number = if number == "index" {
            let index = std::env::var(INDEX).map_err(|_| format!("{INDEX} is not set; {}", usage()))?;
            let index: u32 =
                index.parse().map_err(|_| format!("{INDEX} is `{index}`, which is not a number"))?;
            index.saturating_add(1)
        } else {
            number.parse().map_err(|_| usage())?
        };
        if !(1..=of).contains(&number) {
            return Err(format!("there is no shard {number} of {of}; shards are numbered 1 to {of}"));
        }
        Ok(Self { number, of })
    }
}

impl Part {
    /// The part of a run of so many trials.
    #[must_use]
    pub fn of(self, trials: usize) -> Shard {
        Shard { number: self.number, of: self.of, trials }
    }

    /// Keeps the trials of this part. Which part a trial is in depends on its name alone; where it is known how long trials took, in
    /// milliseconds, it depends on that, so that the parts take equally long.
    pub fn keep(self, trials: &mut Vec<Trial>, durations: &HashMap<String, f64>) {
        if durations.is_empty() {
            trials.retain(|trial| hash(&trial.name) % self.of == self.number - 1);
            return;
        }
        let usual = durations.values().sum::<f64>() / f64::from(u32::try_from(durations.len()).unwrap_or(1));
        let time = |trial: &Trial| durations.get(&*trial.name).copied().unwrap_or(usual);
        // The longest first, each to the part that has least to do.
        let mut order: Vec<usize> = (0..trials.len()).collect();
        order.sort_by(|one, other| {
            let (one, other) = (&trials[*one], &trials[*other]);
            time(other).total_cmp(&time(one)).then_with(|| one.name.cmp(&other.name))
        });
        let mut loads = vec![0.0_f64; self.of as usize];
        let mut mine = vec![false; trials.len()];
        for place in order {
            let least = (0..loads.len()).min_by(|one, other| loads[*one].total_cmp(&loads[*other]));
            let Some(part) = least else { continue };
            loads[part] += time(&trials[place]);
            mine[place] = part == (self.number - 1) as usize;
        }
        let mut mine = mine.into_iter();
        trials.retain(|_| mine.next() == Some(true));
    }
}

fn hash(name: &str) -> u32 {
    let digest = sha2::Sha256::digest(name);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use std::sync::Arc;

    use super::*;
    use crate::plan::{Selection, plan};
    use crate::spec::Suite;

    #[rstest]
    #[case("3/8", Some((3, 8)))]
    #[case("1/1", Some((1, 1)))]
    #[case("0/8", None)]
    #[case("9/8", None)]
    #[case("1/0", None)]
    #[case("x/8", None)]
    #[case("3", None)]
    fn a_part_is_one_of_those_there_are(#[case] text: &str, #[case] expected: Option<(u32, u32)>) {
        assert_eq!(text.parse::<Part>().ok().map(|part| (part.number, part.of)), expected);
    }

    #[rstest]
    #[case::by_name(false)]
    #[case::by_time(true)]
    fn every_trial_is_in_one_part(#[case] is_timed: bool) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
        let suite = Suite::load(&root).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let all = plan(&suite, &Selection::default());
        let times = all
            .iter()
            .zip((0..97_u32).cycle())
            .map(|(trial, time)| (trial.name.to_string(), f64::from(time)));
        let times: HashMap<String, f64> = if is_timed { times.collect() } else { HashMap::new() };
        let mut names = Vec::new();
        let mut loads = Vec::new();
        for number in 1..=8 {
            let mut part = all.clone();
            Part { number, of: 8 }.keep(&mut part, &times);
            assert!(part.iter().is_sorted_by_key(|trial| trial.number));
            loads.push(part.iter().map(|trial| times.get(&*trial.name).unwrap_or(&1.0)).sum::<f64>());
            names.extend(part.into_iter().map(|trial| trial.name));
        }
        names.sort();
        let mut expected: Vec<Arc<str>> = all.iter().map(|trial| trial.name.clone()).collect();
        expected.sort();
        assert_eq!(names, expected);
        let (least, most) =
            loads.iter().fold((f64::MAX, 0.0_f64), |(least, most), load| (least.min(*load), most.max(*load)));
        assert!(most < least * if is_timed { 1.05 } else { 1.5 }, "{loads:?}");
    }
}
