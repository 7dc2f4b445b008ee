//! Keys that are no user's own, given as the key of a run: nothing is tested with them, and it is said why.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Project, RunningMock, ended};

async fn ask(mock: &RunningMock, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
    let url = format!("{}/api/v2/{path}", mock.url);
    let mut request = reqwest::Client::new().request(method, url).bearer_auth(&mock.key);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.expect("the mock answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.expect("it is JSON")
}

#[rstest]
#[case::of_an_organization(false)]
#[case::of_one_project(true)]
#[tokio::test]
async fn a_key_that_is_no_users_own_tests_nothing(#[case] is_of_a_project: bool) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--fixture", "team"]);
    let get = async |path: &str| ask(&mock, reqwest::Method::GET, path, None).await;
    let organizations = get("users/me/organizations").await;
    let organization = organizations["organizations"][0]["id"].as_str().expect("it has an id");
    let mut body = json!({ "key_name": "for a run" });
    if is_of_a_project {
        let projects = get(&format!("projects?org_id={organization}")).await;
        body["project_id"] = projects["projects"][0]["id"].clone();
        assert!(body["project_id"].is_string(), "{projects}");
    }
    let path = format!("organizations/{organization}/api_keys");
    let key = ask(&mock, reqwest::Method::POST, &path, Some(body)).await;
    let mut command = project.command();
    command.args(["run", "--url", &mock.url]).env("NEON_API_KEY", key["key"].as_str().expect("it is shown"));
    let ended = ended(&mut command);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let hint = "reports `api_key_org` in $.auth_method; provide the personal key of a user";
    assert!(
        ended.stderr.contains("the key is of the wrong kind") && ended.stderr.contains(hint),
        "{ended:?}"
    );
    assert!(!ended.stdout.contains("Requirements"), "{ended:?}");
}

/// Answers every request with 403.
fn denying() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let body = r#"{"code": "", "message": "not with this key"}"#;
            let head = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nconnection: close";
            let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

#[test]
fn a_key_that_may_not_list_projects_tests_nothing() {
    let project = Project::new();
    let mut command = project.command();
    command.args(["run", "--url", &denying()]).env("NEON_API_KEY", "napi_of_one_project");
    let ended = ended(&mut command);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let hint = "GET /api/v2/projects returned 403; provide the personal key of a user";
    assert!(ended.stderr.contains(hint), "{ended:?}");
}
