//! Rules that are none.

use neon_contract::mock::RuleFile;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

/// What is wrong with a rule, as control tells it.
#[rstest]
#[case(json!({}), "/0: `answer` is missing; add `answer:`")]
#[case(json!({"answer": {}}), "/0/answer: the answer says nothing; add `status`")]
#[case(json!({"answer": {"statu": 423}}), "/0/answer/statu: unknown key `statu`; did you mean `status`?")]
#[case(json!({"wen": {}, "answer": {"status": 423}}), "/0/wen: unknown key `wen`; did you mean `when`?")]
#[case(json!({"when": {"operation": "listPrjects"}, "answer": {"status": 423}}), "/0/when/operation: there is no operation `listPrjects`; did you mean `listProjects`?")]
#[case(json!({"when": {"operation": "qqq"}, "answer": {"status": 423}}), "there is no operation `qqq`; `neon-contract mock --matrix` lists the operations")]
#[case(json!({"when": {"method": "PSOT"}, "answer": {"status": 423}}), "/0/when/method: the API has no method `PSOT`; did you mean `POST`?")]
#[case(json!({"when": {"method": "TRACE"}, "answer": {"status": 423}}), "known: GET, HEAD, POST, PUT, PATCH, DELETE")]
#[case(json!({"when": {"path": "/api/v2/project"}, "answer": {"status": 423}}), "/0/when/path: there is no operation `/api/v2/project`; did you mean `GET /api/v2/projects`?")]
#[case(json!({"when": {"method": "PUT", "path": "/api/v2/projects"}, "answer": {"status": 423}}), "there is no operation `PUT /api/v2/projects`; did you mean `GET /api/v2/projects`?")]
#[case(json!({"when": {"path": "/favicon.ico"}, "answer": {"status": 423}}), "`neon-contract mock --matrix` lists the paths")]
#[case(json!({"when": {"path": "/api/v2/projects?limit=1"}, "answer": {"status": 423}}), "`limit=1` is not a part of the path; move it to `parameters`")]
#[case(json!({"when": {"operation": "getProject", "path": "/api/v2/projects"}, "answer": {"status": 423}}), "/0/when/path: the operation has a path of its own")]
#[case(json!({"when": {"operation": "getProject", "method": "GET"}, "answer": {"status": 423}}), "/0/when/method: the operation has a method of its own")]
#[case(json!({"when": {"body": []}, "answer": {"status": 423}}), "/0/when/body: members of the body stand in a mapping; write `body: { NAME: VALUE }`")]
#[case(json!({"times": 0, "answer": {"status": 423}}), "/0/times: ")]
#[case(json!({"nth": 0, "answer": {"status": 423}}), "/0/nth: ")]
#[case(json!({"probability": 0, "answer": {"status": 423}}), "/0/probability: 0 is not a probability with which a rule answers")]
#[case(json!({"probability": 1.5, "answer": {"status": 423}}), "/0/probability: ")]
#[case(json!({"times": 1, "nth": 1, "answer": {"status": 423}}), "/0/nth: only one of `times`, `nth` and `probability` can be given")]
#[case(json!({"times": 1, "probability": 1, "answer": {"status": 423}}), "/0/probability: only one of")]
#[case(json!({"answer": {"status": 100}}), "/0/answer/status: ")]
#[case(json!({"answer": {"status": 600}}), "/0/answer/status: ")]
#[case(json!({"answer": {"status": "503"}}), "/0/answer/status: expected nothing or an integer, found the string `503`")]
#[case(json!({"answer": {"body": {}}}), "/0/answer/body: a body belongs to a status; add `status`")]
#[case(json!({"answer": {"status": 204, "text": "a"}}), "/0/answer/text: a response with 204 has no body")]
#[case(json!({"answer": {"status": 304, "cut_at": 1}}), "/0/answer/cut_at: a response with 304 has no body")]
#[case(json!({"answer": {"status": 204, "bytes_per_second": 1}}), "/0/answer/bytes_per_second: a response with 204 has no body")]
#[case(json!({"answer": {"status": 503, "text": "a", "html": "b"}}), "/0/answer/html: a response has one body, and `text` is given as well")]
#[case(json!({"answer": {"status": 503, "text": "abc", "cut_at": 3}}), "/0/answer/cut_at: the body has 3 bytes; write a smaller number")]
#[case(json!({"answer": {"bytes_per_second": 0}}), "/0/answer/bytes_per_second: ")]
#[case(json!({"answer": {"headers": {"a b": "c"}}}), "/0/answer/headers/a b: `a b` is not the name of a header")]
#[case(json!({"answer": {"headers": {"a": "b\nc"}}}), "/0/answer/headers/a: a header cannot have this value")]
#[case(json!({"answer": {"headers": {"Content-Length": "1"}}}), "the mock sets `content-length`; use `cut_at`")]
#[case(json!({"answer": {"retry_after": "1s", "headers": {"Retry-After": "1"}}}), "`retry_after` sets this header as well")]
#[case(json!({"answer": {"retry_after": "soon"}}), "/0/answer/retry_after: `soon` is not a time; write a time such as 2s or 500ms")]
#[case(json!({"answer": {"status": 429, "retry_after_as": "date"}}), "/0/answer/retry_after_as: there is no time to write")]
#[case(json!({"answer": {"retry_after": "1s", "retry_after_as": "dat"}}), "did you mean `date`?")]
#[case(json!({"answer": {"delay": "3"}}), "/0/answer/delay: `3` is not a time")]
#[case(json!({"answer": {"delay": "2days"}}), "/0/answer/delay: `2days` is longer than a day")]
#[case(json!({"answer": {"reset": "befor"}}), "did you mean `before`?")]
#[case(json!({"answer": {"reset": "after", "status": 503}}), "/0/answer/reset: a connection that is reset carries no response")]
#[case(json!({"answer": {"reset": "before", "act": true}}), "/0/answer/act: `reset` says whether the operation is performed; write `reset: after`")]
#[case(json!({"answer": {"reset": "after", "act": false}}), "write `reset: before`")]
#[case(json!({"answer": {"act": false}}), "/0/answer/act: without the operation there is no response; add `status`")]
#[case(json!({"answer": {"delay": "1s", "act": false}}), "/0/answer/act: without the operation there is no response")]
#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_with_its_place(#[case] rule: Value, #[case] message: &str) {
    let world = World::with(json!([{"answer": {"status": 418}}])).await;
    let (status, told) = world.put(&json!([rule])).await;
    let told = told["message"].as_str().expect("there is a message");
    assert_eq!(status, 400, "{told}");
    assert!(told.contains(message), "{told}");
    assert_eq!(world.statuses(1).await, [418], "the rules are as they were");
    // No way leads around it.
    let built = serde_json::from_value::<RuleFile>(rule.clone()).ok().map(RuleFile::build);
    assert!(!matches!(built, Some(Ok(_))), "{rule}");
}

