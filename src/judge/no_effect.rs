//! A refused write changes nothing (AUTH-NO-EFFECT): what the account holds after it is what it held before.
//!
//! Where others may use the account meanwhile, only objects that the trial knows are compared: those its requests name and
//! those that bear its prefix.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::entities::Identity;
use super::record::Record;
use crate::exchange::Role;
use crate::spec::shape::Mark;
use crate::spec::unescape;

pub(super) const CHECK: Check = Check {
    id: "no-effect",
    summary: "a write that is rejected with 401 changes nothing",
    looks_at: "writes that must be rejected, with reads before and after",
    requirements: &["AUTH-NO-EFFECT"],
    kept_because: None,
    severity: Severity::Critical,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        if exchange.role != Role::WitnessAfter {
            continue;
        }
        let before = record.exchanges[..index].iter().rposition(|other| {
            matches!(other.role, Role::WitnessBefore | Role::WitnessAfter)
                && other.request.target == exchange.request.target
        });
        let Some(before) = before else { continue };
        if record.exchanges[before].response.status == 0 || exchange.response.status == 0 {
            continue;
        }
        look.examine(index);
        compare(record, before, index, look);
    }
}

fn compare(record: &Record<'_>, before: usize, after: usize, look: &mut Look) {
    let statuses = (record.exchanges[before].response.status, record.exchanges[after].response.status);
    let request = &record.exchanges[after].request;
    let seen = format!("{} {}", request.method, request.target);
    let is_read = |status: u16| (200..300).contains(&status);
    let is_gone = |status: u16| matches!(status, 404 | 410);
    // An error says nothing of what the account holds, but that it is not there.
    let is_seen = is_read(statuses.0) || is_read(statuses.1);
    if !is_seen || [statuses.0, statuses.1].into_iter().any(|status| !is_read(status) && !is_gone(status)) {
        return;
    }
    if statuses.0 != statuses.1 {
        look.report(
            after,
            "status",
            format!("{}, as before the refused request ({seen})", statuses.0),
            statuses.1.to_string(),
        );
        return;
    }
    let is_anonymous = |index| record.sightings_in(index).is_empty();
    if is_anonymous(before) && is_anonymous(after) && !record.exchanges[after].params.is_empty() {
        // What a trial asks for by its own things nobody else changes.
        let (held, holds) = (in_one_form(still(record, before)), in_one_form(still(record, after)));
        if held != holds {
            look.report(after, "body", format!("as before the refused request: {held}"), holds.to_string());
        }
        return;
    }
    let (held, holds) = (objects(record, before), objects(record, after));
    for ((kind, id), object) in &held {
        match holds.get(&(kind.clone(), id.clone())) {
            None => {
                look.report(after, "body", format!("the {kind} {id}, as before the refused request"), "gone");
            }
            Some(now) if now != object => {
                look.report(after, "body", format!("the {kind} {id} as before: {object}"), now.to_string());
            }
            Some(_) => {}
        }
    }
    for ((kind, id), object) in &holds {
        if !held.contains_key(&(kind.clone(), id.clone())) {
            look.report(
                after,
                "body",
                "no resource that did not exist before the refused request",
                format!("the {kind} {id}: {object}"),
            );
        }
    }
}

/// The body of an answer, without the members that change, come and go by themselves, and with times in one spelling.
fn still(record: &Record<'_>, index: usize) -> Value {
    let exchange = &record.exchanges[index];
    let mut still = exchange.response.json().cloned().unwrap_or_default();
    for annotation in record.annotations(exchange) {
        let (holder, name) = annotation.pointer.rsplit_once('/').unwrap_or_default();
        // On an account that others use too, a service may touch an object at any time.
        let is_touched = !record.exclusive && annotation.mark == Mark::Time && name == "updated_at";
        if matches!(annotation.mark, Mark::Volatile(_)) || is_touched {
            if let Some(Value::Object(members)) = still.pointer_mut(holder) {
                members.remove(&unescape(name));
            }
        } else if annotation.mark == Mark::Time
            && let Some(Value::String(time)) = still.pointer_mut(&annotation.pointer)
            && let Ok(instant) = time.parse::<Timestamp>()
        {
            *time = instant.to_string();
        }
    }
    still
}

/// Null says no more than a member that is missing, and lists have no documented order. Places within the value change by it.
fn in_one_form(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let told = members.into_iter().filter(|(_, member)| !member.is_null());
            Value::Object(told.map(|(name, member)| (name, in_one_form(member))).collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(in_one_form).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        plain => plain,
    }
}

