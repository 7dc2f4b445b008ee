//! Answers as large as they may be: what a run needs of memory does not grow with their number.

use std::process::Stdio;

use axum::http::Method;
use serde_json::json;

use crate::between::{self, Act};
use crate::project::{Project, RunningMock};

/// The most memory that a process had, in MB.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_waits_on_disk() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let projects: Vec<_> =
        (0..7_000).map(|_| json!({"id": "of-another", "name": "x".repeat(1_000)})).collect();
    let large = json!({ "projects": projects });
    let url = between::start(&mock.url, move |asked, path| {
        if *asked == Method::GET && path.ends_with("/projects") {
            return Act::Answer(200, large.clone());
        }
        Act::Forward
    })
    .await;
    let mut command = project.command();
    command
        .args(["run", "LIST-", "projects/", "--quiet", "--allow", "destroys", "--grace", "0s", "--url", &url])
        .args(["--record", "large.har", "--time-budget", "25s"])
        .env("NEON_API_KEY", &mock.key)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut most = 0;
    while child.try_wait().expect("it can be asked").is_none() {
        most = most.max(peak(child.id()).unwrap_or_default());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let recorded = std::fs::metadata(project.path("large.har")).expect("there is a recording").len();
    assert!(recorded > 24_000_000, "{recorded} bytes were recorded");
    assert!(most < 500, "{most} MB for a recording of {} MB", recorded / 1_000_000);
}
