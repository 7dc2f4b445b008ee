//! The body of an answer is as its schema says, formats included: the schema the case names, else the contract's.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::errors;
use super::json_body::beginning;
use super::record::Record;
use crate::spec::way::Way;

pub(super) const CHECK: Check = Check {
    id: "response-schema",
    summary: "every body is valid against the schema for its operation and status",
    looks_at: "JSON responses with a documented schema",
    requirements: &["RESP-SCHEMA"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    look.expects_by_rule = true;
    for (index, exchange) in record.answered() {
        let (Some(schema), Some(body)) = (record.schema(exchange), exchange.response.json()) else {
            continue;
        };
        let Ok(validator) = record.suite.schemas.validator(schema, Way::Answer) else { continue };
        look.examine(index);
        // Whether is asked sooner than why.
        if validator.is_valid(body) {
            continue;
        }
        let tell = |pointer: &str, error: &ValidationError<'_>| {
            let shown = exchange.response.written(pointer, error.instance());
            let (expected, actual) = explain(error, beginning(&shown));
            look.report_value(index, pointer, format!("{expected} ({schema})"), actual);
        };
        if errors::each(&validator, body, tell) == errors::Told::Some {
            let actual = format!("more than {} errors; the rest is omitted", errors::COUNTED);
            look.report_value(index, "", format!("a valid body ({schema})"), actual);
        }
    }
}

/// The expected and the actual value.
pub(super) fn explain(error: &ValidationError<'_>, actual: String) -> (String, String) {
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let names: Vec<&str> = error
                .instance()
                .as_object()
                .map(|object| object.keys().map(String::as_str).collect())
                .unwrap_or_default();
            (
                format!("a member `{}`", property.as_str().unwrap_or_default()),
                format!("only {}", names.join(", ")),
            )
        }
        ValidationErrorKind::Format { format } => {
            let lacks = if lacks_offset(format, error.instance()) {
                " with an offset from UTC, like `Z`"
            } else {
                ""
            };
            (format!("a {format}{lacks}"), actual)
        }
        ValidationErrorKind::Pattern { pattern } => (format!("a string matching /{pattern}/"), actual),
        ValidationErrorKind::Enum { options } => (format!("one of {options}"), actual),
        ValidationErrorKind::Type { kind } => (format!("of type {}", type_words(kind)), actual),
        _ => (without_instance(&error.to_string(), error.instance()), actual),
    }
}

/// Whether a time would be one if it said how far it is from UTC (RFC 3339 §5.6).
fn lacks_offset(format: &str, value: &Value) -> bool {
    let with_offset = match (format, value) {
        ("time" | "date-time", Value::String(text)) => format!("{text}Z"),
        _ => return false,
    };
    let schema = serde_json::json!({ "format": format });
    let validator = jsonschema::options().should_validate_formats(true).build(&schema);
    validator.is_ok_and(|validator| validator.is_valid(&with_offset.into()))
}

fn type_words(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(kind) => kind.to_string(),
        jsonschema::error::TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// The message of an error without the value it begins with, which is shown beside it.
fn without_instance(message: &str, instance: &Value) -> String {
    message.strip_prefix(&instance.to_string()).unwrap_or(message).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project};

    #[test]
    fn it_names_every_value_that_is_wrong() {
        let mut broken = project("calm-sea-00000001");
        broken["created_at"] = json!("yesterday");
        broken["pg_version"] = json!("17");
        let found = check(&super::CHECK, vec![Fake::of("getProject").body(json!({ "project": broken }))]);
        assert!(found.contains(&"body /project/created_at: \"yesterday\"".to_owned()), "{found:?}");
        assert!(found.contains(&"body /project/pg_version: \"17\"".to_owned()), "{found:?}");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn it_fires_when_v1_databases_are_null() {
        let body = json!([{"created_at": "2022-07-29T08:00:40.502Z", "current_state": "init", "databases": null,
            "deleted": false, "id": "calm-sea-1", "updated_at": "2022-07-29T08:00:40.502Z"}]);
        let found = check(&super::CHECK, vec![Fake::of("v1ListProjects").body(body)]);
        assert_eq!(found, ["body /0/databases: null"]);
    }

    #[test]
    fn it_tells_numbers_as_they_came() {
        let text = r#"{"project": {"id": 123456789012345678901234567890, "name": 1.50}}"#;
        let found = check(&super::CHECK, vec![Fake::of("getProject").bytes(text.as_bytes())]);
        assert!(
            found.contains(&"body /project/id: 123456789012345678901234567890".to_owned())
                && found.contains(&"body /project/name: 1.50".to_owned()),
            "{found:?}"
        );
    }

    #[rstest]
    #[case::an_offset_alone(
        "date-time",
        "2024-01-01T00:00:00",
        "a date-time with an offset from UTC, like `Z`"
    )]
    #[case::more_than_an_offset("date-time", "2024-01-01 at noon", "a date-time")]
    #[case::of_a_time("time", "12:00:00", "a time with an offset from UTC, like `Z`")]
    #[case::of_a_date("date", "2024-01", "a date")]
    fn it_says_that_an_offset_is_missing(#[case] format: &str, #[case] value: &str, #[case] expected: &str) {
        let schema = json!({"format": format});
        let validator =
            jsonschema::options().should_validate_formats(true).build(&schema).expect("it is one");
        let value = json!(value);
        let error = validator.validate(&value).expect_err("it is wrong");
        assert_eq!(super::explain(&error, String::new()).0, expected);
    }

    #[test]
    fn it_is_silent_on_a_valid_body_with_more_than_is_documented() {
        let mut body = json!({"project": project("calm-sea-00000001")});
        body["project"]["new_in_2030"] = json!(true);
        assert!(check(&super::CHECK, vec![Fake::of("getProject").body(body)]).is_empty());
    }
}
