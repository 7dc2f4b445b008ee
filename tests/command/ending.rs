//! Endpoints that do not answer, and a run that is to end: it ends when a request has had its time, or when its own is over.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::http::Method;
use rstest::rstest;

use crate::between::{self, Act};
use crate::project::{Ended, Project, RunningMock, ended};

/// The mock, and every write to it hangs.
async fn hanging_writes(mock: &RunningMock) -> String {
    between::start(&mock.url, |method, _| if *method == Method::GET { Act::Forward } else { Act::Hang }).await
}

/// The mock, and every read of a trial hangs.
async fn hanging_reads(mock: &RunningMock) -> String {
    between::start(&mock.url, |method, path| {
        // What is asked before the trials is answered.
        let is_first = path.ends_with("/auth") || path == "/api/v2/projects";
        if *method != Method::GET || is_first { Act::Forward } else { Act::Hang }
    })
    .await
}

/// A run of some trials, and how long it took.
async fn timed(project: &Project, mock: &RunningMock, url: &str, arguments: &[&str]) -> (Ended, Duration) {
    let mut command = project.command();
    command.args(["run", "--quiet", "--url", url]).args(arguments).env("NEON_API_KEY", &mock.key);
    let began = Instant::now();
    let ended = tokio::task::spawn_blocking(move || ended(&mut command)).await.expect("it ends");
    (ended, began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_operation_that_hangs_costs_few_waits() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let url = between::start(&mock.url, |method, path| {
        let is_it = *method == Method::GET && path.ends_with("/branches");
        if is_it { Act::Hang } else { Act::Forward }
    })
    .await;
    let some =
        ["branches/", "projects/", "--allow", "destroys", "--timeout", "4s", "--grace", "1s", "--jobs", "4"];
    let (usual, usually) = timed(&project, &mock, &mock.url, &some).await;
    assert_eq!(usual.code, Some(0), "{usual:?}");
    let (hung, took) = timed(&project, &mock, &url, &some).await;
    assert_eq!(hung.code, Some(1), "{hung:?}");
    assert!(took < usually * 3 + Duration::from_secs(4) * 5, "{took:?}, usually {usually:?}: {hung:?}");
    assert_eq!(hung.stdout.matches("no complete response within 4s").count(), 1, "{}", hung.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_budget_ends_requests_that_only_read() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let url = hanging_reads(&mock).await;
    let reads = ["authentication/bearer_key_opens_every_read", "--timeout", "60s", "--time-budget", "2s"];
    let (ended, took) = timed(&project, &mock, &url, &reads).await;
    assert!(ended.stdout.contains("the time budget of the run is exhausted"), "{ended:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

/// A run whose writes hang, two seconds after its begin.
async fn under_way(project: &Project, mock: &RunningMock, timeout: &str) -> Child {
    let url = hanging_writes(mock).await;
    let child = project
        .command()
        .args(["run", "--allow", "destroys", "--url", &url, "--timeout", timeout, "--jobs", "4", "branches/"])
        .env("NEON_API_KEY", &mock.key)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    tokio::time::sleep(Duration::from_secs(2)).await;
    child
}

/// Signals a process, and tells how it ended and how long after the last signal.
async fn signalled(mut child: Child, signals: &[&str]) -> (Option<i32>, Duration) {
    let mut last = Instant::now();
    for (place, signal) in signals.iter().enumerate() {
        if place > 0 {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        last = Instant::now();
        let told = Command::new("kill").args([*signal, &child.id().to_string()]).status();
        assert!(told.expect("there is a kill").success());
    }
    let status = tokio::task::spawn_blocking(move || child.wait()).await.expect("it ends").expect("it ends");
    (status.code(), last.elapsed())
}

#[rstest]
#[case::by_one(&["-TERM"], "4s", &[130, 3], 4 + 3)]
#[case::by_a_second_at_once(&["-TERM", "-INT"], "60s", &[130], 3)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_run_whose_writes_hang(
    #[case] signals: &[&str],
    #[case] timeout: &str,
    #[case] codes: &[i32],
    #[case] seconds: u64,
) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let child = under_way(&project, &mock, timeout).await;
    let (code, took) = signalled(child, signals).await;
    assert!(took < Duration::from_secs(seconds), "{took:?}");
    assert!(code.is_some_and(|code| codes.contains(&code)), "{code:?}");
}
