//! The places of a document where a schema, or what holds schemas, may stand: everywhere but in literals, and not where the author gives
//! the names.

use serde_json::{Map, Value};

use super::pointer::escape;

/// Keywords whose values are no schemas, whatever they look like.
const LITERALS: [&str; 5] = ["example", "examples", "default", "enum", "const"];

/// Keywords whose members are named by the author or by statuses, not by keywords.
const NAMED: [&str; 10] = [
    "properties",
    "patternProperties",
    "schemas",
    "$defs",
    "responses",
    "headers",
    "parameters",
    "callbacks",
    "requestBodies",
    "dependentSchemas",
];

/// Whether the members of what stands under `key` are named by the author; `None` where it is no schema and holds none. `holds_names`: so
/// is the key itself.
pub(super) fn below(key: &str, holds_names: bool) -> Option<bool> {
    match (holds_names, LITERALS.contains(&key)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(NAMED.contains(&key)),
    }
}

/// Each mapping of keywords with its pointer, the outer ones first.
pub(super) fn each<'v>(value: &'v Value, visit: &mut impl FnMut(&str, &'v Map<String, Value>)) {
    each_below(value, &mut String::new(), false, visit);
}

fn each_below<'v>(
    value: &'v Value,
    pointer: &mut String,
    holds_names: bool,
    visit: &mut impl FnMut(&str, &'v Map<String, Value>),
) {
    match value {
        Value::Object(members) => {
            if !holds_names {
                visit(pointer, members);
            }
            for (key, member) in members {
                if let Some(holds_names) = below(key, holds_names) {
                    within(pointer, &escape(key), |pointer| each_below(member, pointer, holds_names, visit));
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                within(pointer, &index.to_string(), |pointer| each_below(item, pointer, false, visit));
            }
        }
        _ => {}
    }
}

/// Each mapping of keywords with its pointer, the outer ones first, to be changed.
pub(super) fn each_mut(value: &mut Value, visit: &mut impl FnMut(&str, &mut Map<String, Value>)) {
    each_mut_below(value, &mut String::new(), false, visit);
}

fn each_mut_below(
    value: &mut Value,
    pointer: &mut String,
    holds_names: bool,
    visit: &mut impl FnMut(&str, &mut Map<String, Value>),
) {
    match value {
        Value::Object(members) => {
            if !holds_names {
                visit(pointer, members);
            }
            for (key, member) in members {
                if let Some(holds_names) = below(key, holds_names) {
                    within(pointer, &escape(key), |pointer| {
                        each_mut_below(member, pointer, holds_names, visit);
                    });
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                within(pointer, &index.to_string(), |pointer| each_mut_below(item, pointer, false, visit));
            }
        }
        _ => {}
    }
}

/// Visits what a token leads to.
pub(super) fn within(pointer: &mut String, token: &str, visit: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(token);
    visit(pointer);
    pointer.truncate(length);
}
