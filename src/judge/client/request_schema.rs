//! What a client sends is as the contract says: parameters and bodies, with their types, patterns, bounds and enumerations
//! (CLIENT-REQUEST).

use jsonschema::ValidationError;

use crate::exchange::Exchange;
use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{body, header};
use crate::judge::errors;
use crate::judge::json_body::beginning;
use crate::judge::record::Record;
use crate::judge::response_schema::explain;
use crate::spec::Suite;
use crate::spec::contract::{Operation, Parameter, Place};
use crate::spec::reading::readings;
use crate::spec::way::Way;

pub(super) const CHECK: Check = Check {
    id: "request-schema",
    summary: "every request has the required parameters and a body, with values that the contract allows",
    looks_at: "requests for an operation of the contract",
    requirements: &["CLIENT-REQUEST"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    look.expects_by_rule = true;
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(operation) = record.operation(exchange) else { continue };
        look.examine(index);
        for parameter in &operation.parameters {
            let name = &parameter.name;
            let (place, sent) = match parameter.place {
                Place::Path => ("path", exchange.params.get(name).map(String::as_str)),
                Place::Query => ("query", exchange.query.get(name).map(String::as_str)),
                Place::Header if is_not_told(name) => continue,
                Place::Header => ("header", header(exchange, name)),
                Place::Cookie => continue,
            };
            if let Some((expected, actual)) = wrong(record.suite, parameter, sent) {
                look.report(index, format!("request {place} {}", parameter.name), expected, actual);
            }
        }
        look_at_body(record, look, (index, exchange, operation));
    }
}

/// Headers that exchanges are told without, whatever the client has sent.
const NOT_TOLD: [&str; 4] = ["accept-encoding", "connection", "content-length", "host"];

fn is_not_told(header: &str) -> bool {
    NOT_TOLD.iter().any(|name| header.eq_ignore_ascii_case(name))
}

/// What is expected of a parameter, and what is sent in its place; none where it is as it must be.
fn wrong(suite: &Suite, parameter: &Parameter, sent: Option<&str>) -> Option<(String, String)> {
    let Some(text) = sent else {
        let is_missing = parameter.required && parameter.place != Place::Path;
        return is_missing.then(|| ("the parameter, which is required".to_owned(), "missing".to_owned()));
    };
    let schema = parameter.schema.as_ref()?;
    let validator = suite.schemas.validator(schema, Way::Request).ok()?;
    let readings = readings(&suite.schemas, schema, text)?;
    if readings.iter().any(|value| validator.is_valid(value)) {
        return None;
    }
    let value = readings.first()?;
    let error = validator.iter_errors(value).next()?;
    let (expected, actual) = explain(&error, beginning(text));
    Some((format!("{expected} ({schema})"), actual))
}

fn look_at_body(
    record: &Record<'_>,
    look: &mut Look,
    (index, exchange, operation): (usize, &Exchange, &Operation),
) {
    if exchange.request.body.is_none() && operation.body_required {
        look.report(index, "request body", format!("a body, which {} requires", operation.id), "no body");
        return;
    }
    let (Some(schema), Some(body)) = (&operation.body, body(exchange)) else { return };
    let Ok(validator) = record.suite.schemas.validator(schema, Way::Request) else { return };
    if validator.is_valid(&body) {
        return;
    }
    let tell = |pointer: &str, error: &ValidationError<'_>| {
        let (expected, actual) = explain(error, beginning(&error.instance().to_string()));
        let subject = format!("request body {pointer}");
        look.report(index, subject.trim_end(), format!("{expected} ({schema})"), actual);
    };
    let _ = errors::each(&validator, &body, tell);
}
