//! What clients get, and what is done meanwhile.

use std::io::ErrorKind;
use std::time::{Duration, Instant, SystemTime};

use neon_contract::mock::{AnswerRule, Fault, Mock, Moment};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, rule};

const JSON: &str = "application/json; charset=utf-8";

#[rstest]
#[case::locked(json!({"status": 423}), 423, Some(JSON), "scheduling of new ones is prohibited")]
#[case::too_many(json!({"status": 429}), 429, Some(JSON), "too many requests")]
#[case::unavailable(json!({"status": 503}), 503, Some(JSON), "service unavailable")]
#[case::refused(json!({"status": 401}), 401, Some(JSON), "do not pass authentication")]
#[case::in_json(json!({"status": 409, "body": {"code": "MINE"}}), 409, Some(JSON), r#"{"code":"MINE"}"#)]
#[case::in_text(json!({"status": 400, "text": "no"}), 400, Some("text/plain; charset=utf-8"), "no")]
#[case::a_page(json!({"status": 502, "html": "<h1>Bad</h1>"}), 502, Some("text/html; charset=utf-8"), "<h1>Bad</h1>")]
#[case::a_status_without_a_name(json!({"status": 524, "html": "<p>"}), 524, Some("text/html; charset=utf-8"), "<p>")]
#[case::nothing(json!({"status": 204}), 204, None, "")]
#[case::another_type(json!({"status": 200, "body": [], "headers": {"content-type": "text/css"}}), 200, Some("text/css"), "[]")]
#[case::the_real_body(json!({"status": 202}), 202, Some(JSON), r#""projects":[]"#)]
#[tokio::test]
async fn a_client_gets_what_was_asked_for(
    #[case] answer: Value,
    #[case] status: u16,
    #[case] media_type: Option<&str>,
    #[case] body: &str,
) {
    let world = World::with(json!([{"answer": answer}])).await;
    let answer = world.get("/api/v2/projects").await;
    assert_eq!(answer.status().as_u16(), status);
    let told = answer.headers().get("content-type").map(|told| told.to_str().expect("it is text"));
    assert_eq!(told, media_type);
    assert!(answer.headers().contains_key("x-neon-ret-request-id"));
    assert!(!answer.headers().contains_key("retry-after"));
    let text = answer.text().await.expect("it is whole");
    assert!(text.contains(body), "{text}");
    assert_eq!(world.statuses(2).await, [200, 200], "once is once");
}

#[tokio::test]
async fn an_error_on_demand_has_the_id_that_the_client_told() {
    let world = World::with(json!([{"answer": {"status": 503}}])).await;
    let request = world.client.get(world.url("/api/v2/projects")).bearer_auth(&world.key);
    let answer = request.header("x-request-id", "mine-1").send().await.expect("it answers");
    let error: Value = answer.json().await.expect("it is JSON");
    assert_eq!(error["request_id"], "mine-1");
}

#[tokio::test]
async fn headers_are_added_replaced_and_removed() {
    let headers = json!({"x-neon-ret-request-id": null, "server": "gateway", "content-type": "text/odd"});
    let world = World::with(json!([{"answer": {"headers": headers}}])).await;
    let answer = world.get("/api/v2/projects").await;
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("x-neon-ret-request-id"));
    assert_eq!(
        (&answer.headers()["server"], &answer.headers()["content-type"]),
        (&"gateway".parse().expect("a value"), &"text/odd".parse().expect("a value"))
    );
}

#[rstest]
#[case::in_seconds(json!({"status": 429, "retry_after": "1500ms"}), "2")]
#[case::beside_a_real_answer(json!({"retry_after": "1m"}), "60")]
#[case::written_out(json!({"status": 503, "headers": {"retry-after": "soon"}}), "soon")]
#[tokio::test]
async fn a_client_is_told_when_to_come_again(#[case] answer: Value, #[case] expected: &str) {
    let world = World::with(json!([{"answer": answer}])).await;
    assert_eq!(world.get("/api/v2/projects").await.headers()["retry-after"], expected);
}

#[tokio::test]
async fn a_date_to_come_again_is_not_too_early() {
    let answer = json!({"status": 429, "retry_after": "90s", "retry_after_as": "date"});
    let world = World::with(json!([{"answer": answer}])).await;
    let before = SystemTime::now();
    let answer = world.get("/api/v2/projects").await;
    let date = answer.headers()["retry-after"].to_str().expect("it is text");
    let date = httpdate::parse_http_date(date).expect("it is a date");
    let wait = date.duration_since(before).expect("it is ahead");
    assert!((Duration::from_secs(90)..Duration::from_secs(93)).contains(&wait), "{wait:?}");
}