/// The objects an answer shows, without what changes by itself; those of others left out where there may be any.
fn objects(record: &Record<'_>, index: usize) -> BTreeMap<Identity, Value> {
    let still = still(record, index);
    record
        .sightings_in(index)
        .iter()
        .filter_map(|sighting| {
            let object = in_one_form(still.pointer(&sighting.pointer)?.clone());
            let is_known = record.exclusive
                || record
                    .exchanges
                    .iter()
                    .any(|exchange| exchange.params.values().any(|id| *id == sighting.id))
                || object.to_string().contains(&record.prefix);
            is_known.then(|| ((sighting.kind.to_string(), sighting.id.clone()), object))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::exchange::Role;
    use crate::judge::testing::{Fake, check, project_list};
    use crate::spec::credential::Credential;

    fn around(before: Value, after: Value) -> Vec<Fake> {
        vec![
            Fake::of("listProjects").role(Role::WitnessBefore).body(before),
            Fake::of("createProject")
                .credential(Credential::Revoked)
                .status(401)
                .body(json!({"code": "", "message": "no"})),
            Fake::of("listProjects").role(Role::WitnessAfter).body(after),
        ]
    }

    #[test]
    fn it_fires_when_a_refused_request_created_something() {
        let found = check(
            &super::CHECK,
            around(project_list(&["calm-sea-1"]), project_list(&["calm-sea-1", "new-sea-2"])),
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("the project new-sea-2"), "{found:?}");
    }

    #[test]
    fn it_fires_when_a_refused_request_removed_something() {
        let found = check(&super::CHECK, around(project_list(&["calm-sea-1"]), project_list(&[])));
        assert_eq!(found, ["body: gone"]);
    }

    #[test]
    fn it_fires_when_a_refused_request_changed_something() {
        let mut changed = project_list(&["calm-sea-1"]);
        changed["projects"][0]["name"] = json!("changed");
        assert_eq!(check(&super::CHECK, around(project_list(&["calm-sea-1"]), changed)).len(), 1);
    }

    #[test]
    fn it_is_silent_when_only_counters_move() {
        let mut used = project_list(&["calm-sea-1"]);
        used["projects"][0]["active_time"] = json!(100);
        assert!(check(&super::CHECK, around(project_list(&["calm-sea-1"]), used)).is_empty());
    }

    #[rstest]
    #[case::the_same_instant_in_another_zone("/created_at", json!("2025-01-01T05:30:00.0+05:30"), 0)]
    #[case::another_instant("/created_at", json!("2025-01-01T00:00:00+05:30"), 1)]
    #[case::null_for_what_is_missing("/org_id", json!(null), 0)]
    #[case::the_same_list_in_another_order("/settings/allowed_ips/ips", json!(["10.0.0.2", "10.0.0.1"]), 0)]
    #[case::another_list("/settings/allowed_ips/ips", json!(["10.0.0.2", "10.0.0.3"]), 1)]
    fn what_says_the_same_in_another_form_is_no_effect(
        #[case] place: &str,
        #[case] value: Value,
        #[case] expected: usize,
    ) {
        let mut before = project_list(&["calm-sea-1"]);
        before["projects"][0]["created_at"] = json!("2025-01-01T00:00:00Z");
        before["projects"][0]["settings"] = json!({"allowed_ips": {"ips": ["10.0.0.1", "10.0.0.2"]}});
        let mut after = before.clone();
        let (holder, name) = place.rsplit_once('/').expect("a place has a name");
        after["projects"][0].pointer_mut(holder).expect("the holder is there")[name] = value;
        let found = check(&super::CHECK, around(before, after));
        assert_eq!(found.len(), expected, "{found:?}");
    }

    #[test]
    fn objects_are_told_apart_wherever_they_stand_in_their_list() {
        let mut after = project_list(&["calm-sea-1", "new-sea-2"]);
        after["projects"].as_array_mut().expect("it is a list").reverse();
        assert!(check(&super::CHECK, around(project_list(&["calm-sea-1", "new-sea-2"]), after)).is_empty());
    }

    #[test]
    fn where_others_use_the_account_their_objects_are_theirs() {
        let exchanges = around(project_list(&["calm-sea-1"]), project_list(&["calm-sea-1", "new-sea-2"]));
        assert!(crate::judge::testing::check_shared(&super::CHECK, exchanges).is_empty());
    }
}
