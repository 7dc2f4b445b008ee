//! From the dialects of OpenAPI 3.0 and 3.1 to JSON Schema 2020-12.
//!
//! Schemas stay where they are, so that references into them go on leading there; only what is nullable and a combination moves
//! one step down.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::matcher::beyond_64_bits;
use super::pointer::escape;
use super::walk::{self, below};

/// Bounds that exclude what they name; `true` and `false` in OpenAPI 3.0, numbers since.
const EXCLUSIVE: [&str; 2] = ["exclusiveMinimum", "exclusiveMaximum"];

/// Brings the schemas of a document to JSON Schema 2020-12: OpenAPI 3.0's `nullable` and boolean exclusive bounds, which generators write
/// into documents of 3.1 as well, `discriminator`, and the bounds that formats like `int32` stand for (OpenAPI 3.1 §4.4 and its registry
/// of formats; JSON Schema knows them as annotations only).
pub(super) fn modernise(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let names = schemas.into_iter().flat_map(Map::keys).cloned().collect();
    walk(document, &names, false);
}

/// Whether a document is of OpenAPI 3.0; so are the files that it refers to.
pub(super) fn is_3_0(document: &Value) -> bool {
    document["openapi"].as_str().is_some_and(|version| version.starts_with("3.0"))
}

/// A keyword that a document writes as another version of OpenAPI has it, and what a warning says.
pub(super) struct OfOtherVersion {
    pub(super) pointer: String,
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

/// What a document writes as another version has it, and is read so.
pub(super) fn of_other_version(document: &Value, is_3_0: bool) -> Vec<OfOtherVersion> {
    let mut found = Vec::new();
    let mut note = |pointer: String, message, help| found.push(OfOtherVersion { pointer, message, help });
    walk::each(document, &mut |pointer, members| {
        for bound in EXCLUSIVE {
            let at = || format!("{pointer}/{bound}");
            match members.get(bound) {
                Some(Value::Number(_)) if is_3_0 => note(
                    at(),
                    "in OpenAPI 3.0 the value must be `true` or `false`; it is read as a bound, as in 3.1",
                    "write `openapi: 3.1.0`, or use `minimum` with `exclusiveMinimum: true`",
                ),
                Some(Value::Bool(_)) if !is_3_0 => note(
                    at(),
                    "since OpenAPI 3.1 the value must be a number; it is read as in 3.0",
                    "write the bound itself, like `exclusiveMinimum: 1`",
                ),
                _ => {}
            }
        }
        if !is_3_0 && members.get("nullable") == Some(&Value::Bool(true)) {
            note(
                format!("{pointer}/nullable"),
                "OpenAPI 3.1 has no `nullable`; it is read as in 3.0",
                "use `type: [string, 'null']`, with the type of the value",
            );
        }
    });
    found
}

/// Where a document has numbers that are compared only by their first digits.
pub(super) fn inexact_numbers(document: &Value) -> Vec<String> {
    const COMPARED: [&str; 7] =
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "const", "enum"];
    let mut found = Vec::new();
    walk::each(document, &mut |pointer, members| {
        let is_inexact = |keyword: &&&str| members.get(**keyword).and_then(beyond_64_bits).is_some();
        found.extend(COMPARED.iter().filter(is_inexact).map(|keyword| format!("{pointer}/{keyword}")));
    });
    found
}

/// `names`: those of the schemas of the document; `holds_names`: the members are named by the author.
fn walk(value: &mut Value, names: &BTreeSet<String>, holds_names: bool) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if let Some(holds_names) = below(key, holds_names) {
                    walk(member, names, holds_names);
                }
            }
            if !holds_names {
                bound_integers(members);
                choose_by_discriminator(members, names);
                make_bounds_exclusive(members);
                loosen_nullable(members);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, names, false)),
        _ => {}
    }
}

