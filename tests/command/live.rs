//! Runs on an account that matters: a mock in a process of its own, whose account must be after a run what it was before.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Ended, Project, RunningMock, ended};

/// What a user would miss, or find too much, on an account.
async fn account(mock: &RunningMock) -> Value {
    let projects = get(mock, "projects?limit=400").await;
    let mut within = Vec::new();
    for project in projects["projects"].as_array().expect("they are listed") {
        let id = project["id"].as_str().expect("it has an id");
        for part in ["branches", "endpoints", "permissions", "jwks", "snapshots", "operations"] {
            within.push(get(mock, &format!("projects/{id}/{part}")).await);
        }
    }
    let mut keys = get(mock, "api_keys").await;
    for key in keys.as_array_mut().expect("they are listed") {
        // To look is to use.
        key.as_object_mut().expect("it is an object").retain(|name, _| !name.starts_with("last_used"));
    }
    json!({"projects": projects, "within": within, "keys": keys})
}

async fn get(mock: &RunningMock, path: &str) -> Value {
    let request = reqwest::Client::new().get(format!("{}/api/v2/{path}", mock.url)).bearer_auth(&mock.key);
    let answer = request.send().await.expect("the mock answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.expect("it is JSON")
}

fn run(project: &Project, mock: &RunningMock, arguments: &[&str]) -> Command {
    let mut command = project.command();
    command.args(arguments).args(["--url", &mock.url]).env("NEON_API_KEY", &mock.key);
    command
}

/// A run of everything that has been under way for so long.
fn begin(project: &Project, mock: &RunningMock, under_way: Duration) -> Child {
    begin_with(&["--generate", "500"], project, mock, under_way)
}

fn begin_with(arguments: &[&str], project: &Project, mock: &RunningMock, under_way: Duration) -> Child {
    let mut command = run(project, mock, &["run", "--allow", "destroys"]);
    command.args(arguments);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let folder = project.ledgers();
    let has_begun = || std::fs::read_dir(&folder).is_ok_and(|mut files| files.any(|file| file.is_ok()));
    while !has_begun() {
        thread::sleep(Duration::from_millis(2));
    }
    thread::sleep(under_way);
    child
}

/// At each moment once: a few, unless the environment asks for more.
fn moments() -> impl Iterator<Item = Duration> {
    let many = std::env::var("MOMENTS").ok().and_then(|many| many.parse().ok()).unwrap_or(3);
    (1..=many).map(move |number: u64| Duration::from_millis(number * 1000 / many + number * 37 % 50 - 10))
}

fn no_ledger_is_left(project: &Project) {
    assert!(!project.ledgers().exists(), "nothing is left to remove");
}

#[tokio::test]
async fn an_account_is_left_as_it_was_found() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let before = account(&mock).await;
    let reads = ended(&mut run(&project, &mock, &["run"]));
    assert_eq!(reads.code, Some(0), "{reads:?}");
    assert!(reads.stdout.contains("allow this with `--allow writes`"), "{}", reads.stdout);
    assert_eq!(account(&mock).await, before);
    let all = ended(&mut run(&project, &mock, &["run", "--allow", "destroys", "--sample", "900"]));
    assert_eq!(all.code, Some(0), "{all:?}");
    assert!(!all.stdout.contains("allow this with"), "{}", all.stdout);
    assert_eq!(account(&mock).await, before);
    no_ledger_is_left(&project);
}

#[tokio::test]
async fn also_after_ctrl_c() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let before = account(&mock).await;
    for moment in moments() {
        let mut child = begin(&project, &mock, moment);
        let signal = if moment.as_millis() % 2 == 0 { "-INT" } else { "-TERM" };
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
        child.wait().expect("it ends");
        assert_eq!(account(&mock).await, before, "stopped after {moment:?}");
        no_ledger_is_left(&project);
    }
}

