//! What was created can be read and is listed, until it is removed (PROJ-CREATED-VISIBLE, KEY-LIST).

use super::check::{Check, Look, Severity};
use super::entities::{Creation, Identity, acted_on, asked, created, deleted, listing};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "created-visible",
    summary: "a created resource can be read and is listed",
    looks_at: "creations followed by a read or a list without a missing page",
    requirements: &["PROJ-CREATED-VISIBLE", "KEY-LIST"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut present: Vec<Creation> = Vec::new();
    for (index, exchange) in record.answered() {
        // Whoever has removed it: a key may remove itself.
        if let Some(removed) = deleted(record, index) {
            present.retain(|creation| !creation.goes_with(&removed));
        }
        let acted_on = acted_on(record, index);
        present.retain(|creation| !creation.is_within(&acted_on));
        if !Record::speaks(exchange) {
            continue;
        }
        let is_present =
            |asked: &Identity| present.iter().any(|creation| creation.is_asked_for(asked, exchange));
        if let Some(asked) = asked(record, exchange).filter(is_present) {
            look.examine(index);
            if exchange.response.status == 404 {
                look.breaks(rule(&asked.0)).report(
                    index,
                    "status",
                    format!("the {} {}, which was created earlier", asked.0, asked.1),
                    "404",
                );
            }
        }
        if let Some(list) = listing(record, index)
            && let Some(all) = &list.all
        {
            for creation in present.iter().filter(|creation| creation.belongs_to(&list)) {
                let (kind, id) = &creation.identity;
                look.examine(index);
                if !all.contains(id) {
                    look.breaks(rule(kind)).report_value(
                        index,
                        &list.pointer,
                        format!("the {kind} {id}, which was created earlier"),
                        "not listed",
                    );
                }
            }
        }
        present.extend(created(record, index));
    }
}

/// The requirement on things of this kind.
fn rule(kind: &str) -> &'static [&'static str] {
    if kind.ends_with("key") { &["KEY-LIST"] } else { &["PROJ-CREATED-VISIBLE"] }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::judge::testing::{Fake, check, project, project_list};

    fn created() -> Fake {
        Fake::of("createProject").status(201).body(json!({"project": project("new-sea-2")}))
    }

    #[test]
    fn it_fires_when_what_was_created_is_not_listed() {
        let list = Fake::of("listProjects").body(project_list(&["old-sea-1"]));
        assert_eq!(check(&super::CHECK, vec![created(), list]), ["body /projects: not listed"]);
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

    /// A page of a list of projects, and the cursor of the next one.
    fn page(asked: Option<&str>, ids: &[&str], next: Option<&str>) -> Fake {
        let mut body = project_list(ids);
        if let Some(next) = next {
            body["pagination"] = json!({"cursor": next});
        }
        let page = Fake::of("listProjects").query("limit", "400").body(body);
        asked.into_iter().fold(page, |page, cursor| page.query("cursor", cursor))
    }

    #[rstest]
    #[case::on_the_next_page(vec![page(None, &["old-sea-1"], Some("a")), page(Some("a"), &["new-sea-2"], None)], None)]
    #[case::on_a_page_that_was_not_asked_for(vec![page(None, &["old-sea-1"], Some("a"))], None)]
    #[case::on_no_page(
        vec![page(None, &["old-sea-1"], Some("a")), page(Some("a"), &["calm-sea-3"], None)],
        Some("body /projects: not listed")
    )]
    #[case::where_nothing_remains(
        vec![page(None, &["old-sea-1"], Some("a")), page(Some("a"), &[], None)],
        Some("body /projects: not listed")
    )]
    fn it_looks_on_all_pages(#[case] mut pages: Vec<Fake>, #[case] expected: Option<&str>) {
        pages.insert(0, created());
        let found = check(&super::CHECK, pages);
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn it_is_silent_after_it_was_removed() {
        let removed = Fake::of("deleteProject")
            .param("project_id", "new-sea-2")
            .body(json!({"project": project("new-sea-2")}));
        let list = Fake::of("listProjects").body(project_list(&["old-sea-1"]));
        assert!(check(&super::CHECK, vec![created(), removed, list]).is_empty());
    }

    #[test]
    fn it_is_silent_when_it_is_asked_for_under_another_parent() {
        let read = |project: &str| {
            Fake::of("getProjectBranch")
                .param("project_id", project)
                .param("branch_id", "br-new-1")
                .status(404)
                .body(json!({"code": "", "message": "no"}))
        };
        let of = |project| vec![branch_created_in("new-sea-2"), read(project)];
        assert!(check(&super::CHECK, of("old-sea-1")).is_empty());
        assert_eq!(check(&super::CHECK, of("new-sea-2")), ["status: 404"]);
    }

    fn branch_created_in(project: &str) -> Fake {
        let body = json!({"branch": {"id": "br-new-1", "project_id": project}});
        Fake::of("createProjectBranch").param("project_id", project).status(201).body(body)
    }

    fn branches_of(project: &str) -> Fake {
        let body = json!({"branches": [{"id": "br-old-1", "project_id": project}], "annotations": {}});
        Fake::of("listProjectBranches").param("project_id", project).body(body)
    }

    /// What may be lost when a branch is restored, and a list afterwards.
    fn database_on(branch: &str, restore: Fake) -> Vec<Fake> {
        let database =
            json!({"database": {"id": 1, "name": "shop", "branch_id": branch, "owner_name": "ada"}});
        let on = |id: &str| Fake::of(id).param("project_id", "new-sea-2").param("branch_id", branch);
        vec![
            on("createProjectBranchDatabase").status(201).body(database),
            restore.param("project_id", "new-sea-2"),
            on("listProjectBranchDatabases").body(json!({"databases": []})),
        ]
    }

    #[rstest]
    #[case::of_its_branch(Fake::of("restoreProjectBranch").param("branch_id", "br-1"), &[])]
    #[case::of_another(Fake::of("restoreProjectBranch").param("branch_id", "br-2"), &["body /databases: not listed"])]
    #[case::that_was_refused(Fake::of("restoreProjectBranch").param("branch_id", "br-1").status(404), &["body /databases: not listed"])]
    #[case::from_a_snapshot(
        Fake::of("restoreSnapshot").param("snapshot_id", "snap-1").sent(json!({"target_branch_id": "br-1"})),
        &[]
    )]
    fn it_is_silent_after_a_restore(#[case] restore: Fake, #[case] expected: &[&str]) {
        assert_eq!(check(&super::CHECK, database_on("br-1", restore)), expected);
    }

    #[test]
    fn it_fires_when_it_is_missing_from_the_list_it_was_created_in() {
        let fakes = vec![branch_created_in("calm-sea-1"), branches_of("calm-sea-1").query("limit", "10")];
        assert_eq!(check(&super::CHECK, fakes), ["body /branches: not listed"]);
    }

    #[test]
    fn it_is_silent_about_lists_elsewhere_and_what_goes_with_its_parent() {
        let elsewhere = vec![branch_created_in("calm-sea-1"), branches_of("wild-sea-2").query("limit", "10")];
        assert!(check(&super::CHECK, elsewhere).is_empty());
        let removed = Fake::of("deleteProject").param("project_id", "calm-sea-1").body(json!({}));
        let gone =
            Fake::of("getProjectBranch").param("project_id", "calm-sea-1").param("branch_id", "br-new-1");
        assert!(
            check(&super::CHECK, vec![branch_created_in("calm-sea-1"), removed, gone.status(404)]).is_empty()
        );
    }
}
