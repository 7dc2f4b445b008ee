//! Every answer that is made is valid, of all operations of a document and of all schemas that allow something.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rstest::rstest;
use serde_json::{Value, json};

use super::answer::{Asked, chance};
use super::*;
use crate::mock::handlers::Reply;
use crate::spec::way::Way;
use crate::spec::{Contract, Imported};

fn generated(document: &Value) -> Generated {
    let imported = Imported::received("api.yaml", document.to_string().as_bytes()).expect("it is a document");
    Generated::new(Contract::new(imported).expect("it is a contract")).expect("it is of the API")
}

/// A document whose one operation answers with this schema; `components` are there to be referred to.
fn document(schema: &Value, components: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "servers": [{ "url": "https://example.org/api/v2" }],
        "paths": { "/things": { "get": {
            "operationId": "getThings",
            "responses": { "200": { "content": { "application/json": { "schema": schema } } } },
        } } },
        "components": { "schemas": components },
    })
}

fn made(generated: &Generated, operation: &Operation, seed: u64) -> Result<Reply, String> {
    let asked = Asked { params: &BTreeMap::new(), query: "", chance: chance(seed, &[]) };
    generated.made(operation, &asked)
}

/// The answer of the only operation, which is as its schema says.
fn valid(generated: &Generated, seed: u64) -> Result<Value, String> {
    let operation = generated.operations().next().expect("it has one");
    let body = made(generated, operation, seed)?.body.expect("it has a body");
    let schema = operation.response(200).and_then(|response| response.content["application/json"].clone());
    let validator = generated.contract.schemas.validator(&schema.expect("it has one"), Way::Answer)?;
    validator.validate(&body).map_err(|error| format!("{body}: {error}"))?;
    Ok(body)
}

#[rstest]
#[case::of_all(json!({"allOf": [{"$ref": "#/components/schemas/Named"}, {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}]}))]
#[case::of_one(json!({"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}]}))]
#[case::of_one_that_closes(json!({"oneOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 2}]}))]
#[case::of_any(json!({"anyOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 3}]}))]
#[case::of_several_choices(json!({"allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}]}))]
#[case::by_a_discriminator(json!({"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind", "mapping": {"c": "#/components/schemas/Cat", "d": "Dog"}}}))]
#[case::an_enumeration(json!({"type": "string", "enum": ["a", "b"]}))]
#[case::two_enumerations(json!({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}))]
#[case::nullable(json!({"type": "object", "required": ["a"], "properties": {"a": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/Named"}]}}}))]
#[case::a_nullable_enumeration(json!({"type": "string", "nullable": true, "enum": ["a"]}))]
#[case::not_a_word(json!({"type": "string", "enum": ["a", "b"], "not": {"enum": ["a"]}}))]
#[case::a_pattern_of_a_length(json!({"type": "string", "pattern": "^[a-z]+$", "minLength": 40, "maxLength": 42}))]
#[case::two_patterns(json!({"allOf": [{"type": "string", "pattern": "^[a-c]{1,4}$"}, {"pattern": "c$"}]}))]
#[case::no_pattern_but_an_example(json!({"type": "string", "pattern": "^(?!admin)[a-z]+$", "example": "someone"}))]
#[case::small_numbers(json!({"type": "number", "minimum": 0.001, "maximum": 0.002}))]
#[case::excluding_numbers(json!({"type": "integer", "minimum": 1, "maximum": 3, "exclusiveMinimum": true, "exclusiveMaximum": true}))]
#[case::multiples(json!({"type": "integer", "multipleOf": 7, "minimum": 15, "maximum": 27}))]
#[case::multiples_of_a_part(json!({"type": "number", "multipleOf": 0.25, "minimum": 0.3}))]
#[case::below_zero(json!({"type": "integer", "maximum": -5}))]
#[case::beyond_what_is_exact(json!({"type": "integer", "format": "int64", "minimum": 9_223_372_036_854_775_000_i64}))]
#[case::many_items(json!({"type": "array", "minItems": 12, "items": {"type": "string", "format": "uuid"}}))]
#[case::items_of_their_own(json!({"type": "array", "uniqueItems": true, "minItems": 2, "items": {"type": "boolean"}}))]
#[case::items_of_a_choice(json!({"type": "array", "minItems": 3, "items": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}}))]
#[case::a_map(json!({"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}}))]
#[case::a_closed_object(json!({"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}))]
#[case::few_members(json!({"type": "object", "maxProperties": 1, "required": ["b"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}))]
#[case::a_tree(json!({"$ref": "#/components/schemas/Tree"}))]
#[case::a_chain(json!({"$ref": "#/components/schemas/Chain"}))]
#[case::without_what_requests_have(json!({"type": "object", "required": ["a", "s"], "properties": {"a": {"type": "string"}, "s": {"type": "string", "writeOnly": true}}}))]
#[case::what_cannot_be_made_is_left_out(json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?=a)$"}}}))]
#[case::anything(json!({}))]
fn an_answer_is_valid(#[case] schema: Value) {
    let components = json!({
        "Named": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
        "Cat": { "type": "object", "required": ["kind", "lives"], "properties": { "kind": { "type": "string" }, "lives": { "type": "integer" } } },
        "Dog": { "type": "object", "required": ["kind", "tail"], "properties": { "kind": { "type": "string" }, "tail": { "type": "string" } } },
        "Tree": { "type": "object", "required": ["children"], "properties": {
            "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
            "parent": { "$ref": "#/components/schemas/Tree" },
        } },
        "Chain": { "type": "object", "required": ["next"], "properties": {
            "next": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Chain" }] },
        } },
    });
    let generated = generated(&document(&schema, &components));
    for seed in 0..20 {
        let first = valid(&generated, seed).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(valid(&generated, seed), Ok(first), "the same seed makes the same answer");
    }
}

