//! Which requests a rule is for.

use neon_contract::mock::{AccountFixture, Mock};
use reqwest::Method;
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::world::{World, rule};

/// Whether a rule is for a request.
async fn is_for(when: Value, method: Method, path: &str, body: Value) -> bool {
    let world = World::with(json!([{"when": when, "answer": {"status": 418}}])).await;
    world.send(method, path, body).await.expect("it answers").status() == 418
}

#[rstest]
#[case::all(json!({}), "GET", "/api/v2/projects", true)]
#[case::what_is_no_operation(json!({}), "GET", "/api/v2/nothing", true)]
#[case::an_operation(json!({"operation": "listProjects"}), "GET", "/api/v2/projects?limit=1", true)]
#[case::another_operation(json!({"operation": "listProjects"}), "GET", "/api/v2/projects/shared", false)]
#[case::an_operation_that_is_not_performed(json!({"operation": "getProjectAdvisorSecurityIssues"}), "GET", "/api/v2/projects/a/advisors", true)]
#[case::the_head_of_it(json!({"operation": "listProjects"}), "HEAD", "/api/v2/projects", true)]
#[case::a_method(json!({"method": "POST"}), "POST", "/api/v2/api_keys", true)]
#[case::another_method(json!({"method": "POST"}), "GET", "/api/v2/api_keys", false)]
#[case::a_path(json!({"path": "/api/v2/projects/{project_id}"}), "DELETE", "/api/v2/projects/calm-sea-1", true)]
#[case::a_word_that_is_no_parameter(json!({"path": "/api/v2/projects/{project_id}"}), "GET", "/api/v2/projects/shared", false)]
#[case::a_path_with_a_value(json!({"path": "/api/v2/projects/calm-sea-1/branches"}), "GET", "/api/v2/projects/calm-sea-1/branches", true)]
#[case::a_path_with_another_value(json!({"path": "/api/v2/projects/calm-sea-1/branches"}), "GET", "/api/v2/projects/wild-sea-1/branches", false)]
#[case::a_method_and_a_path(json!({"method": "GET", "path": "/api/v2/projects/{id}"}), "GET", "/api/v2/projects/a", true)]
#[case::another_method_of_a_path(json!({"method": "GET", "path": "/api/v2/projects/{id}"}), "DELETE", "/api/v2/projects/a", false)]
#[case::a_parameter_of_the_path(json!({"operation": "getProject", "parameters": {"project_id": "a"}}), "GET", "/api/v2/projects/a", true)]
#[case::another_parameter_of_the_path(json!({"operation": "getProject", "parameters": {"project_id": "a"}}), "GET", "/api/v2/projects/b", false)]
#[case::a_parameter_of_the_query(json!({"parameters": {"limit": "10"}}), "GET", "/api/v2/projects?cursor=a&limit=10", true)]
#[case::another_parameter_of_the_query(json!({"parameters": {"limit": "10"}}), "GET", "/api/v2/projects?limit=1", false)]
#[tokio::test]
async fn a_rule_is_for_what_it_names(
    #[case] when: Value,
    #[case] method: Method,
    #[case] path: &str,
    #[case] expected: bool,
) {
    assert_eq!(is_for(when, method, path, Value::Null).await, expected);
}

#[rstest]
#[case::a_member(json!({"project": {"name": "mine"}}), true)]
#[case::with_others(json!({"project": {"name": "mine", "pg_version": 17}, "more": 1}), true)]
#[case::of_another_value(json!({"project": {"name": "other"}}), false)]
#[case::that_is_missing(json!({"project": {}}), false)]
#[case::nothing(Value::Null, false)]
#[tokio::test]
async fn a_rule_is_for_bodies_with_its_members(#[case] body: Value, #[case] expected: bool) {
    let when = json!({"operation": "createProject", "body": {"project": {"name": "mine"}}});
    assert_eq!(is_for(when, Method::POST, "/api/v2/projects", body).await, expected);
}

#[tokio::test]
async fn a_rule_is_for_the_user_or_the_key_that_it_names() {
    let world = World::start(Mock::builder()).await;
    let other = world.mock.create_account(&AccountFixture::default());
    let other_key = other.key.expose_secret();
    let status = async |key: &str| {
        let request = world.client.get(world.url("/api/v2/projects")).bearer_auth(key);
        request.send().await.expect("it answers").status().as_u16()
    };
    for when in [
        json!({"user": other.user_id.to_string()}),
        json!({"user": "robin+1@example.com"}),
        json!({"key": other_key}),
    ] {
        world.mock.set_answers([rule(json!({"when": when, "probability": 1, "answer": {"status": 418}}))]);
        assert_eq!((status(&world.key).await, status(other_key).await), (200, 418), "{when}");
        assert_eq!(status("napi_nobodys").await, 401, "{when}");
    }
    world.mock.set_answers([rule(json!({"when": {"key": "napi_nobodys"}, "answer": {"status": 418}}))]);
    assert_eq!(status("napi_nobodys").await, 418, "a key need not be one");
}

#[tokio::test]
async fn the_rules_of_a_fixture_are_for_its_user() {
    let world = World::start(Mock::builder()).await;
    let rules = json!([{"when": {"operation": "listProjects"}, "answer": {"status": 423}}]);
    let body = json!({"fixture": {"answers": rules}}).to_string();
    let made = world.client.post(world.url("/_mock/accounts")).body(body).send().await.expect("it answers");
    let made: Value = made.json().await.expect("it is JSON");
    assert_eq!(world.statuses(1).await, [200]);
    let listed = world.control(Method::GET, "/_mock/answers").await;
    assert_eq!(listed[0]["rule"]["when"]["user"], made["user_id"]);
    let key = made["key"].as_str().expect("it is told");
    let request = world.client.get(world.url("/api/v2/projects")).bearer_auth(key);
    assert_eq!(request.send().await.expect("it answers").status(), 423);
}
