//! Everything but the body: parameters, the method, the path.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Idea;
use super::body::wrong_values;
use super::sample::kind;
use super::step::complete;
use crate::json::plain;
use crate::spec::Suite;
use crate::spec::contract::{Operation, OperationId, Parameter, Place};
use crate::spec::form::Form;
use crate::spec::way::Way;

/// Longer than any id.
const LONG: usize = 3_000;

/// Methods that operations have; all others mean something to every server.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) fn ideas(suite: &Suite, operation: &Operation, absent: &BTreeSet<OperationId>) -> Vec<Idea> {
    let mut ideas = Vec::new();
    for parameter in &operation.parameters {
        match parameter.place {
            Place::Path => ideas.extend(in_path(suite, operation, parameter)),
            Place::Query => ideas.extend(in_query(suite, operation, parameter)),
            Place::Header | Place::Cookie => {}
        }
    }
    ideas.extend(other_method(suite, operation, absent));
    ideas
}

fn in_path(suite: &Suite, operation: &Operation, parameter: &Parameter) -> Vec<Idea> {
    let name = &parameter.name;
    let mut ideas: Vec<Idea> = wrong(suite, parameter)
        .into_iter()
        .map(|(slug, fault, text)| {
            let step = complete(suite, operation, json!({ "params": { name: text } }));
            Idea::refused(format!("path.{name}-{slug}"), format!("`{name}` {fault}"), step)
        })
        .collect();
    let long = complete(suite, operation, json!({ "params": { name: "a".repeat(LONG) } }));
    // To remove what is not there may be a success.
    ideas.push(Idea::borne(format!("path.{name}-long"), format!("`{name}` is {LONG} characters long"), long));
    ideas
}

fn in_query(suite: &Suite, operation: &Operation, parameter: &Parameter) -> Vec<Idea> {
    let name = &parameter.name;
    let mut ideas: Vec<Idea> = wrong(suite, parameter)
        .into_iter()
        .map(|(slug, fault, text)| {
            let step = complete(suite, operation, json!({ "query": { name: text } }));
            Idea::refused(format!("query.{name}-{slug}"), format!("`{name}` {fault}"), step)
        })
        .collect();
    if parameter.required && !suite.supply.params.contains_key(name) {
        let mut without = complete(suite, operation, json!({}));
        if let Some(query) = without.get_mut("query").and_then(Value::as_object_mut) {
            query.shift_remove(name);
        }
        ideas.push(Idea::refused(format!("query.{name}-missing"), format!("`{name}` is missing"), without));
    }
    ideas
}

/// Texts that the schema of a parameter does not allow. How lists and objects are written in a query, servers see differently.
fn wrong(suite: &Suite, parameter: &Parameter) -> Vec<(&'static str, String, String)> {
    let Some(schema) = &parameter.schema else { return Vec::new() };
    let form = Form::of(&suite.schemas, &vec![schema.clone()]);
    let Ok(validator) = suite.schemas.validator(schema, Way::Request) else { return Vec::new() };
    if matches!(kind(&form), "array" | "object") {
        return Vec::new();
    }
    wrong_values(&form)
        .into_iter()
        .filter(|(_, _, value)| !value.is_array() && !value.is_object())
        .map(|(slug, fault, value)| (slug, fault, plain(&value)))
        // What is empty may stand for nothing, and every text is a string.
        .filter(|(_, _, text)| !text.is_empty() && !validator.is_valid(&json!(text)))
        .filter(|(_, _, text)| {
            let typed: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            !validator.is_valid(&typed)
        })
        .collect()
}

/// The path with a method that no operation has there; told once for each path, and not where the endpoint lacks some of it.
fn other_method(suite: &Suite, operation: &Operation, absent: &BTreeSet<OperationId>) -> Vec<Idea> {
    let shape = operation.shape();
    let on_path: Vec<&Operation> = suite.operations.values().filter(|other| other.shape() == shape).collect();
    let is_first = on_path.first().is_some_and(|first| first.id == operation.id);
    if !is_first || on_path.iter().any(|other| absent.contains(&other.id)) {
        return Vec::new();
    }
    let has = |method: &str| on_path.iter().any(|other| other.method == method);
    let Some(method) = METHODS.into_iter().find(|method| !has(method)) else { return Vec::new() };
    let mut path = operation.path.clone();
    for name in operation.path_parameters() {
        path = path.replace(&format!("{{{name}}}"), &format!("no-such-{}", name.replace('_', "-")));
    }
    let step = json!({ "request": format!("{method} {path}") });
    vec![Idea::refused("other-method", format!("the method is {method}"), step)]
}