#[rstest]
#[case::a_pattern(json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "pattern": "^(?=a)$"}}}), "properties/a", "/^(?=a)$/")]
#[case::a_required_member_of_itself(json!({"$ref": "#/components/schemas/Endless"}), "Endless/properties/next", "contains itself")]
#[case::nothing(json!({"type": "object", "required": ["a"], "properties": {"a": {"allOf": [{"enum": ["b"]}, {"enum": ["c"]}]}}}), "properties/a", "none of its values")]
#[case::bounds(json!({"type": "integer", "minimum": 3, "maximum": 2}), "schema", "bounds")]
#[case::a_length(json!({"type": "string", "minLength": 3, "maxLength": 2}), "schema", "more than it allows")]
#[case::too_much(json!({"type": "array", "minItems": 1_000_000_000, "items": {"type": "string"}}), "schema", "more than")]
fn what_cannot_be_made_is_told(#[case] schema: Value, #[case] place: &str, #[case] reason: &str) {
    let components = json!({ "Endless": { "type": "object", "required": ["next"], "properties": {
        "next": { "$ref": "#/components/schemas/Endless" },
    } } });
    let generated = generated(&document(&schema, &components));
    let why = valid(&generated, 0).expect_err("there is none");
    assert!(why.contains(place) && why.contains(reason), "{why}");
    let support = generated.support();
    assert!(support.generated[0].problem.is_some(), "{support:?}");
}

#[rstest]
#[case::created(json!({"201": {}}), 201)]
#[case::the_first_success(json!({"202": {}, "200": {}, "404": {}}), 202)]
#[case::any_success(json!({"2XX": {}, "404": {}}), 200)]
#[case::by_default(json!({"default": {}}), 200)]
#[case::a_success_that_can_be_made(json!({"200": {"content": {"application/xml": {"schema": {"type": "object"}}}}, "204": {}}), 204)]
fn the_status_is_that_of_the_document(#[case] responses: Value, #[case] expected: u16) {
    let mut document = document(&json!({}), &json!({}));
    document["paths"]["/things"]["get"]["responses"] = responses;
    let generated = generated(&document);
    let operation = generated.operations().next().expect("it has one");
    let reply = made(&generated, operation, 0).expect("it is made");
    assert_eq!((reply.status.as_u16(), reply.body), (expected, None));
}

#[test]
fn only_errors_are_no_answer() {
    let mut document = document(&json!({}), &json!({}));
    document["paths"]["/things"]["get"]["responses"] = json!({ "404": {} });
    let generated = generated(&document);
    let problem = generated.support().generated[0].problem.clone();
    assert_eq!(problem.as_deref(), Some("the contract documents no success"));
}

/// The API's own document, where it is at hand.
fn official() -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/neon/openapi");
    let mut files = std::fs::read_dir(folder).ok()?.flatten().map(|file| file.path());
    let file = files.find(|path| path.extension().is_some_and(|ending| ending == "yaml"))?;
    std::fs::read_to_string(file).ok()
}

