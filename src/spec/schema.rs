//! The JSON Schemas of a suite: files in `schemas/` and the parts of contracts, by reference.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};

use jsonschema::{Draft, Registry, Validator};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde_json::{Map, Value};

use super::beside;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::dialect;
use super::direction;
use super::document::Document;
use super::identifier;
use super::import::Imported;
use super::pattern;
use super::pointer::escape;
use super::reference;
use super::schema_ref::{SchemaRef, uri_of};
use super::shape::Shape;
use super::way::Way;
use crate::sync::lock;

/// Stands in a schema that allows everything because what was there cannot be used.
const UNUSABLE: &str = "x-neon-unusable";

/// All schemas of a suite. Each is compiled once, when it is first needed.
pub struct Schemas {
    files: BTreeMap<String, Value>,
    answers: Compiled,
    /// Where requests are held against something else.
    requests: Option<Compiled>,
    secret_names: BTreeSet<String>,
    pub(super) shapes: Mutex<HashMap<SchemaRef, Arc<Shape>>>,
}

/// The schemas that values of one way are held against.
struct Compiled {
    registry: Registry<'static>,
    validators: Mutex<HashMap<SchemaRef, Arc<Validator>>>,
}

impl Compiled {
    fn new(files: &BTreeMap<String, Value>, changed: &BTreeMap<String, Value>) -> Result<Self, String> {
        let resources: Vec<_> = files
            .par_iter()
            .map(|(file, value)| {
                let value = changed.get(file).unwrap_or(value).clone();
                (uri_of(file), Draft::Draft202012.create_resource(value))
            })
            .collect();
        let registry = Registry::new().extend(resources).and_then(jsonschema::RegistryBuilder::prepare);
        let registry = registry.map_err(|error| error.to_string())?;
        Ok(Self { registry, validators: Mutex::default() })
    }

    fn validator(&self, schema: &SchemaRef) -> Result<Arc<Validator>, String> {
        let mut validators = lock(&self.validators);
        if let Some(validator) = validators.get(schema) {
            return Ok(validator.clone());
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .should_validate_formats(true)
            .offline()
            .build(&serde_json::json!({ "$ref": schema.uri() }))
            .map_err(|error| format!("{schema} is not a JSON Schema: {error}"))?;
        let validator = Arc::new(validator);
        validators.insert(schema.clone(), validator.clone());
        Ok(validator)
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schemas").field(&self.files.keys()).finish()
    }
}

impl Schemas {
    /// Takes the schema files and contracts, by path relative to the suite; every `$ref` in them must lead
    /// to a schema, and no schema may be defined by itself. In what is imported, a schema for which that does not hold allows
    /// everything, and the warnings tell of it.
    pub(crate) fn collect(
        documents: &BTreeMap<String, Arc<Document>>,
        imported: Option<&Imported>,
        diagnostics: &mut Diagnostics,
        warnings: &mut Diagnostics,
    ) -> Option<Self> {
        let is_3_0 = imported.is_some_and(|imported| dialect::is_3_0(imported.document().value()));
        let imported = imported.map(|imported| &imported.documents);
        let own = documents.par_iter().map(|entry| (entry, dialect::is_3_0(entry.1.value())));
        let read = |((file, document), is_3_0): ((&String, &Arc<Document>), bool)| {
            let mut value = document.value().clone();
            let beside = if is_3_0 { beside::take_out(&mut value) } else { Vec::new() };
            let odd = dialect::of_other_version(&value, is_3_0);
            let skipped = if is_3_0 { Vec::new() } else { identifier::resolve(&mut value, &uri_of(file)) };
            dialect::modernise(&mut value);
            reference::percent_encode(&mut value);
            (file.clone(), value, (beside, odd, skipped))
        };
        let all = own.chain(imported.into_par_iter().flatten().map(|entry| (entry, is_3_0)));
        let mut files = BTreeMap::new();
        for (file, mut value, (beside, odd, skipped)) in all.map(read).collect::<Vec<_>>() {
            if let Some(document) = imported.and_then(|imported| imported.get(&file)) {
                for (at, keyword) in beside {
                    let help = "put the reference into `allOf`, or write `openapi: 3.1.0`";
                    let at = document.at_key(&format!("{at}/{}", escape(&keyword)));
                    warnings.push(Diagnostic::new(at, beside::message(&keyword)).help(help));
                }
                for odd in odd {
                    let at = document.at(&odd.pointer);
                    warnings.push(Diagnostic::new(at, odd.message).help(odd.help));
                }
                for at in dialect::inexact_numbers(&value) {
                    let message = "the number has more than 64 bits; only its first digits are compared";
                    warnings.push(Diagnostic::new(document.at(&at), message));
                }
                for at in skipped {
                    let message = "the target of `$dynamicRef` is unknown here; it allows any value";
                    let help = "use `$ref` instead";
                    warnings.push(Diagnostic::new(document.at(&at), message).help(help));
                }
                for (at, expression) in pattern::take_out_unreadable(&mut value) {
                    let (message, help) = pattern::message(&expression);
                    warnings.push(Diagnostic::new(document.at(&at), message).help(help));
                }
            }
            files.insert(file, value);
        }
        let before = diagnostics.len();
        let check = |(file, document): (&String, &Arc<Document>)| {
            let mut wrong = Diagnostics::default();
            for (_, diagnostic) in reference::check(&files, file, &files[file], document) {
                wrong.push(diagnostic);
            }
            if file.starts_with("schemas/") {
                check_schema(&files[file], document, &mut wrong);
            }
            wrong
        };
        let checked: Vec<Diagnostics> = documents.par_iter().map(check).collect();
        for mut wrong in checked {
            wrong.move_from(0, diagnostics);
        }
        for (file, document) in imported.into_iter().flatten() {
            for (pointer, diagnostic) in reference::check(&files, file, &files[file], document) {
                warnings.push(diagnostic);
                if let Some(schema) = files.get_mut(file).and_then(|value| value.pointer_mut(&pointer)) {
                    *schema = serde_json::json!({ UNUSABLE: true });
                }
            }
        }
        if diagnostics.len() > before {
            return None;
        }
        let mut secret_names = BTreeSet::new();
        for value in files.values() {
            collect_secret_names(value, &mut secret_names);
        }
        let from_outside: Vec<&String> = imported.into_iter().flat_map(BTreeMap::keys).collect();
        // Since OpenAPI 3.1, a request may have to repeat what only answers show.
        let loosened = |way| {
            if is_3_0 || way == Way::Answer {
                direction::loosened(&files, &from_outside, way)
            } else {
                BTreeMap::new()
            }
        };
        let (sent, got) = (loosened(Way::Request), loosened(Way::Answer));
        let is_one = sent.is_empty() && got.is_empty();
        let requests = (!is_one).then(|| Compiled::new(&files, &sent)).transpose();
        match Compiled::new(&files, &got).and_then(|answers| Ok((answers, requests?))) {
            Ok((answers, requests)) => {
                Some(Self { files, answers, requests, secret_names, shapes: Mutex::default() })
            }
            Err(error) => {
                let all = imported.into_iter().flatten().chain(documents);
                if let Some((_, document)) = all.into_iter().next() {
                    let message = format!("cannot index the schemas: {error}");
                    diagnostics.push(Diagnostic::new(document.at(""), message));
                }
                None
            }
        }
    }

