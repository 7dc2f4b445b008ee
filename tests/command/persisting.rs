//! A mock that keeps its state in a file, and is killed in the middle of things.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::project::{Project, RunningMock};

async fn create_key(mock: &RunningMock, name: &str) -> Option<i64> {
    let url = format!("{}/api/v2/api_keys", mock.url);
    let request = Client::new().post(url).bearer_auth(&mock.key).json(&json!({ "key_name": name }));
    let answer = request.send().await.ok()?.json::<Value>().await.ok()?;
    answer["id"].as_i64()
}

/// The status of the answer, and the id of the key in it.
async fn asked_for_key(mock: &RunningMock, name: &str) -> (u16, Option<i64>) {
    let url = format!("{}/api/v2/api_keys", mock.url);
    let request = Client::new().post(url).bearer_auth(&mock.key).json(&json!({ "key_name": name }));
    let answer = request.send().await.expect("it answers");
    let status = answer.status().as_u16();
    (status, answer.json::<Value>().await.ok().and_then(|body| body["id"].as_i64()))
}

async fn keys(mock: &RunningMock) -> BTreeSet<i64> {
    let url = format!("{}/api/v2/api_keys", mock.url);
    let answer = Client::new().get(url).bearer_auth(&mock.key).send().await.expect("the mock answers");
    let keys: Vec<Value> = answer.json().await.expect("it lists keys");
    keys.iter().filter_map(|key| key["id"].as_i64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_any_death() {
    let project = Project::new();
    let arguments = ["--fixture", "empty", "--persist", "state.json"];
    let mut answered = BTreeSet::new();
    let mut first_key = None;
    for round in 0..25_u64 {
        let mock = RunningMock::start(&project, &arguments);
        assert_eq!(*first_key.get_or_insert(mock.key.clone()), mock.key, "the key outlives the process");
        let there = keys(&mock).await;
        let missing: Vec<&i64> = answered.iter().filter(|id| !there.contains(id)).collect();
        assert!(missing.is_empty(), "round {round}: {missing:?} were answered and are gone");

        // Killed while writes are under way: each time at another moment of theirs.
        let pid = mock.pid();
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20 + round * 7));
            kill(pid);
        });
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            let names = [format!("{round}-a"), format!("{round}-b"), format!("{round}-c")];
            let created = futures::future::join_all(names.iter().map(|name| create_key(&mock, name))).await;
            answered.extend(created.iter().flatten());
            if created.contains(&None) {
                break;
            }
        }
        killer.join().expect("it was killed");
        if !project.path("state.json").exists() {
            assert!(answered.is_empty(), "nothing was answered before the first version was written");
            continue;
        }
        let state: Value = serde_json::from_str(&project.read("state.json")).expect("the file is whole");
        assert_eq!(state["version"], 2);
    }
    assert!(answered.len() > 50, "only {} keys were created", answered.len());
}

/// Ends a process without a word (SIGKILL).
fn kill(pid: u32) {
    let status = std::process::Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status();
    assert!(status.expect("there is a shell").success());
}

#[test]
fn a_file_that_is_no_state_is_told_and_left_alone() {
    let project = Project::new();
    project.write("state.json", "{\"version\": 1, \"state\"");
    let ended = project.run(&["mock", "--port", "0", "--persist", "state.json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("state.json") && ended.stderr.contains("move the file away"),
        "{}",
        ended.stderr
    );
    assert_eq!(project.read("state.json"), "{\"version\": 1, \"state\"");
}

#[test]
fn a_place_where_no_state_can_be_kept_is_refused_at_the_start() {
    let ended = Project::new().run(&["mock", "--port", "0", "--persist", "no-such-folder/state.json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("no-such-folder/state.json"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "", "nothing is served");
}

#[test]
fn a_fixture_beside_a_kept_state_is_told_to_be_passed_by() {
    let project = Project::new();
    let first = RunningMock::start(&project, &["--persist", "state.json"]);
    let started = Instant::now();
    while !project.path("state.json").exists() && started.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(10));
    }
    drop(first);
    let mut mock = project.command();
    mock.args(["mock", "--port", "0", "--persist", "state.json", "--fixture", "team"]);
    let mut mock = mock.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut printed = BufReader::new(mock.stdout.take().expect("it is piped")).lines();
    assert!(printed.next().is_some(), "it serves");
    mock.kill().expect("it runs");
    let told = mock.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&told.stderr);
    assert!(told.contains("state.json") && told.contains("the fixture `team` is not"), "{told}");
}

#[test]
fn no_token_is_in_the_file() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--persist", "state.json"]);
    let started = Instant::now();
    while !project.path("state.json").exists() && started.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(!project.read("state.json").contains(&mock.key[5..]));
}

/// What was told not to be kept is not there later either, and what was told to be kept is.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_undone() {
    let project = Project::new();
    project.write("kept/other", "");
    let mock =
        RunningMock::start(&project, &["--fixture", "empty", "--admin", "--persist", "kept/state.json"]);
    let mut answered = keys(&mock).await;
    let users = async || {
        let accounts = reqwest::get(format!("{}/_mock/accounts", mock.url)).await.expect("it answers");
        accounts.json::<Vec<Value>>().await.expect("it lists users").len()
    };
    for round in 0..6 {
        let is_full = round % 2 == 1;
        let [there, away] = ["kept", "away"].map(|name| project.path(name));
        if is_full {
            std::fs::rename(&there, &away).expect("it can be moved");
        }
        let names: Vec<String> = (0..8).map(|number| format!("{round}-{number}")).collect();
        let created = futures::future::join_all(names.iter().map(|name| asked_for_key(&mock, name))).await;
        let expected = if is_full { 500 } else { 200 };
        assert!(created.iter().all(|(status, _)| *status == expected), "{created:?}");
        assert_eq!(created.iter().all(|(_, id)| id.is_none()), is_full, "{created:?}");
        answered.extend(created.iter().filter_map(|(_, id)| *id));
        assert_eq!(keys(&mock).await, answered, "round {round}");

        let before = users().await;
        let account =
            Client::new().post(format!("{}/_mock/accounts", mock.url)).body(r#"{"fixture":"empty"}"#);
        let status = account.send().await.expect("it answers").status();
        assert_eq!(status.as_u16(), if is_full { 500 } else { 201 });
        assert_eq!(users().await, before + usize::from(!is_full), "round {round}");
        if is_full {
            std::fs::rename(&away, &there).expect("it can be moved");
        }
    }
    drop(mock);
    let mock = RunningMock::start(&project, &["--fixture", "empty", "--persist", "kept/state.json"]);
    assert_eq!(keys(&mock).await, answered);
}
