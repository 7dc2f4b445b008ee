//! The operations that a trial must be let into.

use std::collections::BTreeSet;

use super::trial::Variant;
use crate::spec::case::{Call, Case, Step};
use crate::spec::contract::OperationId;
use crate::spec::template;
use crate::spec::{Source, Suite};

/// The operations that a case must be let into, those that supply its parameters included. What must be refused can be asked
/// for without any.
pub(super) fn of_case(suite: &Suite, case: &Case, variant: &Variant) -> BTreeSet<OperationId> {
    let mut needs = BTreeSet::new();
    for step in &case.steps {
        of_step(suite, step, variant, &mut needs);
    }
    needs
}

/// The operations that the suite needs to supply a parameter.
pub(crate) fn of_parameter(suite: &Suite, name: &str) -> BTreeSet<OperationId> {
    let mut needs = BTreeSet::new();
    if let Some(supply) = suite.supply.params.get(name)
        && let Source::Steps { make, .. } = &supply.source
    {
        of_step(suite, make, &Variant::default(), &mut needs);
    }
    needs
}

fn of_step(suite: &Suite, step: &Step, variant: &Variant, needs: &mut BTreeSet<OperationId>) {
    if variant.credential_of(step).is_refused() {
        return;
    }
    let Some(id) = variant.operation_of(step) else {
        if let Call::Raw { path, .. } = &step.call
            && let Ok(path) = template::fill(path, &variant.scope())
        {
            needs.extend(suite.operations_on(&path).map(|operation| operation.id.clone()));
        }
        return;
    };
    needs.insert(id.clone());
    let operation = suite.operation(id);
    let in_path = operation.path_parameters().filter(|name| !step.params.contains_key(*name));
    let in_query = operation.required_query().filter(|name| !step.query.contains_key(*name));
    needs.extend(in_path.chain(in_query).flat_map(|name| of_parameter(suite, name)));
}