    /// The names of the members that are secret in any schema of the suite (`x-neon-secret`).
    #[must_use]
    pub fn secret_names(&self) -> &BTreeSet<String> {
        &self.secret_names
    }

    /// The schema file `schemas/NAME.json`, if there is one.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<SchemaRef> {
        let file = format!("schemas/{name}.json");
        self.files.contains_key(&file).then(|| SchemaRef::new(file, ""))
    }

    /// The names [`Schemas::named`] knows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().filter_map(|file| file.strip_prefix("schemas/")?.strip_suffix(".json"))
    }

    /// The schema itself, and the one it refers to if it is nothing but a reference.
    #[must_use]
    pub fn get(&self, schema: &SchemaRef) -> Option<&Value> {
        self.files.get(&schema.file)?.pointer(&schema.pointer)
    }

    /// What a schema refers to (`$ref`).
    pub(crate) fn referred(&self, schema: &SchemaRef) -> Option<SchemaRef> {
        let reference = self.get(schema)?.get("$ref")?.as_str()?;
        reference::resolve(&self.files, &schema.file, reference)
    }

    /// Whether a schema, or what it refers to or is made of, has `keyword: true`.
    pub(crate) fn says(&self, schema: &SchemaRef, keyword: &str) -> bool {
        reference::says(&self.files, schema, keyword)
    }

    /// Whether there is a part in a schema that allows everything because what was there cannot be used.
    pub(crate) fn is_in_part_unusable(&self, schema: &SchemaRef) -> bool {
        reference::has_within(&self.files, schema, UNUSABLE)
    }

    /// The compiled schema for values that go one way; formats are asserted.
    ///
    /// # Errors
    /// Why it is not a schema.
    pub fn validator(&self, schema: &SchemaRef, way: Way) -> Result<Arc<Validator>, String> {
        let requests = self.requests.as_ref().filter(|_| way == Way::Request);
        requests.unwrap_or(&self.answers).validator(schema)
    }

    /// The schemas that apply to the same instance as `schema`: itself, and what it refers to or combines.
    #[must_use]
    pub fn in_place(&self, schema: &SchemaRef) -> Vec<(SchemaRef, &Map<String, Value>)> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![schema.clone()];
        while let Some(schema) = open.pop() {
            if !seen.insert(schema.clone()) {
                continue;
            }
            if let Some(Value::Object(members)) = self.get(&schema) {
                open.extend(reference::applied_in_place(&self.files, &schema, members));
                found.push((schema, members));
            }
        }
        found
    }

    /// The schemas of the members of an object or the elements of a list that `schema` describes.
    #[must_use]
    pub fn below(&self, schema: &SchemaRef, token: &str, in_array: bool) -> Vec<SchemaRef> {
        let mut below = Vec::new();
        for (schema, members) in self.in_place(schema) {
            if in_array {
                if members.contains_key("items") {
                    below.push(schema.child("items"));
                }
            } else if members.get("properties").is_some_and(|properties| properties.get(token).is_some()) {
                below.push(schema.child("properties").child(token));
            } else if members.get("additionalProperties").is_some_and(Value::is_object) {
                below.push(schema.child("additionalProperties"));
            }
        }
        below
    }
}

