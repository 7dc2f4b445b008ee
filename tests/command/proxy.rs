//! The proxy between a client and an endpoint.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::project::{Project, RunningMock, RunningProxy, ended};

#[test]
fn a_whole_run_passes_through() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let proxy = RunningProxy::start(&project, &mock.url, &["--quiet", "--record", "seen.har"]);
    let mut command = project.command();
    command.args(["run", "--allow", "destroys", "--sample", "150", "--url", &proxy.url]);
    let run = ended(command.env("NEON_API_KEY", &mock.key));
    assert_eq!(run.code, Some(0), "{run:?}");
    let stopped = proxy.stop();
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert!(stopped.stdout.contains("conforms: "), "{}", stopped.stdout);
    assert!(stopped.stdout.contains("passed refusal"), "{}", stopped.stdout);
    let har = project.read("seen.har");
    assert!(!har.contains(&mock.key) && har.contains("Bearer redacted-"));
    let judged = project.run(&["run", "--recorded", "seen.har"]);
    assert_eq!(judged.code, Some(0), "{}", judged.stdout);
}

#[tokio::test]
async fn what_is_wrong_is_told_while_it_runs() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--fault", "revoked-key-accepted"]);
    let mut proxy = RunningProxy::start(&project, &mock.url, &[]);
    let client = reqwest::Client::new();
    let keys = format!("{}/api/v2/api_keys", proxy.url);
    let create = client.post(&keys).bearer_auth(&mock.key).json(&json!({"key_name": "short-lived"}));
    let made: Value = create.send().await.expect("it answers").json().await.expect("it is JSON");
    let token = made["key"].as_str().expect("it is shown once");
    let revoke = client.delete(format!("{keys}/{}", made["id"])).bearer_auth(&mock.key);
    assert!(revoke.send().await.expect("it answers").status().is_success());
    let accepted = client.get(format!("{}/api/v2/projects?limit=1", proxy.url)).bearer_auth(token);
    assert_eq!(accepted.send().await.expect("it answers").status(), StatusCode::OK);
    let told = proxy.line_with("CRITICAL");
    assert!(told.contains("refusal"), "{told}");
    let stopped = proxy.stop();
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    assert!(!stopped.stdout.contains(token), "{}", stopped.stdout);
}

#[tokio::test]
async fn it_passes_on_what_is_compressed_and_what_is_not_the_apis() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--admin"]);
    let mut proxy = RunningProxy::start(&project, &mock.url, &[]);
    let client = reqwest::Client::new();
    let admin = client.get(format!("{}/_mock", proxy.url)).send().await.expect("it answers");
    assert_eq!(admin.status(), StatusCode::OK);
    let missing = client.get(format!("{}/api/v2/no-such-thing", proxy.url)).bearer_auth(&mock.key);
    assert_eq!(missing.send().await.expect("it answers").status(), StatusCode::NOT_FOUND);
    let told = proxy.line_with("/api/v2/no-such-thing");
    assert!(told.contains("pass"), "{told}");
    proxy.line_with("no contract describes this request");
    let stopped = proxy.stop();
    assert!(stopped.stdout.contains("1 passed of 1 trial, 1 request"), "{}", stopped.stdout);
}

#[tokio::test]
async fn a_key_that_comes_back_is_critical() {
    let project = Project::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let upstream = format!("http://{}", listener.local_addr().expect("it listens"));
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let body = r#"{"code":"","message":"nothing for napi_0123456789abcdef"}"#;
            let head = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
        }
    });
    let mut proxy = RunningProxy::start(&project, &upstream, &[]);
    let request = reqwest::Client::new().get(format!("{}/api/v2/projects/x", proxy.url));
    request.bearer_auth("napi_0123456789abcdef").send().await.expect("it answers");
    let told = proxy.line_with("CRITICAL");
    assert!(told.contains("secret-once"), "{told}");
    let stopped = proxy.stop();
    assert!(!stopped.stdout.contains("napi_0123456789abcdef"), "{}", stopped.stdout);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_to_the_client() {
    let project = Project::new();
    let proxy = RunningProxy::start(&project, "http://127.0.0.1:9", &[]);
    let answer = reqwest::get(format!("{}/api/v2/projects", proxy.url)).await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let body: Value = answer.json().await.expect("it is JSON");
    assert!(body["message"].as_str().is_some_and(|message| message.contains("cannot reach")), "{body}");
    let stopped = proxy.stop();
    assert_eq!(stopped.code, Some(4), "{stopped:?}");
}

#[test]
fn what_is_no_upstream_is_told() {
    let project = Project::new();
    let refused = project.run(&["proxy", "--upstream", "console.neon.tech"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("is not a URL of an API"), "{}", refused.stderr);
}
