//! Some of the trials, where there is no time for all.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::trial::Trial;

/// How many trials are taken, and which.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// No more than so many.
    pub size: usize,
    /// The same seed takes the same ones.
    pub seed: u64,
}

impl Sample {
    /// Takes one trial of each case, then a second one of each, and so on, as far as it goes: no rule is left out for the sake of
    /// another one's matrix. They stay in their order.
    pub(super) fn take(self, trials: Vec<Trial>) -> Vec<Trial> {
        let mut by_case: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, trial) in trials.iter().enumerate() {
            by_case.entry(&trial.case.name).or_default().push(index);
        }
        let mut ranked: Vec<(usize, [u8; 32], usize)> = Vec::with_capacity(trials.len());
        for mut indices in by_case.into_values() {
            indices.sort_by_key(|index| self.rank(&trials[*index].name));
            let rounds = indices.into_iter().enumerate();
            ranked.extend(rounds.map(|(round, index)| (round, self.rank(&trials[index].name), index)));
        }
        ranked.sort_unstable();
        let mut taken = vec![false; trials.len()];
        ranked.iter().take(self.size).for_each(|(_, _, index)| taken[*index] = true);
        trials.into_iter().zip(taken).filter_map(|(trial, is_taken)| is_taken.then_some(trial)).collect()
    }

    /// Where a trial stands among the others: the same everywhere.
    fn rank(self, name: &str) -> [u8; 32] {
        Sha256::digest(format!("{} {name}", self.seed)).into()
    }
}
