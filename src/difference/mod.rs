//! What has changed between two contracts, and whether a client of the first one can live with the second.
//!
//! One rule decides. What a client may send must go on being accepted, what it may get back must go on being what it knows: a
//! request may come to allow more, an answer less. Members that are added to an answer are passed over by clients.

mod alternatives;
mod authentication;
mod body;
mod choices;
mod comparison;
mod operation;
mod parameter;
mod schema;
mod variant;

use serde::Serialize;

use crate::spec::Location;

pub use crate::spec::Contract;

/// How a change bears on clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A client of the first contract may fail.
    Breaking,
    /// It may do more than before.
    Additive,
    /// It reads otherwise and means the same.
    Documentation,
}

/// Something that has changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// How it bears on clients.
    pub level: Level,
    /// What has changed, and how.
    pub message: String,
    /// Where it stands: in the second document, or in the first where it is gone from the second.
    pub location: Location,
    /// Where clients meet it: `GET /projects, response 200`.
    pub uses: Vec<String>,
}

/// Everything that has changed from one contract to another: what breaks first, then in the order of the documents. The same
/// change of a shared schema is told once.
#[must_use]
pub fn difference(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut changes = Changes::default();
    operation::compare(old, new, &mut changes);
    changes.0.sort_by(|a, b| {
        let key = |change: &Change| {
            (
                change.level,
                change.location.path().to_path_buf(),
                change.location.span().start,
                change.message.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    changes.0
}

/// The changes found so far.
#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, level: Level, message: String, location: Location, place: &str) {
        let known = self
            .0
            .iter_mut()
            .find(|change| change.level == level && change.message == message && change.location == location);
        match known {
            Some(change) if change.uses.iter().any(|known| known == place) => {}
            Some(change) => change.uses.push(place.to_owned()),
            None => self.0.push(Change { level, message, location, uses: vec![place.to_owned()] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::spec::Imported;

    fn contract(document: &Value) -> Contract {
        let imported = Imported::received("v.yaml", document.to_string().as_bytes()).expect("it is YAML");
        Contract::new(imported).expect("it is a contract")
    }

    pub(super) fn told(old: &Value, new: &Value) -> Vec<(Level, String)> {
        difference(&contract(old), &contract(new))
            .into_iter()
            .map(|change| (change.level, change.message))
            .collect()
    }

    /// A document of one operation.
    pub(super) fn document(operation: Value) -> Value {
        let mut operation = operation;
        operation["operationId"] = "make".into();
        if operation.get("responses").is_none() {
            operation["responses"] = json!({ "200": { "description": "" } });
        }
        json!({
            "openapi": "3.1.0",
            "security": [{ "BearerAuth": [] }],
            "paths": { "/things/{id}": {
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "post": operation,
            } },
        })
    }

    pub(super) fn body(schema: &Value) -> Value {
        document(json!({ "requestBody": { "content": { "application/json": { "schema": schema } } } }))
    }

    pub(super) fn answer(schema: &Value) -> Value {
        document(
            json!({ "responses": { "200": { "content": { "application/json": { "schema": schema } } } } }),
        )
    }

    use Level::{Additive, Breaking, Documentation};

    /// What a schema comes to allow is judged by the way that its value goes.
    #[rstest]
    #[case::a_type_more(json!({"type": "string"}), json!({"type": ["string", "integer"]}), Additive, Breaking)]
    #[case::a_type_less(json!({"type": ["string", "null"]}), json!({"type": "string"}), Breaking, Additive)]
    #[case::another_type(json!({"type": "string"}), json!({"type": "boolean"}), Breaking, Breaking)]
    #[case::a_wider_number(json!({"type": "integer"}), json!({"type": "number"}), Additive, Breaking)]
    #[case::nullable(json!({"type": "object"}), json!({"anyOf": [{"type": "object"}, {"type": "null"}]}), Additive, Breaking)]
    #[case::a_value_more(json!({"enum": ["a"]}), json!({"enum": ["a", "b"]}), Additive, Breaking)]
    #[case::a_value_less(json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), Breaking, Additive)]
    #[case::no_values(json!({"enum": ["a"]}), json!({}), Additive, Breaking)]
    #[case::a_lower_maximum(json!({"maximum": 9}), json!({"maximum": 5}), Breaking, Additive)]
    #[case::an_excluded_minimum(json!({"type": "number", "minimum": 1}), json!({"type": "number", "exclusiveMinimum": 1}), Breaking, Additive)]
    #[case::a_minimum_that_is_excluded_below(json!({"minimum": 9}), json!({"exclusiveMinimum": 5}), Additive, Breaking)]
    #[case::no_repetition(json!({"type": "array"}), json!({"type": "array", "uniqueItems": true}), Breaking, Additive)]
    #[case::no_multiple(json!({"multipleOf": 5}), json!({}), Additive, Breaking)]
    #[case::a_lower_minimum(json!({"minimum": 9}), json!({"minimum": 5}), Additive, Breaking)]
    #[case::a_new_bound(json!({}), json!({"maxLength": 5}), Breaking, Additive)]
    #[case::a_new_pattern(json!({}), json!({"pattern": "^a"}), Breaking, Additive)]
    #[case::no_pattern(json!({"pattern": "^a"}), json!({}), Additive, Breaking)]
    #[case::another_pattern(json!({"pattern": "^a"}), json!({"pattern": "^b"}), Breaking, Breaking)]
    #[case::a_format(json!({}), json!({"format": "uuid"}), Breaking, Additive)]
    #[case::an_alternative_more(
        json!({"anyOf": [{"type": "object"}, {"type": "array"}]}),
        json!({"anyOf": [{"type": "object"}, {"type": "array"}, {"type": "string"}]}),
        Additive,
        Breaking
    )]
    #[case::through_references(
        json!({"$ref": "#/paths/~1things~1%7Bid%7D/parameters/0/schema"}),
        json!({"type": "integer"}),
        Breaking,
        Breaking
    )]
    #[case::of_items(json!({"items": {"maximum": 9}}), json!({"items": {"maximum": 5}}), Breaking, Additive)]
    #[case::some_items(json!({}), json!({"contains": {"const": 1}}), Breaking, Additive)]
    #[case::some_items_or_none(json!({"contains": {"const": 1}}), json!({"contains": {"const": 1}, "minContains": 0}), Additive, Breaking)]
    #[case::fewer_items(
        json!({"contains": {"const": 1}, "maxContains": 3}),
        json!({"contains": {"const": 1}, "maxContains": 2}),
        Breaking,
        Additive
    )]
    #[case::of_some_items(json!({"contains": {"maximum": 9}}), json!({"contains": {"maximum": 5}}), Breaking, Additive)]
    #[case::of_items_that_are_counted(
        json!({"contains": {"maximum": 9}, "maxContains": 2}),
        json!({"contains": {"maximum": 5}, "maxContains": 2}),
        Breaking,
        Breaking
    )]
    #[case::of_a_member(
        json!({"properties": {"a": {"maximum": 9}}}),
        json!({"properties": {"a": {"maximum": 5}}}),
        Breaking,
        Additive
    )]
    #[case::of_all(json!({"allOf": [{"maximum": 9}]}), json!({"allOf": [{"maximum": 5}]}), Breaking, Additive)]
    fn what_is_allowed(#[case] old: Value, #[case] new: Value, #[case] sent: Level, #[case] got: Level) {
        let levels =
            |changes: Vec<(Level, String)>| changes.into_iter().map(|(level, _)| level).collect::<Vec<_>>();
        assert_eq!(levels(told(&body(&old), &body(&new))), [sent], "sent");
        assert_eq!(levels(told(&answer(&old), &answer(&new))), [got], "got");
    }

    #[test]
    fn a_number_of_items_says_nothing_without_what_they_are() {
        let (old, new) = (json!({"maxContains": 3}), json!({"minContains": 2}));
        assert_eq!(told(&body(&old), &body(&new)), []);
    }

    #[rstest]
    #[case::a_member_more(json!({}), json!({"properties": {"a": {}}}), Some((Additive, "the member `a` is new")), Some((Additive, "the member `a` is new")))]
    #[case::a_member_less(json!({"properties": {"a": {}}}), json!({}), Some((Breaking, "the member `a` is gone")), Some((Breaking, "the member `a` is gone")))]
    #[case::one_that_must_be_there(
        json!({"properties": {"a": {}}}),
        json!({"properties": {"a": {}}, "required": ["a"]}),
        Some((Breaking, "the member `a` is required now")),
        Some((Additive, "the member `a` is required now"))
    )]
    #[case::one_that_may_be_missing(
        json!({"properties": {"a": {}}, "required": ["a"]}),
        json!({"properties": {"a": {}}}),
        Some((Additive, "the member `a` is optional now")),
        Some((Breaking, "the member `a` is optional now"))
    )]
    #[case::a_new_one_that_must_be_there(
        json!({}),
        json!({"properties": {"a": {}}, "required": ["a"]}),
        Some((Breaking, "the member `a` is new and is required now")),
        Some((Additive, "the member `a` is new"))
    )]
    #[case::one_that_is_only_read(
        json!({}),
        json!({"properties": {"a": {"writeOnly": false, "readOnly": true}}, "required": ["a"]}),
        None,
        Some((Additive, "the member `a` is new"))
    )]
    #[case::one_that_becomes_only_read(
        json!({"properties": {"a": {}}, "required": ["a"]}),
        json!({"properties": {"a": {"allOf": [{"readOnly": true}]}}, "required": ["a"]}),
        Some((Breaking, "the member `a` is gone")),
        None
    )]
    #[case::one_that_becomes_only_written(
        json!({"properties": {"a": {}}, "required": ["a"]}),
        json!({"properties": {"a": {"writeOnly": true}}, "required": ["a"]}),
        None,
        Some((Breaking, "the member `a` is gone"))
    )]
    #[case::one_that_was_only_written(
        json!({"properties": {"a": {"writeOnly": true}}, "required": ["a"]}),
        json!({"properties": {"a": {}}, "required": ["a"]}),
        None,
        Some((Additive, "the member `a` is new"))
    )]
    #[case::one_that_is_only_written_and_may_be_missing(
        json!({"properties": {"a": {"writeOnly": true}}, "required": ["a"]}),
        json!({"properties": {"a": {"writeOnly": true}}}),
        Some((Additive, "the member `a` is optional now")),
        None
    )]
    #[case::a_description(
        json!({"description": "a"}),
        json!({"description": "b"}),
        Some((Documentation, "`description` has changed")),
        Some((Documentation, "`description` has changed"))
    )]
    fn members(
        #[case] old: Value,
        #[case] new: Value,
        #[case] sent: Option<(Level, &str)>,
        #[case] got: Option<(Level, &str)>,
    ) {
        let expected = |change: Option<(Level, &str)>| -> Vec<(Level, String)> {
            change.into_iter().map(|(level, message)| (level, message.to_owned())).collect()
        };
        assert_eq!(told(&body(&old), &body(&new)), expected(sent), "sent");
        assert_eq!(told(&answer(&old), &answer(&new)), expected(got), "got");
    }

    #[rstest]
    #[case::no_authentication(json!({}), json!({"security": []}), Breaking, "authentication is no longer required")]
    #[case::optional_authentication(
        json!({}),
        json!({"security": [{"BearerAuth": []}, {}]}),
        Breaking,
        "authentication is no longer required"
    )]
    #[case::new_authentication(json!({"security": []}), json!({}), Breaking, "authentication is required now")]
    #[case::another_scheme(
        json!({}),
        json!({"security": [{"BearerAuth": []}, {"CookieAuth": []}]}),
        Additive,
        "`CookieAuth` authenticates now"
    )]
    #[case::a_parameter(
        json!({}),
        json!({"parameters": [{"name": "q", "in": "query"}]}),
        Additive,
        "the parameter `q` is new"
    )]
    #[case::a_parameter_that_is_needed(
        json!({}),
        json!({"parameters": [{"name": "q", "in": "query", "required": true}]}),
        Breaking,
        "the parameter `q` is new and required"
    )]
    #[case::a_parameter_less(
        json!({"parameters": [{"name": "q", "in": "query"}]}),
        json!({}),
        Breaking,
        "the parameter `q` is gone"
    )]
    #[case::another_default(
        json!({"parameters": [{"name": "q", "in": "query", "schema": {"default": 1}}]}),
        json!({"parameters": [{"name": "q", "in": "query", "schema": {"default": 2}}]}),
        Breaking,
        "the default was 1, is 2"
    )]
    #[case::a_body(json!({}), json!({"requestBody": {"required": true}}), Breaking, "a body is required now")]
    #[case::a_body_that_may_be_left_out(
        json!({"requestBody": {"required": true}}),
        json!({"requestBody": {}}),
        Additive,
        "the body is optional now"
    )]
    #[case::another_success(
        json!({"responses": {"200": {}, "201": {}}}),
        json!({"responses": {"201": {}}}),
        Breaking,
        "the response 200 is gone"
    )]
    #[case::an_error(
        json!({"responses": {"200": {}}}),
        json!({"responses": {"200": {}, "404": {}}}),
        Documentation,
        "the response 404 is documented now"
    )]
    #[case::another_media_type(
        json!({"responses": {"200": {"content": {"application/json": {}, "text/csv": {}}}}}),
        json!({"responses": {"200": {"content": {"application/json": {}}}}}),
        Breaking,
        "the response 200 is no longer text/csv"
    )]
    #[case::a_range_of_media_types(
        json!({"responses": {"200": {"content": {"*/*": {"schema": {"type": "string"}}}}}}),
        json!({"responses": {"200": {"content": {"application/json": {"schema": {"type": "string"}}}}}}),
        Additive,
        "the response 200 is no longer */*, but application/json"
    )]
    #[case::to_a_range_of_media_types(
        json!({"responses": {"200": {"content": {"application/json": {}, "*/*": {}}}}}),
        json!({"responses": {"200": {"content": {"*/*": {}}}}}),
        Breaking,
        "the response 200 is no longer application/json"
    )]
    #[case::a_summary(
        json!({"summary": "a"}),
        json!({"summary": "b"}),
        Documentation,
        "`summary` was \"a\", is \"b\""
    )]
    fn operations(#[case] old: Value, #[case] new: Value, #[case] level: Level, #[case] message: &str) {
        assert_eq!(told(&document(old), &document(new)), [(level, message.to_owned())]);
    }

    #[test]
    fn an_operation_is_the_same_whatever_it_and_its_parameters_are_called() {
        let old = document(json!({}));
        let mut new: Value = serde_json::from_str(
            &old.to_string().replace("{id}", "{thing_id}").replace("\"id\"", "\"thing_id\""),
        )
        .expect("it is JSON");
        new["paths"]["/things/{thing_id}"]["post"]["operationId"] = "create".into();
        let levels: Vec<Level> = told(&old, &new).into_iter().map(|(level, _)| level).collect();
        assert_eq!(levels, [Documentation, Documentation]);
    }

    #[test]
    fn an_operation_that_is_gone_or_new_is_told() {
        let old = document(json!({}));
        let mut new = old.clone();
        let item = new["paths"]["/things/{id}"].as_object_mut().expect("it is there");
        let operation = item.remove("post").expect("it is there");
        item.insert("put".to_owned(), operation);
        assert_eq!(
            told(&old, &new),
            [(Breaking, "the operation is gone".to_owned()), (Additive, "the operation is new".to_owned())]
        );
    }

    #[test]
    fn another_server_path_is_one_change() {
        let old = document(json!({}));
        let mut new = old.clone();
        new["servers"] = json!([{ "url": "https://example.org/v2" }]);
        assert_eq!(told(&old, &new), [(Breaking, "the path of the server was ``, is `/v2`".to_owned())]);
    }

    #[test]
    fn the_path_of_the_server_may_stand_in_the_paths() {
        let mut old = document(json!({}));
        let mut new = old.clone();
        old["servers"] = json!([{ "url": "https://example.org/{version}", "variables": { "version": { "default": "v2" } } }]);
        let paths = new["paths"].as_object_mut().expect("it is there");
        let item = paths.remove("/things/{id}").expect("it is there");
        paths.insert("/v2/things/{id}".to_owned(), item);
        assert_eq!(told(&old, &new), []);
        assert_eq!(told(&new, &old), []);
    }

    #[rstest]
    #[case::no_least_length(json!({}), json!({"minLength": 0}))]
    #[case::no_least_number_of_items(json!({"minItems": 0}), json!({}))]
    #[case::no_least_number_of_members(json!({}), json!({"minProperties": 0}))]
    fn no_length_is_below_zero(#[case] old: Value, #[case] new: Value) {
        assert_eq!(told(&body(&old), &body(&new)), []);
        assert_eq!(told(&answer(&old), &answer(&new)), []);
    }

    #[test]
    fn a_change_of_a_shared_schema_is_told_once() {
        let with = |maximum: u32| {
            let mut document = answer(&json!({ "properties": {
                "a": { "$ref": "#/components/schemas/N" },
                "b": { "$ref": "#/components/schemas/N" },
                "self": { "$ref": "#/paths/~1things~1%7Bid%7D/post/responses/200/content/application~1json/schema" },
            } }));
            document["components"] = json!({ "schemas": { "N": { "maximum": maximum } } });
            contract(&document)
        };
        let changes = difference(&with(5), &with(9));
        assert_eq!(changes.len(), 1);
        assert_eq!(
            changes[0].uses,
            ["POST /things/{id}, response 200 /a", "POST /things/{id}, response 200 /b"]
        );
        assert!(changes[0].location.to_string().starts_with("v.yaml:"));
    }
}
