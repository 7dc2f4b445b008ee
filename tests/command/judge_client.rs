//! `--judge client`: what a client does wrong, in front of the mock and of the proxy.

use std::time::Duration;

use reqwest::{Client, Method};
use rstest::rstest;
use serde_json::Value;

use crate::project::{Ended, Project, RunningMock, RunningProxy};

/// A client: what it sends, one after the other. `{key}` stands for its key, `{project}`, `{branch}` and `{operation}` for what it made.
struct Sends(&'static [&'static str]);

const BRANCH: &str = r#"POST /projects/{project}/branches {"branch": {"name": "b"}}"#;
const PROJECT: &str = r#"POST /projects {"project": {"name": "p"}}"#;
/// A branch is not found at first.
const NOT_YET: &str = "summary: A branch is late\nanswers: [{ when: { operation: getProjectBranch }, times: 1, answer: { status: 404 } }]\n";
const REMOVE: &str = "DELETE /projects/{project}";
const LIST: &str = "GET /projects?limit=10";
const NO_KEY: &str = "- GET /projects?limit=10";

impl Sends {
    /// Sends all of it to `url`.
    async fn to(&self, url: &str, key: &str) {
        let (client, mut made) = (Client::new(), Value::Null);
        for line in self.0 {
            if let Some(pause) = line.strip_prefix("PAUSE ") {
                tokio::time::sleep(Duration::from_millis(pause.parse().expect("it is a number"))).await;
                continue;
            }
            if *line == "RESET" {
                let reset = client.post(format!("{url}/_mock/reset")).send().await;
                assert!(reset.expect("it answers").status().is_success());
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            let id =
                |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            let line = line
                .replace("{key}", key)
                .replace("{project}", &id("/project/id"))
                .replace("{branch}", &id("/branch/id"))
                .replace("{operation}", &id("/operations/0/id"));
            let (has_key, line) = line.strip_prefix("- ").map_or((true, &*line), |line| (false, line));
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().unwrap_or_default();
            let method: Method = word().parse().expect("it is a method");
            let mut request = client.request(method, format!("{url}/api/v2{}", word()));
            if has_key {
                request = request.bearer_auth(key);
            }
            let body = word().to_owned();
            if !body.is_empty() {
                request = request.header("content-type", "application/json").body(body);
            }
            // That a connection is reset is what some of them are about.
            let Ok(response) = request.send().await else { continue };
            let body: Value = response.json().await.unwrap_or_default();
            if made.is_null() && body.get("project").is_some() {
                made = body;
            }
        }
    }
}

/// The mock as the judge of the client.
async fn judged_by_mock(project: &Project, options: &[&str], sends: &Sends) -> Ended {
    let mut command = project.command();
    command.args(["mock", "--port", "0", "--judge", "client"]).args(options);
    let mut mock = RunningProxy::spawn(&mut command);
    let line = mock.line_with("export NEON_API_KEY=");
    let key = line.trim().strip_prefix("export NEON_API_KEY=").expect("it prints the key");
    sends.to(&mock.url, key).await;
    let ended = mock.stop();
    assert!(!ended.stdout.contains(key), "{}", ended.stdout);
    ended
}

/// The checks that found something.
fn failed(stdout: &str) -> Vec<&str> {
    let checks = stdout.split("Checks\n").nth(1).expect("it prints the checks");
    checks.lines().filter_map(|line| line.trim().strip_prefix("FAILED ")?.split_whitespace().next()).collect()
}

#[rstest]
#[case::a_good_client(&[], &[LIST, PROJECT, "GET /projects/{project}/operations/{operation}", BRANCH, REMOVE], &[], 0)]
#[case::who_waits_for_operations(&["--operations", "300ms"], &[PROJECT, "PAUSE 500", "GET /projects/{project}/operations/{operation}", BRANCH, REMOVE], &[], 0)]
#[case::who_waits_for_the_rate_limit(&["--rate-limit", "1/s"], &[LIST, LIST, "PAUSE 1500", LIST], &[], 0)]
#[case::who_looks_before_a_repetition(&["--scenario", "lost-answer"], &[PROJECT, LIST, PROJECT, REMOVE, REMOVE], &[], 0)]
#[case::who_repeats_after_a_423(&["--scenario", "locked-then-free"], &[PROJECT, BRANCH, "PAUSE 100", BRANCH, "PAUSE 100", BRANCH, REMOVE], &[], 0)]
#[case::who_resets_the_mock(&["--admin"], &[PROJECT, "RESET", LIST], &[], 0)]
#[case::who_stops_at_a_401(&[], &[NO_KEY, LIST], &[], 0)]
#[case::a_boolean_in_python(&[], &["GET /projects?recoverable=True"], &[], 0)]
#[case::no_such_path(&[], &["GET /project"], &["known-operation"], 0)]
#[case::no_such_method(&[], &["PUT /projects {}"], &["known-operation"], 0)]
#[case::a_deprecated_operation(&[], &["GET /projects/throbbing-forest-567082/auth/email_server"], &["deprecated-operation"], 0)]
#[case::a_misspelt_parameter(&[], &["GET /projects?limt=1"], &["known-names"], 0)]
#[case::a_misspelt_member(&[], &[r#"POST /projects {"project": {"nmae": "p"}}"#, REMOVE], &["known-names"], 0)]
#[case::a_limit_that_is_no_number(&[], &["GET /projects?limit=ten"], &["request-schema"], 1)]
#[case::a_limit_out_of_bounds(&[], &["GET /projects?limit=-1"], &["request-schema"], 1)]
#[case::a_body_of_another_type(&[], &[r#"POST /projects {"project": 1}"#], &["request-schema"], 1)]
#[case::no_body(&[], &["POST /projects"], &["request-schema"], 1)]
#[case::no_required_parameter(&[], &["GET /projects/throbbing-forest-567082/connection_uri"], &["request-schema"], 1)]
#[case::the_key_in_the_url(&[], &["GET /projects?search={key}"], &["key-in-header"], 1)]
#[case::a_password_in_the_url(&[], &["GET /projects?password=open-sesame"], &["known-names", "url-secrets"], 0)]
#[case::without_a_key_again_and_again(&[], &[NO_KEY; 6], &["rejected-key"], 0)]
#[case::too_soon(&["--rate-limit", "2/h"], &[LIST, LIST, LIST, "PAUSE 100", LIST], &["retry-after"], 0)]
#[case::at_once(&["--rate-limit", "1/h"], &[LIST, LIST, LIST], &["retry-after", "retry-pause"], 0)]
#[case::without_end(&["--rate-limit", "1/h"], &[LIST; 24], &["retry-after", "retry-pause", "retry-end"], 0)]
#[case::a_doubled_write(&["--scenario", "lost-answer"], &[PROJECT, PROJECT, REMOVE, REMOVE], &["safe-retry"], 0)]
#[case::without_waiting(&["--operations", "manual"], &[PROJECT, BRANCH, REMOVE], &["operation-wait"], 0)]
#[case::though_it_has_looked(&["--scenario", "slow-operations"], &[PROJECT, "GET /projects/{project}/operations/{operation}", BRANCH, REMOVE], &["operation-wait"], 0)]
#[case::what_is_not_there_yet(&["--operations", "manual", "--scenario", "not-yet.yaml"], &[PROJECT, "GET /projects/{project}/branches/{branch}", "GET /projects/{project}/branches/{branch}", REMOVE], &["operation-wait"], 0)]
#[case::who_waits_for_what_is_not_there(&["--scenario", "not-yet.yaml"], &[PROJECT, "GET /projects/{project}/operations/{operation}", "GET /projects/{project}/branches/{branch}", REMOVE], &[], 0)]
#[case::what_is_left(&[], &[PROJECT, "GET /projects/{project}/operations/{operation}", BRANCH], &["leftovers"], 0)]
#[tokio::test]
async fn each_finding_is_earned(
    #[case] options: &[&str],
    #[case] lines: &'static [&'static str],
    #[case] expected: &[&str],
    #[case] code: i32,
) {
    let project = Project::new();
    project.write("not-yet.yaml", NOT_YET);
    let ended = judged_by_mock(&project, options, &Sends(lines)).await;
    assert_eq!(failed(&ended.stdout), expected, "{}", ended.stdout);
    assert_eq!(ended.code, Some(code), "{}", ended.stdout);
}

#[tokio::test]
async fn the_proxy_judges_alike() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--latency", "50ms"]);
    let options = ["--judge", "client", "--report", "json=client.json,junit=client.xml,html=client.html"];
    let mut proxy = RunningProxy::start(&project, &mock.url, &options);
    Sends(&["GET /projects?limit=ten"]).to(&proxy.url, &mock.key).await;
    let told = proxy.line_with("request-schema");
    assert!(told.contains("CLIENT-REQUEST"), "{told}");
    Sends(&["GET /projects?limt=1"]).to(&proxy.url, &mock.key).await;
    proxy.line_with("CLIENT-NAMES");
    let ended = proxy.stop();
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert_eq!(failed(&ended.stdout), ["known-names", "request-schema"]);
    let result: Value = serde_json::from_str(&project.read("client.json")).expect("it is JSON");
    assert_eq!(result["judged"], "client");
    let step = result["trials"][0]["findings"][0]["step"].as_str().expect("it names the exchange");
    assert!(step.starts_with("GET /api/v2/projects at 20"), "{step}");
    for file in ["client.xml", "client.html"] {
        assert!(project.read(file).contains("request-schema"), "{file}");
    }
}