#[tokio::test]
async fn also_after_a_sweep_where_it_was_killed() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let before = account(&mock).await;
    let mut removed = 0;
    for moment in moments() {
        let mut child = begin(&project, &mock, moment);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let swept = ended(&mut run(&project, &mock, &["sweep", "--grace", "2s"]));
        assert_eq!(swept.code, Some(0), "{swept:?}");
        removed += swept.stdout.lines().count();
        assert_eq!(account(&mock).await, before, "killed after {moment:?}: {swept:?}");
        no_ledger_is_left(&project);
    }
    assert!(removed > 0, "no run was killed while there was something to remove");
}

#[tokio::test]
async fn a_ledger_of_a_run_under_way_is_left_alone() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    // So slow that it does not end of itself.
    let mut child = begin_with(&["--rate", "20/s"], &project, &mock, Duration::ZERO);
    let swept = ended(&mut run(&project, &mock, &["sweep"]));
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(swept.code, Some(2), "{swept:?}");
    assert!(swept.stderr.contains("its run is still active; wait until it ends"), "{}", swept.stderr);
    assert!(!swept.stderr.contains("remove the file"), "{}", swept.stderr);
}

#[tokio::test]
async fn a_sweep_goes_nowhere_that_only_a_file_names() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--admin"]);
    let began = format!(r#"{{"event":"began","origin":"{}","prefix":"nc-aaaaaa"}}"#, mock.url);
    let made =
        r#"{"event":"made","number":0,"undo":{"method":"DELETE","target":"@elsewhere.test/x","params":{}}}"#;
    project.write("state/neon-contract/ledgers/nc-aaaaaa.jsonl", &format!("{began}\n{made}\n"));
    let unnamed = ended(project.command().arg("sweep").env("NEON_API_KEY", &mock.key));
    assert_eq!(unnamed.code, Some(2), "{unnamed:?}");
    assert!(unnamed.stderr.contains("clean it up with --url"), "{}", unnamed.stderr);
    let named = ended(&mut run(&project, &mock, &["sweep"]));
    assert_eq!(named.code, Some(3), "{named:?}");
    assert!(named.stderr.contains("names an unknown operation"), "{}", named.stderr);
}

