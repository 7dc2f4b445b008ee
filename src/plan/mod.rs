//! PLAN: from a suite and a selection to the trials that will be run.

mod forecast;
mod generated;
mod generation;
mod matrix;
mod needs;
mod sample;
mod selection;
mod shard;
mod trial;

pub use forecast::{Forecast, forecast, projects, shared};
pub(crate) use generated::sample_body;
pub use generation::Generation;
pub(crate) use needs::of_parameter as needs_of_parameter;
pub use sample::Sample;
pub use selection::Selection;
pub use shard::{Part, Shard};
pub use trial::{Trial, Variant};

use std::sync::Arc;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::spec::Suite;
use crate::spec::case::Case;

/// The trials of a suite that a selection takes, in the order of cases and matrices; after them what is generated.
#[must_use]
pub fn plan(suite: &Suite, selection: &Selection) -> Vec<Trial> {
    let generated = generated::generate(suite, selection);
    let trials: Vec<Trial> = suite
        .cases
        .par_iter()
        .chain(&generated)
        .filter(|case| selection.takes_case(case))
        .flat_map_iter(|case| matrix::expand(suite, case))
        .filter(|trial| selection.takes_name(&trial.name))
        .collect();
    let mut trials = match selection.sample {
        Some(sample) => sample.take(trials),
        None => trials,
    };
    for (number, trial) in trials.iter_mut().enumerate() {
        trial.number = number;
    }
    trials
}

/// The trials of one case, in the order of its matrix.
#[must_use]
pub fn trials(suite: &Suite, case: &Arc<Case>) -> Vec<Trial> {
    matrix::expand(suite, case)
}

#[cfg(test)]
mod tests {
    use super::{Generation, Selection, plan};
    use crate::judge::testing::SUITE;

    #[test]
    fn a_whole_name_is_of_one_trial_however_few_are_generated() {
        let generating = |at_most| Generation { at_most, ..Generation::default() };
        let all = Selection { generation: generating(Generation::DEFAULT), ..Selection::default() };
        let all = plan(&SUITE, &all);
        assert!(all.iter().any(super::Trial::is_generated));
        for trial in all.iter().step_by(97) {
            let filters = vec![trial.name.to_string()];
            let selection =
                Selection { filters, exact: true, generation: generating(1), ..Selection::default() };
            let names: Vec<_> = plan(&SUITE, &selection).into_iter().map(|trial| trial.name).collect();
            assert_eq!(names, std::slice::from_ref(&trial.name));
        }
    }
}
