//! Recordings as real tools write them: nothing of them is lost without a word.

use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Ended, Project};

const RIGHT: &str = r#"{"regions":[{"region_id":"aws-us-east-2","name":"Ohio","default":true,"geo_lat":"40.4","geo_long":"-82.7"}]}"#;
const WRONG: &str =
    r#"{"regions":[{"region_id":7,"name":"Ohio","default":true,"geo_lat":"40.4","geo_long":"-82.7"}]}"#;

/// An entry whose answer has this content, and these members more.
fn entry(content: &Value, members: &Value) -> Value {
    let mut entry = json!({
        "startedDateTime": "2026-01-02T03:04:05.678Z", "time": 1,
        "request": {"method": "GET", "url": "https://console.neon.tech/api/v2/regions",
                    "headers": [{"name": "authorization", "value": "Bearer redacted-1"}], "queryString": []},
        "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "content": content},
    });
    for (pointer, value) in members.as_object().into_iter().flatten() {
        let (parent, name) = pointer.rsplit_once('/').expect("it is a pointer");
        entry.pointer_mut(parent).expect("it is there")[name] = value.clone();
    }
    entry
}

fn judged(project: &Project, entries: &[Value]) -> Ended {
    project.write("a.har", &json!({"log": {"version": "1.2", "entries": entries}}).to_string());
    project.run(&["run", "--recorded", "a.har", "--report", "json=a.json"])
}

fn good() -> Value {
    entry(&json!({"text": RIGHT}), &json!({}))
}

#[rstest]
#[case::marked_as_base64(entry(&json!({"text": WRONG, "encoding": "base64"}), &json!({})))]
#[case::without_a_time(entry(&json!({"text": WRONG}), &json!({"/time": null, "/timings": {"send": null, "wait": "x"}})))]
#[case::headers_of_any_form(entry(&json!({"text": WRONG}), &json!({
    "/response/headers": [{"name": "content-type", "value": "application/json"}, {"name": "x", "value": null}, {"name": "y"}],
})))]
#[case::without_headers(entry(&json!({"text": WRONG, "mimeType": "application/json"}), &json!({"/response/headers": null})))]
#[case::a_query_of_numbers(entry(&json!({"text": WRONG}), &json!({
    "/request/queryString": [{"name": "limit", "value": 7}, 7], "/request/cookies": [{"name": 1}], "/request/headersSize": "x",
})))]
#[case::a_status_of_text(entry(&json!({"text": WRONG, "size": "x"}), &json!({"/response/status": "200", "/response/bodySize": null})))]
fn what_is_wrong_is_found_beside_odd_members(#[case] odd: Value) {
    let ended = judged(&Project::new(), &[good(), odd]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("body /regions/*/region_id"), "{}", ended.stdout);
}

#[test]
fn a_body_in_a_file_beside_the_recording_is_judged() {
    let project = Project::new();
    project.write("resources/a1b2.json", WRONG);
    let ended = judged(&project, &[entry(&json!({"_file": "resources/a1b2.json", "size": 10}), &json!({}))]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("body /regions/*/region_id"), "{}", ended.stdout);
}

#[rstest]
#[case::not_kept(&json!({"size": 250}), "was not kept by the recorder", 0)]
#[case::not_kept_with_a_comment(&json!({"size": 250, "comment": "not included"}), "was not kept by the recorder", 0)]
#[case::in_a_file_that_is_gone(&json!({"_file": "gone.json"}), "in a separate file that cannot be read", 4)]
#[case::in_a_file_elsewhere(&json!({"_file": "../specs/suite.yaml"}), "not next to the recording", 4)]
#[case::cut(&json!({"text": &WRONG[..40], "size": WRONG.len()}), "was not kept in full", 4)]
#[case::no_base64(&json!({"text": &WRONG[..40], "encoding": "base64"}), "is declared as base64, but is not", 4)]
#[case::of_an_unknown_size(&json!({"text": "", "size": -1}), "was not kept by the recorder", 0)]
#[case::of_an_unknown_encoding(&json!({"text": WRONG, "encoding": "rot13"}), "an unknown encoding", 4)]
fn what_cannot_be_judged_is_told(#[case] content: &Value, #[case] told: &str, #[case] code: i32) {
    let project = Project::new();
    let odd = || entry(content, &json!({}));
    for (entries, code) in [(vec![odd()], 4), (vec![good(), odd()], code)] {
        let ended = judged(&project, &entries);
        assert_eq!(ended.code, Some(code), "{}", ended.stdout);
        assert!(ended.stdout.contains(told) && !ended.stdout.contains("FAILED"), "{}", ended.stdout);
        let verdict =
            "1 response not fully checked, because the body was not recorded: getActiveRegions 200 (1)";
        assert!(ended.stdout.contains(verdict), "{}", ended.stdout);
        assert!(!ended.stdout.contains(" conforms: "), "{}", ended.stdout);
        let report: Value = serde_json::from_str(&project.read("a.json")).expect("it is JSON");
        assert!(report["trials"][0]["notes"].to_string().contains(told), "{report}");
    }
}

