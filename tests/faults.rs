//! The suite notices when a rule is broken: each fault of the mock is found by the check that is there for it.
//!
//! Snapshots are left out: a check must notice by what the requirements say, not by what answers used to be like.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use neon_contract::judge::CHECKS;
use neon_contract::mock::{Fault, Severity};
use neon_contract::plan::{Selection, plan};
use neon_contract::result::{Outcome, RunReport};
use neon_contract::runner::{Options, Setup, SnapshotMode, run};
use neon_contract::spec::requirement::Level;
use rstest::rstest;

async fn run_with(faults: &[&str], case: &str) -> RunReport {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let setup = Setup {
        snapshot_mode: Some(SnapshotMode::Ignore),
        faults: faults.iter().map(|id| id.parse::<Fault>().expect("there is such a fault")).collect(),
        ..Setup::embedded(root.join("specs"))
    };
    let suite = setup.suite().await.expect("the suite is sound");
    let selection = Selection { filters: vec![case.to_owned()], ..Selection::default() };
    let trials = plan(&suite, &selection);
    assert!(!trials.is_empty(), "no trial has `{case}` in its name");
    let harness = Arc::new(setup.harness(suite).await.expect("the mock starts"));
    run(
        &harness,
        &trials.into(),
        Options { jobs: 2, fail_fast: false, budget: None, is_everything: false },
        |_| {},
    )
    .await
}

#[rstest]
#[case::revoked_key_accepted("revoked-key-accepted", "revoked_key_is_refused[listProjects", "refusal")]
#[case::revoked_key_writes("revoked-key-writes", "revoked_key_is_refused[createProject", "no-effect")]
#[case::revoked_key_listed("revoked-key-listed", "revoked_key_is_not_listed", "deleted-gone")]
#[case::revoked_reason_told("revoked-reason-told", "refusals_are_alike[listProjects", "refusal")]
#[case::invalid_key_accepted("invalid-key-accepted", "invalid_key_is_refused[listProjects", "refusal")]
#[case::malformed_header_accepted(
    "malformed-header-accepted",
    "malformed_header_is_refused[listProjects",
    "refusal"
)]
#[case::missing_header_forbidden(
    "missing-header-forbidden",
    "missing_key_is_refused[v1ListProjects",
    "refusal"
)]
#[case::account_data_in_refusal("account-data-in-refusal", "revoked_key_is_refused[listProjects", "refusal")]
#[case::token_in_key_list("token-in-key-list", "created_key_is_listed_without_its_token", "secret-once")]
#[case::other_users_project_readable(
    "other-users-project-readable",
    "key_of_another_user_reaches_nothing",
    "expectation"
)]
#[case::v1_databases_null("v1-databases-null", "v1/documented_example", "response-schema")]
#[case::v1_times_without_milliseconds(
    "v1-times-without-milliseconds",
    "v1/documented_example",
    "expectation"
)]
#[case::project_password_shown("project-password-shown", "password_is_shown_once", "secret-once")]
#[case::created_project_unlisted("created-project-unlisted", "life_of_a_project", "created-visible")]
#[case::deleted_project_readable("deleted-project-readable", "life_of_a_project", "deleted-gone")]
#[case::deleted_project_listed("deleted-project-listed", "life_of_a_project", "deleted-gone")]
#[case::update_ignored("update-ignored", "life_of_a_project", "updated-visible")]
#[case::sibling_renamed("branch-update-renames-siblings", "rename_leaves_the_rest", "unnamed-stays")]
#[case::wrong_project_answered("wrong-project-answered", "key_reaches_projects_of_other_keys", "asked-id")]
#[case::limit_ignored("limit-ignored", "pages_hold_at_most_limit", "paging")]
#[case::page_repeats_item("page-repeats-item", "pages_yield_every_project_once", "paging")]
#[case::page_loses_item("page-loses-item", "created_projects_are_on_the_pages", "paging")]
#[case::duplicate_in_list("duplicate-in-list", "projects/list_is_an_object", "unique-ids")]
#[case::created_at_moves("created-at-moves", "life_of_a_project", "created-at-fixed")]
#[case::updated_before_created("updated-before-created", "life_of_a_project", "time-order")]
#[case::unknown_project_fails("unknown-project-fails", "unknown_project_is_404", "documented-status")]
#[case::error_as_html("error-as-html", "unknown_project_is_404", "content-type")]
#[case::error_without_code("error-without-code", "unknown_project_is_404", "error-shape")]
#[case::branch_of_another_project("branch-of-another-project", "branches/life_of_a_branch", "parent")]
#[case::repeated_json_name("repeated-json-name", "projects/list_is_an_object", "json-body")]
#[case::wrong_content_type("wrong-content-type", "v1/documented_example", "content-type")]
#[case::redirect("redirect", "list_is_an_object", "no-redirect")]
#[case::truncated_body("truncated-body", "v1/documented_example", "transport")]
#[case::request_id_differs("request-id-differs", "errors_bear_a_request_id", "request-id")]
#[case::body_in_204("body-in-204", "life_of_a_role", "transport")]
#[tokio::test]
async fn a_broken_rule_is_noticed(#[case] fault: &str, #[case] case: &str, #[case] check: &str) {
    let healthy = run_with(&[], case).await;
    assert_eq!(healthy.counts().passed, healthy.trials.len(), "without a fault nothing is found");

    let report = run_with(&[fault], case).await;
    let is_advice = fault.parse::<Fault>().is_ok_and(|fault| fault.severity() == Severity::Advice);
    let found =
        report.trials.iter().flat_map(|trial| if is_advice { &trial.advice } else { &trial.findings });
    let checks: BTreeSet<&str> = found.map(|finding| finding.check).collect();
    assert!(checks.contains(check), "{fault} was noticed by {checks:?}");
    let has_failed = report.trials.iter().any(|trial| trial.outcome == Outcome::Failed);
    assert_eq!(has_failed, !is_advice, "a should fails nothing");
}

#[tokio::test]
async fn a_write_that_was_refused_and_done_is_told_by_what_it_made() {
    let report = run_with(&["revoked-key-writes"], "revoked_key_is_refused[createProject").await;
    let findings: Vec<_> = report.trials.iter().flat_map(|trial| &trial.findings).collect();
    assert!(findings.iter().all(|finding| finding.check != "expectation"), "the answer itself was 401");
    let finding = findings.iter().find(|finding| finding.check == "no-effect").expect("it is noticed");
    assert!(finding.actual.starts_with("the project "), "{}", finding.actual);
}

#[tokio::test]
async fn every_fault_breaks_a_requirement_of_the_suite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let setup = Setup::embedded(root.join("specs"));
    let suite = setup.suite().await.expect("the suite is sound");
    let requirements = suite.requirements.iter();
    let levels: BTreeMap<&str, Level> =
        requirements.map(|(id, requirement)| (id.0.as_str(), requirement.level)).collect();
    for fault in Fault::all() {
        let level = levels.get(fault.requirement());
        let is_advice = fault.severity() == Severity::Advice;
        assert_eq!(
            level.map(|level| *level == Level::Should),
            Some(is_advice),
            "{fault} breaks {}",
            fault.requirement()
        );
    }
}

/// Every check notices a fault. That every fault is noticed, `neon-contract audit` tells.
#[test]
fn every_check_notices_one() {
    let source =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file!())).expect("it is there");
    for check in CHECKS {
        let cell = format!("\"{}\"\n)]", check.id);
        let source = source.replace("    ", "").replace("\")]", "\"\n)]");
        assert!(source.contains(&cell), "no fault in the table above is noticed by {}", check.id);
    }
}
