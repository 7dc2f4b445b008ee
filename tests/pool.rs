//! Trials are run many at once: each is told once, and what comes of them does not depend on how many.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use neon_contract::mock::Fault;
use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::result::{Coverage, Outcome, RunReport};
use neon_contract::runner::{Event, Harness, Options, Setup, SnapshotMode, run};
use rstest::rstest;

const OPTIONS: Options = Options { jobs: 8, fail_fast: false, budget: None, is_everything: false };

/// The trials with `filter` in their names, and a mock for them.
async fn harness_for(filter: &str, fault: Option<&str>) -> (Arc<Harness>, Arc<[Trial]>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let setup = Setup {
        snapshot_mode: Some(SnapshotMode::Ignore),
        faults: fault.map(|id| id.parse::<Fault>().expect("there is such a fault")).into_iter().collect(),
        ..Setup::embedded(root.join("specs"))
    };
    let suite = setup.suite().await.expect("the suite is sound");
    let selection = Selection { filters: vec![filter.to_owned()], ..Selection::default() };
    let trials: Arc<[Trial]> = plan(&suite, &selection).into();
    (Arc::new(setup.harness(suite).await.expect("the mock starts")), trials)
}

/// What came of the trials with `filter` in their names, and the names in the order they were told.
async fn run_of(filter: &str, fault: Option<&str>, options: Options) -> (usize, RunReport, Vec<String>) {
    let (harness, trials) = harness_for(filter, fault).await;
    let mut told = Vec::new();
    let report =
        run(&harness, &trials, options, |Event::Ended(trial)| told.push(trial.name.to_string())).await;
    (trials.len(), report, told)
}

fn names(report: &RunReport) -> Vec<String> {
    report.trials.iter().map(|trial| trial.name.to_string()).collect()
}

/// How often what was sent where, and what each check looked at; not how long it took.
fn counted(coverage: &Coverage) -> BTreeMap<String, String> {
    let operations = coverage.operations.iter();
    operations
        .map(|(id, covered)| {
            let counts = (covered.requests, &covered.statuses, &covered.refused, &covered.checks);
            (id.to_string(), format!("{counts:?}"))
        })
        .collect()
}

#[rstest]
#[case::fewer_than_trials(3)]
#[case::more_than_trials(1000)]
#[case::none(0)]
#[tokio::test]
async fn what_comes_of_a_run_does_not_depend_on_the_jobs(#[case] jobs: usize) {
    let (planned, one, _) = run_of("api-keys/", None, Options { jobs: 1, ..OPTIONS }).await;
    let (_, other, mut told) = run_of("api-keys/", None, Options { jobs, ..OPTIONS }).await;
    assert_eq!((one.trials.len(), one.not_begun), (planned, 0));
    assert_eq!(names(&one), names(&other));
    assert_eq!(counted(&one.coverage), counted(&other.coverage));
    told.sort();
    let mut ended = names(&other);
    ended.sort();
    assert_eq!(told, ended, "each is told once");
}

#[tokio::test]
async fn no_trials_are_a_run_too() {
    let (planned, report, told) = run_of("no such trial", None, OPTIONS).await;
    assert_eq!((planned, report.trials.len(), told.len()), (0, 0, 0));
}

#[rstest]
#[case::at_the_first_failure(Options { fail_fast: true, ..OPTIONS }, Some("revoked-key-accepted"))]
#[case::when_time_is_up(Options { budget: Some(Duration::from_millis(30)), ..OPTIONS }, None)]
#[tokio::test]
async fn what_was_begun_is_told_and_the_rest_counted(#[case] options: Options, #[case] fault: Option<&str>) {
    let (planned, report, told) = run_of("authentication/revoked_key_is_refused", fault, options).await;
    assert!(report.not_begun > 0 && !told.is_empty(), "{} of {planned} were not begun", report.not_begun);
    assert_eq!(report.trials.len() + report.not_begun, planned);
    assert_eq!(told.len(), report.trials.len());
    let has_failed = report.trials.iter().any(|trial| trial.outcome == Outcome::Failed);
    assert_eq!(has_failed, options.fail_fast);
}

#[tokio::test]
async fn a_run_that_is_dropped_is_stopped() {
    let (harness, trials) = harness_for("", None).await;
    let running = run(&harness, &trials, OPTIONS, |_| {});
    tokio::time::timeout(Duration::from_millis(1), running).await.expect_err("it takes longer");
    assert!(harness.stop().is_cancelled());
}
