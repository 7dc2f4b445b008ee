//! Whether a request is as the contract says: its parameters and its body.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::mock::body::parse;
use crate::mock::error::ApiError;
use crate::spec::contract::{Operation, Parameter, Place};
use crate::spec::parameter::Writing;
use crate::spec::reading::{lists, readings};
use crate::spec::schema::Schemas;
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

/// The longest part of a value that an error quotes, in characters.
const QUOTED: usize = 200;

/// A request as it came.
pub(super) struct Sent<'a> {
    pub(super) params: &'a BTreeMap<String, String>,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

impl Sent<'_> {
    /// The texts that are sent for a parameter.
    fn texts(&self, parameter: &Parameter) -> Vec<String> {
        let name = &parameter.name;
        let headers = |name: &str| {
            let lines = self.headers.get_all(name).iter();
            lines.map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned()).collect::<Vec<_>>()
        };
        match parameter.place {
            Place::Path => self.params.get(name).cloned().into_iter().collect(),
            Place::Query => url::form_urlencoded::parse(self.query.as_bytes())
                .filter(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
                .collect(),
            Place::Header => headers(name),
            Place::Cookie => {
                let lines = headers("cookie");
                let cookies = lines.iter().flat_map(|line| line.split(';'));
                let named = cookies.filter_map(|cookie| cookie.trim().split_once('='));
                named.filter(|(known, _)| known == name).map(|(_, value)| value.to_owned()).collect()
            }
        }
    }
}

/// Checks the parameters of a request, then its body.
pub(super) fn check(schemas: &Schemas, operation: &Operation, sent: &Sent<'_>) -> Result<(), ApiError> {
    for parameter in &operation.parameters {
        check_parameter(schemas, parameter, &sent.texts(parameter))?;
    }
    check_body(schemas, operation, sent)
}

fn check_parameter(schemas: &Schemas, parameter: &Parameter, texts: &[String]) -> Result<(), ApiError> {
    let name = &parameter.name;
    let Some(first) = texts.first() else {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        let missing = || ApiError::parameter(name, &format!("{place} parameter is required"));
        return if parameter.required { Err(missing()) } else { Ok(()) };
    };
    let read = match (&parameter.writing, &parameter.schema) {
        (Writing::Content { media, schema: Some(schema) }, _) if media.contains("json") => {
            let value = serde_json::from_str(first).map_err(|_| ApiError::parameter(name, "must be JSON"))?;
            Some((schema, vec![value]))
        }
        (_, Some(schema)) => {
            let read = lists(schemas, schema, texts).or_else(|| readings(schemas, schema, first));
            read.map(|read| (schema, read))
        }
        _ => None,
    };
    let Some((schema, values)) = read else { return Ok(()) };
    // A schema that cannot be used forbids nothing.
    let Ok(validator) = schemas.validator(schema, Way::Request) else { return Ok(()) };
    if values.iter().any(|value| validator.is_valid(value)) {
        return Ok(());
    }
    let wrong = values.first().and_then(|value| first_error(&validator, value));
    wrong.map_or(Ok(()), |(_, detail)| Err(ApiError::parameter(name, &detail)))
}

fn check_body(schemas: &Schemas, operation: &Operation, sent: &Sent<'_>) -> Result<(), ApiError> {
    if sent.body.is_empty() {
        return if operation.body_required { Err(ApiError::body("unexpected end of body")) } else { Ok(()) };
    }
    let Some(schema) = operation.body.as_ref().filter(|_| !is_of_another_type(operation, sent.headers))
    else {
        return Ok(());
    };
    let value = parse(sent.body)?;
    match wrong(schemas, schema, &value) {
        Some((place, detail)) if place.is_empty() => {
            Err(ApiError::body(format!("invalid: the body ({detail})")))
        }
        Some((place, detail)) => Err(ApiError::body(format!("invalid: {place} ({detail})"))),
        None => Ok(()),
    }
}

/// Whether a body is of a documented type that is not JSON.
fn is_of_another_type(operation: &Operation, headers: &HeaderMap) -> bool {
    let written = headers.get(header::CONTENT_TYPE).and_then(|written| written.to_str().ok());
    let media = written.and_then(|written| written.split(';').next()).unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    !media.contains("json") && operation.contents.contains_key(&media)
}

/// Where a body is not as its schema says, and why.
fn wrong(schemas: &Schemas, schema: &SchemaRef, body: &Value) -> Option<(String, String)> {
    let validator = schemas.validator(schema, Way::Request).ok()?;
    if validator.is_valid(body) { None } else { first_error(&validator, body) }
}

/// The first thing that is wrong with a value: its place, members divided by dots, and what it should be.
pub(super) fn first_error(validator: &Validator, value: &Value) -> Option<(String, String)> {
    let error = validator.iter_errors(value).next()?;
    let error = innermost(&error);
    let mut place: Vec<String> =
        error.instance_path().as_str().split('/').skip(1).map(crate::spec::unescape).collect();
    let detail = match error.kind() {
        ValidationErrorKind::Required { property } => {
            place.extend(property.as_str().map(str::to_owned));
            "field required".to_owned()
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            place.extend(unexpected.first().cloned());
            "field is not known".to_owned()
        }
        _ => error.to_string().chars().take(QUOTED).collect(),
    };
    Some((place.join("."), detail))
}

/// Of the errors of alternatives, the one that lies deepest: that alternative was meant.
fn innermost<'e>(error: &'e ValidationError<'e>) -> &'e ValidationError<'e> {
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return error;
    };
    let inner = context.iter().flatten().map(innermost).max_by_key(|inner| depth(inner));
    inner.filter(|inner| depth(inner) > depth(error)).unwrap_or(error)
}