/// The client gives up, and sends it again.
#[tokio::test]
async fn a_write_that_is_repeated_after_a_time_out_is_told() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--latency", "400ms"]);
    let proxy = RunningProxy::start(&project, &mock.url, &["--judge", "client", "--quiet"]);
    let client = Client::new();
    for patience in [100, 5000] {
        let request = client.post(format!("{}/api/v2/api_keys", proxy.url)).bearer_auth(&mock.key);
        let request = request.json(&serde_json::json!({"key_name": "k"}));
        let _ = request.timeout(Duration::from_millis(patience)).send().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let ended = proxy.stop();
    assert_eq!(failed(&ended.stdout), ["safe-retry", "leftovers"], "{}", ended.stdout);
}

/// Headers that a contract declares are looked at as parameters are.
#[rstest]
#[case::a_good_client(&[("x-client", "7"), ("x-mode", "fast")], &[])]
#[case::without_what_may_be_left_out(&[("x-client", "7")], &[])]
#[case::without_what_is_required(&[], &["X-Client"])]
#[case::of_another_type(&[("x-client", "seven")], &["X-Client"])]
#[case::out_of_bounds(&[("x-client", "0")], &["X-Client"])]
#[case::no_value_of_an_enumeration(&[("x-client", "7"), ("x-mode", "slow")], &["X-Mode"])]
#[tokio::test]
async fn headers_are_judged_by_the_contract(#[case] headers: &[(&str, &str)], #[case] expected: &[&str]) {
    let project = Project::new();
    let document = r#"
openapi: 3.0.3
servers: [{ url: "https://example.org/api/v2" }]
paths:
  /regions:
    get:
      operationId: getActiveRegions
      parameters:
        - { name: X-Client, in: header, required: true, schema: { type: integer, minimum: 1 } }
        - { name: X-Mode, in: header, schema: { type: string, enum: [fast, safe] } }
        - { name: Accept-Encoding, in: header, required: true, schema: { type: string } }
      responses: { 200: { content: { application/json: { schema: { type: object } } } } }
"#;
    project.write("headers.yaml", document);
    let mut command = project.command();
    command.args(["mock", "--port", "0", "--admin", "--judge", "client", "--contract", "headers.yaml"]);
    let mut mock = RunningProxy::spawn(&mut command);
    let line = mock.line_with("export NEON_API_KEY=");
    let key = line.trim().strip_prefix("export NEON_API_KEY=").expect("it prints the key").to_owned();
    let request = Client::new().get(format!("{}/api/v2/regions", mock.url)).bearer_auth(&key);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    assert!(request.send().await.expect("it answers").status().is_success());
    let result: Value = reqwest::get(format!("{}/_mock/verdict", mock.url))
        .await
        .expect("it answers")
        .json()
        .await
        .expect("it is JSON");
    let findings = result["trials"][0]["findings"].as_array().expect("they are listed");
    let subjects: Vec<&str> = findings.iter().filter_map(|finding| finding["subject"].as_str()).collect();
    let expected: Vec<String> = expected.iter().map(|name| format!("request header {name}")).collect();
    assert_eq!(subjects, expected, "{result}");
    assert_eq!(mock.stop().code, Some(i32::from(!expected.is_empty())));
}

