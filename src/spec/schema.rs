//! The JSON Schemas of a suite: files in `schemas/` and the parts of contracts, by reference.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Map, Value};

use super::annotation::Shape;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::{Document, escape};
use crate::sync::lock;

const BASE: &str = "specs:///";

/// Names one schema: a file of the suite and a JSON Pointer into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaRef {
    file: String,
    pointer: String,
}

impl SchemaRef {
    /// The schema at `pointer` (RFC 6901) in `file`, a path relative to the suite.
    #[must_use]
    pub fn new(file: impl Into<String>, pointer: impl Into<String>) -> Self {
        Self { file: file.into(), pointer: pointer.into() }
    }

    fn child(&self, token: &str) -> Self {
        Self::new(self.file.clone(), format!("{}/{}", self.pointer, escape(token)))
    }

    /// The schema as an absolute URI; the pointer percent-encoded as a fragment (RFC 6901 §6).
    fn uri(&self) -> String {
        let mut uri = format!("{BASE}{}#", self.file);
        for byte in self.pointer.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'~' | b'-' | b'_' | b'.' => {
                    uri.push(char::from(byte));
                }
                other => uri.push_str(&format!("%{other:02X}")),
            }
        }
        uri
    }
}

impl fmt::Display for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.file)
        } else {
            write!(f, "{}#{}", self.file, self.pointer)
        }
    }
}

/// All schemas of a suite. Each is compiled once, when it is first needed.
pub struct Schemas {
    files: BTreeMap<String, Value>,
    registry: Registry<'static>,
    secret_names: BTreeSet<String>,
    compiled: Mutex<HashMap<SchemaRef, Arc<Validator>>>,
    shapes: Mutex<HashMap<SchemaRef, Arc<Shape>>>,
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schemas").field(&self.files.keys()).finish()
    }
}

