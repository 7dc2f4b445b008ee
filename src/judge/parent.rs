//! Children belong to their parent (ID-PARENT): where an answer is about one object, all that refers to that kind refers to it.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::entities::{kind_of_parameter, parent};
use super::record::Record;
use crate::exchange::Exchange;
use crate::json::plain;
use crate::json_path::located;
use crate::spec::shape::Mark;

pub(super) const CHECK: Check = Check {
    id: "parent",
    summary: "the parts in a response belong to the object that it describes",
    looks_at: "objects that name their parent",
    requirements: &["ID-PARENT"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered().filter(|(_, exchange)| exchange.response.is_success()) {
        let Some(body) = exchange.response.json() else { continue };
        let parents = parents(record, index, exchange);
        if parents.is_empty() {
            continue;
        }
        let shown = record.sightings_in(index).iter();
        let holders: HashSet<(&str, &str)> =
            shown.map(|sighting| (&*sighting.kind, sighting.pointer.as_str())).collect();
        let work = work(record, body);
        let outermost = record.operation(exchange).and_then(|operation| {
            kind_of_parameter(record.suite, operation, operation.path_parameters().next()?)
        });
        for annotation in record.annotations(exchange) {
            let Mark::Reference(kind) = &annotation.mark else { continue };
            let Some((_, id)) = parents.iter().find(|(parent, _)| **parent == **kind) else { continue };
            // An object of the same kind may refer to another one, as a branch does to its parent.
            let holder = parent(&annotation.pointer);
            let same_kind = holders.contains(&(&**kind, holder));
            // Work that a response tells of may be about whatever there is, as long as it is in the same whole.
            let is_about = work.contains(holder) && outermost.as_deref() != Some(&**kind);
            let reference = body.pointer(&annotation.pointer).filter(|_| !same_kind && !is_about);
            let Some(reference) = reference else { continue };
            look.examine(index);
            if plain(reference) != *id {
                look.report_value(index, &annotation.pointer, format!("the {kind} {id}"), plain(reference));
            }
        }
    }
}

/// Where a response tells of work that it has begun.
fn work(record: &Record<'_>, body: &Value) -> HashSet<String> {
    let begun = record.suite.supply.work.iter().flat_map(|work| located(&work.begun, body));
    begun.map(|(pointer, _)| pointer).collect()
}

/// The objects an answer is about: those its path names, and those of which it shows just one.
fn parents(record: &Record<'_>, index: usize, exchange: &Exchange) -> Vec<(String, String)> {
    let mut parents = Vec::new();
    if let Some(operation) = record.operation(exchange) {
        for (name, id) in &exchange.params {
            parents.extend(kind_of_parameter(record.suite, operation, name).map(|kind| (kind, id.clone())));
        }
    }
    let shown = record.sightings_in(index);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for sighting in shown {
        *counts.entry(&sighting.kind).or_default() += 1;
    }
    for sighting in shown {
        let is_only = counts.get(&*sighting.kind) == Some(&1);
        if is_only && sighting.list().is_none() && !parents.iter().any(|(kind, _)| **kind == *sighting.kind) {
            parents.push((sighting.kind.to_string(), sighting.id.clone()));
        }
    }
    parents
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project};

    fn created(branch_of: &str) -> Fake {
        let body = json!({"project": project("a-1"), "branch": {"id": "br-1", "project_id": branch_of}});
        Fake::of("createProject").status(201).body(body)
    }

    #[test]
    fn it_fires_when_a_child_has_another_parent() {
        assert_eq!(check(&super::CHECK, vec![created("b-2")]), ["body /branch/project_id: b-2"]);
    }

    #[test]
    fn work_on_another_branch_is_no_finding() {
        let work =
            |project: &str| json!({"operations": [{"id": "o", "project_id": project, "branch_id": "br-2"}]});
        let restored = |project| {
            Fake::of("restoreProjectBranch")
                .param("project_id", "a-1")
                .param("branch_id", "br-1")
                .body(work(project))
        };
        assert!(check(&super::CHECK, vec![restored("a-1")]).is_empty());
        assert_eq!(check(&super::CHECK, vec![restored("b-2")]), ["body /operations/0/project_id: b-2"]);
    }

    #[test]
    fn it_is_silent_when_the_child_is_its_parents() {
        assert!(check(&super::CHECK, vec![created("a-1")]).is_empty());
    }
}
