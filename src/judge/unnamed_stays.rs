//! What no request has changed stays as it was (UNNAMED-STAYS): every answer shows a resource as those before it did, but for what a write
//! in between has named, and what changes by itself.
//!
//! Only resources that the trial knows for its own are compared: others may be changed by other clients.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::entities::{Creation, Identity, asked, created, deleted};
use super::record::Record;
use super::sighting::Sighting;
use crate::exchange::Exchange;
use crate::spec::case_file::Effect;
use crate::spec::contract::{OperationId, effect_of};
use crate::spec::escape;
use crate::spec::shape::Mark;

pub(super) const CHECK: Check = Check {
    id: "unnamed-stays",
    summary: "what no request has changed stays as it was",
    looks_at: "resources of the trial that several answers show",
    requirements: &["UNNAMED-STAYS"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// A resource where it is: its version of the API, the parameters of its parents, its kind and its ID.
type Subject = (String, BTreeMap<String, String>, Identity);

/// What is known of a resource: each plain value by its place in the resource, and the operation that has shown it.
type Known = BTreeMap<String, (Value, OperationId)>;

/// What an answer shows: each plain value by its place in the body.
type Shown = Vec<(String, Value)>;

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut own: Vec<Creation> = Vec::new();
    let mut known: BTreeMap<Subject, Known> = BTreeMap::new();
    for (index, exchange) in record.exchanges.iter().enumerate() {
        forget(record, index, &mut known);
        own.extend(created(record, index));
        if !Record::speaks(exchange) || !exchange.response.is_success() {
            continue;
        }
        let Some(operation) = &exchange.operation else { continue };
        let fleeting = fleeting(record, exchange);
        // What one answer shows twice is not what several show.
        let mut learned = Vec::new();
        for sighting in record.sightings_in(index).iter().filter(|sighting| is_own(record, &own, sighting)) {
            let mut shown = Vec::new();
            plain_members(sighting.object(record), &mut sighting.pointer.clone(), &fleeting, &mut shown);
            let subject = subject(exchange, sighting);
            let before = known.get(&subject);
            if before.is_some() {
                look.examine(index);
            }
            let mut members = Vec::new();
            for (pointer, value) in shown {
                let place = pointer[sighting.pointer.len()..].to_owned();
                if let Some((held, by)) = before.and_then(|before| before.get(&place))
                    && differ(held, &value)
                {
                    let expected = format!("{held}, as {by} showed it");
                    look.report_value(index, &pointer, expected, value.to_string());
                }
                members.push((place, (value, operation.clone())));
            }
            learned.push((subject, members));
        }
        for (subject, members) in learned {
            known.entry(subject).or_default().extend(members);
        }
    }
}

/// Forgets what a request may have changed: of what it changes, the members that it names; of what it creates or removes, nothing but
/// its siblings is known to stay.
fn forget(record: &Record<'_>, index: usize, known: &mut BTreeMap<Subject, Known>) {
    let exchange = &record.exchanges[index];
    let status = exchange.response.status;
    let was_refused = (400..500).contains(&status);
    if effect_of(&exchange.request.method) == Effect::Reads || was_refused {
        return;
    }
    let is_done = exchange.response.is_success();
    let changed = asked(record, exchange).filter(|_| is_done && exchange.request.method == "PATCH");
    if let Some(changed) = changed {
        known.retain(|(_, _, (kind, _)), _| *kind == changed.0);
        let named = named_members(exchange.request.body.as_deref());
        for ((_, _, identity), members) in known {
            if *identity == changed {
                // What begins with the name may say the same in another unit: `size_limit` and `size_limit_bytes`.
                members.retain(|place, _| !named.iter().any(|name| place.starts_with(name)));
            }
        }
        return;
    }
    let removed = deleted(record, index);
    match created(record, index).map(|creation| creation.identity).or_else(|| removed.clone()) {
        Some((kind, _)) if is_done => known.retain(|(_, _, identity), _| {
            identity.0 == kind && removed.as_ref().is_none_or(|removed| removed != identity)
        }),
        _ => known.clear(),
    }
}

fn is_own(record: &Record<'_>, own: &[Creation], sighting: &Sighting) -> bool {
    let is_made =
        |creation: &Creation| *creation.identity.0 == *sighting.kind && creation.identity.1 == sighting.id;
    record.exclusive
        || own.iter().any(is_made)
        || sighting.object(record)["name"].as_str().is_some_and(|name| name.starts_with(&record.prefix))
}

fn subject(exchange: &Exchange, sighting: &Sighting) -> Subject {
    let path = exchange.request.target.trim_start_matches('/');
    let version = path.split('/').take(2).collect::<Vec<_>>().join("/");
    let mut parents = exchange.params.clone();
    parents.retain(|_, id| *id != sighting.id);
    (version, parents, (sighting.kind.to_string(), sighting.id.clone()))
}

/// The places of an answer that say nothing lasting: what changes by itself, times and secrets.
fn fleeting<'r>(record: &'r Record<'_>, exchange: &Exchange) -> HashSet<&'r str> {
    let marks = record.annotations(exchange).iter();
    let marks =
        marks.filter(|annotation| matches!(annotation.mark, Mark::Volatile(_) | Mark::Time | Mark::Secret));
    marks.map(|annotation| annotation.pointer.as_str()).collect()
}

/// The lasting values without parts, by their places.
fn plain_members(value: &Value, place: &mut String, fleeting: &HashSet<&str>, found: &mut Shown) {
    if fleeting.contains(place.as_str()) {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let end = place.len();
                place.push('/');
                place.push_str(&escape(name));
                plain_members(member, place, fleeting, found);
                place.truncate(end);
            }
        }
        // Lists have no documented order, and what is missing may be left out.
        Value::Array(_) | Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        plain => found.push((place.clone(), plain.clone())),
    }
}

