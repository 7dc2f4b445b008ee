//! JSON as text, in the spelling of the style.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{Timestamp, tz};
use serde_json::{Map, Value, json};

use crate::style::{Style, Switch};

/// Members that the document does not require, and no case asks for.
const OPTIONAL: [&str; 13] = [
    "quota_reset_at",
    "synthetic_storage_size",
    "primary",
    "last_active",
    "parent_lsn",
    "logical_size",
    "created_by_name",
    "pending_state",
    "compute_release_version",
    "maintenance_window",
    "require_mfa",
    "has_mfa",
    "started_at",
];

/// Lists that nothing gives an order.
const UNORDERED: [&str; 4] = ["roles", "databases", "endpoints", "ips"];

/// So many answers were written.
static WRITTEN: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn text(value: Value, style: &Style) -> String {
    let turn = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let value = shaped(value, style, turn);
    let mut text = String::new();
    write(&mut text, &value, style, 0);
    if style.has(Switch::TrailingLine) {
        text.push_str(" \r\n\t");
    }
    text
}

fn shaped(value: Value, style: &Style, turn: usize) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| shaped(item, style, turn)).collect(),
        Value::Object(members) => {
            let mut shaped_members = Map::new();
            if style.has(Switch::ExtraMembers) && members.contains_key("id") {
                shaped_members.insert("x_since".to_owned(), json!({ "flags": [1, null, "x"], "": {} }));
            }
            let mut members: Vec<_> = members.into_iter().collect();
            if style.has(Switch::MembersReversed) {
                members.reverse();
            }
            for (name, mut member) in members {
                if style.has(Switch::ListsUnordered)
                    && UNORDERED.contains(&name.as_str())
                    && let Some(items) = member.as_array_mut()
                    && !items.is_empty()
                {
                    let by = turn % items.len();
                    items.rotate_left(by);
                }
                if !(style.has(Switch::OptionalLeftOut) && OPTIONAL.contains(&name.as_str())) {
                    shaped_members.insert(name, shaped(member, style, turn));
                }
            }
            Value::Object(shaped_members)
        }
        Value::String(word) if style.has(Switch::TimesSpelledAnew) => json!(spelled_anew(word, turn)),
        simple => simple,
    }
}

/// A time of v2 in another spelling, by turns; those of v1 have one, with milliseconds.
fn spelled_anew(word: String, turn: usize) -> String {
    let Ok(instant) = word.parse::<Timestamp>() else { return word };
    match turn % 3 {
        _ if word.contains('.') || !word.ends_with('Z') => word,
        0 => format!("{}.000Z", word.trim_end_matches('Z')),
        1 => instant.display_with_offset(tz::offset(5)).to_string(),
        _ => word,
    }
}

fn write(text: &mut String, value: &Value, style: &Style, depth: usize) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                comma(text, index, style, depth);
                write(text, item, style, depth + 1);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                comma(text, index, style, depth);
                string(text, name, style);
                text.push_str(if style.has(Switch::PrettyJson) { " :\t" } else { ":" });
                write(text, member, style, depth + 1);
            }
            text.push('}');
        }
        Value::String(word) => string(text, word, style),
        Value::Number(number) => match number.as_f64() {
            Some(float) if style.has(Switch::NumbersWithExponent) && float != 0.0 && float.abs() < 1e6 => {
                text.push_str(&format!("{float:e}"));
            }
            _ => text.push_str(&number.to_string()),
        },
        simple => text.push_str(&simple.to_string()),
    }
}

fn comma(text: &mut String, index: usize, style: &Style, depth: usize) {
    if index > 0 {
        text.push(',');
    }
    if style.has(Switch::PrettyJson) {
        text.push_str("\r\n");
        text.push_str(&"\t".repeat(depth + 1));
    }
}

fn string(text: &mut String, word: &str, style: &Style) {
    if style.has(Switch::EscapedText) {
        text.push('"');
        for unit in word.encode_utf16() {
            text.push_str(&format!("\\u{unit:04X}"));
        }
        text.push('"');
    } else {
        text.push_str(&Value::from(word).to_string());
    }
}
