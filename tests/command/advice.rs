//! What should hold and does not is advice: told everywhere, and a failure only where that is asked for.

use axum::http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::between::{self, Act};
use crate::project::{Ended, Project, RunningMock, ended};

/// The newest key stands last, which breaks a `should` and nothing else.
fn oldest_first(list: &mut Value) {
    if let Some(items) = list.as_array_mut() {
        items.reverse();
    }
}

async fn run(project: &Project, mock: &RunningMock, url: &str, arguments: &[&str]) -> Ended {
    let mut command = project.command();
    command.args(["run", "--allow", "destroys", "--url", url]).args(arguments);
    command.env("NEON_API_KEY", &mock.key);
    tokio::task::spawn_blocking(move || ended(&mut command)).await.expect("it ends")
}

async fn oldest_first_at(mock: &RunningMock) -> String {
    between::start(&mock.url, |method, path| {
        let is_list = *method == Method::GET && path == "/api/v2/api_keys";
        if is_list { Act::Change(oldest_first) } else { Act::Forward }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_should_is_told_in_every_report_and_fails_nothing() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let url = oldest_first_at(&mock).await;
    let reports = "json=r.json,junit=r.xml,html=r.html,proof=p.json,badge=b.svg,markdown=r.md,github=r.txt";
    let ended = run(&project, &mock, &url, &["api-keys/", "--report", reports]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("Advice") && ended.stdout.contains("KEY-LIST-ORDER"), "{}", ended.stdout);
    assert!(ended.stdout.contains("; 1 piece of advice."), "{}", ended.stdout);
    assert!(!ended.stdout.contains("CRITICAL") && !ended.stdout.contains("FAIL"), "{}", ended.stdout);
    let result: Value = serde_json::from_str(&project.read("r.json")).expect("it is JSON");
    assert_eq!((&result["verdict"], &result["counts"]["failed"]), (&json!("conforms"), &json!(0)));
    assert_eq!(result["advice"][0]["requirements"], json!(["KEY-LIST-ORDER"]));
    let order = result["requirements"].as_array().expect("it is a list").iter();
    let order = order.clone().find(|requirement| requirement["id"] == "KEY-LIST-ORDER").expect("it is there");
    assert_eq!((&order["proven"], &order["counts"]["failed"]), (&json!(false), &json!(1)));
    let proof: Value = serde_json::from_str(&project.read("p.json")).expect("it is JSON");
    assert_eq!(proof["advice"][0]["check"], "expectation");
    let junit = project.read("r.xml");
    assert!(!junit.contains("<failure") && junit.contains("advice (`should` requirements"), "{junit}");
    assert!(project.read("b.svg").contains("musts, 1 advised"), "{}", project.read("b.svg"));
    assert!(project.read("r.html").contains("id=\"advice-1\""));
    assert!(project.read("r.md").contains("### Advice"));
    assert!(project.read("r.txt").contains("title=advice%3A KEY-LIST-ORDER"), "{}", project.read("r.txt"));
}

#[rstest]
#[case::by_a_flag(&["--strict"], "")]
#[case::by_a_gate(&["--gate", "gate.yaml"], "strict: true\n")]
#[tokio::test(flavor = "multi_thread")]
async fn advice_fails_where_that_is_asked_for(#[case] arguments: &[&str], #[case] gate: &str) {
    let project = Project::new();
    project.write("gate.yaml", gate);
    let mock = RunningMock::start(&project, &[]);
    let url = oldest_first_at(&mock).await;
    let trials = ["api-keys/newest_key_is_listed_first"];
    let ended = run(&project, &mock, &url, &[&trials, arguments].concat()).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.stdout.contains("`should` requirements failed, and the gate is strict: KEY-LIST-ORDER"),
        "{}",
        ended.stdout
    );
}

/// The id of a request that is answered is another one in the body, as where each service makes its own.
fn other_message(body: &mut Value) {
    static TURN: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    if body["code"].is_string() {
        let turn = TURN.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        body["message"] = json!(format!("refused in a way of its own, {}", turn % 7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_in_other_words_are_advice() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let url = between::start(&mock.url, |_, _| Act::Change(other_message)).await;
    let ended = run(&project, &mock, &url, &["authentication/", "--quiet"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("AUTH-UNIFORM") && !ended.stdout.contains("CRITICAL"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_refusal_is_a_finding_and_lets_nobody_in() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let error = json!({"code": "", "message": "no", "request_id": "r"});
    let url = between::start(&mock.url, move |_, path| {
        if path == "/api/v2/users/me" { Act::Answer(403, error.clone()) } else { Act::Forward }
    })
    .await;
    let case = "authentication/missing_key_is_refused[getCurrentUserInfo,missing]";
    let ended = run(&project, &mock, &url, &[case]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(!ended.stdout.contains("CRITICAL"), "{}", ended.stdout);
    assert!(ended.stdout.contains("Finding 1 of 1"), "one finding says it: {}", ended.stdout);
    assert!(ended.stdout.contains("refusal (AUTH-MISSING"), "{}", ended.stdout);
    let ids = ["AUTH-INVALID", "AUTH-REVOKED", "AUTH-UNIFORM", "AUTH-NO-DATA"];
    let told = ended.stdout.split("Finding 1").nth(1).expect("it is told");
    assert!(ids.iter().all(|id| !told.contains(id)), "{told}");
}

#[test]
fn all_musts_are_those_of_an_endpoint() {
    let project = Project::new();
    let ended = project.run(&["run", "--quiet", "--require", "all-musts"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
}
