//! Endpoints of which a part hangs, never ends or is used up: a run ends all the same, and says what it could not test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::between::{self, Act};
use crate::project::{Ended, Project, RunningMock, ended};

async fn run(project: &Project, mock: &RunningMock, url: &str, arguments: &[&str]) -> Ended {
    let mut command = project.command();
    let always = ["run", "--quiet", "--allow", "destroys", "--grace", "500ms", "--url", url];
    command.args(always).args(arguments).env("NEON_API_KEY", &mock.key);
    tokio::task::spawn_blocking(move || ended(&mut command)).await.expect("it ends")
}

#[rstest]
#[case::a_list(Method::GET, "/branches", &["branches/", "CHILD-"], false)]
#[case::what_makes(Method::POST, "/api/v2/projects", &["projects/", "branches/"], false)]
#[case::what_removes(Method::DELETE, "/api/v2/projects/*", &["projects/", "branches/"], true)]
#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_hangs_is_asked_a_few_times(
    #[case] method: Method,
    #[case] path: &'static str,
    #[case] trials: &[&str],
    #[case] leaves: bool,
) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let hung = Arc::new(AtomicUsize::new(0));
    let count = hung.clone();
    let url = between::start(&mock.url, move |asked, at| {
        let is_it = match path.strip_suffix("/*") {
            Some(start) => at.strip_prefix(start).is_some_and(|rest| rest.matches('/').count() == 1),
            None => at.ends_with(path),
        };
        if *asked != method || !is_it {
            return Act::Forward;
        }
        count.fetch_add(1, Ordering::SeqCst);
        Act::Hang
    })
    .await;
    let ended = run(&project, &mock, &url, &[trials, &["--timeout", "1s", "--jobs", "2"]].concat()).await;
    assert_eq!(ended.code, Some(if leaves { 3 } else { 1 }), "{ended:?}");
    assert!(ended.stdout.contains("no complete response within 1s"), "{}", ended.stdout);
    assert!(ended.stdout.contains("got no response three times"), "{}", ended.stdout);
    // Three times, once more for each trial that was under way, and a few at the end.
    let hung = hung.load(Ordering::SeqCst);
    assert!((3..=8).contains(&hung), "{hung} requests hung: {}", ended.stdout);
    let told = ended.stdout.matches("no complete response within 1s").count();
    assert!((1..=2).contains(&told), "told {told} times: {}", ended.stdout);
}

fn quick_work(project: &Project) {
    project.edit("specs/suite.yaml", "  ended: {", "  every: 20ms\n  limit: 200ms\n  ended: {");
}

/// Has every piece of work be in a state.
fn in_state<const STATE: u8>(body: &mut Value) {
    let word = ["running", "cancelled", "failed", "error", "skipped"][usize::from(STATE)];
    body["operation"]["status"] = json!(word);
}

#[rstest]
#[case::without_end(in_state::<0>, "did not occur within 200ms; the state is `running`", true)]
#[case::cancelled(in_state::<1>, "is `cancelled`", false)]
#[case::failed(in_state::<2>, "is `failed`", false)]
#[case::in_error(in_state::<3>, "is `error`", false)]
#[tokio::test(flavor = "multi_thread")]
async fn work_that_does_not_succeed_leaves_trials_untested(
    #[case] change: fn(&mut Value),
    #[case] said: &str,
    #[case] is_waited_for: bool,
) {
    let project = Project::new();
    quick_work(&project);
    let mock = RunningMock::start(&project, &[]);
    let url = between::start(&mock.url, move |method, path| {
        let is_work = *method == Method::GET && path.contains("/operations/");
        if is_work { Act::Change(change) } else { Act::Forward }
    })
    .await;
    let ended = run(&project, &mock, &url, &["branches/", "roles/", "databases/", "--jobs", "1"]).await;
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    assert_eq!(ended.code, Some(0), "nothing is wrong with that: {ended:?}");
    assert_eq!(ended.stdout.contains("the end of the work that"), is_waited_for, "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_skipped_has_succeeded() {
    let project = Project::new();
    quick_work(&project);
    let mock = RunningMock::start(&project, &[]);
    let url = between::start(&mock.url, move |method, path| {
        let is_work = *method == Method::GET && path.contains("/operations/");
        if is_work { Act::Change(in_state::<4>) } else { Act::Forward }
    })
    .await;
    let ended = run(&project, &mock, &url, &["branches/", "roles/", "databases/", "--jobs", "1"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        !ended.stdout.contains("skipped`") && !ended.stdout.contains("did not occur"),
        "{}",
        ended.stdout
    );
}

#[rstest]
#[case::without_end("running")]
#[case::cancelled("cancelled")]
#[tokio::test(flavor = "multi_thread")]
async fn work_of_others_is_not_waited_for(#[case] state: &str) {
    let project = Project::new();
    quick_work(&project);
    let mock = RunningMock::start(&project, &[]);
    let change = if state == "running" { others::<0> } else { others::<1> };
    let url = between::start(&mock.url, move |method, path| {
        let is_list = *method == Method::GET && path.ends_with("/operations");
        if is_list { Act::Change(change) } else { Act::Forward }
    })
    .await;
    let ended = run(&project, &mock, &url, &["branches/", "snapshots/", "--jobs", "4"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stdout.contains("did not occur"), "{}", ended.stdout);
}

/// Adds work to a list that nobody has asked for.
fn others<const STATE: u8>(body: &mut Value) {
    if let Some(operations) = body["operations"].as_array_mut()
        && let Some(mut other) = operations.first().cloned()
    {
        other["id"] = json!("00000000-0000-4000-8000-000000000001");
        other["action"] = json!("check_availability");
        other["status"] = json!(["running", "cancelled"][usize::from(STATE)]);
        operations.push(other);
    }
}

#[test]
fn what_is_waited_for_in_vain_three_times_is_not_waited_for_again() {
    let project = Project::new();
    project.write(
        "specs/cases/own/waits.yaml",
        "title: A list comes to hold what it never will\nrequirements: [OPS-FINISH]\n\
         for_each: { turn: [1, 2, 3, 4, 5, 6] }\nsteps:\n  - name: wait\n    operation: listProjects\n    \
         query: { limit: \"{{ turn }}\" }\n    \
         until: { where: { $.projects: { length: 999 } }, every: 10ms, limit: 50ms }\nsnapshot: { omit: true }\n",
    );
    let ended = project.run(&["run", "own/", "--jobs", "1"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("3 failed") && ended.stdout.contains("3 untested"), "{}", ended.stdout);
    assert!(ended.stdout.contains("did not occur"), "{}", ended.stdout);
}

#[rstest]
#[case::by_code(json!({"code": "PROJECTS_LIMIT_EXCEEDED", "message": "no", "request_id": "r"}), "PROJECTS_LIMIT_EXCEEDED")]
#[case::by_message(json!({"code": "", "message": "projects limit exceeded", "request_id": "r"}), "projects limit exceeded")]
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_the_plan_is_no_finding(#[case] body: Value, #[case] named: &str) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let url = between::start(&mock.url, move |method, path| {
        if *method == Method::POST && path == "/api/v2/projects" {
            count.fetch_add(1, Ordering::SeqCst);
            return Act::Answer(422, body.clone());
        }
        Act::Forward
    })
    .await;
    let ended =
        run(&project, &mock, &url, &["branches/life_of_a_branch", "projects/life_of_a_project"]).await;
    assert_eq!(ended.code, Some(4), "nothing was tested, and nothing is wrong: {ended:?}");
    assert!(
        ended.stdout.contains(&format!("limit of the account's plan is reached ({named})")),
        "{}",
        ended.stdout
    );
    assert_eq!(asked.load(Ordering::SeqCst), 2, "each trial asks once");
}

#[rstest]
#[case::accepted(202)]
#[case::failed(500)]
#[tokio::test(flavor = "multi_thread")]
async fn what_may_make_something_is_not_repeated_until_it_is_answered_otherwise(#[case] status: u16) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let url = between::start(&mock.url, move |method, path| {
        if *method == Method::POST && path.ends_with("/branches") {
            count.fetch_add(1, Ordering::SeqCst);
            return Act::Answer(status, json!({}));
        }
        Act::Forward
    })
    .await;
    let ended = run(&project, &mock, &url, &["branches/branch_has_what_its_parent_had", "--jobs", "1"]).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1, "{}", ended.stdout);
    assert_eq!(ended.code, Some(1), "{ended:?}");
}

