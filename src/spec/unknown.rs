//! What a step sends that its operation does not know: most often a word is misspelt, and the rule is not tested.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::contract::{Operation, Place};
use super::form::{Form, Node};
use super::pointer::escape;
use super::schema::Schemas;
use super::way::Way;

/// So deep alternatives within alternatives are followed.
const DEEPEST: usize = 4;

/// A name that the operation does not know.
pub(crate) struct Unknown {
    /// Where it is, from the step: `/query/limt`.
    pub(crate) pointer: String,
    /// What it should name.
    pub(crate) what: &'static str,
    pub(crate) name: String,
    /// What is known there.
    pub(crate) known: BTreeSet<String>,
}

/// What an operation does not know of the names of query parameters and of the members of a body.
pub(crate) fn unknown<'n>(
    operation: &Operation,
    schemas: &Schemas,
    query: impl Iterator<Item = &'n String>,
    body: Option<&Value>,
) -> Vec<Unknown> {
    let mut found = in_query(operation, query);
    if let (Some(schema), Some(body)) = (&operation.body, body) {
        look(schemas, &vec![schema.clone()], body, "/body", &mut found);
    }
    found
}

fn in_query<'n>(operation: &Operation, query: impl Iterator<Item = &'n String>) -> Vec<Unknown> {
    let parameters = operation.parameters.iter().filter(|parameter| parameter.place == Place::Query);
    let known: BTreeSet<String> = parameters.map(|parameter| parameter.name.clone()).collect();
    let unknown = query.filter(|name| !known.contains(*name) && !is_template(name));
    let told = unknown.map(|name| Unknown {
        pointer: format!("/query/{}", escape(name)),
        what: "query parameter",
        name: name.clone(),
        known: known.clone(),
    });
    told.collect()
}

/// The members that no schema for a value names, however deep.
fn look(schemas: &Schemas, node: &Node, value: &Value, pointer: &str, found: &mut Vec<Unknown>) {
    match value {
        Value::Object(members) => {
            let forms = forms(schemas, node, 0);
            let takes_any = |form: &Form| form.members.is_empty() || !form.others.is_empty();
            let mut known: BTreeMap<&str, Node> = BTreeMap::new();
            for (name, schema) in forms.iter().flat_map(|form| &form.members) {
                known.entry(name).or_default().extend(schema.iter().cloned());
            }
            if forms.iter().all(takes_any) {
                return;
            }
            for (name, value) in members.iter().filter(|(name, _)| !is_template(name)) {
                let pointer = format!("{pointer}/{}", escape(name));
                if let Some(schema) = known.get(name.as_str()) {
                    look(schemas, schema, value, &pointer, found);
                } else if !forms.iter().any(|form| !form.others.is_empty()) {
                    let known = known.keys().map(|name| (*name).to_owned()).collect();
                    found.push(Unknown { pointer, what: "member", name: name.clone(), known });
                }
            }
        }
        Value::Array(items) => {
            let of_items: Node = forms(schemas, node, 0).into_iter().flat_map(|form| form.items).collect();
            for (place, item) in items.iter().enumerate() {
                look(schemas, &of_items, item, &format!("{pointer}/{place}"), found);
            }
        }
        _ => {}
    }
}

/// All that a value may be: the schema, and its alternatives.
fn forms(schemas: &Schemas, node: &Node, depth: usize) -> Vec<Form> {
    let form = Form::of(schemas, node).going(schemas, Way::Request);
    let alternatives: Vec<Node> = if depth < DEEPEST { form.alternatives.clone() } else { Vec::new() };
    let further = alternatives.iter().flat_map(|node| forms(schemas, node, depth + 1));
    further.chain([form.clone()]).collect()
}

fn is_template(name: &str) -> bool {
    name.contains("{{")
}