fn bound_integers(members: &mut Map<String, Value>) {
    let (least, most): (i64, u64) = match members.get("format").and_then(Value::as_str) {
        Some("int8") => (i8::MIN.into(), i8::MAX as u64),
        Some("int16") => (i16::MIN.into(), i16::MAX as u64),
        Some("int32") => (i32::MIN.into(), i32::MAX as u64),
        Some("int64") => (i64::MIN, i64::MAX as u64),
        Some("uint8") => (0, u8::MAX.into()),
        Some("uint16") => (0, u16::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64") => (0, u64::MAX),
        _ => return,
    };
    members.entry("minimum").or_insert(least.into());
    members.entry("maximum").or_insert(most.into());
}

fn make_bounds_exclusive(members: &mut Map<String, Value>) {
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        match members.get(exclusive) {
            Some(Value::Bool(true)) => {
                if let Some(limit) = members.remove(bound) {
                    members.insert(exclusive.to_owned(), limit);
                }
            }
            Some(Value::Bool(false)) => {
                members.remove(exclusive);
            }
            _ => {}
        }
    }
}

/// Keywords that say more of the very same value than its type.
const COMBINATIONS: [&str; 6] = ["$ref", "allOf", "anyOf", "oneOf", "not", "const"];

fn loosen_nullable(members: &mut Map<String, Value>) {
    let Some(Value::Bool(is_nullable)) = members.get("nullable").cloned() else { return };
    members.remove("nullable");
    if !is_nullable {
        return;
    }
    let is_combination = COMBINATIONS.iter().any(|keyword| members.contains_key(*keyword));
    if let (false, Some(Value::String(own))) = (is_combination, members.get("type")) {
        members.insert("type".to_owned(), json!([own, "null"]));
        if let Some(Value::Array(values)) = members.get_mut("enum").filter(|values| !lists_null(values)) {
            values.push(Value::Null);
        }
        return;
    }
    let strict = std::mem::take(members);
    let is_annotation = |key: &str| key.starts_with("x-") || matches!(key, "readOnly" | "writeOnly");
    let annotations = strict.iter().filter(|(key, _)| is_annotation(key));
    *members = annotations.map(|(key, value)| (key.clone(), value.clone())).collect();
    members.insert("anyOf".to_owned(), json!([strict, { "type": "null" }]));
}

fn lists_null(values: &Value) -> bool {
    values.as_array().is_some_and(|values| values.contains(&Value::Null))
}

