//! JUDGE: what is wrong with the exchanges of a trial. Plain functions over data; nothing is sent here.

mod check;
mod client;
mod entities;
mod errors;
mod finding;
mod known;
mod place;
mod record;
mod sighting;
#[cfg(test)]
pub(crate) mod testing;

mod asked_id;
mod content_type;
mod created_at_fixed;
mod created_visible;
mod deleted_gone;
mod documented_status;
mod error_shape;
mod expectation;
mod json_body;
mod no_effect;
mod no_redirect;
mod paging;
mod parent;
mod refusal;
mod request_id;
mod response_schema;
mod secret_once;
mod time_order;
mod transport;
mod unique_ids;
mod unnamed_stays;
mod updated_visible;
mod work;

pub use check::{Check, Judgement, Severity};
pub use client::CLIENT_CHECKS;
pub(crate) use client::{is_for_the_end, is_kept};
pub use finding::Finding;
pub(crate) use finding::{foreign_findings, missing_snapshot_finding, snapshot_finding};
pub(crate) use known::{Known, PARITY, unknown_checks};
pub(crate) use place::anywhere;
pub use record::Record;

use crate::spec::requirement::Subject;

/// Every check, in the order findings are told.
pub const CHECKS: [Check; 22] = [
    transport::CHECK,
    no_redirect::CHECK,
    json_body::CHECK,
    expectation::CHECK,
    documented_status::CHECK,
    content_type::CHECK,
    response_schema::CHECK,
    error_shape::CHECK,
    request_id::CHECK,
    refusal::CHECK,
    no_effect::CHECK,
    secret_once::CHECK,
    time_order::CHECK,
    created_at_fixed::CHECK,
    unique_ids::CHECK,
    asked_id::CHECK,
    parent::CHECK,
    created_visible::CHECK,
    updated_visible::CHECK,
    unnamed_stays::CHECK,
    deleted_gone::CHECK,
    paging::CHECK,
];

/// Everything that is wrong with a trial, and what each check had to look at.
#[must_use]
pub fn judge(record: &Record<'_>) -> (Vec<Finding>, Vec<Judgement>) {
    judge_by(&CHECKS, record)
}

/// The reason why a check does not apply to traffic; `None` if it does. `is_whole`: nothing of the traffic is omitted.
#[must_use]
pub fn unfit_for_traffic(check: &Check, is_whole: bool) -> Option<&'static str> {
    match check.id {
        "expectation" => Some("recorded traffic has no steps of cases"),
        "no-effect" => Some("the state before and after refused requests was not read"),
        "created-visible" | "updated-visible" | "unnamed-stays" | "deleted-gone" | "paging" => {
            Some("other changes to the account are unknown")
        }
        "secret-once" if !is_whole => Some("omitted and redacted values are unknown"),
        _ => None,
    }
}

/// The checks of whoever is judged.
#[must_use]
pub fn checks_of(subject: Subject) -> &'static [Check] {
    match subject {
        Subject::Endpoint => &CHECKS,
        Subject::Client => &CLIENT_CHECKS,
    }
}

/// All checks: of endpoints, and of clients.
pub fn all_checks() -> impl Iterator<Item = &'static Check> {
    checks_of(Subject::Endpoint).iter().chain(checks_of(Subject::Client))
}

