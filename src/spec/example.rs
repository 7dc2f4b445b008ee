//! The examples of a document, held against the schemas that they are examples of.

use serde_json::Value;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::pointer::escape;
use super::schema::Schemas;
use super::schema_ref::SchemaRef;
use super::walk::below;
use super::way::Way;

/// Keywords that make an object with an `example` beside them a schema.
const OF_SCHEMAS: [&str; 7] = ["type", "$ref", "allOf", "anyOf", "oneOf", "properties", "enum"];

/// Tells of each example in `file` that its schema does not allow.
pub(super) fn check(schemas: &Schemas, file: &str, document: &Document, diagnostics: &mut Diagnostics) {
    let mut open = vec![(String::new(), document.value(), false)];
    while let Some((pointer, value, holds_names)) = open.pop() {
        match value {
            Value::Object(members) => {
                for (example, schema) in examples(value, &pointer) {
                    judge(schemas, &SchemaRef::new(file, schema), document, &example, diagnostics);
                }
                open.extend(members.iter().filter_map(|(key, member)| {
                    Some((format!("{pointer}/{}", escape(key)), member, below(key, holds_names)?))
                }));
            }
            Value::Array(items) => {
                let numbered = items.iter().enumerate();
                open.extend(numbered.map(|(index, item)| (format!("{pointer}/{index}"), item, false)));
            }
            _ => {}
        }
    }
}

/// The examples that stand in an object, each with the place of its schema.
fn examples(object: &Value, pointer: &str) -> Vec<(String, String)> {
    let is_schema = OF_SCHEMAS
        .iter()
        .any(|keyword| object.get(keyword).is_some_and(|value| !is_schema_named(keyword, value)));
    let schema = match object.get("schema") {
        Some(Value::Object(_)) => format!("{pointer}/schema"),
        _ if is_schema => pointer.to_owned(),
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    if object.get("example").is_some() {
        found.push((format!("{pointer}/example"), schema.clone()));
    }
    match object.get("examples") {
        // Of a media type or a parameter: by name, each with its value.
        Some(Value::Object(named)) => {
            let inline = named.iter().filter(|(_, example)| example.get("value").is_some());
            found.extend(
                inline
                    .map(|(name, _)| (format!("{pointer}/examples/{}/value", escape(name)), schema.clone())),
            );
        }
        // Of a schema (JSON Schema §9.5).
        Some(Value::Array(values)) => found
            .extend((0..values.len()).map(|index| (format!("{pointer}/examples/{index}"), schema.clone()))),
        _ => {}
    }
    found
}

/// Whether what looks like a keyword is the name of a property, with the schema of it: `type: { type: string }`.
fn is_schema_named(keyword: &str, value: &Value) -> bool {
    keyword != "properties" && value.is_object()
}

fn judge(
    schemas: &Schemas,
    schema: &SchemaRef,
    document: &Document,
    example: &str,
    diagnostics: &mut Diagnostics,
) {
    let Some(value) = document.value().pointer(example) else { return };
    let Ok(validator) = schemas.validator(schema, Way::Answer) else { return };
    // One of a request lacks what is only read.
    if schemas.validator(schema, Way::Request).is_ok_and(|validator| validator.is_valid(value)) {
        return;
    }
    for error in validator.iter_errors(value) {
        let at = document.at(&format!("{example}{}", error.instance_path().as_str()));
        diagnostics.push(
            Diagnostic::new(at, format!("the example does not match its own schema: {error}"))
                .help("responses are checked against the schema; the example is not used"),
        );
    }
}
