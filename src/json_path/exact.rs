//! Integers that a float does not hold: the engine compares all numbers as floats, in which two ids beyond 2^53 can be the same. Where a
//! path compares with such an integer, it and those of the body are compared as text.

use serde_json::Value;

use super::mistake::outside_of_quotes;

/// Up to here every integer is a float of its own.
const EXACT: i128 = 1 << 53;

/// Stands before an integer that is written as text. No text of an endpoint begins with it.
const MARK: &str = "\u{F8FF}integer ";

/// The path with its large integers as text; `None` where it compares with none, or asks which of two is the larger.
pub(super) fn as_text(path: &str) -> Option<String> {
    let places: Vec<(usize, char)> = outside_of_quotes(path).collect();
    if places.iter().any(|(_, character)| matches!(character, '<' | '>')) {
        return None;
    }
    let mut written = String::new();
    let mut done = 0;
    for (at, _) in places.iter().filter(|(_, character)| *character == '=') {
        let after = &path[at + 1..];
        let literal = after.trim_start();
        let start = path.len() - literal.len();
        let length = literal.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(literal.len());
        let is_whole = !literal[length..].starts_with(['.', 'e', 'E']);
        if let Some(large) = literal[..length].parse().ok().filter(|integer| is_whole && is_large(*integer)) {
            written.push_str(&path[done..start]);
            written.push_str(&format!("'{MARK}{large}'"));
            done = start + length;
        }
    }
    (done > 0).then(|| written + &path[done..])
}

/// The body with its large integers as text.
pub(super) fn with_text(body: &Value) -> Value {
    match body {
        Value::Array(items) => items.iter().map(with_text).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), with_text(member))).collect()
        }
        Value::Number(number) => match number.as_i128().filter(|integer| is_large(*integer)) {
            Some(large) => format!("{MARK}{large}").into(),
            None => body.clone(),
        },
        body => body.clone(),
    }
}

fn is_large(integer: i128) -> bool {
    integer.abs() > EXACT
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::super::{find, located};

    #[rstest]
    #[case::equal("$[?@.id == 9007199254740993].name", &["b"])]
    #[case::in_brackets("$[?(@.id==9007199254740993)]['name']", &["b"])]
    #[case::not_equal("$[?@.id != 9007199254740993].name", &["a", "c"])]
    #[case::negative("$[?@.id == -9007199254740993].name", &["c"])]
    #[case::two("$[?@.id == 9007199254740993 || @.id == 9007199254740992].name", &["a", "b"])]
    #[case::small("$[?@.n == 1].name", &["a"])]
    #[case::beside_a_large_one("$[?@.n == 1 && @.id != 9007199254740993].name", &["a"])]
    #[case::none("$[?@.id == 9007199254740995].name", &[])]
    #[case::in_quotes("$[?@.name == '== 9007199254740993'].name", &[])]
    fn ids_beyond_what_a_float_holds_are_told_apart(#[case] path: &str, #[case] expected: &[&str]) {
        let body = json!([
            {"id": 9_007_199_254_740_992_i64, "name": "a", "n": 1},
            {"id": 9_007_199_254_740_993_i64, "name": "b"},
            {"id": -9_007_199_254_740_993_i64, "name": "c"},
        ]);
        assert_eq!(
            find(path, &body),
            expected.iter().map(|name| json!(name)).collect::<Vec<_>>().iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn what_is_found_is_as_the_body_has_it() {
        let body = json!([{"id": u64::MAX}, {"id": u64::MAX - 1}]);
        let found = located("$[?@.id == 18446744073709551614].id", &body);
        assert_eq!(found, [("/1/id".to_owned(), &json!(u64::MAX - 1))]);
    }
}