impl Schemas {
    /// Takes the schema files and contracts, by path relative to the suite; every `$ref` in them must lead
    /// to a schema, and no schema may be defined by itself.
    pub(crate) fn collect(
        documents: &BTreeMap<String, Arc<Document>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let files: BTreeMap<String, Value> = documents
            .iter()
            .map(|(file, document)| {
                let mut value = document.value().clone();
                let is_3_0 = value["openapi"].as_str().is_some_and(|version| version.starts_with("3.0"));
                modernise(&mut value, is_3_0);
                (file.clone(), value)
            })
            .collect();
        let before = diagnostics.len();
        for (file, value) in &files {
            let document = &documents[file];
            check_references(&files, file, value, document, diagnostics);
            if file.starts_with("schemas/") {
                check_schema(value, document, diagnostics);
            }
        }
        if diagnostics.len() > before {
            return None;
        }
        let resources = files.iter().map(|(file, value)| {
            (format!("{BASE}{file}"), Draft::Draft202012.create_resource(value.clone()))
        });
        let mut secret_names = BTreeSet::new();
        for value in files.values() {
            collect_secret_names(value, &mut secret_names);
        }
        match Registry::new().extend(resources).and_then(jsonschema::RegistryBuilder::prepare) {
            Ok(registry) => Some(Self {
                files,
                registry,
                secret_names,
                compiled: Mutex::default(),
                shapes: Mutex::default(),
            }),
            Err(error) => {
                if let Some(document) = documents.values().next() {
                    diagnostics.push(Diagnostic::new(
                        document.at(""),
                        format!("the schemas cannot be indexed: {error}"),
                    ));
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

    /// The compiled schema; formats are asserted.
    ///
    /// # Errors
    /// Why it is not a schema.
    pub fn validator(&self, schema: &SchemaRef) -> Result<Arc<Validator>, String> {
        let mut compiled = lock(&self.compiled);
        if let Some(validator) = compiled.get(schema) {
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
        compiled.insert(schema.clone(), validator.clone());
        Ok(validator)
    }

    /// What the schema says about the values of a body.
    pub(super) fn shape(&self, schema: &SchemaRef) -> Arc<Shape> {
        let mut shapes = lock(&self.shapes);
        let shape =
            shapes.entry(schema.clone()).or_insert_with(|| Arc::new(Shape::new(self, vec![schema.clone()])));
        shape.clone()
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
                open.extend(applied_in_place(&self.files, &schema, members));
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

/// The schemas a schema applies to the very same instance.
fn applied_in_place(
    files: &BTreeMap<String, Value>,
    schema: &SchemaRef,
    members: &Map<String, Value>,
) -> Vec<SchemaRef> {
    let mut applied = Vec::new();
    if let Some(Value::String(reference)) = members.get("$ref") {
        applied.extend(resolve(files, &schema.file, reference));
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = members.get(keyword) {
            let branch = schema.child(keyword);
            applied.extend((0..branches.len()).map(|index| branch.child(&index.to_string())));
        }
    }
    for keyword in ["if", "then", "else", "not"] {
        if members.contains_key(keyword) {
            applied.push(schema.child(keyword));
        }
    }
    applied
}

/// What `reference`, written in `file`, leads to.
fn resolve(files: &BTreeMap<String, Value>, file: &str, reference: &str) -> Option<SchemaRef> {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let file = if path.is_empty() { file.to_owned() } else { join(file, path)? };
    let pointer = percent_decode(fragment);
    files.get(&file)?.pointer(&pointer)?;
    Some(SchemaRef::new(file, pointer))
}

/// A relative path, as written in `file`, from the suite's folder; `None` where it leads out of it.
fn join(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn percent_decode(fragment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = fragment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Brings a schema to JSON Schema 2020-12: OpenAPI 3.0's `nullable` and boolean exclusive bounds, and the bounds
/// that the formats `int32` and `int64` stand for (OpenAPI 3.1 §4.4; JSON Schema knows them as annotations only).
fn modernise(value: &mut Value, is_3_0: bool) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if !matches!(key.as_str(), "example" | "examples" | "default" | "enum" | "const") {
                    modernise(member, is_3_0);
                }
            }
            bound_integers(members);
            if is_3_0 {
                loosen_nullable(members);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| modernise(item, is_3_0)),
        _ => {}
    }
}

fn bound_integers(members: &mut Map<String, Value>) {
    let bounds = match members.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    members.entry("minimum").or_insert(bounds.0.into());
    members.entry("maximum").or_insert(bounds.1.into());
}

fn loosen_nullable(members: &mut Map<String, Value>) {
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
    if members.remove("nullable") == Some(Value::Bool(true)) {
        let strict = std::mem::take(members);
        let annotations: Map<String, Value> = strict
            .iter()
            .filter(|(key, _)| key.starts_with("x-"))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        *members = annotations;
        members.insert(
            "anyOf".to_owned(),
            Value::Array(vec![Value::Object(strict), serde_json::json!({"type": "null"})]),
        );
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

/// Every `$ref` must lead somewhere, and none to itself.
fn check_references(
    files: &BTreeMap<String, Value>,
    file: &str,
    value: &Value,
    document: &Document,
    diagnostics: &mut Diagnostics,
) {
    for (pointer, reference) in references(value) {
        let at = || document.at(&format!("{pointer}/$ref"));
        let Some(target) = resolve(files, file, &reference) else {
            let (word, known) = near_references(files, file, &reference);
            diagnostics.push(
                Diagnostic::new(at(), format!("`{reference}` leads to no schema of the suite"))
                    .suggest(word, known.iter().map(String::as_str)),
            );
            continue;
        };
        if leads_to(files, &target, &SchemaRef::new(file, pointer.clone())) {
            diagnostics.push(
                Diagnostic::new(at(), format!("`{reference}` is a cycle: the schema is defined by itself"))
                    .help("a schema may contain itself in `properties` or `items`, but not be itself"),
            );
        }
    }
}

/// The part of a reference that leads nowhere, and what may have been meant: other files, or other places in its file.
fn near_references<'a>(
    files: &BTreeMap<String, Value>,
    file: &str,
    reference: &'a str,
) -> (&'a str, Vec<String>) {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let target = if path.is_empty() { Some(file.to_owned()) } else { join(file, path) };
    if target.as_ref().is_none_or(|target| fragment.is_empty() || !files.contains_key(target)) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let prefix = join(file, if folder.is_empty() { "." } else { folder }).unwrap_or_default();
        let known = files.keys().filter_map(|known| known.strip_prefix(&format!("{prefix}/")));
        let written = known.map(|name| match folder {
            "" => name.to_owned(),
            _ => format!("{folder}/{name}"),
        });
        return (path, written.collect());
    }
    let parent = fragment.rsplit_once('/').map_or("", |(parent, _)| parent);
    let known = target
        .and_then(|target| files.get(&target))
        .and_then(|value| value.pointer(&percent_decode(parent)))
        .and_then(Value::as_object)
        .map(|members| members.keys().map(|key| format!("{path}#{parent}/{}", escape(key))).collect())
        .unwrap_or_default();
    (reference, known)
}

/// Whether following references and combinations from `from` comes to `to`, without going into the instance.
fn leads_to(files: &BTreeMap<String, Value>, from: &SchemaRef, to: &SchemaRef) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(schema) = open.pop() {
        if schema == *to {
            return true;
        }
        if !seen.insert(schema.clone()) {
            continue;
        }
        let members = files.get(&schema.file).and_then(|value| value.pointer(&schema.pointer));
        if let Some(Value::Object(members)) = members {
            open.extend(applied_in_place(files, &schema, members));
        }
    }
    false
}

/// All `$ref`s of a value, with the pointer of the mapping that holds each.
fn references(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), value)];
    while let Some((pointer, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.push((pointer.clone(), reference.clone()));
                }
                for (key, member) in members {
                    if !matches!(key.as_str(), "example" | "examples" | "default" | "enum" | "const") {
                        open.push((format!("{pointer}/{}", escape(key)), member));
                    }
                }
            }
            Value::Array(items) => {
                open.extend(
                    items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)),
                );
            }
            _ => {}
        }
    }
    found
}