#[tokio::test]
async fn a_sweep_finds_what_bears_a_name() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let before = account(&mock).await;
    let body = json!({"project": {"name": "nc-0a1b2c-left-over"}});
    let create = reqwest::Client::new().post(format!("{}/api/v2/projects", mock.url)).bearer_auth(&mock.key);
    assert_eq!(create.json(&body).send().await.expect("the mock answers").status(), 201);
    let sweep =
        |arguments: &[&str]| ended(&mut run(&project, &mock, &[&["sweep", "--prefix"], arguments].concat()));

    let short = sweep(&["nc"]);
    assert_eq!(short.code, Some(2), "{short:?}");
    let listed = sweep(&["nc-"]);
    assert!(listed.stdout.starts_with("nc-0a1b2c-left-over  DELETE /api/v2/projects/"), "{listed:?}");
    assert_ne!(account(&mock).await, before, "nothing is removed without --yes");
    let removed = sweep(&["nc-", "--yes"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_eq!(account(&mock).await, before);
}

/// A project of the user's, and its id.
pub(crate) async fn theirs(mock: &RunningMock, name: &str) -> String {
    let body = json!({"project": {"name": name}});
    let create = reqwest::Client::new().post(format!("{}/api/v2/projects", mock.url)).bearer_auth(&mock.key);
    let made: Value = create.json(&body).send().await.expect("it answers").json().await.expect("it is JSON");
    made["project"]["id"].as_str().expect("it has an id").to_owned()
}

#[rstest]
#[case::of_everything("", 2, "is not the name of a run")]
#[case::of_every_run("nc-", 2, "is not the name of a run")]
#[case::of_a_word("nc-production", 2, "is not the name of a run")]
#[case::of_a_run("nc-aaaaaa", 3, "is named `nc-production`, which is not a name of the run nc-aaaaaa")]
#[tokio::test]
async fn a_ledger_gives_no_right_to_what_bears_another_name(
    #[case] prefix: &str,
    #[case] code: i32,
    #[case] said: &str,
) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let id = theirs(&mock, "nc-production").await;
    let before = account(&mock).await;
    let lines = [
        json!({"event": "began", "origin": mock.url, "prefix": prefix}),
        json!({"event": "intends", "number": 0, "route": "POST /api/v2/projects"}),
        json!({"event": "intends", "number": 1, "route": "POST /api/v2/projects"}),
        json!({"event": "made", "number": 1, "undo": {
            "method": "DELETE",
            "target": format!("/api/v2/projects/{id}"),
            "params": {"project_id": "nc-aaaaaa"},
        }}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    // Where a checkout may bring one, as well as where runs keep theirs.
    for folder in ["state/neon-contract/ledgers", ".neon-contract"] {
        let file = format!("{folder}/nc-aaaaaa.jsonl");
        project.write(&file, &text);
        let swept = ended(&mut run(&project, &mock, &["sweep", "--grace", "0s"]));
        assert_eq!(swept.code, Some(code), "{swept:?}");
        assert!(swept.stderr.contains(said), "{}", swept.stderr);
        assert!(project.path(&file).exists(), "what is not understood is kept");
        assert_eq!(account(&mock).await, before);
        std::fs::remove_file(project.path(&file)).expect("it is there");
    }
}

#[tokio::test]
async fn a_ledger_that_was_cut_is_incomplete_and_not_empty() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let before = account(&mock).await;
    theirs(&mock, "nc-aaaaaa-001-project").await;
    theirs(&mock, "nc-aaaaaa-002-project").await;
    let began = json!({"event": "began", "version": 1, "origin": mock.url, "prefix": "nc-aaaaaa"});
    for cut in ["", "{\"event\":\"int"] {
        project.write("state/neon-contract/ledgers/nc-aaaaaa.jsonl", &format!("{began}\n{cut}"));
        let swept = ended(&mut run(&project, &mock, &["sweep"]));
        assert_eq!(swept.code, Some(0), "{swept:?}");
        assert_eq!(account(&mock).await, before, "{swept:?}");
        no_ledger_is_left(&project);
        theirs(&mock, "nc-aaaaaa-003-project").await;
    }
}

#[rstest]
#[case::an_account(json!({}), "this account lists nothing of what")]
#[case::an_organization(json!({"organization": "org-elsewhere-1"}), "name the same with --org-id")]
#[tokio::test]
async fn a_ledger_of_another_account_is_kept(#[case] more: Value, #[case] expected: &str) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let mut began = json!({"event": "began", "version": 2, "origin": mock.url, "prefix": "nc-aaaaaa"});
    for (name, value) in more.as_object().expect("it is an object") {
        began[name] = value.clone();
    }
    // The account of that run had a key that this one does not list.
    let had = json!({"event": "present", "parameter": "key_id", "ids": ["0123456789abcdef0123456789abcdef"]});
    let asked = json!({"event": "intends", "number": 0, "route": "POST /api/v2/projects"});
    let file = "state/neon-contract/ledgers/nc-aaaaaa.jsonl";
    project.write(file, &format!("{began}\n{had}\n{asked}\n"));
    let swept = ended(&mut run(&project, &mock, &["sweep"]));
    assert_eq!(swept.code, Some(3), "{swept:?}");
    assert!(swept.stderr.contains(expected), "{swept:?}");
    assert!(project.path(file).exists(), "what may be left elsewhere is not forgotten");
}

#[rstest]
#[case::of_a_user("nc-ci", Some(0), "1 removed, 0 left behind")]
#[case::of_a_run_by_its_looks("nc-0a1b2c-ci", Some(3), "`nc-0a1b2c-ci` may be the key in use")]
#[tokio::test]
async fn a_sweep_by_prefix_removes_only_what_runs_have_named(
    #[case] key_in_use: &str,
    #[case] code: Option<i32>,
    #[case] told: &str,
) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    for name in ["nc-production", "nc-decade", "nc-0a1b2c", "nc-0A1B2C-001"] {
        theirs(&mock, name).await;
    }
    let keys = format!("{}/api/v2/api_keys", mock.url);
    let client = reqwest::Client::new();
    let made = client.post(keys).bearer_auth(&mock.key).json(&json!({"key_name": key_in_use})).send().await;
    let made: Value = made.expect("it answers").json().await.expect("it is JSON");
    let before = account(&mock).await;
    theirs(&mock, "nc-0a1b2c-001-project").await;
    let mut sweep = run(&project, &mock, &["sweep", "--prefix", "nc-", "--yes"]);
    let swept = ended(sweep.env("NEON_API_KEY", made["key"].as_str().expect("it is shown once")));
    assert_eq!(swept.code, code, "{swept:?}");
    assert!(swept.stderr.contains(told), "{swept:?}");
    assert_eq!(swept.stdout.lines().count(), 1, "{swept:?}");
    assert_eq!(account(&mock).await, before);
    let word = ended(&mut run(&project, &mock, &["sweep", "--prefix", "nc-prod", "--yes"]));
    assert_eq!(word.code, Some(2), "{word:?}");
}

