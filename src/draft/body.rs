//! Bodies of requests in cases: as JSON where that changes nothing, as they are otherwise.

use serde_json::{Number, Value};

use crate::json;

/// The media type that curl sends of its own accord.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a media type is the one that a case sends of its own accord.
pub(super) fn is_json_type(media_type: &str) -> bool {
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// Whether a text is meant as JSON, if only it is not always well-formed.
pub(super) fn is_meant_as_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) || json::parse(text.as_bytes()).is_ok()
}

/// A body as a value of which every writer makes the same text but for blanks and escapes; `None` where there is none: where a name
/// stands twice, or a number is written in another way than it is read.
pub(super) fn as_value(text: &str) -> Option<Value> {
    let parsed = json::parse(text.as_bytes()).ok().filter(|parsed| parsed.repeated_name.is_none())?;
    let mut read = Vec::new();
    numbers_in(&parsed.value, &mut read);
    let is_small = |number: &Number| !number.is_u64() || number.is_i64();
    let same = read.iter().map(ToString::to_string).eq(json::numbers(text).map(str::to_owned));
    (same && read.into_iter().all(is_small)).then_some(parsed.value)
}

fn numbers_in<'v>(value: &'v Value, found: &mut Vec<&'v Number>) {
    match value {
        Value::Number(number) => found.push(number),
        Value::Array(items) => items.iter().for_each(|item| numbers_in(item, found)),
        Value::Object(members) => members.values().for_each(|member| numbers_in(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"a": [1, -2, 1.5, 9223372036854775807], "b\\\"1": "3"}"#)]
    #[case(" \n[]")]
    #[case("7")]
    fn a_plain_body_is_a_value(#[case] text: &str) {
        let value: Value = serde_json::from_str(text).expect("it is JSON");
        assert_eq!(as_value(text), Some(value));
    }

    #[rstest]
    #[case::a_name_twice(r#"{"a": {"b": 1, "b": 2}}"#)]
    #[case::beyond_64_bits("[18446744073709551616]")]
    #[case::beyond_63_bits("[9223372036854775808]")]
    #[case::many_digits("[0.1000000000000000000001]")]
    #[case::an_exponent("[1e2]")]
    #[case::a_zero_at_the_end("[1.50]")]
    #[case::minus_zero("[-0]")]
    #[case::no_json("a=b")]
    fn what_would_be_changed_is_none(#[case] text: &str) {
        assert_eq!(as_value(text), None);
    }
}