/// What `GET /_mock/verdict` says: the verdict, the checks that found something, and the number of requests.
async fn verdict(url: &str) -> (Value, Vec<String>, usize) {
    let answer = reqwest::get(format!("{url}/_mock/verdict")).await.expect("it answers");
    assert_eq!(answer.headers()["content-type"], "application/json");
    let result: Value = answer.json().await.expect("it is JSON");
    assert_eq!(result["judged"], "client");
    let trials = result["trials"].as_array().expect("they are listed");
    let found = trials
        .iter()
        .flat_map(|trial| trial["findings"].as_array().into_iter().chain(trial["advice"].as_array()));
    let checks = found.flatten().map(|finding| finding["check"].as_str().unwrap_or_default().to_owned());
    (result["verdict"].clone(), checks.collect(), trials.len())
}

#[tokio::test]
async fn a_test_suite_asks_for_the_verdict_while_the_mock_runs() {
    let project = Project::new();
    let mut command = project.command();
    command.args(["mock", "--port", "0", "--admin", "--judge", "client"]);
    let mut mock = RunningProxy::spawn(&mut command);
    let line = mock.line_with("export NEON_API_KEY=");
    let key = line.trim().strip_prefix("export NEON_API_KEY=").expect("it prints the key");
    let (_, found, requests) = verdict(&mock.url).await;
    assert_eq!((found.len(), requests), (0, 0));
    Sends(&["GET /projects?limit=ten"]).to(&mock.url, key).await;
    let (first, found, requests) = verdict(&mock.url).await;
    assert_eq!((found, requests), (vec!["request-schema".to_owned()], 1));
    assert_eq!(verdict(&mock.url).await.0, first, "asking changes nothing");
    // What is left at the end is only left until it is removed.
    Sends(&[PROJECT, "GET /projects/{project}/operations/{operation}"]).to(&mock.url, key).await;
    let found = verdict(&mock.url).await.1;
    assert_eq!(found, ["request-schema", "leftovers"]);
    Sends(&["POST /projects/throbbing-forest-567082/branches {}"]).to(&mock.url, key).await;
    let (_, found, requests) = verdict(&mock.url).await;
    assert_eq!((found.len(), requests), (3, 4), "{found:?}");
    let ended = mock.stop();
    assert_eq!(failed(&ended.stdout), ["request-schema", "leftovers"], "{}", ended.stdout);
    assert_eq!(ended.code, Some(1));
}