/// The properties whose schemas are marked `x-neon-secret`.
fn collect_secret_names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                let secret = properties.iter().filter(|(_, property)| property["x-neon-secret"] == true);
                names.extend(secret.map(|(name, _)| name.clone()));
            }
            members.values().for_each(|member| collect_secret_names(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_secret_names(item, names)),
        _ => {}
    }
}

/// A file in `schemas/` must be a JSON Schema 2020-12.
fn check_schema(schema: &Value, document: &Document, diagnostics: &mut Diagnostics) {
    for error in jsonschema::draft202012::meta::validator().iter_errors(schema) {
        let pointer = error.instance_path().as_str();
        diagnostics.push(
            Diagnostic::new(document.at(pointer), format!("this is not a JSON Schema: {error}"))
                .help("see JSON Schema 2020-12 for the values of the keyword"),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn schemas(files: &[(&str, Value)]) -> Result<Schemas, Vec<String>> {
        let documents = files
            .iter()
            .map(|(file, value)| {
                let document =
                    Document::parse(Path::new(file), value.to_string().as_bytes()).expect("JSON is YAML");
                ((*file).to_owned(), Arc::new(document))
            })
            .collect();
        let mut diagnostics = Diagnostics::default();
        let schemas = Schemas::collect(&documents, None, &mut diagnostics, &mut Diagnostics::default());
        schemas.ok_or_else(|| diagnostics.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn references_lead_across_files() {
        let schemas = schemas(&[
            (
                "contract/v.yaml",
                json!({"openapi": "3.1.0", "paths": {"/p/{id}": {"schema": {"$ref": "../schemas/a.json"}}}}),
            ),
            ("schemas/a.json", json!({"properties": {"n": {"$ref": "b.json#/$defs/n"}}})),
            ("schemas/b.json", json!({"$defs": {"n": {"type": "integer", "format": "int32"}}})),
        ])
        .expect("the schemas are sound");
        let schema = SchemaRef::new("contract/v.yaml", "/paths/~1p~1{id}/schema");
        let validator = schemas.validator(&schema, Way::Answer).expect("it compiles");
        assert!(validator.is_valid(&json!({"n": 1})));
        assert!(!validator.is_valid(&json!({"n": "1"})));
        assert!(!validator.is_valid(&json!({"n": 3_000_000_000_i64})), "int32 has bounds");
        assert_eq!(schemas.below(&schema, "n", false).len(), 1);
    }

    /// What generators write, whether or not their version of OpenAPI has it.
    #[rstest]
    #[case::null_beside_a_reference("3.0.3", json!({"$ref": "#/components/schemas/Text", "nullable": true}))]
    #[case::null_beside_a_reference_of_3_1("3.1.0", json!({"$ref": "#/components/schemas/Text", "nullable": true}))]
    #[case::null("3.1.0", json!({"type": "string", "nullable": true}))]
    #[case::a_name_in_brackets("3.0.3", json!({"$ref": "#/components/schemas/Text[Null]"}))]
    fn what_generators_mean_is_read(#[case] version: &str, #[case] schema: Value) {
        let text = json!({"type": "string"});
        let document = json!({
            "openapi": version,
            "components": { "schemas": { "Text": text, "Text[Null]": { "type": ["string", "null"] } } },
            "schema": schema,
        });
        let schemas = schemas(&[("contract/v.yaml", document)]).expect("the schemas are sound");
        let schema = SchemaRef::new("contract/v.yaml", "/schema");
        let validator = schemas.validator(&schema, Way::Answer).expect("it compiles");
        assert!(validator.is_valid(&json!("a")) && validator.is_valid(&Value::Null));
        assert!(!validator.is_valid(&json!(1)));
    }

    #[rstest]
    #[case::itself(json!({"$ref": "#"}))]
    #[case::through_all_of(json!({"allOf": [{"$ref": "#"}]}))]
    #[case::two(json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}))]
    fn a_cycle_is_found(#[case] schema: Value) {
        let errors = schemas(&[("schemas/a.json", schema)]).unwrap_err();
        assert!(errors[0].contains("cycle"), "{errors:?}");
    }

    #[test]
    fn a_tree_is_no_cycle() {
        let tree = json!({"properties": {"children": {"items": {"$ref": "#"}}}});
        assert!(schemas(&[("schemas/a.json", tree)]).is_ok());
    }

    #[test]
    fn a_reference_to_nothing_is_found() {
        let errors = schemas(&[("schemas/a.json", json!({"$ref": "c.json"}))]).unwrap_err();
        assert_eq!(errors, ["`c.json` refers to no schema of the suite"]);
    }
}
