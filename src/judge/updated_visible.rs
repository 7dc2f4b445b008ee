//! What was changed reads as it was changed to (PROJ-UPDATED-VISIBLE).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::check::{Check, Look, Severity};
use super::entities::{Identity, asked};
use super::record::Record;
use crate::spec::escape;

pub(super) const CHECK: Check = Check {
    id: "updated-visible",
    summary: "a changed resource reads back with its new values",
    looks_at: "changes followed by a read",
    requirements: &["PROJ-UPDATED-VISIBLE"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut changes: BTreeMap<Identity, Map<String, Value>> = BTreeMap::new();
    for (index, exchange) in record.answered().filter(|(_, exchange)| Record::speaks(exchange)) {
        let is_change = exchange.request.method == "PATCH" && exchange.response.is_success();
        if is_change && let Some(identity) = asked(record, exchange) {
            changes.entry(identity).or_default().extend(changed_members(exchange.request.body.as_deref()));
        }
        if changes.is_empty() {
            continue;
        }
        for sighting in record.sightings_in(index) {
            let Some(members) = changes.get(&(sighting.kind.to_string(), sighting.id.clone())) else {
                continue;
            };
            let object = sighting.object(record);
            for (name, value) in members {
                let Some(actual) = object.get(name) else { continue };
                look.examine(index);
                if actual != value && !is_same_time(actual, value) {
                    let pointer = format!("{}/{}", sighting.pointer, escape(name));
                    look.report_value(index, &pointer, format!("{value}, the new value"), actual.to_string());
                }
            }
        }
    }
}

/// Whether two texts name one moment, which a server may write in its own way.
fn is_same_time(a: &Value, b: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    matches!((time(a), time(b)), (Some(a), Some(b)) if a.as_second() == b.as_second())
}

/// The plain members that a request `{"project": {…}}` changes. What is nested the server may complete.
fn changed_members(body: Option<&[u8]>) -> Map<String, Value> {
    let body: Value = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let members = body.as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object).flatten();
    members
        .filter(|(_, value)| !value.is_object() && !value.is_array() && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project};

    fn renamed(to: &str, reads: &str) -> Vec<Fake> {
        let mut object = project("calm-sea-1");
        object["name"] = json!(reads);
        let body = json!({"project": object, "operations": []});
        vec![
            Fake::of("updateProject")
                .param("project_id", "calm-sea-1")
                .sent(json!({"project": {"name": to}}))
                .body(body.clone()),
            Fake::of("getProject").param("project_id", "calm-sea-1").body(body),
        ]
    }

    #[test]
    fn it_fires_in_every_answer_that_ignores_the_change() {
        assert_eq!(
            check(&super::CHECK, renamed("new", "old")),
            ["body /project/name: \"old\"", "body /project/name: \"old\""]
        );
    }

    #[test]
    fn it_is_silent_when_the_change_is_seen() {
        assert!(check(&super::CHECK, renamed("new", "new")).is_empty());
    }
}
