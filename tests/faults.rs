//! The suite notices when a rule is broken: each fault of the mock is found by the check that is there for it.
//!
//! Snapshots are left out: a check must notice by what the requirements say, not by what answers used to be like.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use neon_contract::judge::CHECKS;
use neon_contract::mock::Fault;
use neon_contract::plan::{Selection, plan};
use neon_contract::runner::{Options, Outcome, RunReport, Setup, SnapshotMode, run};
use rstest::rstest;

async fn run_with(faults: Vec<Fault>, case: &str) -> RunReport {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let setup = Setup {
        snapshot_mode: Some(SnapshotMode::Ignore),
        faults,
        ..Setup::embedded(root.join("specs"), root.join("snapshots"))
    };
    let suite = setup.suite().await.expect("the suite is sound");
    let selection = Selection { filters: vec![case.to_owned()], ..Selection::default() };
    let trials = plan(&suite, &selection);
    assert!(!trials.is_empty(), "no trial has `{case}` in its name");
    let harness = Arc::new(setup.harness(suite).await.expect("the mock starts"));
    run(&harness, &trials, Options { jobs: 2, fail_fast: false, budget: None, is_everything: false }, |_| {})
        .await
}

#[rstest]
#[case::revoked_key_accepted(Fault::RevokedKeyAccepted, "revoked_key_is_refused[listProjects", "refusal")]
#[case::revoked_key_writes(Fault::RevokedKeyWrites, "revoked_key_is_refused[createProject", "no-effect")]
#[case::revoked_key_listed(Fault::RevokedKeyListed, "revoked_key_is_not_listed", "deleted-gone")]
#[case::revoked_reason_told(Fault::RevokedReasonTold, "refusals_are_alike[listProjects", "refusal")]
#[case::invalid_key_accepted(Fault::InvalidKeyAccepted, "invalid_key_is_refused[listProjects", "refusal")]
#[case::malformed_header_accepted(
    Fault::MalformedHeaderAccepted,
    "malformed_header_is_refused[listProjects",
    "refusal"
)]
#[case::missing_header_forbidden(
    Fault::MissingHeaderForbidden,
    "missing_key_is_refused[v1ListProjects",
    "refusal"
)]
#[case::account_data_in_refusal(
    Fault::AccountDataInRefusal,
    "revoked_key_is_refused[listProjects",
    "refusal"
)]
#[case::token_in_key_list(Fault::TokenInKeyList, "created_key_is_listed_without_its_token", "secret-once")]
#[case::other_users_project_readable(
    Fault::OtherUsersProjectReadable,
    "key_of_another_user_reaches_nothing",
    "expectation"
)]
#[case::v1_databases_null(Fault::V1DatabasesNull, "v1/documented_example", "response-schema")]
#[case::v1_times_without_milliseconds(
    Fault::V1TimesWithoutMilliseconds,
    "v1/documented_example",
    "expectation"
)]
#[case::project_password_shown(Fault::ProjectPasswordShown, "password_is_shown_once", "secret-once")]
#[case::created_project_unlisted(Fault::CreatedProjectUnlisted, "life_of_a_project", "created-visible")]
#[case::deleted_project_readable(Fault::DeletedProjectReadable, "life_of_a_project", "deleted-gone")]
#[case::deleted_project_listed(Fault::DeletedProjectListed, "life_of_a_project", "deleted-gone")]
#[case::update_ignored(Fault::UpdateIgnored, "life_of_a_project", "updated-visible")]
#[case::wrong_project_answered(Fault::WrongProjectAnswered, "key_reaches_projects_of_other_keys", "asked-id")]
#[case::limit_ignored(Fault::LimitIgnored, "pages_hold_at_most_limit", "paging")]
#[case::page_repeats_item(Fault::PageRepeatsItem, "pages_yield_every_project_once", "paging")]
#[case::page_loses_item(Fault::PageLosesItem, "created_projects_are_on_the_pages", "paging")]
#[case::duplicate_in_list(Fault::DuplicateInList, "projects/list_is_an_object", "unique-ids")]
#[case::created_at_moves(Fault::CreatedAtMoves, "life_of_a_project", "created-at-fixed")]
#[case::updated_before_created(Fault::UpdatedBeforeCreated, "life_of_a_project", "time-order")]
#[case::unknown_project_fails(Fault::UnknownProjectFails, "unknown_project_is_404", "documented-status")]
#[case::error_as_html(Fault::ErrorAsHtml, "unknown_project_is_404", "content-type")]
#[case::error_without_code(Fault::ErrorWithoutCode, "unknown_project_is_404", "error-shape")]
#[case::branch_of_another_project(Fault::BranchOfAnotherProject, "branches/life_of_a_branch", "parent")]
#[case::repeated_json_name(Fault::RepeatedJsonName, "projects/list_is_an_object", "json-body")]
#[case::wrong_content_type(Fault::WrongContentType, "v1/documented_example", "content-type")]
#[case::redirect(Fault::Redirect, "list_is_an_object", "no-redirect")]
#[case::truncated_body(Fault::TruncatedBody, "v1/documented_example", "transport")]
#[tokio::test]
async fn a_broken_rule_is_noticed(#[case] fault: Fault, #[case] case: &str, #[case] check: &str) {
    let healthy = run_with(Vec::new(), case).await;
    assert_eq!(healthy.counts().passed, healthy.trials.len(), "without a fault nothing is found");

    let report = run_with(vec![fault], case).await;
    let findings = report.trials.iter().flat_map(|trial| &trial.findings);
    let checks: BTreeSet<&str> = findings.map(|finding| finding.check).collect();
    assert!(checks.contains(check), "{fault} was noticed by {checks:?}");
    assert!(report.trials.iter().any(|trial| trial.outcome == Outcome::Failed));
}

#[tokio::test]
async fn a_write_that_was_refused_and_done_is_told_by_what_it_made() {
    let report = run_with(vec![Fault::RevokedKeyWrites], "revoked_key_is_refused[createProject").await;
    let findings: Vec<_> = report.trials.iter().flat_map(|trial| &trial.findings).collect();
    assert!(findings.iter().all(|finding| finding.check != "expectation"), "the answer itself was 401");
    let finding = findings.iter().find(|finding| finding.check == "no-effect").expect("it is noticed");
    assert!(finding.actual.starts_with("the project "), "{}", finding.actual);
}

/// Every fault is noticed, and every check notices one.
#[test]
fn the_table_is_complete() {
    let source =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file!())).expect("it is there");
    for fault in Fault::ALL {
        let row = format!("Fault::{fault:?},");
        assert!(source.contains(&row), "{fault} is not in the table above");
    }
    for check in CHECKS {
        let cell = format!("\"{}\"\n)]", check.id);
        let source = source.replace("    ", "").replace("\")]", "\"\n)]");
        assert!(source.contains(&cell), "no fault in the table above is noticed by {}", check.id);
    }
}