#[rstest]
#[case::an_error(json!({"status": 423}), 0)]
#[case::an_error_after_it_was_done(json!({"status": 503, "act": true}), 1)]
#[case::elsewhere(json!({"status": 302, "headers": {"location": "/"}}), 0)]
#[case::a_success(json!({"status": 200, "body": {}}), 1)]
#[case::a_success_that_is_none(json!({"status": 201, "body": {}, "act": false}), 0)]
#[case::late(json!({"delay": "10ms"}), 1)]
#[case::a_late_error(json!({"status": 503, "delay": "10ms"}), 0)]
#[case::in_part(json!({"cut_at": 10}), 1)]
#[case::an_error_in_part(json!({"status": 503, "cut_at": 1}), 0)]
#[case::reset_before(json!({"reset": "before"}), 0)]
#[case::reset_after(json!({"reset": "after"}), 1)]
#[tokio::test]
async fn an_operation_is_performed_or_not(#[case] answer: Value, #[case] expected: usize) {
    let world = World::with(json!([{"when": {"operation": "createProject"}, "answer": answer}])).await;
    // How it ends for the client does not matter here.
    if let Ok(answer) = world.create("mine").await {
        let _ = answer.bytes().await;
    }
    assert_eq!(world.projects().await, expected);
}

#[tokio::test]
async fn a_client_that_does_not_wait_finds_it_done() {
    let world = World::with(json!([{"when": {"method": "POST"}, "answer": {"delay": "1h"}}])).await;
    let request = world.client.post(world.url("/api/v2/projects")).bearer_auth(&world.key);
    let request = request.body(r#"{"project": {}}"#).timeout(Duration::from_millis(200));
    assert!(request.send().await.expect_err("it takes an hour").is_timeout());
    let journal = world.control(Method::GET, "/_mock/journal?rule=1").await;
    assert_eq!((&journal[0]["operation"], &journal[0]["status"]), (&json!("createProject"), &json!(201)));
    assert_eq!(world.projects().await, 1);
}

#[rstest]
#[case::at_once(json!({"cut_at": 0}), 0)]
#[case::after_a_few(json!({"cut_at": 12}), 12)]
#[case::of_a_page(json!({"status": 502, "html": "<h1>Bad Gateway</h1>", "cut_at": 5}), 5)]
#[case::slowly(json!({"cut_at": 12, "bytes_per_second": 100}), 12)]
#[tokio::test]
async fn a_body_breaks_off_where_it_was_asked_to(#[case] answer: Value, #[case] expected: usize) {
    let world = World::with(json!([{"answer": answer}])).await;
    let (received, _) = world.raw("GET", "/api/v2/projects").await;
    let (head, body) = received.split_once("\r\n\r\n").expect("there is a head");
    assert_eq!(body.len(), expected, "{received}");
    let declared = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let declared: usize = declared.expect("it is declared").parse().expect("it is a number");
    assert!(declared > expected, "{head}");
}

#[tokio::test]
async fn what_ends_before_the_cut_is_whole() {
    let world = World::with(json!([{"answer": {"cut_at": 100_000}}])).await;
    let answer: Value = world.get("/api/v2/projects").await.json().await.expect("it is whole");
    assert_eq!(answer["projects"], json!([]));
}

#[tokio::test]
async fn a_slow_body_comes_at_its_pace() {
    let text = "x".repeat(60);
    let answer = json!({"status": 200, "text": text, "bytes_per_second": 100});
    let world = World::with(json!([{"answer": answer}])).await;
    let began = Instant::now();
    let answer = world.get("/api/v2/projects").await;
    let head = began.elapsed();
    assert_eq!(answer.text().await.expect("it is whole"), text);
    let all = began.elapsed();
    assert!(head < Duration::from_millis(400), "{head:?}");
    assert!((Duration::from_millis(500)..Duration::from_secs(5)).contains(&all), "{all:?}");
}

#[rstest]
#[case("before", 0)]
#[case("after", 200)]
#[tokio::test]
async fn a_reset_connection_carries_nothing(#[case] moment: &str, #[case] status: u16) {
    let world = World::with(json!([{"answer": {"reset": moment}}])).await;
    let (received, end) = world.raw("GET", "/api/v2/projects").await;
    assert_eq!(received, "");
    assert_eq!(end.expect_err("it is reset").kind(), ErrorKind::ConnectionReset);
    assert_eq!(world.control(Method::GET, "/_mock/journal").await[0]["status"], status);
    assert_eq!(world.statuses(1).await, [200]);
}

#[tokio::test]
async fn a_delay_is_waited_for() {
    let world = World::with(json!([{"answer": {"delay": "300ms"}}])).await;
    let began = Instant::now();
    assert_eq!(world.statuses(1).await, [200]);
    assert!(began.elapsed() >= Duration::from_millis(300), "{:?}", began.elapsed());
}

#[rstest]
#[case::once(json!([{"answer": {"status": 503}}]), &[503, 200, 200, 200])]
#[case::twice(json!([{"times": 2, "answer": {"status": 503}}]), &[503, 503, 200, 200])]
#[case::the_third(json!([{"nth": 3, "answer": {"status": 503}}]), &[200, 200, 503, 200])]
#[case::always(json!([{"probability": 1, "answer": {"status": 503}}]), &[503, 503, 503, 503])]
#[case::one_after_the_other(json!([{"answer": {"status": 503}}, {"answer": {"status": 429}}]), &[503, 429, 200, 200])]
#[case::each_in_its_place(
    json!([{"nth": 1, "answer": {"status": 503}}, {"nth": 2, "answer": {"status": 429}}]),
    &[503, 429, 200, 200]
)]
#[case::the_first_of_two(
    json!([{"nth": 2, "answer": {"status": 503}}, {"probability": 1, "answer": {"status": 429}}]),
    &[429, 503, 429, 429]
)]
#[tokio::test]
async fn a_rule_answers_as_often_as_it_says(#[case] rules: Value, #[case] expected: &[u16]) {
    let world = World::with(rules).await;
    assert_eq!(world.statuses(4).await, expected);
    let answered: usize = world.mock.answers().iter().map(|given| given.answered as usize).sum();
    assert_eq!(answered, expected.iter().filter(|status| **status != 200).count());
    assert!(world.mock.answers().iter().all(|given| given.matched == 4));
}

