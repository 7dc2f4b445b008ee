//! Bodies that a case can write as YAML without a change.

use serde_json::json;

use crate::json;

/// Whether a JSON text is the same when it is read and written again: no name stands twice, and no number has more digits than are kept.
pub(super) fn is_kept(text: &str) -> bool {
    let is_plain = json::parse(text.as_bytes()).is_ok_and(|parsed| parsed.repeated_name.is_none());
    is_plain && numbers(text).all(is_number_kept)
}

/// The numbers of a JSON text, as they are written.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    text.split(move |character: char| {
        let is_outside = !is_quoted;
        match character {
            '\\' if is_quoted && !is_escaped => is_escaped = true,
            '"' if !is_escaped => is_quoted = !is_quoted,
            _ => is_escaped = false,
        }
        !(is_outside && (character.is_ascii_digit() || matches!(character, '+' | '-' | '.' | 'e' | 'E')))
    })
    .filter(|word| word.starts_with(|character: char| character.is_ascii_digit() || character == '-'))
}

fn is_number_kept(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return number != "-0";
    }
    let is_whole = !number.contains(['.', 'e', 'E']);
    let again = number.parse::<f64>().map(|float| json!(float).to_string());
    !is_whole && again.is_ok_and(|again| again == number)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_kept;

    #[rstest]
    #[case::plain(r#"{"a": [1, -2, 0.25, "3e9"], "b": 18446744073709551615}"#, true)]
    #[case::quoted(r#"{"a": "\"1e400", "b\\": 1}"#, true)]
    #[case::twice(r#"{"a": 1, "a": 2}"#, false)]
    #[case::beyond(r#"{"a": 18446744073709551616}"#, false)]
    #[case::many_digits("[0.1000000000000000055511151231257827]", false)]
    #[case::otherwise_written("[1.0e2]", false)]
    #[case::no_json("a=b", false)]
    fn a_body_is_kept_or_not(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_kept(text), expected);
    }
}
