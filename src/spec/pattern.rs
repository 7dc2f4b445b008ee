//! Regular expressions of a document from outside that the engine cannot read: ECMA-262 knows some that it does not. They are left out,
//! and the rest of their schema is held against.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::pointer::escape;
use super::walk;

/// Takes out what cannot be read, and returns where it stood and what it was.
pub(super) fn take_out_unreadable(document: &mut Value) -> Vec<(String, String)> {
    let mut known = HashMap::new();
    let mut out = Vec::new();
    walk::each_mut(document, &mut |pointer, members| {
        if let Some(Value::String(pattern)) = members.get("pattern").cloned()
            && (is_delimited(&pattern) || !is_readable(&mut known, &pattern))
        {
            members.remove("pattern");
            out.push((format!("{pointer}/pattern"), pattern));
        }
        if let Some(Value::Object(patterns)) = members.get_mut("patternProperties") {
            patterns.retain(|pattern, _| {
                let is_readable = !is_delimited(pattern) && is_readable(&mut known, pattern);
                if !is_readable {
                    let at = format!("{pointer}/patternProperties/{}", escape(pattern));
                    out.push((at, pattern.clone()));
                }
                is_readable
            });
        }
    });
    out
}

/// What a warning says of an expression that was taken out, and its help.
pub(super) fn message(expression: &str) -> (String, &'static str) {
    if is_delimited(expression) {
        let message = format!("`{expression}` matches no text, because of the slashes; it is not checked");
        (message, "remove the slashes around the regular expression, and what follows them")
    } else {
        let message = format!("cannot read the regular expression `{expression}`; it is not checked");
        (
            message,
            "the rest of the schema is checked; use classes, groups and repetitions, which all engines support",
        )
    }
}

/// Whether the slashes around a literal of JavaScript were taken along: then it matches no text at all.
fn is_delimited(pattern: &str) -> bool {
    let inner = pattern.strip_prefix("/^").and_then(|rest| rest.rsplit_once('/'));
    inner.is_some_and(|(inner, flags)| {
        inner.ends_with('$') && flags.bytes().all(|flag| b"dgimsuvy".contains(&flag))
    })
}

fn is_readable(known: &mut HashMap<String, bool>, pattern: &str) -> bool {
    let compiles = || jsonschema::draft202012::new(&json!({ "pattern": pattern })).is_ok();
    *known.entry(pattern.to_owned()).or_insert_with(compiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_expression_is_left_out() {
        let mut document = json!({
            "a": { "type": "string", "minLength": 2, "pattern": "[^]" },
            "c": { "pattern": r"^(?<x>a)\k<x>$" },
            "d": { "pattern": "/^[a-z]+$/i" },
            "e": { "pattern": "^/a/$" },
            "b": { "pattern": "^[a-z]$", "patternProperties": { "(": {}, "^x-": { "pattern": "*" } } },
            "properties": { "pattern": { "type": "string" } },
            "default": { "pattern": "(" },
        });
        let out = take_out_unreadable(&mut document);
        let places: Vec<&str> = out.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(
            places,
            [
                "/a/pattern",
                "/c/pattern",
                "/d/pattern",
                "/b/patternProperties/(",
                "/b/patternProperties/^x-/pattern"
            ]
        );
        assert_eq!(
            document,
            json!({
                "a": { "type": "string", "minLength": 2 },
                "c": {},
                "d": {},
                "e": { "pattern": "^/a/$" },
                "b": { "pattern": "^[a-z]$", "patternProperties": { "^x-": {} } },
                "properties": { "pattern": { "type": "string" } },
                "default": { "pattern": "(" },
            })
        );
    }
}
