//! What was created can be read and is listed, until it is removed (PROJ-CREATED-VISIBLE, KEY-LIST).

use super::check::{Check, Look, Severity};
use super::entities::{Creation, Identity, asked, created, deleted, listing};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "created-visible",
    summary: "what was created can be read and is listed",
    requirements: &["PROJ-CREATED-VISIBLE", "KEY-LIST"],
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut present: Vec<Creation> = Vec::new();
    for (index, exchange) in record.answered().filter(|(_, exchange)| Record::speaks(exchange)) {
        if let Some(removed) = deleted(record, index) {
            present.retain(|creation| !creation.goes_with(&removed));
        }
        let is_present = |asked: &Identity| present.iter().any(|creation| creation.identity == *asked);
        if let Some(asked) = asked(record, exchange).filter(is_present) {
            look.examine();
            if exchange.response.status == 404 {
                look.report(
                    index,
                    "status",
                    format!("the {} {}, which was created before", asked.0, asked.1),
                    "404",
                );
            }
        }
        if let Some(list) = listing(record, index).filter(|list| list.complete) {
            for creation in present.iter().filter(|creation| creation.belongs_to(&list)) {
                let (kind, id) = &creation.identity;
                look.examine();
                if !list.ids.contains(id) {
                    look.report_value(
                        index,
                        &list.pointer,
                        format!("the {kind} {id}, which was created before"),
                        "it is not listed",
                    );
                }
            }
        }
        present.extend(created(record, index));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project, project_list};

    fn created() -> Fake {
        Fake::of("createProject").status(201).body(json!({"project": project("new-sea-2")}))
    }

    #[test]
    fn it_fires_when_what_was_created_is_not_listed() {
        let list = Fake::of("listProjects").body(project_list(&["old-sea-1"]));
        assert_eq!(check(&super::CHECK, vec![created(), list]), ["body /projects: it is not listed"]);
    }

    #[test]
    fn it_fires_when_what_was_created_cannot_be_read() {
        let read = Fake::of("getProject")
            .param("project_id", "new-sea-2")
            .status(404)
            .body(json!({"code": "", "message": "no"}));
        assert_eq!(check(&super::CHECK, vec![created(), read]), ["status: 404"]);
    }

    #[test]
    fn it_is_silent_when_it_is_there_or_may_be_on_another_page() {
        let list = Fake::of("listProjects").body(project_list(&["old-sea-1", "new-sea-2"]));
        let page = Fake::of("listProjects").query("limit", "1").body(project_list(&["old-sea-1"]));
        let found = Fake::of("listProjects").query("search", "old").body(project_list(&["old-sea-1"]));
        assert!(check(&super::CHECK, vec![created(), list, page, found]).is_empty());
    }

    #[test]
    fn it_is_silent_after_it_was_removed() {
        let removed = Fake::of("deleteProject")
            .param("project_id", "new-sea-2")
            .body(json!({"project": project("new-sea-2")}));
        let list = Fake::of("listProjects").body(project_list(&["old-sea-1"]));
        assert!(check(&super::CHECK, vec![created(), removed, list]).is_empty());
    }
}
