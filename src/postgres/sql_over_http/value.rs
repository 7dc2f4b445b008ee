//! Values between JSON and the texts of PostgreSQL.

use serde_json::Value;

/// The types that JSON has as well, by their numbers in `pg_type`.
const BOOL: u32 = 16;
const INTEGERS: [u32; 2] = [21, 23];
const FLOATS: [u32; 2] = [700, 701];
const JSON: [u32; 2] = [114, 3802];

/// A parameter as a text.
pub(super) fn parameter(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(array(items)),
        other => Some(other.to_string()),
    }
}

/// An array as PostgreSQL writes it (§8.15.2).
fn array(items: &[Value]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|item| match item {
            Value::Null => "NULL".to_owned(),
            Value::Array(items) => array(items),
            Value::Bool(_) | Value::Number(_) => item.to_string(),
            Value::String(text) => quoted(text),
            Value::Object(_) => quoted(&item.to_string()),
        })
        .collect();
    format!("{{{}}}", items.join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A value of a row as JSON has it, where it has such; otherwise its text.
pub(super) fn shown(kind: u32, text: String) -> Value {
    let value = match kind {
        BOOL => Some(Value::Bool(text == "t")),
        kind if INTEGERS.contains(&kind) => text.parse().ok().map(|number: i64| number.into()),
        kind if FLOATS.contains(&kind) => {
            text.parse().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
        }
        kind if JSON.contains(&kind) => serde_json::from_str(&text).ok(),
        _ => None,
    };
    value.unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!(null), None)]
    #[case(json!("a"), Some("a"))]
    #[case(json!(1.5), Some("1.5"))]
    #[case(json!(true), Some("true"))]
    #[case(json!([1, null, ["a\"b\\c", "NULL"]]), Some(r#"{1,NULL,{"a\"b\\c","NULL"}}"#))]
    #[case(json!({"a": [1]}), Some(r#"{"a":[1]}"#))]
    fn parameters_are_texts(#[case] value: Value, #[case] expected: Option<&str>) {
        assert_eq!(parameter(&value).as_deref(), expected);
    }

    #[rstest]
    #[case(16, "t", json!(true))]
    #[case(23, "-7", json!(-7))]
    #[case(20, "9007199254740993", json!("9007199254740993"))]
    #[case(701, "NaN", json!("NaN"))]
    #[case(701, "0.5", json!(0.5))]
    #[case(3802, r#"{"a": 1}"#, json!({"a": 1}))]
    #[case(25, "t", json!("t"))]
    fn values_are_json_where_nothing_is_lost(#[case] kind: u32, #[case] text: &str, #[case] expected: Value) {
        assert_eq!(shown(kind, text.to_owned()), expected);
    }
}