/// Each of these requests is sent seven times: once, and six times more.
#[rstest]
#[case::one_operation("/branches", "/projects/{project_id}/branches kept returning 429 to three", 8 * 7)]
#[case::every_one("/", "the endpoint kept returning 429 to three", 24 * 7)]
#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_every_request_as_one_too_many_is_asked_a_few_times(
    #[case] path: &'static str,
    #[case] said: &str,
    #[case] most: usize,
) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let refused = Arc::new(AtomicUsize::new(0));
    let count = refused.clone();
    let url = between::start(&mock.url, move |method, at| {
        let is_it = at.ends_with(path) || (path == "/" && at.starts_with("/api/v2/projects"));
        if *method != Method::GET || !is_it {
            return Act::Forward;
        }
        count.fetch_add(1, Ordering::SeqCst);
        Act::TooMany
    })
    .await;
    let ended = run(&project, &mock, &url, &["projects/", "branches/", "--jobs", "2"]).await;
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    assert!(!ended.stdout.contains("FAIL"), "{}", ended.stdout);
    let refused = refused.load(Ordering::SeqCst);
    assert!((3 * 7..=most).contains(&refused), "{refused} requests: {}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_budget_ends_waits_as_well() {
    let project = Project::new();
    project.edit("specs/suite.yaml", "  ended: {", "  limit: 100s\n  ended: {");
    let mock = RunningMock::start(&project, &[]);
    let url = between::start(&mock.url, |method, path| {
        let is_work = *method == Method::GET && path.contains("/operations/");
        if is_work { Act::Change(in_state::<0>) } else { Act::Forward }
    })
    .await;
    let began = Instant::now();
    let ended = run(&project, &mock, &url, &["branches/", "--time-budget", "2s"]).await;
    assert!(began.elapsed() < Duration::from_secs(30), "{ended:?}");
    assert!(ended.stdout.contains("the time budget of the run is exhausted"), "{}", ended.stdout);
    assert_eq!(
        std::fs::read_dir(project.ledgers()).map_or(0, Iterator::count),
        0,
        "removing created resources first"
    );
}

/// Says that a part of what was made is in something else.
fn elsewhere(body: &mut Value) {
    if let Some(branch) = body["branch"].as_object_mut() {
        branch.insert("project_id".to_owned(), json!("their-project-1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_in_something_else_are_left_alone() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let writes = Arc::new(AtomicUsize::new(0));
    let count = writes.clone();
    let url = between::start(&mock.url, move |method, path| {
        if *method == Method::POST && path == "/api/v2/projects" {
            return Act::Change(elsewhere);
        }
        if *method != Method::GET && path.contains("/branches") {
            count.fetch_add(1, Ordering::SeqCst);
        }
        Act::Forward
    })
    .await;
    let ended = run(&project, &mock, &url, &["branches/life_of_a_branch"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("it is in `their-project-1`, not in"), "{}", ended.stdout);
    assert_eq!(writes.load(Ordering::SeqCst), 0, "{}", ended.stdout);
}