/// Judges a trial by some checks.
pub(crate) fn judge_by<'c>(
    checks: impl IntoIterator<Item = &'c Check>,
    record: &Record<'_>,
) -> (Vec<Finding>, Vec<Judgement>) {
    let mut findings = Vec::new();
    let mut judgements = Vec::new();
    for check in checks {
        let look = check.look(record);
        judgements.push(Judgement { check: check.id, examined: look.examined, violated: look.violated });
        findings.extend(look.violations.into_iter().map(|violation| Finding::new(check, violation, record)));
    }
    (findings, judgements)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::testing::{Fake, SECRET, branch, judged, key_list, project_list};

    /// More than a minute's work for anything that compares each item with each other.
    const MANY: i64 = 40_000;

    fn ids(kind: &str, count: i64) -> Vec<String> {
        (0..count).map(|number| format!("{kind}-sea-{number:08}")).collect()
    }

    fn projects() -> Fake {
        let ids = ids("calm", MANY);
        Fake::of("listProjects")
            .query("limit", "50000")
            .body(project_list(&ids.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn keys() -> Fake {
        Fake::of("listApiKeys").body(key_list(&(0..MANY).collect::<Vec<_>>()))
    }

    fn branches() -> Fake {
        let branches: Vec<Value> = ids("br", MANY).iter().map(|id| branch(id, "calm-sea-1")).collect();
        let body = json!({"branches": branches, "annotations": {}, "pagination": {"sort_by": "updated_at", "sort_order": "DESC"}});
        Fake::of("listProjectBranches").param("project_id", "calm-sea-1").body(body)
    }

    /// A list of projects that are all wrong in some way.
    fn wrong_projects(member: &str, value: Value) -> Fake {
        let ids = ids("calm", 12_000);
        let mut list = project_list(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        for project in list["projects"].as_array_mut().into_iter().flatten() {
            project[member] = value.clone();
        }
        Fake::of("listProjects").query("limit", "50000").body(list)
    }

    #[rstest]
    #[case::of_projects(projects(), "<project:40000>")]
    #[case::of_keys(keys(), "<api_key:40000>")]
    #[case::of_branches(branches(), "<branch:40000>")]
    fn a_list_of_many_items_is_judged(#[case] list: Fake, #[case] last: &str) {
        let (findings, text) = judged(vec![list]);
        assert!(findings.is_empty(), "{:#?}", &findings[..1]);
        assert!(text.contains(last));
    }

    #[rstest]
    #[case::by_their_schema(wrong_projects("pg_version", json!("17")), "response-schema", 21, "(and 9980 more here)")]
    #[case::by_time(wrong_projects("updated_at", json!("2024-01-01T00:00:00Z")), "time-order", 20, "(and 11980 more here)")]
    #[case::by_id(wrong_projects("id", json!("calm-sea-1")), "unique-ids", 20, "(and 11979 more here)")]
    #[case::by_a_secret(wrong_projects("name", json!(SECRET)), "secret-once", 20, "(and 11980 more here)")]
    fn of_many_that_are_wrong_the_first_are_told(
        #[case] list: Fake,
        #[case] check: &str,
        #[case] count: usize,
        #[case] rest: &str,
    ) {
        let (findings, _) = judged(vec![list]);
        assert!(findings.iter().all(|finding| finding.check == check), "{findings:#?}");
        assert_eq!(findings.len(), count);
        assert!(findings[0].actual.ends_with(rest), "{}", findings[0].actual);
    }

    #[test]
    fn a_rule_that_is_broken_after_many_times_another_is_told() {
        let ids: Vec<String> = (0..30).map(|number| format!("calm-sea-{number}")).collect();
        let mut list = project_list(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        for (number, project) in list["projects"].as_array_mut().into_iter().flatten().enumerate() {
            let members = project.as_object_mut().expect("it is an object");
            members.remove("pg_version");
            if number == 29 {
                members.remove("name");
            }
        }
        let (findings, _) = judged(vec![Fake::of("listProjects").query("limit", "50").body(list)]);
        let of = |member: &str| findings.iter().filter(|finding| finding.expected.contains(member)).count();
        assert_eq!((of("`pg_version`"), of("`name`")), (20, 1));
    }

    #[test]
    fn what_is_wrong_at_too_many_places_is_wrong() {
        let names = (0..600).map(|number| (format!("name-{number}"), json!(SECRET)));
        let (findings, _) = judged(vec![Fake::of("getProject").body(names.collect())]);
        let secrets: Vec<_> = findings.iter().filter(|finding| finding.check == "secret-once").collect();
        assert_eq!(secrets.len(), 501);
        assert_eq!(secrets[500].subject, "body");
        assert_eq!(secrets[500].actual, "100 more findings elsewhere");
    }
}
