//! A page holds at most `limit` items (PAGE-LIMIT); following the cursors yields every item once (PAGE-CURSOR).

use std::collections::BTreeSet;

use super::check::{Check, Look, Severity};
use super::entities::{Creation, Listing, created, listing};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "paging",
    summary: "a page respects its limit, and pages neither repeat nor lose an item",
    looks_at: "lists with a limit or a cursor",
    requirements: &["PAGE-LIMIT", "PAGE-CURSOR"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut walk: Vec<(usize, Listing)> = Vec::new();
    for (index, exchange) in record.answered().filter(|(_, exchange)| Record::speaks(exchange)) {
        let Some(list) = listing(record, index) else { continue };
        if let Some(limit) = list.limit {
            look.examine(index);
            if list.ids.len() as u64 > limit {
                look.breaks(&["PAGE-LIMIT"]).report_value(
                    index,
                    &list.pointer,
                    format!("at most {limit} items"),
                    format!("{} items", list.ids.len()),
                );
            }
        }
        if !exchange.query.contains_key("cursor") {
            judge_walk(record, &walk, look);
            walk.clear();
        }
        walk.push((index, list));
    }
    judge_walk(record, &walk, look);
}

/// A first page and those its cursors led to.
fn judge_walk(record: &Record<'_>, walk: &[(usize, Listing)], look: &mut Look) {
    let [(first, _), .., (last, end)] = walk else { return };
    look.examine(*last);
    let mut seen = BTreeSet::new();
    for (index, page) in walk {
        for id in &page.ids {
            if !seen.insert(id.as_str()) {
                look.breaks(&["PAGE-CURSOR"]).report_value(
                    *index,
                    &page.pointer,
                    "items that no earlier page contains",
                    id.clone(),
                );
            }
        }
    }
    if !end.is_last || walk.iter().any(|(_, page)| page.filtered) {
        return;
    }
    for id in must_be_there(record, *first, end) {
        if !seen.contains(id.as_str()) {
            look.breaks(&["PAGE-CURSOR"]).report_value(
                *last,
                &end.pointer,
                format!("the {} {id} on one of the pages", end.kind),
                "not on any page",
            );
        }
    }
}

/// What the account certainly holds: what the trial created, and what a complete list shows where nobody else is about.
fn must_be_there(record: &Record<'_>, before: usize, walked: &Listing) -> BTreeSet<String> {
    let creations: Vec<Creation> = (0..before).filter_map(|index| created(record, index)).collect();
    let is_own = creations.iter().any(|creation| walked.is_within(creation));
    let mut ids: BTreeSet<String> = creations
        .into_iter()
        .filter(|creation| creation.belongs_to(walked))
        .map(|creation| creation.identity.1)
        .collect();
    if record.exclusive || is_own {
        let lists = (0..before).rev().filter_map(|index| listing(record, index));
        let all = lists.filter(|list| list.is_of(walked)).find_map(|list| list.all);
        ids.extend(all.into_iter().flatten());
    }
    for index in 0..before {
        if let Some((_, id)) = super::entities::deleted(record, index) {
            ids.remove(&id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::judge::testing::{Fake, check, check_shared, project, project_list};

    fn all(ids: &[&str]) -> Fake {
        Fake::of("listProjects").body(project_list(ids))
    }

    fn page(cursor: Option<&str>, ids: &[&str]) -> Fake {
        let page = Fake::of("listProjects").query("limit", "2").body(project_list(ids));
        cursor.into_iter().fold(page, |page, cursor| page.query("cursor", cursor))
    }

    #[test]
    fn it_fires_on_too_many_items() {
        assert_eq!(
            check(&super::CHECK, vec![page(None, &["a-1", "b-2", "c-3"])]),
            ["body /projects: 3 items"]
        );
    }

    #[test]
    fn it_fires_on_a_repeated_item() {
        let found = check(&super::CHECK, vec![page(None, &["a-1", "b-2"]), page(Some("b-2"), &["b-2"])]);
        assert_eq!(found, ["body /projects: b-2"]);
    }

    #[test]
    fn it_fires_on_a_lost_item() {
        let pages = vec![
            all(&["a-1", "b-2", "c-3", "d-4"]),
            page(None, &["a-1", "b-2"]),
            page(Some("b-2"), &["d-4"]),
        ];
        assert_eq!(check(&super::CHECK, pages), ["body /projects: not on any page"]);
    }

    fn work(ids: &[&str], cursor: Option<&str>) -> Value {
        let operations: Vec<Value> =
            ids.iter().map(|id| json!({ "id": id, "project_id": "calm-sea-1" })).collect();
        let pagination = cursor.map_or(json!({}), |cursor| json!({ "cursor": cursor }));
        json!({ "operations": operations, "pagination": pagination })
    }

    fn work_page(cursor: Option<&str>, ids: &[&str], next: Option<&str>) -> Fake {
        let page = Fake::of("listProjectOperations").param("project_id", "calm-sea-1").query("limit", "1");
        cursor.into_iter().fold(page.body(work(ids, next)), |page, cursor| page.query("cursor", cursor))
    }

    fn made() -> Fake {
        Fake::of("createProject").status(201).body(json!({ "project": project("calm-sea-1") }))
    }

    fn all_work() -> Fake {
        let list = Fake::of("listProjectOperations").param("project_id", "calm-sea-1").query("limit", "9");
        list.body(work(&["a", "b"], None))
    }

    #[test]
    fn it_fires_on_what_is_lost_in_a_project_of_the_trial() {
        let walked = |mut before: Vec<Fake>| {
            before.extend([work_page(None, &["a"], Some("x")), work_page(Some("x"), &[], None)]);
            check_shared(&super::CHECK, before)
        };
        assert_eq!(walked(vec![made(), all_work()]), ["body /operations: not on any page"]);
        assert!(walked(vec![all_work()]).is_empty());
    }

    #[test]
    fn it_is_silent_where_not_all_pages_were_asked_for() {
        let mut last = project_list(&["d-4"]);
        last["pagination"] = serde_json::json!({"cursor": "d-4"});
        let last = Fake::of("listProjects").query("limit", "2").query("cursor", "b-2").body(last);
        let pages = vec![all(&["a-1", "b-2", "c-3", "d-4"]), page(None, &["a-1", "b-2"]), last];
        assert!(check(&super::CHECK, pages).is_empty());
    }

    #[test]
    fn it_is_silent_on_sound_pages() {
        let pages = vec![
            all(&["a-1", "b-2", "c-3"]),
            page(None, &["a-1", "b-2"]),
            page(Some("b-2"), &["c-3"]),
            page(Some("c-3"), &[]),
        ];
        assert!(check(&super::CHECK, pages).is_empty());
    }
}