#[tokio::test]
async fn a_rehearsal_sends_nothing() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--admin"]);
    let arguments = [
        "run",
        "life_of_a_project",
        "missing_key_is_refused[deleteProject",
        "--allow",
        "destroys",
        "--dry-run",
    ];
    let told = ended(&mut run(&project, &mock, &arguments));
    assert_eq!(told.code, Some(0), "{told:?}");
    let text = &told.stdout;
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("`{part}` in {text}"));
    assert!(place("Once for all trials") < place("supplies project_id"), "{text}");
    assert!(
        place("POST /api/v2/projects  key: valid\n")
            < place("DELETE /api/v2/projects/{project_id}  key: valid\n"),
        "{text}"
    );
    assert!(text.contains("DELETE /api/v2/projects/{project_id}  key: missing\n"), "{text}");
    assert!(text.contains("that write; nothing was sent"), "{text}");
    let journal = reqwest::get(format!("{}/_mock/journal", mock.url)).await.expect("it answers");
    let journal = journal.text().await.expect("it is text");
    assert!(!journal.contains("/api/v2"), "{journal}");
    no_ledger_is_left(&project);
}

#[test]
fn a_run_has_no_more_projects_than_it_may() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let arguments = |most| ["run", "projects/", "--allow", "destroys", "--max-projects", most];
    let none = ended(&mut run(&project, &mock, &arguments("0")));
    assert!(
        none.stdout.contains("it needs 1 projects of its own at once, but --max-projects allows 0"),
        "{none:?}"
    );
    let enough = ended(&mut run(&project, &mock, &arguments("3")));
    assert_eq!(enough.code, Some(0), "{enough:?}");
    assert!(!enough.stdout.contains("--max-projects"), "{}", enough.stdout);
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let ended = ended(&mut run(&project, &mock, &["run", "--time-budget", "1ms", "--demand-all"]));
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("trials not started"), "{}", ended.stdout);
}

const READ: &str = "authentication/bearer_key_opens_every_read[listProjects";

/// Runs one trial with a key from elsewhere than the usual variable.
fn with_key(arguments: &[&str], file: Option<(&str, u32)>) -> (Ended, String) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    if let Some((name, mode)) = file {
        project.write(name, &format!("{}\n", mock.key));
        let mode = format!("{mode:o}");
        assert!(
            Command::new("chmod").args([&mode]).arg(project.path(name)).status().is_ok_and(|s| s.success())
        );
    }
    let mut command = project.command();
    command.args(["run", READ, "--url", &mock.url]).args(arguments).env("ELSEWHERE", &mock.key);
    (ended(&mut command), mock.key.clone())
}

