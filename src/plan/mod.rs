//! PLAN: from a suite and a selection to the trials that will be run.

mod matrix;
mod needs;
mod selection;
mod trial;

pub(crate) use needs::of_parameter as needs_of_parameter;
pub use selection::Selection;
pub use trial::{Trial, Variant};

use crate::spec::Suite;

/// The trials of a suite that a selection takes, in the order of cases and matrices.
#[must_use]
pub fn plan(suite: &Suite, selection: &Selection) -> Vec<Trial> {
    suite
        .cases
        .iter()
        .filter(|case| selection.takes_case(case))
        .flat_map(|case| matrix::expand(suite, case))
        .filter(|trial| selection.takes_name(&trial.name))
        .collect()
}
