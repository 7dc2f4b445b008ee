//! Sweeps after runs that were killed: what comes late, what is old, and what is many.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};

use crate::hostile::CASE;
use crate::live::theirs;
use crate::lying::{Liar, Lie};
use crate::project::{Ended, Project, RunningMock, ended};
use crate::users_account::{Account, jsonl_in};

/// A run that is killed as soon as it has asked for something that the endpoint makes later.
async fn killed_while_it_waits(account: &Account, url: &str, liar: &Liar, more: impl Fn(&mut Command)) {
    let mut command = account.project.command();
    command
        .args(["run", "projects/life_of_a_project", "--allow", "destroys", "--url", url])
        .env("NEON_API_KEY", &account.mock.key)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    more(&mut command);
    let mut run = command.spawn().expect("it starts");
    while !liar.has_created.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.kill().expect("it runs");
    run.wait().expect("it ends");
    assert!(account.left_overs().await.is_empty(), "it is still to be made");
}

#[rstest]
#[case::is_waited_for("20s", true)]
#[case::is_left_to_its_ledger("0s", false)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_after_its_run_was_killed(#[case] grace: &str, #[case] is_removed: bool) {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, || Lie::CreatesAfterATimeOut).await;
    killed_while_it_waits(&account, &url, &liar, |_| {}).await;
    assert_eq!(account.ledgers().len(), 1);
    let swept = account.run(&url, &["sweep", "--grace", grace]).await;
    liar.has_done_all().await;
    let left = account.left_overs().await;
    if is_removed {
        assert_eq!((swept.code, left.len(), account.ledgers().len()), (Some(0), 0, 0), "{swept:?}");
        assert!(swept.stdout.starts_with("removed DELETE /api/v2/projects/"), "{swept:?}");
    } else {
        assert_eq!((swept.code, left.len()), (Some(3), 1), "{swept:?}");
        assert!(swept.stderr.contains("POST /api/v2/projects got no usable response"), "{swept:?}");
        assert!(left[0].is_in(&account.ledgers()), "{left:?}");
        let again = account.run(&url, &["sweep", "--grace", grace]).await;
        assert_eq!((again.code, account.left_overs().await.len()), (Some(3), 0), "{again:?}");
        let last = account.run(&url, &["sweep"]).await;
        assert_eq!((last.code, account.ledgers().len()), (Some(0), 0), "{last:?}");
    }
    assert_eq!(account.of_the_user().await, account.before, "{swept:?}");
}

#[rstest]
#[case::by_an_option(&["--ledger", "kept/here"], &[])]
#[case::by_the_environment(&[], &[("NEON_LEDGER", "kept/here")])]
#[tokio::test(flavor = "multi_thread")]
async fn ledgers_are_kept_where_they_are_told_to_be(
    #[case] arguments: &[&str],
    #[case] variables: &[(&str, &str)],
) {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, || Lie::CreatesAfterATimeOut).await;
    let told = |command: &mut Command| {
        command.args(arguments).envs(variables.iter().copied());
    };
    killed_while_it_waits(&account, &url, &liar, told).await;
    liar.has_done_all().await;
    let there = || -> Vec<PathBuf> { jsonl_in(&account.project.path("kept/here")) };
    assert_eq!((there().len(), account.ledgers().len()), (1, 0), "{:?}", there());
    let elsewhere = account.run(&url, &["sweep"]).await;
    assert!(elsewhere.stderr.contains("nothing to remove: no ledger in"), "{elsewhere:?}");
    assert_eq!((elsewhere.code, account.left_overs().await.len()), (Some(0), 1), "{elsewhere:?}");
    let mut sweep = account.project.command();
    sweep.args(["sweep", "--url", &url, "--grace", "2s"]).env("NEON_API_KEY", &account.mock.key);
    told(&mut sweep);
    let swept = ended(&mut sweep);
    assert_eq!((swept.code, account.left_overs().await.len(), there().len()), (Some(0), 0, 0), "{swept:?}");
}

/// A mock, and the folder of runs on it that were killed.
struct Killed {
    project: Project,
    mock: RunningMock,
}

impl Killed {
    fn new() -> Self {
        let project = Project::new();
        let mock = RunningMock::start(&project, &["--admin"]);
        Self { project, mock }
    }

    /// A ledger of a run that has asked for something, and to which these were there before.
    fn leave_ledger(&self, folder: &str, present: &[String]) {
        let lines = [
            json!({"event": "began", "version": 1, "origin": self.mock.url, "prefix": "nc-aaaaaa"}),
            json!({"event": "present", "parameter": "key_id", "ids": []}),
            json!({"event": "present", "parameter": "project_id", "ids": present}),
            json!({"event": "intends", "number": 0, "route": "POST /api/v2/projects"}),
        ];
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.project.write(&format!("{folder}/nc-aaaaaa.jsonl"), &text);
    }