#[rstest]
#[case::a_variable(&["--key-env", "ELSEWHERE"], None, Ok(()))]
#[case::a_file(&["--key-file", "key"], Some(("key", 0o600)), Ok(()))]
#[case::a_command(&["--key-command", "cat key; echo 'user: me'"], Some(("key", 0o644)), Ok(()))]
#[case::no_variable(&["--key-env", "NOWHERE"], None, Err("NOWHERE is not set"))]
#[case::an_open_file(&["--key-file", "key"], Some(("key", 0o644)), Err("run `chmod 600 key`"))]
#[case::a_command_that_fails(&["--key-command", "cat key; false"], Some(("key", 0o600)), Err("the key command failed"))]
#[case::two(&["--key-env", "A", "--key-file", "key"], None, Err("cannot be used with"))]
fn a_key_comes_from_where_it_is_kept(
    #[case] arguments: &[&str],
    #[case] file: Option<(&str, u32)>,
    #[case] expected: Result<(), &str>,
) {
    let (ended, key) = with_key(arguments, file);
    match expected {
        Ok(()) => assert_eq!(ended.code, Some(0), "{ended:?}"),
        Err(message) => {
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.stderr.contains(message), "{}", ended.stderr);
        }
    }
    assert!(!ended.stdout.contains(&key) && !ended.stderr.contains(&key));
}

#[tokio::test]
async fn a_revoked_key_is_given_where_none_may_be_made() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let client = reqwest::Client::new();
    let keys = format!("{}/api/v2/api_keys", mock.url);
    let create = client.post(&keys).bearer_auth(&mock.key).json(&json!({"key_name": "gone"}));
    let made: Value = create.send().await.expect("it answers").json().await.expect("it is JSON");
    let revoke = client.delete(format!("{keys}/{}", made["id"])).bearer_auth(&mock.key);
    assert!(revoke.send().await.expect("it answers").status().is_success());

    let trial = ["run", "authentication/revoked_key_is_refused[listProjects,revoked]"];
    let without = ended(&mut run(&project, &mock, &trial));
    assert_eq!(without.code, Some(4), "{without:?}");
    assert!(without.stdout.contains("provide one in NEON_REVOKED_API_KEY"), "{}", without.stdout);
    let token = made["key"].as_str().expect("it is shown once");
    let with = ended(run(&project, &mock, &trial).env("NEON_REVOKED_API_KEY", token));
    assert_eq!(with.code, Some(0), "{with:?}");
    assert!(!with.stdout.contains(token));
    // A key that works is not taken for a revoked one.
    let wrong = ended(run(&project, &mock, &trial).env("NEON_REVOKED_API_KEY", &mock.key));
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
}

/// A mock whose account works in an organization only, and the organization's id.
async fn in_an_organization(project: &Project) -> (RunningMock, String) {
    project.write(
        "team-only.yaml",
        "in_organizations_only: true\norganizations: [{ name: Team, projects: [{ name: work }] }]\n",
    );
    let mock = RunningMock::start(project, &["--fixture", "team-only.yaml"]);
    let organizations = get(&mock, "users/me/organizations").await;
    let id = organizations["organizations"][0]["id"].as_str().expect("there is one").to_owned();
    (mock, id)
}

#[tokio::test]
async fn an_account_that_needs_an_organization_is_told_one() {
    let project = Project::new();
    let (mock, id) = in_an_organization(&project).await;
    let listed = format!("projects?limit=400&org_id={id}");
    let before = (get(&mock, &listed).await, get(&mock, "api_keys").await);
    let without = ended(&mut run(&project, &mock, &["run"]));
    assert_eq!(without.code, Some(2), "{without:?}");
    assert!(without.stderr.contains("set it with --org-id"), "{}", without.stderr);
    let arguments = ["run", "--allow", "destroys", "--sample", "500", "--org-id", &id];
    let with = ended(&mut run(&project, &mock, &arguments));
    assert_eq!(with.code, Some(0), "{}", with.stdout);
    let after = (get(&mock, &listed).await, get(&mock, "api_keys").await);
    assert_eq!(before.0, after.0);
    assert_eq!(before.1.as_array().map(Vec::len), after.1.as_array().map(Vec::len));
    no_ledger_is_left(&project);
}

#[test]
fn a_key_that_opens_nothing_is_told_at_once() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let key = "napi_0000000000000000000000000000000000000000000000000000000000000000";
    let ended = ended(run(&project, &mock, &["run"]).env("NEON_API_KEY", key));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("rejects the key"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(key) && ended.stdout.is_empty(), "{ended:?}");
}
