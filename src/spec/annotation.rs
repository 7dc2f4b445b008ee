//! What schemas say about the values of a body beyond their form.
//!
//! Schemas mark identifiers, references, secrets and values that change from run to run with keywords of our own (`x-neon-…`); times are known by `format: date-time`.
//! A body need not be valid to be annotated: a secret in a broken answer is a secret all the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::pointer::escape;
use super::schema::Schemas;
use super::schema_ref::SchemaRef;
use super::shape::{Below, Mark, Shape};
use crate::sync::lock;

/// What is known of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Where the value stands in the body (JSON Pointer).
    pub pointer: String,
    /// What is known of it.
    pub mark: Mark,
}

/// Everything that `schema` says about the values of `body`, in the order of the body.
#[must_use]
pub fn annotations(schemas: &Schemas, schema: &SchemaRef, body: &Value) -> Vec<Annotation> {
    let mut found = Vec::new();
    annotate(schemas, schema, body, &mut |pointer, mark, _| {
        found.push(Annotation { pointer: pointer.to_owned(), mark: mark.clone() });
    });
    found
}

/// The same, told one by one: where, what, and of which value.
pub(crate) fn annotate(
    schemas: &Schemas,
    schema: &SchemaRef,
    body: &Value,
    tell: &mut impl FnMut(&str, &Mark, &Value),
) {
    walk(schemas, &schemas.shape(schema), body, &mut String::new(), tell);
}

impl Schemas {
    /// What the schema says about the values of a body.
    fn shape(&self, schema: &SchemaRef) -> Arc<Shape> {
        let mut shapes = lock(&self.shapes);
        if let Some(shape) = shapes.get(schema) {
            return shape.clone();
        }
        let shape = Arc::new(Shape::new(self, vec![schema.clone()]));
        shapes.insert(schema.clone(), shape.clone());
        shape
    }
}

impl Shape {
    fn new(schemas: &Schemas, applied: Vec<SchemaRef>) -> Self {
        let mut found: Vec<Mark> = Vec::new();
        let mut members = BTreeMap::new();
        for (_, schema) in applied.iter().flat_map(|schema| schemas.in_place(schema)) {
            for mark in marks(schema) {
                if !found.contains(&mark) {
                    found.push(mark);
                }
            }
            let names = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
            members.extend(names.map(|name| (name.clone(), Below::new())));
        }
        Self { applied, marks: found, members, others: Below::new(), items: Below::new() }
    }

    fn member(&self, schemas: &Schemas, name: &str) -> Option<&Arc<Self>> {
        self.below(schemas, self.members.get(name).unwrap_or(&self.others), name, false)
    }

    fn item(&self, schemas: &Schemas) -> Option<&Arc<Self>> {
        self.below(schemas, &self.items, "", true)
    }

    fn below<'s>(
        &'s self,
        schemas: &Schemas,
        place: &'s Below,
        token: &str,
        in_array: bool,
    ) -> Option<&'s Arc<Self>> {
        let shape = place.get_or_init(|| {
            let below = self.applied.iter().flat_map(|schema| schemas.below(schema, token, in_array));
            let below: Vec<SchemaRef> = below.collect();
            (!below.is_empty()).then(|| Arc::new(Self::new(schemas, below)))
        });
        shape.as_ref()
    }
}

fn walk(
    schemas: &Schemas,
    shape: &Shape,
    value: &Value,
    pointer: &mut String,
    tell: &mut impl FnMut(&str, &Mark, &Value),
) {
    if !value.is_null() {
        shape.marks.iter().for_each(|mark| tell(pointer, mark, value));
    }
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let Some(below) = shape.member(schemas, name) {
                    pointer.push('/');
                    pointer.push_str(&escape(name));
                    walk(schemas, below, member, pointer, tell);
                    pointer.truncate(length);
                }
            }
        }
        Value::Array(items) => {
            if let Some(below) = shape.item(schemas) {
                for (index, item) in items.iter().enumerate() {
                    let _ = write!(pointer, "/{index}");
                    walk(schemas, below, item, pointer, tell);
                    pointer.truncate(length);
                }
            }
        }
        _ => {}
    }
}

fn marks(schema: &Map<String, Value>) -> Vec<Mark> {
    let word = |key: &str| schema.get(key).and_then(Value::as_str).map(Arc::from);
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
