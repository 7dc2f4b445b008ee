//! What was removed cannot be read and is not listed (PROJ-DELETED-GONE, KEY-LIST). A removal that begins work is done when that has ended
//! (the API's document on `deleteProjectBranch` and `deleteProjectEndpoint`).

use std::collections::BTreeMap;

use super::check::{Check, Look, Severity};
use super::entities::{Identity, acted_on, asked, created, deleted, listing, revived};
use super::record::Record;
use super::work;
use crate::exchange::Exchange;

pub(super) const CHECK: Check = Check {
    id: "deleted-gone",
    summary: "a removed resource can no longer be read and is no longer listed",
    looks_at: "removals followed by a read or a list",
    requirements: &["PROJ-DELETED-GONE", "KEY-LIST"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// What was removed: its identity, and the path parameters by which it was. Another parent may have one of the same name.
struct Gone {
    identity: Identity,
    params: BTreeMap<String, String>,
}

impl Gone {
    /// Whether a request asks where it was.
    fn was_below(&self, exchange: &Exchange) -> bool {
        exchange.params.iter().all(|(name, id)| self.params.get(name).is_none_or(|asked| asked == id))
    }
}

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut gone: Vec<Gone> = Vec::new();
    let mut going: Vec<(Gone, Vec<BTreeMap<String, String>>)> = Vec::new();
    for (index, exchange) in record.answered() {
        for (_, left) in &mut going {
            left.retain(|piece| !work::shows_the_end(record, exchange, piece));
        }
        let (done, left) = going.into_iter().partition::<Vec<_>, _>(|(_, left)| left.is_empty());
        gone.extend(done.into_iter().map(|(removed, _)| removed));
        going = left;
        if !Record::speaks(exchange) {
            continue;
        }
        let is_told = |kind: &str, id: &str| {
            let mut shown = record.sightings_in(index).iter();
            shown.any(|seen| *seen.kind == *kind && seen.id == id && seen.is_told_deleted(record))
        };
        if let Some((kind, id)) = asked(record, exchange).filter(|asked| {
            gone.iter().any(|removed| removed.identity == *asked && removed.was_below(exchange))
        }) {
            look.examine(index);
            if exchange.response.is_success() && exchange.request.method == "GET" && !is_told(&kind, &id) {
                look.breaks(rule(&kind)).report(
                    index,
                    "status",
                    format!("404: the {kind} {id} was removed earlier"),
                    exchange.response.status.to_string(),
                );
            }
        }
        if let Some(list) = listing(record, index).filter(|list| !list.filtered) {
            let here = gone.iter().filter(|removed| removed.was_below(exchange));
            for (kind, id) in here.map(|removed| &removed.identity).filter(|(kind, _)| *kind == list.kind) {
                look.examine(index);
                if list.ids.contains(id) && !is_told(kind, id) {
                    look.breaks(rule(kind)).report_value(
                        index,
                        &list.pointer,
                        format!("no {kind} {id}: it was removed earlier"),
                        "listed",
                    );
                }
            }
        }
        if let Some(identity) = deleted(record, index) {
            let removed = Gone { identity, params: exchange.params.clone() };
            going.push((removed, work::begun(record, exchange)));
        }
        // A branch that is restored may have again what was removed from it.
        let acted_on = acted_on(record, index);
        let is_back = |removed: &Gone| removed.params.values().any(|id| acted_on.contains(id));
        gone.retain(|removed| !is_back(removed));
        going.retain(|(removed, _)| !is_back(removed));
        let created = created(record, index).map(|creation| creation.identity);
        for there in created.into_iter().chain(revived(record, index)) {
            gone.retain(|removed| removed.identity != there);
            going.retain(|(removed, _)| removed.identity != there);
        }
    }
}

/// The requirement on things of this kind.
fn rule(kind: &str) -> &'static [&'static str] {
    if kind.ends_with("key") { &["KEY-LIST"] } else { &["PROJ-DELETED-GONE"] }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, key_list, project, project_list};

    fn removed() -> Fake {
        Fake::of("deleteProject")
            .param("project_id", "old-sea-1")
            .body(json!({"project": project("old-sea-1")}))
    }

    #[test]
    fn what_is_told_to_be_deleted_may_be_shown() {
        let shown = |deleted: bool| {
            json!([{"id": "calm-sea-1", "deleted": deleted, "created_at": "2022-07-29T08:00:40.502Z",
                "updated_at": "2022-07-29T08:00:40.502Z", "current_state": "init", "databases": []}])
        };
        let removed = || {
            Fake::of("deleteProject")
                .param("project_id", "calm-sea-1")
                .body(json!({"project": project("calm-sea-1")}))
        };
        let list = |deleted| Fake::of("v1ListProjects").body(shown(deleted));
        assert!(check(&super::CHECK, vec![removed(), list(true)]).is_empty());
        assert_eq!(check(&super::CHECK, vec![removed(), list(false)]).len(), 1);
    }

    #[test]
    fn it_is_silent_about_another_parent() {
        let of = |operation: &str, project: &str| {
            Fake::of(operation).param("project_id", project).param("branch_id", "br-old-1")
        };
        let read = |project: &str| {
            of("getProjectBranch", project).body(json!({"branch": {"id": "br-old-1", "project_id": project}}))
        };
        let missing = || of("deleteProjectBranch", "calm-sea-1").status(204).bytes(b"");
        assert!(check(&super::CHECK, vec![missing(), read("wild-sea-2")]).is_empty());
        assert_eq!(check(&super::CHECK, vec![missing(), read("calm-sea-1")]), ["status: 200"]);
    }

    #[test]
    fn it_fires_when_what_was_removed_can_be_read() {
        let read = Fake::of("getProject")
            .param("project_id", "old-sea-1")
            .body(json!({"project": project("old-sea-1")}));
        assert_eq!(check(&super::CHECK, vec![removed(), read]), ["status: 200"]);
    }

    #[test]
    fn it_fires_when_what_was_removed_is_listed() {
        let list = Fake::of("listProjects").body(project_list(&["old-sea-1"]));
        assert_eq!(check(&super::CHECK, vec![removed(), list]), ["body /projects: listed"]);
    }

    #[test]
    fn it_fires_when_a_revoked_key_is_listed() {
        let mut key = key_list(&[7])[0].clone();
        key["revoked"] = json!(true);
        key["created_by"] = json!("00000000-0000-4000-8000-000000000002");
        let revoked = Fake::of("revokeApiKey").param("key_id", "7").body(key);
        let list = Fake::of("listApiKeys").body(key_list(&[8, 7]));
        assert_eq!(check(&super::CHECK, vec![revoked, list]), ["body: listed"]);
    }

    #[test]
    fn a_removal_is_done_when_its_work_has_ended() {
        let operation = |status: &str| json!({"id": "00000000-0000-4000-8000-00000000000a", "project_id": "old-sea-1", "status": status});
        let branch = json!({"id": "br-old-1", "project_id": "old-sea-1"});
        let of = |id: &str| Fake::of(id).param("project_id", "old-sea-1").param("branch_id", "br-old-1");
        let removed = || {
            of("deleteProjectBranch").body(json!({"branch": branch, "operations": [operation("running")]}))
        };
        let read = || of("getProjectBranch").body(json!({"branch": branch}));
        let seen = |status: &str| {
            Fake::of("getProjectOperation")
                .param("project_id", "old-sea-1")
                .param("operation_id", "00000000-0000-4000-8000-00000000000a")
                .body(json!({"operation": operation(status)}))
        };
        assert!(check(&super::CHECK, vec![removed(), read(), seen("running"), read()]).is_empty());
        assert_eq!(check(&super::CHECK, vec![removed(), seen("finished"), read()]), ["status: 200"]);
    }

    #[test]
    fn it_is_silent_when_it_is_gone() {
        let read = Fake::of("getProject")
            .param("project_id", "old-sea-1")
            .status(404)
            .body(json!({"code": "", "message": "no"}));
        let list = Fake::of("listProjects").body(project_list(&["new-sea-2"]));
        assert!(check(&super::CHECK, vec![removed(), read, list]).is_empty());
    }
}