#[test]
fn every_operation_of_the_official_document_has_a_valid_answer() {
    let Some(text) = official() else { return };
    // Under another version, the mock knows none of them.
    let text = text.replacen("/api/v2", "/api/v9", 1);
    let imported = Imported::received("api.yaml", text.as_bytes()).expect("it is a document");
    let generated =
        Generated::new(Contract::new(imported).expect("it is a contract")).expect("it is of the API");
    assert_eq!(generated.support().performed, 0);
    for operation in generated.operations() {
        for seed in 0..8 {
            let reply =
                made(&generated, operation, seed).unwrap_or_else(|why| panic!("{}: {why}", operation.id));
            let response = operation.response(reply.status.as_u16()).expect("it is documented");
            let Some(body) = reply.body else {
                assert!(response.content.is_empty() || reply.status == 204, "{} has a body", operation.id);
                continue;
            };
            let Some(Some(schema)) = response.content_for("application/json") else { continue };
            let validator = generated.contract.schemas.validator(schema, Way::Answer).expect("it compiles");
            if let Err(error) = validator.validate(&body) {
                panic!("{}: {error}", operation.id);
            }
        }
    }
}

/// Schemas that allow something.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "type": "boolean" })),
        (-50_i64..50, 0_i64..50).prop_map(|(least, more)| {
            json!({ "type": "integer", "minimum": least, "maximum": least + more })
        }),
        (-5.0_f64..5.0).prop_map(|least| json!({ "type": "number", "minimum": least })),
        (0_usize..30, 0_usize..9).prop_map(|(least, more)| {
            json!({ "type": "string", "minLength": least, "maxLength": least + more })
        }),
        proptest::sample::select(vec![
            "date-time",
            "uuid",
            "email",
            "uri",
            "ipv4",
            "date",
            "byte",
            "unknown"
        ])
        .prop_map(|format| json!({ "type": "string", "format": format })),
        proptest::sample::select(vec![
            "^[a-z0-9-]{1,60}$",
            "^v[0-9]+$",
            "[A-F]{4}",
            r"^\w+@\w+$",
            "^(a|bc)*$"
        ])
        .prop_map(|pattern| json!({ "type": "string", "pattern": pattern })),
        proptest::sample::subsequence(vec!["a", "b", "c"], 1..=3)
            .prop_map(|values| json!({ "type": "string", "enum": values })),
        Just(json!({ "$ref": "#/components/schemas/Tree" })),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let members = proptest::collection::vec((inner.clone(), any::<bool>()), 0..4);
        let object = |members: Vec<(Value, bool)>, prefix: &str| {
            let name = |index: usize| format!("{prefix}{index}");
            let required: Vec<String> = members
                .iter()
                .enumerate()
                .filter(|(_, (_, needed))| *needed)
                .map(|(index, _)| name(index))
                .collect();
            let named: serde_json::Map<String, Value> = members
                .iter()
                .enumerate()
                .map(|(index, (schema, _))| (name(index), schema.clone()))
                .collect();
            let mut schema = json!({ "type": "object", "properties": named });
            if !required.is_empty() {
                schema["required"] = json!(required);
            }
            schema
        };
        prop_oneof![
            members.clone().prop_map(move |members| object(members, "m")),
            (members.clone(), members.clone())
                .prop_map(move |(one, other)| json!({ "allOf": [object(one, "a"), object(other, "b")] })),
            (members.clone(), members).prop_map(move |(one, other)| {
                let tagged = |members, tag: &str| {
                    let mut schema = object(members, tag);
                    schema["properties"]["tag"] = json!({ "type": "string", "enum": [tag] });
                    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
                    required.push("tag".into());
                    schema["required"] = required.into();
                    schema
                };
                json!({ "oneOf": [tagged(one, "x"), tagged(other, "y")] })
            }),
            (inner.clone(), 0_usize..4)
                .prop_map(|(items, least)| json!({ "type": "array", "items": items, "minItems": least })),
            inner.clone().prop_map(|schema| json!({ "nullable": true, "allOf": [schema] })),
            inner.prop_map(
                |other| json!({ "type": "object", "additionalProperties": other, "minProperties": 1 })
            ),
        ]
    })
}

fn is_answered(schema: &Value, seed: u64) -> TestCaseResult {
    let tree = json!({ "Tree": { "type": "object", "required": ["id", "children"], "properties": {
        "id": { "type": "string" },
        "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
        "parent": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Tree" }] },
    } } });
    let generated = generated(&document(schema, &tree));
    match valid(&generated, seed) {
        Ok(_) => Ok(()),
        Err(why) => Err(TestCaseError::fail(format!("{schema}: {why}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_allows_something_is_answered(schema in schema(), seed in any::<u64>()) {
        is_answered(&schema, seed)?;
    }
}