#[tokio::test]
async fn without_a_judge_there_is_no_verdict() {
    let mock = RunningMock::start(&Project::new(), &["--admin"]);
    let answer = reqwest::get(format!("{}/_mock/verdict", mock.url)).await.expect("it answers");
    assert_eq!(answer.status(), 409);
    let refused: Value = answer.json().await.expect("it is JSON");
    assert_eq!(refused["message"], "nobody is judged; start the mock with `--judge client`");
}

#[tokio::test]
async fn a_gate_and_known_failures_decide() {
    let project = Project::new();
    let known = "known_failures:\n  - { check: request-schema, reason: it is old, date: 2026-01-01 }\n";
    project.write("specs/known-failures/client.yaml", known);
    let wrong = Sends(&["GET /projects?limit=ten"]);
    let ended = judged_by_mock(&project, &["--known-failures", "client"], &wrong).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("known failures"), "{}", ended.stdout);
    let advice = Sends(&["GET /projects?limt=1"]);
    assert_eq!(judged_by_mock(&project, &["--strict"], &advice).await.code, Some(1));
}

#[rstest]
#[case(&["mock", "--strict"], "--judge client")]
#[case(&["mock", "--judge", "client", "--known-failures", "nobody"], "known-failures/nobody.yaml")]
#[case(&["mock", "--judge", "client", "--require", "NOTHING"], "NOTHING")]
fn what_cannot_be_judged_is_told(#[case] arguments: &[&str], #[case] expected: &str) {
    let refused = Project::new().run(arguments);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains(expected), "{}", refused.stderr);
}