#[rstest]
#[case("{}", "expected a list, found a mapping")]
#[case("[", "line 1: ")]
#[case("", "the file is empty")]
#[case("\u{0}", "line 1: ")]
#[tokio::test]
async fn what_is_no_list_of_rules_is_refused(#[case] body: &'static str, #[case] message: &str) {
    let world = World::with(json!([])).await;
    let answer = world.client.put(world.url("/_mock/answers")).body(body).send().await.expect("it answers");
    assert_eq!(answer.status(), 400);
    let told: Value = answer.json().await.expect("it is JSON");
    assert!(told["message"].as_str().is_some_and(|told| told.contains(message)), "{told}");
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let world = World::with(json!([])).await;
    let rules = json!([
        {"when": {"operation": "listPrjects"}, "answer": {"status": 423}},
        {"answer": {"status": 423}},
        {"answer": {"statu": 423}},
    ]);
    let (_, told) = world.put(&rules).await;
    let told = told["message"].as_str().expect("there is a message");
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("/0/when/operation") && told.contains("/2/answer/statu"), "{told}");
}

#[tokio::test]
async fn rules_may_be_yaml() {
    let world = World::with(json!([])).await;
    let body = "- when: { operation: listProjects }\n  answer: { status: 503 }\n";
    let answer = world.client.put(world.url("/_mock/answers")).body(body).send().await.expect("it answers");
    assert_eq!(answer.status(), 200);
    assert_eq!(world.statuses(2).await, [503, 200]);
}

#[rstest]
#[case(json!({"fixture": {"answers": [{"when": {"operation": "listPrjects"}, "answer": {"status": 423}}]}}), "did you mean `listProjects`?")]
#[case(json!({"fixture": {"answers": [{"answer": {"status": 999}}]}}), "999 is not the status of a response")]
#[tokio::test]
async fn a_fixture_with_a_rule_that_is_none_is_refused(#[case] body: Value, #[case] message: &str) {
    let world = World::with(json!([])).await;
    let request = world.client.post(world.url("/_mock/accounts")).body(body.to_string());
    let answer = request.send().await.expect("it answers");
    assert_eq!(answer.status(), 400);
    let told: Value = answer.json().await.expect("it is JSON");
    assert!(told["message"].as_str().is_some_and(|told| told.contains(message)), "{told}");
}
