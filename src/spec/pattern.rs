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
            && !is_readable(&mut known, &pattern)
        {
            members.remove("pattern");
            out.push((format!("{pointer}/pattern"), pattern));
        }
        if let Some(Value::Object(patterns)) = members.get_mut("patternProperties") {
            patterns.retain(|pattern, _| {
                let is_readable = is_readable(&mut known, pattern);
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
            "b": { "pattern": "^[a-z]$", "patternProperties": { "(": {}, "^x-": { "pattern": "*" } } },
            "properties": { "pattern": { "type": "string" } },
            "default": { "pattern": "(" },
        });
        let out = take_out_unreadable(&mut document);
        let places: Vec<&str> = out.iter().map(|(at, _)| at.as_str()).collect();
        assert_eq!(
            places,
            ["/a/pattern", "/c/pattern", "/b/patternProperties/(", "/b/patternProperties/^x-/pattern"]
        );
        assert_eq!(
            document,
            json!({
                "a": { "type": "string", "minLength": 2 },
                "c": {},
                "b": { "pattern": "^[a-z]$", "patternProperties": { "^x-": {} } },
                "properties": { "pattern": { "type": "string" } },
                "default": { "pattern": "(" },
            })
        );
    }
}
