//! A token or a password appears only where it is minted or revealed (KEY-ONCE, SECRET-ONCE): where its schema says so.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::record::Record;
use crate::exchange::Exchange;
use crate::spec::escape;
use crate::spec::shape::Mark;

pub(super) const CHECK: Check = Check {
    id: "secret-once",
    summary: "a token or a password appears only in the response that creates or reveals it",
    looks_at: "all responses",
    requirements: &["KEY-ONCE", "SECRET-ONCE"],
    kept_because: None,
    severity: Severity::Critical,
    judge,
};

/// The requirement on what an operation shows: keys have one of their own.
fn rule(record: &Record<'_>, exchange: &Exchange) -> &'static [&'static str] {
    let is_of_keys = record.operation(exchange).is_some_and(|operation| operation.path.contains("/api_keys"));
    if is_of_keys { &["KEY-ONCE"] } else { &["SECRET-ONCE"] }
}

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        look.examine(index);
        let rule = rule(record, exchange);
        for (name, value) in &exchange.response.headers {
            if record.secrets.leaks_in(value) {
                look.breaks(rule).report(
                    index,
                    format!("header {name}"),
                    "no secret",
                    "a token or a password",
                );
            }
        }
        let Some(body) = exchange.response.json() else {
            if record.secrets.leaks_in(&exchange.response.text()) {
                look.breaks(rule).report(index, "body", "no secret", "a token or a password");
            }
            continue;
        };
        let leaks = |text: &str| record.secrets.leaks_in(text);
        if !has_string(body, &leaks) {
            continue;
        }
        let revealed: HashSet<&str> = record
            .annotations(exchange)
            .iter()
            .filter(|annotation| annotation.mark == Mark::Secret)
            .map(|annotation| annotation.pointer.as_str())
            .collect();
        each_string(body, &mut String::new(), &mut |pointer, text| {
            if leaks(text) && !revealed.contains(pointer) {
                look.breaks(rule).report_value(index, pointer, "no secret", "a token or a password");
            }
        });
    }
}

/// Whether a value has a string that is so.
fn has_string(value: &Value, is_so: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_so(text),
        Value::Array(items) => items.iter().any(|item| has_string(item, is_so)),
        Value::Object(members) => members.values().any(|member| has_string(member, is_so)),
        _ => false,
    }
}

/// Tells all strings of a value, with their places.
fn each_string(value: &Value, pointer: &mut String, tell: &mut impl FnMut(&str, &str)) {
    let length = pointer.len();
    match value {
        Value::String(text) => tell(pointer, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let _ = write!(pointer, "/{index}");
                each_string(item, pointer, tell);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&escape(name));
                each_string(member, pointer, tell);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, SECRET, check, key_list};

    #[test]
    fn it_fires_when_a_token_is_listed() {
        let mut keys = key_list(&[7]);
        keys[0]["key"] = json!(SECRET);
        assert_eq!(
            check(&super::CHECK, vec![Fake::of("listApiKeys").body(keys)]),
            ["body /0/key: a token or a password"]
        );
    }

    #[test]
    fn it_fires_when_a_token_is_in_a_header_or_in_no_json() {
        let header = Fake::of("listApiKeys").body(key_list(&[])).header("x-debug", SECRET);
        let text = Fake::of("listApiKeys").bytes(format!("key: {SECRET}").as_bytes());
        assert_eq!(check(&super::CHECK, vec![header, text]).len(), 2);
    }

    #[test]
    fn it_is_silent_where_the_token_is_minted() {
        let minted = json!({"id": 7, "key": SECRET, "name": "a", "created_at": "2025-01-01T00:00:00Z",
            "created_by": "00000000-0000-4000-8000-000000000002"});
        assert!(check(&super::CHECK, vec![Fake::of("createApiKey").body(minted)]).is_empty());
    }
}