/// Where a `discriminator` names one of the alternatives, that one applies, though others may fit as well (OpenAPI 3.1 §4.8.25).
/// Of a value that it does not name, no more is demanded than that one alternative fits.
fn choose_by_discriminator(members: &mut Map<String, Value>, components: &BTreeSet<String>) {
    let Some(Value::Object(discriminator)) = members.get("discriminator") else { return };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
    let alternatives = ["oneOf", "anyOf"].into_iter().find_map(|keyword| members.get(keyword)?.as_array());
    let Some(alternatives) = alternatives else { return };
    let references = alternatives.iter().filter_map(|schema| schema["$ref"].as_str());
    let mut named: Map<String, Value> = references
        .filter_map(|reference| Some((reference.rsplit_once('/')?.1.to_owned(), json!(reference))))
        .collect();
    if let Some(Value::Object(mapping)) = discriminator.get("mapping") {
        named.extend(mapping.iter().map(|(value, schema)| (value.clone(), schema.clone())));
    }
    let chosen = named.iter().filter_map(|(value, schema)| {
        let schema = schema.as_str()?;
        // A bare name is that of a component; so is one with dots where a component bears it.
        let is_name = components.contains(schema) || !schema.contains(['/', '#', '.']);
        let reference =
            if is_name { format!("#/components/schemas/{}", escape(schema)) } else { schema.to_owned() };
        let is_named = json!({ "required": [property], "properties": { property: { "const": value } } });
        Some(json!({ "if": is_named, "then": { "$ref": reference } }))
    });
    let chosen: Vec<Value> = chosen.collect();
    if let Some(alternatives) = members.remove("oneOf") {
        members.insert("anyOf".to_owned(), alternatives);
    }
    if let Value::Array(all) = members.entry("allOf").or_insert_with(|| json!([])) {
        all.extend(chosen);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_type(json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]}))]
    #[case::an_enum(
        json!({"type": "string", "nullable": true, "enum": ["a"]}),
        json!({"type": ["string", "null"], "enum": ["a", null]})
    )]
    #[case::a_reference(
        json!({"$ref": "#/a", "nullable": true}),
        json!({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]})
    )]
    #[case::not_nullable(json!({"type": "string", "nullable": false}), json!({"type": "string"}))]
    #[case::a_property_of_that_name(
        json!({"properties": {"nullable": {"type": "boolean"}}}),
        json!({"properties": {"nullable": {"type": "boolean"}}})
    )]
    #[case::of_one_value(
        json!({"type": "string", "nullable": true, "const": "a"}),
        json!({"anyOf": [{"type": "string", "const": "a"}, {"type": "null"}]})
    )]
    #[case::a_parameter_of_that_name(
        json!({"parameters": {"nullable": {"in": "query"}}}),
        json!({"parameters": {"nullable": {"in": "query"}}})
    )]
    #[case::int32(json!({"format": "int32"}), json!({"format": "int32", "minimum": i32::MIN, "maximum": i32::MAX}))]
    #[case::int32_within(
        json!({"format": "int32", "minimum": 0}),
        json!({"format": "int32", "minimum": 0, "maximum": i32::MAX})
    )]
    #[case::int64(json!({"format": "int64"}), json!({"format": "int64", "minimum": i64::MIN, "maximum": i64::MAX}))]
    #[case::uint64(json!({"format": "uint64"}), json!({"format": "uint64", "minimum": 0, "maximum": u64::MAX}))]
    #[case::an_exclusive_bound(
        json!({"minimum": 1, "exclusiveMinimum": true, "exclusiveMaximum": false}),
        json!({"exclusiveMinimum": 1})
    )]
    #[case::the_default_response(
        json!({"responses": {"default": {"nullable": true, "type": "string"}}}),
        json!({"responses": {"default": {"type": ["string", "null"]}}})
    )]
    #[case::a_property_named_like_a_literal(
        json!({"properties": {"default": {"nullable": true, "type": "string"}}}),
        json!({"properties": {"default": {"type": ["string", "null"]}}})
    )]
    #[case::a_literal(json!({"example": {"nullable": true}}), json!({"example": {"nullable": true}}))]
    fn openapi_3_0_becomes_json_schema(#[case] schema: Value, #[case] expected: Value) {
        let mut document = json!({"s": schema});
        modernise(&mut document);
        assert_eq!(document["s"], expected);
    }

    #[test]
    fn numbers_of_more_than_64_bits_are_found() {
        let document = json!({
            "a": { "maximum": 18_446_744_073_709_551_616.0, "minimum": u64::MAX, "multipleOf": 0.1 },
            "properties": { "const": { "enum": [1, -1e20] } },
            "example": { "maximum": 1e20 },
        });
        assert_eq!(inexact_numbers(&document), ["/a/maximum", "/properties/const/enum"]);
    }

    #[rstest]
    #[case::the_one_that_is_named(json!({"kind": "cat", "lives": 9}), true)]
    #[case::of_the_other_kind(json!({"kind": "dog", "lives": 9}), false)]
    #[case::named_by_the_schema(json!({"kind": "Dog", "tail": 1}), true)]
    #[case::of_a_name_with_a_dot(json!({"kind": "fish", "fins": 2}), true)]
    #[case::not_of_a_name_with_a_dot(json!({"kind": "fish", "lives": 2}), false)]
    #[case::unknown_but_fitting(json!({"kind": "bird", "tail": 1}), true)]
    #[case::fitting_nothing(json!({"kind": "bird"}), false)]
    fn a_discriminator_chooses(
        #[case] value: Value,
        #[case] valid: bool,
        #[values("oneOf", "anyOf")] keyword: &str,
    ) {
        let mut document = json!({
            "openapi": "3.0.3",
            "components": { "schemas": {
                "Cat": { "required": ["lives"] },
                "Dog": { "required": ["tail"] },
                "Sea.Fish": { "required": ["fins"] },
            } },
            keyword: [
                { "$ref": "#/components/schemas/Cat" },
                { "$ref": "#/components/schemas/Dog" },
                { "$ref": "#/components/schemas/Sea.Fish" },
            ],
            "discriminator": {
                "propertyName": "kind",
                "mapping": { "cat": "Cat", "dog": "#/components/schemas/Dog", "fish": "Sea.Fish" },
            },
        });
        modernise(&mut document);
        let validator = jsonschema::validator_for(&document).expect("it is a schema");
        assert_eq!(validator.is_valid(&value), valid);
    }
}