/// The places that a request `{"project": {…}}` names, within the resource that it changes.
fn named_members(body: Option<&[u8]>) -> Vec<String> {
    let body: Value = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
    let members = body.as_object().into_iter().flatten();
    let nested = members.clone().filter_map(|(_, value)| value.as_object()).flatten();
    members.chain(nested).map(|(name, _)| format!("/{}", escape(name))).collect()
}

fn differ(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() > f64::EPSILON * a.abs().max(b.abs()),
        _ => a != b,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::judge::testing::{Fake, check, project};

    fn with(member: &str, value: Value) -> Value {
        let mut project = project("calm-sea-1");
        project[member] = value;
        project
    }

    fn made(object: Value) -> Fake {
        Fake::of("createProject").status(201).body(json!({"project": object}))
    }

    fn read(object: Value) -> Fake {
        Fake::of("getProject").param("project_id", "calm-sea-1").body(json!({"project": object}))
    }

    fn changed(sent: Value, object: Value) -> Fake {
        Fake::of("updateProject")
            .param("project_id", "calm-sea-1")
            .sent(json!({"project": sent}))
            .body(json!({"project": object, "operations": []}))
    }

    #[rstest]
    #[case::between_reads(vec![made(with("pg_version", json!(17))), read(with("pg_version", json!(16)))], Some("16"))]
    #[case::in_a_part(
        vec![made(with("settings", json!({"quota": {"written": 5}}))), read(with("settings", json!({"quota": {"written": 6}})))],
        Some("6")
    )]
    #[case::beside_a_change(
        vec![made(with("pg_version", json!(17))), changed(json!({"name": "b"}), with("pg_version", json!(16)))],
        Some("16")
    )]
    #[case::as_named(
        vec![made(with("pg_version", json!(17))), changed(json!({"pg_version": 16}), with("pg_version", json!(16)))],
        None
    )]
    #[case::by_a_change_that_was_refused(
        vec![
            made(with("pg_version", json!(17))),
            changed(json!({"pg_version": 16}), json!({})).status(422),
            read(with("pg_version", json!(16))),
        ],
        Some("16")
    )]
    #[case::by_a_change_that_may_have_been_made(
        vec![
            made(with("pg_version", json!(17))),
            changed(json!({"pg_version": 16}), json!({})).status(503),
            read(with("pg_version", json!(16))),
        ],
        None
    )]
    #[case::in_another_form(vec![made(with("cpu", json!(0.25))), read(with("cpu", json!(25e-2)))], None)]
    #[case::left_out(vec![made(with("settings", json!({"a": 1}))), read(with("settings", json!(null)))], None)]
    #[case::what_changes_by_itself(
        vec![made(with("cpu_used_sec", json!(1))), read(with("cpu_used_sec", json!(2)))],
        None
    )]
    fn a_resource_stays_but_for_what_is_named(#[case] fakes: Vec<Fake>, #[case] expected: Option<&str>) {
        let found = check(&super::CHECK, fakes);
        let actual: Vec<&str> = found.iter().filter_map(|told| told.rsplit(": ").next()).collect();
        assert_eq!(actual, expected.into_iter().collect::<Vec<_>>());
    }
}
