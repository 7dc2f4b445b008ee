//! `neon-contract mock` as clients meet it.

use reqwest::{Client, Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Project, RunningMock, ended};

async fn get(mock: &RunningMock, path: &str) -> reqwest::Response {
    let request = Client::new().get(format!("{}{path}", mock.url)).bearer_auth(&mock.key);
    request.send().await.expect("the mock answers")
}

#[tokio::test]
async fn the_documented_call_gets_the_documented_answer() {
    let mock = RunningMock::start(&Project::new(), &["--fixture", "seed"]);
    let answer = get(&mock, "/api/v1/projects").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    let projects: Value = answer.json().await.expect("it is JSON");
    let ids: Vec<&Value> =
        projects.as_array().expect("it is a list").iter().map(|project| &project["id"]).collect();
    assert_eq!(ids, ["throbbing-forest-567082", "purple-wave-147596"]);
    assert_eq!(projects[0]["created_at"], "2022-07-29T08:00:40.502Z");
}

#[tokio::test]
async fn what_is_created_stays() {
    let mock = RunningMock::start(&Project::new(), &["--fixture", "empty"]);
    let client = Client::new();
    let url = format!("{}/api/v2/projects", mock.url);
    let created = client.post(&url).bearer_auth(&mock.key).json(&json!({"project": {"name": "mine"}}));
    let created: Value = created.send().await.expect("it answers").json().await.expect("it is JSON");
    let id = created["project"]["id"].as_str().expect("it has an id");
    let read: Value = get(&mock, &format!("/api/v2/projects/{id}")).await.json().await.expect("it is JSON");
    assert_eq!(read["project"]["name"], "mine");
    let v1: Value = get(&mock, "/api/v1/projects").await.json().await.expect("it is JSON");
    assert_eq!(v1[0]["id"], id);
}

#[rstest]
#[case::no_such_path(Method::GET, "/api/v2/nothing", "", StatusCode::NOT_FOUND)]
#[case::other_method(Method::PUT, "/api/v2/projects", "", StatusCode::METHOD_NOT_ALLOWED)]
#[case::no_such_project(Method::GET, "/api/v2/projects/no-such-project-1", "", StatusCode::NOT_FOUND)]
#[case::no_json(Method::POST, "/api/v2/projects", "{", StatusCode::BAD_REQUEST)]
#[case::wrong_type(Method::POST, "/api/v2/projects", r#"{"project": 1}"#, StatusCode::BAD_REQUEST)]
#[case::wrong_limit(Method::GET, "/api/v2/projects?limit=-1", "", StatusCode::BAD_REQUEST)]
#[tokio::test]
async fn errors_have_one_shape(
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: &'static str,
    #[case] status: StatusCode,
) {
    let mock = RunningMock::start(&Project::new(), &[]);
    let request =
        Client::new().request(method, format!("{}{path}", mock.url)).bearer_auth(&mock.key).body(body);
    let answer = request.send().await.expect("the mock answers");
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers().contains_key("allow"), status == StatusCode::METHOD_NOT_ALLOWED);
    let error: Value = answer.json().await.expect("it is JSON");
    for member in ["request_id", "code", "message"] {
        assert!(error[member].is_string(), "no {member} in {error}");
    }
}

#[rstest]
#[case::no_key(None)]
#[case::another_key(Some("napi_another"))]
#[tokio::test]
async fn without_its_key_nothing_opens(#[case] key: Option<&str>) {
    let mock = RunningMock::start(&Project::new(), &[]);
    for path in ["/api/v1/projects", "/api/v2/projects", "/api/v2/nothing"] {
        let request = Client::new().get(format!("{}{path}", mock.url));
        let request = if let Some(key) = key { request.bearer_auth(key) } else { request };
        let answer = request.send().await.expect("the mock answers");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[test]
fn a_seed_makes_the_same_key() {
    let project = Project::new();
    let keys: Vec<String> = ["1", "1", "2"]
        .iter()
        .map(|seed| RunningMock::start(&project, &["--seed", seed]).key.clone())
        .collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let port = mock.url.rsplit(':').next().expect("it has a port");
    let second = project.run(&["mock", "--port", port]);
    assert_eq!(second.code, Some(2), "{second:?}");
    assert!(second.stderr.contains(port) && second.stderr.contains("--port 0"), "{}", second.stderr);
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let mock = RunningMock::start(&Project::new(), &["--rate-limit", "3"]);
    for _ in 0..3 {
        assert_eq!(get(&mock, "/api/v2/projects").await.status(), StatusCode::OK);
    }
    let answer = get(&mock, "/api/v2/projects").await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u32 =
        answer.headers()["retry-after"].to_str().expect("it is text").parse().expect("it is a number");
    assert!((1..=60).contains(&seconds), "{seconds}");
    let error: Value = answer.json().await.expect("it is JSON");
    assert!(error["message"].is_string());
}

#[tokio::test]
async fn operations_wait_for_the_clock_that_is_asked_for() {
    let mock = RunningMock::start(&Project::new(), &["--operations", "manual"]);
    let client = Client::new();
    let post = async |path: &str, body: Value| {
        let request = client.post(format!("{}/api/v2{path}", mock.url)).bearer_auth(&mock.key).json(&body);
        request.send().await.expect("the mock answers")
    };
    let made: Value = post("/projects", json!({"project": {}})).await.json().await.expect("it is JSON");
    let (project, branch) =
        (made["project"]["id"].as_str().expect("an id"), made["branch"]["id"].as_str().expect("an id"));
    let roles = format!("/projects/{project}/branches/{branch}/roles");
    let locked = post(&roles, json!({"role": {"name": "writer"}})).await;
    assert_eq!(locked.status(), StatusCode::LOCKED, "the branch is still being made");
    let shown: Value = get(&mock, &format!("/api/v2/projects/{project}/branches/{branch}"))
        .await
        .json()
        .await
        .expect("it is JSON");
    assert_eq!(shown["branch"]["current_state"], "init");
    let removed = client.delete(format!("{}/api/v2/projects/{project}", mock.url)).bearer_auth(&mock.key);
    assert_eq!(
        removed.send().await.expect("it answers").status(),
        StatusCode::OK,
        "a project can always be removed"
    );
}

#[test]
fn the_suite_is_right_about_a_server_that_takes_its_time() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--operations", "100ms"]);
    let mut command = project.command();
    let arguments = ["run", "life_of", "missing_key_is_refused[", "--allow", "destroys", "--url", &mock.url];
    let ended = ended(command.args(arguments).env("NEON_API_KEY", &mock.key));
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[rstest]
#[case("text", " 404 GET /api/v2/project?a=b - ")]
#[case(
    "text",
    "; nearest operation: GET /api/v2/projects (listProjects): `project` stands where `projects` should"
)]
#[case("json", r#""method":"GET","path":"/api/v2/project","query":"a=b","operation":null"#)]
#[tokio::test]
async fn requests_are_logged(#[case] format: &str, #[case] expected: &str) {
    let project = Project::new();
    let log = std::fs::File::create(project.path("log")).expect("the file can be made");
    let mock = RunningMock::start_logging(&project, &["--log", format], log.into());
    get(&mock, "/api/v2/project?a=b").await;
    let log = project.read("log");
    assert!(log.contains(expected), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(!log.contains(&mock.key), "{log}");
}
