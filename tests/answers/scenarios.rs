//! The scenarios that come with the program.

use std::process::Command;
use std::time::{Duration, Instant};

use neon_contract::mock::{Mock, Scenario};
use reqwest::Method;
use serde_json::Value;

use crate::world::World;

async fn played(name: &str) -> World {
    let scenario = Scenario::builtin(name).expect("it is built in");
    World::start(Mock::builder().scenario(scenario)).await
}

#[tokio::test]
async fn locked_then_free() {
    let world = played("locked-then-free").await;
    let made: Value = world.create("mine").await.expect("it answers").json().await.expect("it is JSON");
    let project = made["project"]["id"].as_str().expect("it has an id");
    let branches = format!("/api/v2/projects/{project}/branches");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = world.send(Method::POST, &branches, Value::Null).await.expect("it answers");
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [423, 423, 201]);
    let count: Value = world.get(&format!("{branches}/count")).await.json().await.expect("it is JSON");
    assert_eq!(count["count"], 2);
}

#[tokio::test]
async fn rate_limited() {
    let world = played("rate-limited").await;
    let mut told = Vec::new();
    for _ in 0..4 {
        let answer = world.get("/api/v2/projects").await;
        let when =
            answer.headers().get("retry-after").map(|when| when.to_str().expect("it is text").to_owned());
        told.push((answer.status().as_u16(), when));
    }
    assert_eq!(told[0], (429, Some("1".to_owned())));
    assert!(told[1].1.as_deref().is_some_and(|date| httpdate::parse_http_date(date).is_ok()), "{told:?}");
    assert_eq!(told[2..], [(429, None), (200, None)]);
}

#[tokio::test]
async fn lost_answer() {
    let world = played("lost-answer").await;
    assert!(world.create("mine").await.is_err(), "the answer is lost");
    assert_eq!(world.create("mine").await.expect("it answers").status(), 201);
    assert_eq!(world.projects().await, 2, "whoever asks again has two");
}

#[tokio::test]
async fn gateway_page() {
    let world = played("gateway-page").await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = world.create("mine").await.expect("it answers");
        let status = answer.status().as_u16();
        assert_eq!(answer.headers().contains_key("x-neon-ret-request-id"), status == 201);
        let text = answer.text().await.expect("it is text");
        assert_eq!(text.starts_with("<!doctype html>"), status != 201, "{text}");
        statuses.push(status);
    }
    assert_eq!(statuses, [502, 524, 201]);
    assert_eq!(world.projects().await, 2, "the service did what its gateway did not wait for");
}

#[tokio::test]
async fn slow_operations() {
    let world = played("slow-operations").await;
    let made: Value = world.create("mine").await.expect("it answers").json().await.expect("it is JSON");
    let project = made["project"]["id"].as_str().expect("it has an id");
    let operations = format!("/api/v2/projects/{project}/operations");
    let began = Instant::now();
    let listed: Value = world.get(&operations).await.json().await.expect("it is JSON");
    assert!(began.elapsed() >= Duration::from_millis(500), "{:?}", began.elapsed());
    assert_ne!(listed["operations"][0]["status"], "finished");
    world.mock.advance(Duration::from_secs(5));
    let listed: Value = world.get(&operations).await.json().await.expect("it is JSON");
    assert_eq!(listed["operations"][0]["status"], "finished");
}

/// A client that others have written, where it is installed: it asks again when it is told to.
#[tokio::test(flavor = "multi_thread")]
async fn curl_comes_again() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let world = played("rate-limited").await;
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--noproxy", "*", "--retry", "3", "--write-out", "%{http_code}"]);
    // A file that can be emptied before the next attempt.
    let folder = tempfile::tempdir().expect("there is room");
    curl.arg("--output").arg(folder.path().join("body"));
    curl.args(["--header", &format!("Authorization: Bearer {}", world.key)]);
    curl.arg(world.url("/api/v2/projects"));
    let output = tokio::task::spawn_blocking(move || curl.output()).await.expect("nobody panics");
    let told = String::from_utf8(output.expect("curl starts").stdout).expect("it is text");
    assert_eq!(told, "200");
}
