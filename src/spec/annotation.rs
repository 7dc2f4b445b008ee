//! What schemas say about the values of a body beyond their form.
//!
//! Schemas mark identifiers, references, secrets and values that change from run to run with keywords of our own (`x-neon-…`); times are known by `format: date-time`.
//! A body need not be valid to be annotated: a secret in a broken answer is a secret all the same.

use serde_json::{Map, Value};

use super::document::escape;
use super::schema::{SchemaRef, Schemas};

/// What is known of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Where the value stands in the body (JSON Pointer).
    pub pointer: String,
    /// What is known of it.
    pub mark: Mark,
}

/// What a schema says about a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// It identifies the object that holds it, of this kind (`x-neon-identity`).
    Identity(String),
    /// It names another object, of this kind (`x-neon-reference`).
    Reference(String),
    /// It must not be shown (`x-neon-secret`).
    Secret,
    /// It changes from run to run; the word stands for it (`x-neon-volatile`).
    Volatile(String),
    /// It is a time (`format: date-time`).
    Time,
}

/// Everything that `schema` says about the values of `body`, in the order of the body.
#[must_use]
pub fn annotations(schemas: &Schemas, schema: &SchemaRef, body: &Value) -> Vec<Annotation> {
    let mut found = Vec::new();
    walk(schemas, std::slice::from_ref(schema), body, String::new(), &mut found);
    found
}

fn walk(
    schemas: &Schemas,
    applied: &[SchemaRef],
    value: &Value,
    pointer: String,
    found: &mut Vec<Annotation>,
) {
    if !value.is_null() {
        for schema in applied {
            for (_, members) in schemas.in_place(schema) {
                for mark in marks(members) {
                    let annotation = Annotation { pointer: pointer.clone(), mark };
                    if !found.contains(&annotation) {
                        found.push(annotation);
                    }
                }
            }
        }
    }
    let below = |token: &str, in_array: bool| -> Vec<SchemaRef> {
        applied.iter().flat_map(|schema| schemas.below(schema, token, in_array)).collect()
    };
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let below = below(key, false);
                if !below.is_empty() {
                    walk(schemas, &below, member, format!("{pointer}/{}", escape(key)), found);
                }
            }
        }
        Value::Array(items) => {
            let below = below("", true);
            if !below.is_empty() {
                for (index, item) in items.iter().enumerate() {
                    walk(schemas, &below, item, format!("{pointer}/{index}"), found);
                }
            }
        }
        _ => {}
    }
}

fn marks(schema: &Map<String, Value>) -> Vec<Mark> {
    let word = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut marks = Vec::new();
    marks.extend(word("x-neon-identity").map(Mark::Identity));
    marks.extend(word("x-neon-reference").map(Mark::Reference));
    marks.extend(word("x-neon-volatile").map(Mark::Volatile));
    if schema.get("x-neon-secret") == Some(&Value::Bool(true)) {
        marks.push(Mark::Secret);
    }
    if schema.get("format").and_then(Value::as_str) == Some("date-time") {
        marks.push(Mark::Time);
    }
    marks
}
