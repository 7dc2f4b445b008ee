//! The expansion of a case by its matrix.

use std::sync::Arc;

use super::needs::of_case;
use super::trial::{Trial, Variant};
use crate::spec::Suite;
use crate::spec::case::{Call, Case, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;

/// One trial for each combination of the values of a case's axes.
pub(super) fn expand(suite: &Suite, case: &Arc<Case>) -> Vec<Trial> {
    let mut variants = vec![Variant::default()];
    for axis in &case.axes {
        let along = |variant: &Variant| -> Vec<Variant> {
            (0..axis.values.len()).map(|index| variant.with(axis, index)).collect()
        };
        variants = variants.iter().flat_map(along).collect();
    }
    // Most of a matrix needs the same.
    let mut needs = Arc::default();
    let trial = |variant: Variant| {
        let needed = of_case(suite, case, &variant);
        if *needs != needed {
            needs = Arc::new(needed);
        }
        Trial {
            number: 0,
            name: match variant.labels().as_slice() {
                [] => case.name.as_str().into(),
                labels => format!("{}[{}]", case.name, labels.join(",")).into(),
            },
            account: account(suite, case, &variant),
            effect: effect(suite, case, &variant),
            needs: needs.clone(),
            case: case.clone(),
            variant,
        }
    };
    variants.into_iter().map(trial).collect()
}

/// The fixture account that the case names, or that what is supplied to its steps is in.
fn account(suite: &Suite, case: &Case, variant: &Variant) -> Option<String> {
    let of_step = |step: &Step| {
        let operation = suite.operation(variant.operation_of(step)?);
        let in_path = operation.path_parameters().filter(|name| !step.params.contains_key(*name));
        let in_query = operation.required_query().filter(|name| !step.query.contains_key(*name));
        let mut supplied = in_path.chain(in_query);
        supplied.find_map(|name| suite.supply.params.get(name)?.account.clone())
    };
    case.account.clone().or_else(|| case.steps.iter().find_map(of_step))
}

/// What the trial does to an account: what the author says, and what its requests do.
fn effect(suite: &Suite, case: &Case, variant: &Variant) -> Effect {
    let of_step = |step: &Step| match (&step.call, variant.operation_of(step)) {
        (Call::Raw { method, .. }, _) => effect_of(method),
        (_, Some(id)) => suite.operation(id).effect(),
        (_, None) => Effect::Reads,
    };
    case.steps.iter().map(of_step).fold(case.effect, Effect::max)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use proptest::sample::subsequence;

    use super::*;
    use crate::judge::testing::SUITE;
    use crate::spec::case::{Axis, AxisValues};
    use crate::spec::contract::OperationId;
    use crate::spec::credential::Credential;

    fn case() -> &'static Arc<Case> {
        let name = "authentication/missing_key_is_refused";
        SUITE.cases.iter().find(|case| case.name == name).expect("it has a matrix")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_pair_is_there_once(
            operations in subsequence(SUITE.operations.keys().cloned().collect::<Vec<OperationId>>(), 1..40),
            credentials in subsequence(Credential::ALL.to_vec(), 1..8),
        ) {
            let axis = |name: &str, values| Arc::new(Axis { name: name.into(), values });
            let axes = vec![
                axis("operation", AxisValues::Operations(operations.clone())),
                axis("credential", AxisValues::Credentials(credentials.clone())),
            ];
            let case = Arc::new(Case { axes, ..(**case()).clone() });
            let trials = expand(&SUITE, &case);
            let names: BTreeSet<&str> = trials.iter().map(|trial| &*trial.name).collect();
            let pairs: BTreeSet<(OperationId, &str)> = trials
                .iter()
                .map(|trial| {
                    let variant = &trial.variant;
                    let operation = variant.operation().expect("it has one");
                    (operation.clone(), variant.credential().expect("it has one").word())
                })
                .collect();
            prop_assert_eq!(trials.len(), operations.len() * credentials.len());
            prop_assert_eq!(names.len(), trials.len());
            prop_assert_eq!(pairs.len(), trials.len());
        }
    }
}