#[rstest]
#[case::missing(json!({"/response": null}), "without a response")]
#[case::without_a_status(json!({"/response/status": ""}), "without a response")]
#[case::of_a_socket(json!({"/request/url": "wss://console.neon.tech/api/v2/regions"}), "not requests to the API")]
#[case::of_an_extension(json!({"/request/url": "chrome-extension://a/api/v2/regions"}), "not requests to the API")]
#[case::of_no_url(json!({"/request/url": null}), "not exchanges, or unreadable")]
#[case::no_request(json!({"/request": "x"}), "not exchanges, or unreadable")]
fn what_is_no_exchange_is_left_out_with_a_note(#[case] members: Value, #[case] told: &str) {
    let ended = judged(&Project::new(), &[entry(&json!({"text": WRONG}), &members), good()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(&format!("1 entry is ignored: {told}")), "{}", ended.stdout);
}

#[rstest]
#[case::unchanged(304)]
#[case::no_content(204)]
fn what_has_no_body_by_rule_lacks_none(#[case] status: u16) {
    let entry = entry(&json!({"size": 0, "text": ""}), &json!({"/response/status": status}));
    let ended = judged(&Project::new(), &[entry, good()]);
    for check in ["json-body", "content-type", "no-redirect", "response-schema"] {
        let line =
            ended.stdout.lines().find(|line| line.contains(&format!(" {check} "))).expect("it is told");
        assert!(line.trim_start().starts_with("passed"), "{line}");
    }
}

#[rstest]
#[case::unchanged(json!({"/response/status": 304}), "a response 304 has none")]
#[case::head(json!({"/request/method": "HEAD"}), "the response to HEAD has none")]
fn a_body_that_cannot_have_come_is_told(#[case] members: Value, #[case] told: &str) {
    let ended = judged(&Project::new(), &[entry(&json!({"text": RIGHT}), &members), good()]);
    assert!(ended.stdout.contains(&format!("cannot have been sent: {told}")), "{}", ended.stdout);
}

#[test]
fn a_request_without_an_answer_makes_a_case() {
    let project = Project::new();
    let asked = |query: &str| json!({"request": {"method": "GET", "url": format!("https://console.neon.tech/api/v2/projects?{query}")}});
    project.write("a.har", &json!({"entries": [asked("limit=3"), asked("limit=4")]}).to_string());
    let ended = project.run(&["new", "har", "a.har", "--entry", "2", "--print"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("limit: 4"), "{}", ended.stdout);
}

#[test]
fn a_response_without_content_has_what_its_contract_says() {
    let project = Project::new();
    let contract = "openapi: 3.0.3
servers: [{ url: 'https://example.org/api/v2/' }]
paths:
  /regions:
    get:
      operationId: getActiveRegions
      responses:
        '204': { description: nothing }
";
    let empty = || entry(&json!({"size": 0, "text": ""}), &json!({"/response/status": 204}));
    project.write("api.yaml", contract);
    project.write("a.har", &json!({"log": {"entries": [empty()]}}).to_string());
    let ended = project.run(&["run", "--recorded", "a.har", "--contract", "api.yaml"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(" conforms: 1 passed"), "{}", ended.stdout);
    let ended = project.run(&["run", "--recorded", "a.har"]);
    assert_eq!(ended.code, Some(1), "the suite's own contract has no 204 there: {ended:?}");
}
