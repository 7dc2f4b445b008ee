//! From a parsed document to a typed value, through the JSON Schema of the type.
//!
//! The schema is the one editors use, so what an editor underlines is what loading refuses. A
//! schema finds every mistake of a file at once and says of what kind it is; a plain
//! deserialisation would stop at the first.

use std::collections::HashMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::document::Document;
use super::pointer::escape;

/// The JSON Schema (2020-12) of a file type.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> Schema {
    SchemaGenerator::default().into_root_schema_for::<T>()
}

/// Reads documents as one file type; compile it once and share it.
pub(crate) struct Shape<T> {
    validator: Validator,
    schema: Value,
    known_keys: HashMap<String, Vec<String>>,
    file_type: std::marker::PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Shape<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shape").finish_non_exhaustive()
    }
}

impl<T: JsonSchema + DeserializeOwned> Shape<T> {
    pub(crate) fn new() -> Self {
        let schema = schema_of::<T>().to_value();
        let validator =
            jsonschema::options().offline().build(&schema).expect("a schema derived from a type is a schema");
        let mut known_keys = HashMap::new();
        collect_keys(&schema, String::new(), &mut known_keys);
        Self { validator, schema, known_keys, file_type: std::marker::PhantomData }
    }

    /// The document as a `T`, or `None` with everything that is wrong in `diagnostics`.
    pub(crate) fn read(&self, document: &Document, diagnostics: &mut Diagnostics) -> Option<T> {
        self.read_with(document, diagnostics, |_| {})
    }

    /// The same, where `further` knows of mistakes that no schema shows.
    pub(crate) fn read_with(
        &self,
        document: &Document,
        diagnostics: &mut Diagnostics,
        further: impl FnOnce(&mut Diagnostics),
    ) -> Option<T> {
        let before = diagnostics.len();
        if !self.validator.is_valid(document.value()) {
            for error in self.validator.iter_errors(document.value()) {
                self.explain(document, &error, diagnostics);
            }
        }
        further(diagnostics);
        if diagnostics.len() > before {
            return None;
        }
        match T::deserialize(document.value()) {
            Ok(value) => Some(value),
            Err(error) => {
                diagnostics.push(Diagnostic::new(document.at(""), error.to_string()));
                None
            }
        }
    }

    fn explain(&self, document: &Document, error: &ValidationError<'_>, out: &mut Diagnostics) {
        let pointer = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = self.keys_allowed_by(error);
                for key in unexpected {
                    let at = document.at_key(&format!("{pointer}/{}", escape(key)));
                    out.push(
                        Diagnostic::new(at, format!("unknown key `{key}`"))
                            .label("unknown key")
                            .suggest(key, known.iter().map(String::as_str)),
                    );
                }
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                if let Some(choices) = choices(context) {
                    out.push(not_a_choice(document, error, choices));
                    return;
                }
                match deepest(context, pointer) {
                    Some(branch) => {
                        for error in branch {
                            self.explain(document, error, out);
                        }
                    }
                    None => out.push(Diagnostic::new(document.at(pointer), alternatives(context, error))),
                }
            }
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                let at = if pointer.is_empty() { document.at("") } else { document.at_key(pointer) };
                out.push(
                    Diagnostic::new(at, format!("`{property}` is missing"))
                        .label("in this mapping")
                        .help(format!("add `{property}:`")),
                );
            }
            ValidationErrorKind::Enum { options } => {
                let choices = options.as_array().into_iter().flatten().filter_map(Value::as_str);
                out.push(not_a_choice(document, error, choices.collect()));
            }
            ValidationErrorKind::MinItems { .. } | ValidationErrorKind::MinProperties { .. } => {
                out.push(
                    Diagnostic::new(document.at_key(pointer), "an empty value is not allowed here")
                        .help("add at least one item, or remove the key"),
                );
            }
            ValidationErrorKind::Pattern { .. } => {
                let message = format!("{} does not have the expected form", found(error.instance()));
                let diagnostic = Diagnostic::new(document.at(pointer), message);
                let path = error.schema_path().as_str();
                let owner = path.rsplit_once('/').map_or("", |(owner, _)| owner);
                out.push(
                    match self.schema.pointer(owner).and_then(|schema| schema["description"].as_str()) {
                        Some(description) => diagnostic.help(description),
                        None => diagnostic,
                    },
                );
            }
            ValidationErrorKind::Type { kind } => {
                out.push(Diagnostic::new(
                    document.at(pointer),
                    format!("expected {}, found {}", expected_type(kind), found(error.instance())),
                ));
            }
            _ => out.push(Diagnostic::new(document.at(pointer), error.to_string())),
        }
    }

    /// The keys the schema allows where `error` found one too many.
    fn keys_allowed_by(&self, error: &ValidationError<'_>) -> Vec<String> {
        let path = error.schema_path().as_str();
        let owner = path.rsplit_once('/').map_or("", |(owner, _)| owner);
        self.known_keys
            .get(owner)
            .cloned()
            .or_else(|| {
                let keys = self.schema.pointer(owner)?.get("properties")?.as_object()?;
                Some(keys.keys().cloned().collect())
            })
            .unwrap_or_default()
    }
}

