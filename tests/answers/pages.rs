//! Pages of other origins.

use neon_contract::mock::{Mock, MockBuilder, PageOrigin};
use reqwest::{Method, Response};
use rstest::rstest;
use serde_json::json;

use crate::world::World;

const PAGE: &str = "http://localhost:5173";

fn builder(origins: &[&str]) -> MockBuilder {
    let origins = origins.iter().map(|origin| origin.parse::<PageOrigin>().expect("it is an origin"));
    Mock::builder().cors(origins)
}

async fn preflight(world: &World, path: &str, origin: &str) -> Response {
    let request = world.client.request(Method::OPTIONS, world.url(path)).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header("access-control-request-headers", "authorization,x-mine");
    request.send().await.expect("the mock answers")
}

#[rstest]
#[case::allowed(&[PAGE], PAGE, 204, Some(PAGE))]
#[case::one_of_several(&["https://app.example.com", PAGE], PAGE, 204, Some(PAGE))]
#[case::any(&["*"], "https://somewhere.example", 204, Some("*"))]
#[case::another(&[PAGE], "http://localhost:5174", 401, None)]
#[case::without_the_option(&[], PAGE, 401, None)]
#[tokio::test]
async fn a_preflight_needs_no_key(
    #[case] origins: &[&str],
    #[case] origin: &str,
    #[case] status: u16,
    #[case] allowed: Option<&str>,
) {
    let world = World::start(builder(origins)).await;
    let answer = preflight(&world, "/api/v2/projects", origin).await;
    assert_eq!(answer.status().as_u16(), status);
    let told = |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("it is text"));
    assert_eq!(told("access-control-allow-origin"), allowed);
    let names = told("access-control-allow-headers").unwrap_or_default();
    assert_eq!(names.split(", ").any(|name| name == "authorization"), allowed.is_some(), "{names}");
    assert_eq!(names.ends_with("x-mine"), allowed.is_some(), "{names}");
    assert_eq!(told("access-control-allow-methods").is_some(), allowed.is_some());
}

#[tokio::test]
async fn a_page_reads_answers_of_all_kinds() {
    let world = World::start(builder(&[PAGE])).await;
    world.put(&json!([{"nth": 2, "answer": {"status": 429, "retry_after": "1s"}}])).await;
    for (key, expected) in [(world.key.as_str(), 200), (world.key.as_str(), 429), ("napi_another", 401)] {
        let request = world.client.get(world.url("/api/v2/projects")).bearer_auth(key);
        let answer = request.header("origin", PAGE).send().await.expect("it answers");
        assert_eq!(answer.status(), expected);
        assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
        assert_eq!(answer.headers()["vary"], "origin");
        let exposed = answer.headers()["access-control-expose-headers"].to_str().expect("it is text");
        assert!(exposed.contains("retry-after"), "{exposed}");
    }
}

#[tokio::test]
async fn control_stays_closed_to_pages() {
    let world = World::start(builder(&["*"])).await;
    let answer = preflight(&world, "/_mock/reset", PAGE).await;
    assert_eq!(answer.status(), 403);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let request = world.client.post(world.url("/_mock/reset")).header("origin", PAGE);
    assert_eq!(request.send().await.expect("it answers").status(), 403);
}

#[tokio::test]
async fn without_the_option_nothing_is_said_of_origins() {
    let world = World::start(Mock::builder()).await;
    let request = world.client.get(world.url("/api/v2/projects")).bearer_auth(&world.key);
    let answer = request.header("origin", PAGE).send().await.expect("it answers");
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("vary"));
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}