#[tokio::test]
async fn a_seed_draws_the_same_requests() {
    let drawn = async |seed| {
        let world = World::start(Mock::builder().seed(seed)).await;
        world.mock.set_answers([rule(json!({"probability": 0.5, "answer": {"status": 503}}))]);
        world.statuses(40).await
    };
    let first = drawn(1).await;
    assert_eq!(drawn(1).await, first);
    assert_ne!(drawn(2).await, first);
    let count = first.iter().filter(|status| **status == 503).count();
    assert!((8..32).contains(&count), "{first:?}");
}

#[tokio::test]
async fn rules_are_listed_counted_and_cleared() {
    let rules =
        json!([{"when": {"operation": "listProjects", "key": "napi_secret"}, "answer": {"status": 503}}]);
    let world = World::with(rules).await;
    let listed = world.control(Method::GET, "/_mock/answers").await;
    assert_eq!((&listed[0]["number"], &listed[0]["answered"]), (&json!(1), &json!(0)));
    assert_eq!(listed[0]["rule"]["answer"], json!({"status": 503}));
    assert!(!listed.to_string().contains("napi_secret"), "{listed}");
    world.control(Method::DELETE, "/_mock/answers").await;
    assert_eq!(world.control(Method::GET, "/_mock/answers").await, json!([]));
}

#[tokio::test]
async fn faults_and_answers_leave_each_other_alone() {
    let world = World::with(json!([{"times": 2, "answer": {"status": 503}}])).await;
    assert_eq!(world.statuses(1).await, [503]);
    world.mock.set_faults(["error-as-html".parse::<Fault>().expect("there is such a fault")]);
    let answer = world.get("/api/v2/projects").await;
    assert_eq!(answer.status(), 503);
    assert!(answer.text().await.expect("it is text").starts_with("<!doctype html>"));
    assert_eq!(world.mock.answers()[0].answered, 2);
    world.mock.set_answers([]);
    assert!(world.get("/api/v2/nothing").await.text().await.expect("it is text").starts_with("<!doctype"));
}

#[tokio::test]
async fn a_reset_returns_to_the_answers_of_the_start() {
    let late = AnswerRule::on("listProjects").status(503).build().expect("it is sound");
    let world = World::start(Mock::builder().answers([late])).await;
    assert_eq!(world.statuses(2).await, [503, 200]);
    world.mock.set_answers([AnswerRule::on_all().status(429).always().build().expect("it is sound")]);
    world.mock.reset();
    assert_eq!(world.statuses(2).await, [503, 200]);
}

#[tokio::test]
async fn what_is_not_performed_is_not_persisted_nor_limited() {
    let folder = tempfile::tempdir().expect("there is room");
    let builder = Mock::builder().rate_limit(1).persist(folder.path().join("state.json"));
    let world = World::start(builder).await;
    let reset = AnswerRule::on("createProject").reset(Moment::Before).build().expect("it is sound");
    world.mock.set_answers([reset]);
    assert!(world.create("mine").await.is_err());
    assert_eq!(world.statuses(2).await, [200, 429]);
}
