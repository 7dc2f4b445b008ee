//! A refused write changes nothing (AUTH-NO-EFFECT): what the account holds after it is what it held before.
//!
//! Where others may use the account meanwhile, only objects that the trial knows are compared: those its requests name and
//! those that bear its prefix.

use std::collections::BTreeMap;

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
        let (held, holds) = (still(record, before), still(record, after));
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

/// The body of an answer, without the members that change, come and go by themselves.
fn still(record: &Record<'_>, index: usize) -> Value {
    let exchange = &record.exchanges[index];
    let mut still = exchange.response.json().cloned().unwrap_or_default();
    for annotation in record.annotations(exchange) {
        let (holder, name) = annotation.pointer.rsplit_once('/').unwrap_or_default();
        // On an account that others use too, a service may touch an object at any time.
        let is_touched = !record.exclusive && annotation.mark == Mark::Time && name == "updated_at";
        if (matches!(annotation.mark, Mark::Volatile(_)) || is_touched)
            && let Some(Value::Object(members)) = still.pointer_mut(holder)
        {
            members.remove(&unescape(name));
        }
    }
    still
}

/// The objects an answer shows, without what changes by itself; those of others left out where there may be any.
fn objects(record: &Record<'_>, index: usize) -> BTreeMap<Identity, Value> {
    let still = still(record, index);
    record
        .sightings_in(index)
        .iter()
        .filter_map(|sighting| {
            let object = still.pointer(&sighting.pointer)?.clone();
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

    #[test]
    fn where_others_use_the_account_their_objects_are_theirs() {
        let exchanges = around(project_list(&["calm-sea-1"]), project_list(&["calm-sea-1", "new-sea-2"]));
        assert!(crate::judge::testing::check_shared(&super::CHECK, exchanges).is_empty());
    }
}