/// A file in `schemas/` must be a JSON Schema 2020-12.
fn check_schema(schema: &Value, document: &Document, diagnostics: &mut Diagnostics) {
    for error in jsonschema::draft202012::meta::validator().iter_errors(schema) {
        let pointer = error.instance_path().as_str();
        diagnostics.push(
            Diagnostic::new(document.at(pointer), format!("this is not a JSON Schema: {error}"))
                .help("see JSON Schema 2020-12 for what the keyword takes"),
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
        let schemas = Schemas::collect(&documents, &mut diagnostics);
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
        let validator = schemas.validator(&schema).expect("it compiles");
        assert!(validator.is_valid(&json!({"n": 1})));
        assert!(!validator.is_valid(&json!({"n": "1"})));
        assert!(!validator.is_valid(&json!({"n": 3_000_000_000_i64})), "int32 has bounds");
        assert_eq!(schemas.below(&schema, "n", false).len(), 1);
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
        assert_eq!(errors, ["`c.json` leads to no schema of the suite"]);
    }

    #[rstest]
    #[case(json!({"type": "string", "nullable": true}), json!(null), true)]
    #[case(json!({"type": "string", "nullable": true}), json!("a"), true)]
    #[case(json!({"type": "string"}), json!(null), false)]
    #[case(json!({"type": "number", "minimum": 1, "exclusiveMinimum": true}), json!(1), false)]
    fn openapi_3_0_is_understood(#[case] schema: Value, #[case] value: Value, #[case] valid: bool) {
        let schemas =
            schemas(&[("contract/v.yaml", json!({"openapi": "3.0.3", "s": schema}))]).expect("sound");
        let validator = schemas.validator(&SchemaRef::new("contract/v.yaml", "/s")).expect("it compiles");
        assert_eq!(validator.is_valid(&value), valid);
    }
}