    fn command(&self, arguments: &[&str]) -> Ended {
        let mut command = self.project.command();
        ended(command.args(arguments).args(["--url", &self.mock.url]).env("NEON_API_KEY", &self.mock.key))
    }

    async fn get(&self, path: &str) -> Value {
        let asked =
            reqwest::Client::new().get(format!("{}{path}", self.mock.url)).bearer_auth(&self.mock.key);
        asked.send().await.expect("the mock answers").json().await.expect("it is JSON")
    }

    /// How often an operation was asked for.
    async fn asked(&self, operation: &str) -> usize {
        let journal = self.get(&format!("/_mock/journal?operation={operation}")).await;
        journal.as_array().expect("it is a list").len()
    }
}

const USUAL: &str = "state/neon-contract/ledgers";

#[test]
fn ledgers_of_earlier_versions_are_told() {
    let killed = Killed::new();
    killed.leave_ledger(".neon-contract", &[]);
    let run = killed.command(&["run", CASE]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("neon-contract sweep --ledger .neon-contract"), "{}", run.stderr);
    let doctor = killed.command(&["doctor"]);
    assert!(doctor.stdout.contains("1 in .neon-contract: runs are active or were killed"), "{doctor:?}");
    let swept = killed.command(&["sweep", "--grace", "10ms"]);
    assert_eq!((swept.code, killed.project.path(".neon-contract").exists()), (Some(0), false), "{swept:?}");
    let after = killed.command(&["run", CASE]);
    assert!(!after.stderr.contains(".neon-contract"), "{}", after.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_a_run_is_kept_whatever_its_name() {
    let killed = Killed::new();
    let there = theirs(&killed.mock, "nc-aaaaaa-001-project").await;
    theirs(&killed.mock, "nc-aaaaaa-002-project").await;
    killed.leave_ledger(USUAL, &[there]);
    let swept = killed.command(&["sweep", "--grace", "10ms"]);
    assert_eq!(swept.code, Some(0), "{swept:?}");
    let listed = killed.get("/api/v2/projects?limit=100").await;
    let names = listed["projects"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str());
    let names: Vec<&str> = names.filter(|name| name.starts_with("nc-")).collect();
    assert_eq!(names, ["nc-aaaaaa-001-project"], "{swept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_projects_are_removed_without_a_read_of_each() {
    const MANY: usize = 30;
    let killed = Killed::new();
    for number in 0..MANY {
        theirs(&killed.mock, &format!("nc-aaaaaa-{number:03}-project")).await;
    }
    killed.leave_ledger(USUAL, &[]);
    let swept = killed.command(&["sweep", "--grace", "10ms"]);
    assert_eq!(swept.code, Some(0), "{swept:?}");
    assert_eq!(swept.stdout.lines().count(), MANY, "{swept:?}");
    let asked = (killed.asked("deleteProject").await, killed.asked("getProject").await);
    assert_eq!(asked, (MANY, 0), "{swept:?}");
    // Whose account it is, what there is to remove, and what there is until all is gone.
    let lists = killed.asked("listProjects").await;
    assert!((2..=8).contains(&lists), "{lists} lists");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_lacks_something_is_not_believed_at_once() {
    let account = Account::new().await;
    // Whose account it is, the first look, and a little more.
    let mut requests = 0;
    let lies = move || {
        requests += 1;
        if requests <= 8 { Lie::ListsNothing } else { Lie::Nothing }
    };
    let (url, _) = Liar::start(&account.mock.url, lies).await;
    let mut written = vec![
        json!({"event": "began", "version": 2, "origin": url, "prefix": "nc-aaaaaa"}),
        json!({"event": "present", "parameter": "key_id", "ids": []}),
        json!({"event": "present", "parameter": "project_id", "ids": []}),
    ];
    for number in 0..2 {
        let keys = format!("{}/api/v2/api_keys", account.mock.url);
        let body = json!({"key_name": format!("nc-aaaaaa-{number:03}-key")});
        let made = reqwest::Client::new().post(keys).bearer_auth(&account.mock.key).json(&body).send().await;
        let made: Value = made.expect("it answers").json().await.expect("it is JSON");
        let (id, target) = (made["id"].to_string(), format!("/api/v2/api_keys/{}", made["id"]));
        written.push(json!({"event": "intends", "number": number, "route": "POST /api/v2/api_keys"}));
        let undo = json!({"method": "DELETE", "target": target, "params": {"key_id": id}});
        written.push(json!({"event": "made", "number": number, "undo": undo}));
    }
    let text: String = written.iter().map(|line| format!("{line}\n")).collect();
    account.project.write(&format!("{USUAL}/nc-aaaaaa.jsonl"), &text);
    let swept = account.run(&url, &["sweep"]).await;
    assert_eq!(swept.stdout.lines().count(), 2, "{swept:?}");
    assert_eq!((swept.code, account.left_overs().await.len(), account.ledgers().len()), (Some(0), 0, 0));
    assert_eq!(account.of_the_user().await, account.before, "{swept:?}");
}

/// The lines of a ledger whose run knew what was there, and has made one project.
async fn made_by_a_run(account: &Account, url: &str) -> (String, Vec<Value>) {
    let id = theirs(&account.mock, "nc-aaaaaa-001-project").await;
    let target = format!("/api/v2/projects/{id}");
    let undo = json!({"method": "DELETE", "target": target, "params": {"project_id": id}});
    let lines = vec![
        json!({"event": "began", "version": 2, "origin": url, "prefix": "nc-aaaaaa"}),
        json!({"event": "present", "parameter": "key_id", "ids": []}),
        json!({"event": "present", "parameter": "project_id", "ids": []}),
        json!({"event": "intends", "number": 0, "route": "POST /api/v2/projects"}),
        json!({"event": "made", "number": 0, "undo": undo}),
    ];
    (id, lines)
}

fn leave(account: &Account, lines: &[Value]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    account.project.write(&format!("{USUAL}/nc-aaaaaa.jsonl"), &text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_lacks_but_a_read_shows_is_left_to_the_ledger() {
    let account = Account::new().await;
    let (url, liar) = Liar::start(&account.mock.url, || Lie::ListsNothing).await;
    let (id, lines) = made_by_a_run(&account, &url).await;
    leave(&account, &lines);
    let swept = account.run(&url, &["sweep", "--grace", "10ms"]).await;
    assert_eq!((swept.code, account.ledgers().len()), (Some(3), 1), "{swept:?}");
    assert!(swept.stderr.contains("it may still be there"), "{swept:?}");
    let left = account.left_overs().await;
    assert!(left.iter().all(|one| one.id == id && one.is_in(&account.ledgers())), "{left:?}");
    liar.repent();
    let again = account.run(&url, &["sweep", "--grace", "10ms"]).await;
    assert_eq!(
        (again.code, account.left_overs().await.len(), account.ledgers().len()),
        (Some(0), 0, 0),
        "{again:?}"
    );
    assert_eq!(account.of_the_user().await, account.before, "{swept:?} {again:?}");
}

/// A list that always has another page, none of them at once.
async fn endless_pages() -> String {
    let pages = axum::Router::new().fallback(async || {
        static PAGES: AtomicU64 = AtomicU64::new(0);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let page = PAGES.fetch_add(1, Ordering::Relaxed).to_string();
        axum::Json(json!({
            "projects": [{"id": page, "name": "shop"}],
            "pagination": {"cursor": page, "next": page},
        }))
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
    let url = format!("http://{}", listener.local_addr().expect("it has an address"));
    tokio::spawn(async { axum::serve(listener, pages).await });
    url
}

#[rstest]
#[case::by_ledgers(&["sweep"], 1)]
#[case::that_only_lists(&["sweep", "--prefix", "nc-"], 0)]
#[case::by_a_prefix(&["sweep", "--prefix", "nc-", "--yes"], 0)]
#[tokio::test(flavor = "multi_thread")]
async fn a_time_budget_ends_a_sweep_of_lists_without_end(#[case] sweep: &[&str], #[case] ledgers: usize) {
    let account = Account::new().await;
    let url = endless_pages().await;
    if ledgers > 0 {
        let (_, lines) = made_by_a_run(&account, &url).await;
        leave(&account, &lines);
    }
    let began = Instant::now();
    let swept = account.run(&url, &[sweep, &["--time-budget", "1s"]].concat()).await;
    let took = began.elapsed();
    assert_eq!((swept.code, account.ledgers().len()), (Some(3), ledgers), "{swept:?}");
    assert!(swept.stderr.contains("in time"), "{swept:?}");
    assert!((Duration::from_secs(1)..Duration::from_secs(10)).contains(&took), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_does_not_say_what_was_there_opens_no_door_to_the_key_in_use() {
    let account = Account::new().await;
    let keys = format!("{}/api/v2/api_keys", account.mock.url);
    let client = reqwest::Client::new();
    let body = json!({"key_name": "nc-aaaaaa-001-mine"});
    let made = client.post(&keys).bearer_auth(&account.mock.key).json(&body).send().await;
    let mine: Value = made.expect("it answers").json().await.expect("it is JSON");
    let key = mine["key"].as_str().expect("it is text");
    let (_, mut lines) = made_by_a_run(&account, &account.mock.url).await;
    lines.retain(|line| line["event"] != "present");
    leave(&account, &lines);
    let mut sweep = account.project.command();
    sweep.args(["sweep", "--url", &account.mock.url, "--grace", "2s"]).env("NEON_API_KEY", key);
    let swept = ended(&mut sweep);
    assert_eq!((swept.code, account.ledgers().len()), (Some(3), 1), "{swept:?}");
    assert!(swept.stderr.contains("`nc-aaaaaa-001-mine` may be the key in use"), "{swept:?}");
    let left: Vec<String> = account.left_overs().await.into_iter().map(|one| one.name).collect();
    assert_eq!(left, ["nc-aaaaaa-001-mine"], "{swept:?}");
}
