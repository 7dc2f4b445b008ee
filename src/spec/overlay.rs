//! One contract of the suite replaced by another document: that one says what is documented, the suite's own goes on saying what
//! identifies, refers and is secret, and under which names cases know operations and path parameters.

use std::collections::BTreeMap;

use super::contract::{Operation, OperationId, Parameter, Place, Response};
use super::endpoint::Absent;

/// Replaces the operations of a contract by those of another document, `shown` in reports. Returns those that the document
/// lacks; cases may still name them.
pub(super) fn overlay(
    operations: &mut BTreeMap<OperationId, Operation>,
    contract: &str,
    documented: Vec<Operation>,
    shown: &str,
) -> Absent {
    let mut absent: Absent = operations
        .values()
        .filter(|operation| operation.contract == contract)
        .map(|operation| (operation.id.clone(), format!("{shown} has no `{}`", operation.id)))
        .collect();
    for operation in documented {
        let own = operations.values().find(|own| own.contract == contract && is_same(own, &operation));
        let operation = match own {
            Some(own) => merged(own, operation),
            None => Operation {
                id: free_id(operations, &operation),
                contract: contract.to_owned(),
                is_foreign: true,
                ..operation
            },
        };
        absent.remove(&operation.id);
        operations.insert(operation.id.clone(), operation);
    }
    absent
}

/// Whether both are the same method on the same path, whatever the path's parameters are called.
fn is_same(own: &Operation, other: &Operation) -> bool {
    own.method == other.method && own.shape() == other.shape()
}

/// The id of an operation that the suite does not know, unless another one has it.
fn free_id(operations: &BTreeMap<OperationId, Operation>, operation: &Operation) -> OperationId {
    if operations.contains_key(&operation.id) {
        OperationId(format!("{} {}", operation.method, operation.path))
    } else {
        operation.id.clone()
    }
}

fn merged(own: &Operation, documented: Operation) -> Operation {
    let in_path = |parameter: &&Parameter| parameter.place == Place::Path;
    let path_parameters = own.parameters.iter().filter(in_path).cloned();
    let others = documented.parameters.into_iter().filter(|parameter| parameter.place != Place::Path);
    let mut responses: Vec<Response> = documented
        .responses
        .into_iter()
        .map(|response| Response {
            annotated: own
                .responses
                .iter()
                .find(|own| own.status == response.status)
                .and_then(|own| own.annotated().cloned()),
            ..response
        })
        .collect();
    // What a requirement demands of every operation, documents may leave unsaid.
    let unsaid = own.responses.iter().filter(|own| {
        let status = own.status.first();
        status >= 400 && !responses.iter().any(|response| response.status.covers(status))
    });
    let unsaid: Vec<Response> = unsaid.cloned().collect();
    responses.extend(unsaid);
    Operation {
        id: own.id.clone(),
        contract: own.contract.clone(),
        path: own.path.clone(),
        parameters: path_parameters.chain(others).collect(),
        responses,
        mirrors: own.mirrors.clone(),
        ..documented
    }
}
