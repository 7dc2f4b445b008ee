//! Numbers as they are written: a reader may have no room for all of their digits.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// The text of a value that was read from `written`, with the numbers as they stand there.
pub(crate) fn exact(value: &Value, written: &str, is_pretty: bool) -> String {
    let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
    if !has_fraction(value) {
        return text;
    }
    let (read, written): (Vec<&str>, Vec<&str>) = (numbers(&text).collect(), numbers(written).collect());
    // Of a name that stands twice, the last member alone was read.
    if read.len() != written.len() {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    for (read, written) in read.iter().zip(written) {
        let start = read.as_ptr() as usize - rest.as_ptr() as usize;
        shown.push_str(&rest[..start]);
        shown.push_str(written);
        rest = &rest[start + read.len()..];
    }
    shown + rest
}

/// The text of the value at a place (JSON Pointer) of a JSON text.
pub(crate) fn at<'t>(text: &'t str, pointer: &str) -> Option<&'t str> {
    pointer.split('/').skip(1).try_fold(text, |text, segment| {
        let name = segment.replace("~1", "/").replace("~0", "~");
        if text.trim_start().starts_with('{') {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            Some(members.get(&name)?.get())
        } else {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Some(items.get(name.parse::<usize>().ok()?)?.get())
        }
    })
}

/// Whether there is a number in a value that was not read as a whole one.
pub(crate) fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(members) => members.values().any(has_fraction),
        _ => false,
    }
}

/// The numbers of a JSON text, as they are written.
pub(crate) fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let is_start =
                |character: char| character == '"' || character == '-' || character.is_ascii_digit();
            rest = &rest[rest.find(is_start)?..];
            if let Some(string) = rest.strip_prefix('"') {
                let mut is_escaped = false;
                let end = string.find(|character| {
                    let is_end = character == '"' && !is_escaped;
                    is_escaped = character == '\\' && !is_escaped;
                    is_end
                })?;
                rest = &string[end + 1..];
                continue;
            }
            let is_part = |character: char| character.is_ascii_digit() || "+-.eE".contains(character);
            let (number, after) =
                rest.split_at(rest.find(|character| !is_part(character)).unwrap_or(rest.len()));
            rest = after;
            return Some(number);
        }
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = r#"{"a\"1": [123456789012345678901234567890, "2.50", {"b/~c": -1.50e+2}], "d": 7}"#;

    #[test]
    fn numbers_are_shown_as_they_are_written() {
        let value: Value = serde_json::from_str(TEXT).expect("it is JSON");
        assert_eq!(exact(&value, TEXT, false).replace([' ', '\n'], ""), TEXT.replace(' ', ""));
        assert!(exact(&value, TEXT, true).contains("\n    123456789012345678901234567890,\n"));
    }

    #[test]
    fn of_a_name_that_stands_twice_the_last_is_shown() {
        let text = r#"{"a": 1.50, "a": 2.50}"#;
        let value: Value = serde_json::from_str(text).expect("it is JSON");
        assert_eq!(exact(&value, text, false), r#"{"a":2.5}"#);
    }

    #[rstest]
    #[case("", Some(TEXT))]
    #[case("/a\"1/0", Some("123456789012345678901234567890"))]
    #[case("/a\"1/2/b~1~0c", Some("-1.50e+2"))]
    #[case("/a\"1/3", None)]
    #[case("/e", None)]
    #[case("/d/e", None)]
    fn a_value_is_found_in_the_text(#[case] pointer: &str, #[case] expected: Option<&str>) {
        assert_eq!(at(TEXT, pointer), expected);
    }
}