/// Takes down, for each mapping of a schema, the keys it allows, those of a flattened part included.
fn collect_keys(schema: &Value, pointer: String, known: &mut HashMap<String, Vec<String>>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                known.insert(pointer.clone(), properties.keys().cloned().collect());
            }
            for (key, value) in map {
                collect_keys(value, format!("{pointer}/{}", escape(key)), known);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect_keys(value, format!("{pointer}/{index}"), known);
            }
        }
        _ => {}
    }
}

/// The words there are to choose from, where each alternative is nothing but a word.
fn choices<'a>(context: &'a [Vec<ValidationError<'static>>]) -> Option<Vec<&'a str>> {
    let words = context.iter().map(|branch| match branch.as_slice() {
        [error] => match error.kind() {
            ValidationErrorKind::Constant { expected_value } => {
                expected_value.as_str().map(|word| vec![word])
            }
            ValidationErrorKind::Enum { options } => {
                Some(options.as_array().into_iter().flatten().filter_map(Value::as_str).collect())
            }
            _ => None,
        },
        _ => None,
    });
    words.collect::<Option<Vec<_>>>().map(|words| words.concat())
}

fn not_a_choice(document: &Document, error: &ValidationError<'_>, choices: Vec<&str>) -> Diagnostic {
    let at = document.at(error.instance_path().as_str());
    match error.instance().as_ref() {
        Value::String(word) => {
            Diagnostic::new(at, format!("`{word}` is not one of the choices")).suggest(word, choices)
        }
        other => Diagnostic::new(at, format!("expected one of the choices, found {}", found(other)))
            .help(format!("known: {}", choices.join(", "))),
    }
}

/// Of the alternatives, the one whose mistakes lie deepest: the one that was meant.
fn deepest<'a>(
    context: &'a [Vec<ValidationError<'static>>],
    pointer: &str,
) -> Option<&'a Vec<ValidationError<'static>>> {
    let depth = |branch: &Vec<ValidationError<'static>>| {
        branch
            .iter()
            .map(|error| {
                let inside = error.instance_path().as_str().len() > pointer.len();
                let same_type = !matches!(error.kind(), ValidationErrorKind::Type { .. });
                usize::from(inside) * 2 + usize::from(same_type)
            })
            .min()
            .unwrap_or(0)
    };
    context.iter().filter(|branch| depth(branch) > 0).max_by_key(|branch| depth(branch))
}

fn alternatives(context: &[Vec<ValidationError<'static>>], error: &ValidationError<'_>) -> String {
    let mut expected: Vec<String> = context
        .iter()
        .flatten()
        .filter_map(|error| match error.kind() {
            ValidationErrorKind::Type { kind } => Some(expected_type(kind)),
            _ => None,
        })
        .collect();
    expected.dedup();
    format!("expected {}, found {}", expected.join(" or "), found(error.instance()))
}

fn expected_type(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => article(&kind.to_string()),
        TypeKind::Multiple(kinds) => {
            let kinds: Vec<String> = kinds.iter().map(|kind| article(&kind.to_string())).collect();
            kinds.join(" or ")
        }
    }
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(value) => format!("the number {value}"),
        Value::String(value) => format!("the string `{value}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

fn article(kind: &str) -> String {
    match kind {
        "array" => "a list".to_owned(),
        "object" => "a mapping".to_owned(),
        "integer" => "an integer".to_owned(),
        "null" => "nothing".to_owned(),
        other => format!("a {other}"),
    }
}
