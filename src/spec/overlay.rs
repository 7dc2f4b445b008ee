//! One contract of the suite replaced by another document: that one says what is documented, the suite's own goes on saying what
//! identifies, refers and is secret, and under which names cases know operations and path parameters.

use std::collections::BTreeMap;

use super::absent::Absent;
use super::contract::{Operation, OperationId, Parameter, Place, Response};

/// Sorts operations by the contract of the suite that they are of: the one whose prefix their path begins with, whether a document writes
/// it in the address of its server or in its paths. `prefixes`: of the suite's contracts, by name. What is of none comes second.
pub(super) fn by_prefix(
    documented: Vec<Operation>,
    prefixes: &[(String, String)],
) -> (BTreeMap<String, Vec<Operation>>, Vec<Operation>) {
    let mut by_contract: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    let mut outside = Vec::new();
    for operation in documented {
        let is_below = |prefix: &str| {
            let rest = operation.path.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let fitting = prefixes.iter().filter(|(_, prefix)| is_below(prefix));
        match fitting.max_by_key(|(_, prefix)| prefix.len()) {
            Some((contract, _)) => by_contract.entry(contract.clone()).or_default().push(operation),
            None => outside.push(operation),
        }
    }
    (by_contract, outside)
}

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
    let errors = shared_errors(operations.values().filter(|operation| operation.contract == contract));
    for operation in documented {
        let own = operations.values().find(|own| own.contract == contract && is_same(own, &operation));
        let operation = match own {
            Some(own) => merged(own, operation),
            None => Operation {
                id: free_id(operations, &operation),
                contract: contract.to_owned(),
                own_responses: errors.clone(),
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

/// The errors that all operations have in common.
fn shared_errors<'o>(mut operations: impl Iterator<Item = &'o Operation>) -> Vec<Response> {
    let first = operations.next().map(|first| first.responses.clone()).unwrap_or_default();
    let errors = first.into_iter().filter(|response| response.status.first() >= 400).collect();
    operations.fold(errors, |errors, other| {
        errors.into_iter().filter(|error| other.responses.contains(error)).collect()
    })
}

fn merged(own: &Operation, documented: Operation) -> Operation {
    let in_path = |parameter: &&Parameter| parameter.place == Place::Path;
    let path_parameters = own.parameters.iter().filter(in_path).cloned();
    let others = documented.parameters.into_iter().filter(|parameter| parameter.place != Place::Path);
    let mut responses = documented.responses;
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
        own_responses: own.responses.clone(),
        mirrors: own.mirrors.clone(),
        ..documented
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::spec::contract;
    use crate::spec::diagnostic::Diagnostics;
    use crate::spec::document::Document;

    /// A contract in `file`, of two operations with these answers.
    fn read(file: &str, answers: &[&str]) -> Vec<Operation> {
        let answer = |status: &&str| {
            let content = json!({ "application/json": { "schema": {} } });
            ((*status).to_owned(), json!({ "content": content }))
        };
        let responses: Value = answers.iter().map(answer).collect();
        let mut paths = json!({ "/known": { "get": { "operationId": "known", "responses": responses } } });
        if file == "new.yaml" {
            paths["/other"] = json!({ "get": { "operationId": "other", "responses": responses } });
        }
        let text = json!({ "openapi": "3.1.0", "paths": paths }).to_string();
        let document = Document::parse(Path::new(file), text.as_bytes()).expect("it is YAML");
        contract::operations(file, "v", &document, &mut Diagnostics::default())
    }

    #[rstest]
    #[case::of_the_same_status("known", 200, "own.yaml#/paths/~1known/get/responses/200")]
    #[case::of_another_success("known", 201, "own.yaml#/paths/~1known/get/responses/200")]
    #[case::of_an_error("known", 404, "own.yaml#/paths/~1known/get/responses/default")]
    #[case::of_an_answer_that_only_the_document_has(
        "known",
        302,
        "new.yaml#/paths/~1known/get/responses/302"
    )]
    #[case::of_a_success_that_the_suite_does_not_know(
        "other",
        201,
        "new.yaml#/paths/~1other/get/responses/201"
    )]
    #[case::of_an_error_that_is_like_all_others(
        "other",
        404,
        "own.yaml#/paths/~1known/get/responses/default"
    )]
    fn the_suite_says_what_is_marked(#[case] id: &str, #[case] status: u16, #[case] expected: &str) {
        let own = read("own.yaml", &["200", "default"]).into_iter();
        let mut operations = own.map(|operation| (operation.id.clone(), operation)).collect();
        let documented = read("new.yaml", &["200", "201", "302", "404"]);
        assert!(overlay(&mut operations, "v", documented, "new.yaml").is_empty());
        let operation = &operations[&OperationId(id.to_owned())];
        let marked = operation.annotated(status).expect("it is described").to_string();
        assert_eq!(marked, format!("{expected}/content/application~1json/schema"));
        let judged = operation.response(status).expect("it is documented");
        assert_eq!(judged.status, contract::ResponseStatus::Exact(status));
    }
}
