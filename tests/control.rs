//! Control of a mock over HTTP, as tests in other languages use it, and from Rust.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use neon_contract::mock::{AccountFixture, Fault, Mock, MockBuilder, OperationClock};
use reqwest::{Client, Method, StatusCode};
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// A mock under control, and the key of its first account.
struct Controlled {
    mock: Mock,
    key: String,
    client: Client,
}

impl Controlled {
    async fn start(builder: MockBuilder) -> Self {
        let mock = builder.admin(true).start().await.expect("the mock starts");
        let seed = AccountFixture::builtin("seed").expect("it is built in");
        let key = mock.first_account(&seed).key.expose_secret().to_owned();
        Self { mock, key, client: Client::new() }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}{path}", self.mock.origin()));
        let request = request.bearer_auth(&self.key);
        let request = if body.is_null() { request } else { request.body(body.to_string()) };
        let answer = request.send().await.expect("the mock answers");
        let status = answer.status();
        let text = answer.text().await.expect("it is text");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, Value::Null).await;
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.send(Method::POST, path, body).await;
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    async fn status(&self, method: Method, path: &str, body: Value) -> u16 {
        self.send(method, path, body).await.0.as_u16()
    }
}

#[tokio::test]
async fn control_is_off_unless_asked_for() {
    let mock = Mock::builder().start().await.expect("the mock starts");
    let answer = reqwest::get(format!("{}/_mock", mock.origin())).await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(mock.journal().is_empty());
}

#[tokio::test]
async fn what_is_listed_is_there() {
    let controlled = Controlled::start(Mock::builder()).await;
    let overview = controlled.get("/_mock").await;
    for command in overview["commands"].as_array().expect("they are listed") {
        let [method, path] = ["method", "path"].map(|name| command[name].as_str().expect("it is told"));
        let path = path.replace("{user_id}", "00000000-0000-4000-8000-000000000000");
        let method: Method = method.parse().expect("it is a method");
        let (_, body) = controlled.send(method, &path, Value::Null).await;
        let message = body["message"].as_str().unwrap_or_default();
        assert!(!message.contains("is not there"), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_reset_begins_anew_with_the_same_key() {
    let controlled = Controlled::start(Mock::builder()).await;
    let before = controlled.get("/api/v2/projects").await;
    let made = controlled.post("/api/v2/api_keys", json!({"key_name": "mine"})).await;
    controlled.post("/api/v2/projects", json!({"project": {"name": "mine"}})).await;
    controlled.post("/_mock/clock", json!({"advance": "1d", "operations": "manual"})).await;
    let reset = controlled.post("/_mock/reset", Value::Null).await;
    assert_eq!(reset["key"], controlled.key);
    assert_eq!(controlled.get("/api/v2/projects").await["projects"][0]["id"], before["projects"][0]["id"]);
    assert_eq!(controlled.get("/api/v2/projects?search=mine").await["projects"], json!([]));
    let answer = controlled.client.get(format!("{}/api/v2/users/me", controlled.mock.origin()));
    let answer = answer.bearer_auth(made["key"].as_str().expect("it is a token")).send().await;
    assert_eq!(answer.expect("it answers").status(), StatusCode::UNAUTHORIZED);
    assert_eq!(controlled.get("/_mock/clock").await["operations"], "immediate");
}

#[tokio::test]
async fn a_reset_may_begin_with_something_else() {
    let controlled = Controlled::start(Mock::builder()).await;
    let reset = controlled.post("/_mock/reset", json!({"seed": 7, "fixture": {"keys": ["old"]}})).await;
    assert_ne!(reset["key"], controlled.key);
    let users = controlled.get("/_mock/accounts").await;
    assert_eq!((&users[0]["projects"], &users[0]["keys"]), (&json!(0), &json!(2)));
}

#[tokio::test]
async fn accounts_are_made_and_seeded() {
    let controlled = Controlled::start(Mock::builder()).await;
    let made = controlled.post("/_mock/accounts", json!({"fixture": "empty"})).await;
    let user = made["user_id"].as_str().expect("it has an id");
    let path = format!("/_mock/accounts/{user}/seed");
    let seeded = json!({"fixture": {"projects": [{"id": "calm-sea-1", "name": "mine"}]}});
    controlled.post(&path, seeded.clone()).await;
    let users = controlled.get("/_mock/accounts").await;
    assert_eq!(users.as_array().map(Vec::len), Some(2));
    assert_eq!(users[1]["projects"], 1);
    assert_eq!(controlled.status(Method::POST, &path, seeded).await, 409);
    let nobody = "/_mock/accounts/00000000-0000-4000-8000-000000000000/seed";
    assert_eq!(controlled.status(Method::POST, nobody, json!({"fixture": "seed"})).await, 404);
}

#[tokio::test]
async fn a_manual_clock_waits_until_it_is_told() {
    let controlled = Controlled::start(Mock::builder().operations(OperationClock::Manual)).await;
    let made = controlled.post("/api/v2/projects", json!({"project": {}})).await;
    let project = format!("/api/v2/projects/{}", made["project"]["id"].as_str().expect("it has an id"));
    let branches = format!("{project}/branches");
    assert_eq!(controlled.status(Method::POST, &branches, Value::Null).await, 423);
    let told = controlled.post("/_mock/clock", json!({"finish": true})).await;
    assert_eq!((&told["finished"], &told["operations"]), (&json!(2), &json!("manual")));
    assert_eq!(controlled.status(Method::POST, &branches, Value::Null).await, 201);
}

#[tokio::test]
async fn time_is_moved_ahead() {
    let controlled =
        Controlled::start(Mock::builder().operations(OperationClock::Timed(Duration::from_secs(3600)))).await;
    let made = controlled.post("/api/v2/projects", json!({"project": {}})).await;
    let id = made["project"]["id"].as_str().expect("it has an id");
    let operations = format!("/api/v2/projects/{id}/operations");
    assert_ne!(controlled.get(&operations).await["operations"][0]["status"], "finished");
    controlled.post("/_mock/clock", json!({"advance": "1h"})).await;
    assert_eq!(controlled.get(&operations).await["operations"][0]["status"], "finished");

    let other = controlled.post("/api/v2/projects", json!({"project": {}})).await;
    let other = format!("/api/v2/projects/{}", other["project"]["id"].as_str().expect("it has an id"));
    assert_eq!(controlled.status(Method::DELETE, &other, Value::Null).await, 200);
    let recoverable = "/api/v2/projects?recoverable=true";
    assert_eq!(controlled.get(recoverable).await["projects"].as_array().map(Vec::len), Some(1));

    let branches = format!("/api/v2/projects/{id}/branches");
    let branch = controlled.post(&branches, Value::Null).await;
    let branch = format!("{branches}/{}", branch["branch"]["id"].as_str().expect("it has an id"));
    controlled.mock.finish_operations();
    assert_eq!(controlled.status(Method::DELETE, &branch, Value::Null).await, 200);
    controlled.mock.advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(controlled.status(Method::POST, &format!("{branch}/recover"), Value::Null).await, 404);
    assert_eq!(controlled.status(Method::POST, &format!("{other}/recover"), Value::Null).await, 404);
    assert_eq!(controlled.get(recoverable).await["projects"], json!([]));
}

#[tokio::test]
async fn the_journal_tells_what_was_asked_without_secrets() {
    let controlled = Controlled::start(Mock::builder()).await;
    let made = controlled.post("/api/v2/api_keys", json!({"key_name": "mine"})).await;
    controlled.post("/api/v2/projects", json!({"project": {"name": "mine"}})).await;
    controlled.status(Method::GET, "/api/v2/project?cursor=napi_x", Value::Null).await;
    controlled.status(Method::GET, "/api/v2/napi_someoneelses", Value::Null).await;
    let journal = controlled.get("/_mock/journal").await;
    let text = journal.to_string();
    for secret in [controlled.key.as_str(), made["key"].as_str().expect("it is a token"), "napi_", "npg_"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(journal[0]["operation"], "createApiKey");
    assert_eq!(journal[0]["request_body"], json!({"key_name": "mine"}));
    assert_eq!(journal[0]["response_body"]["key"], "<secret>");
    assert_eq!(journal[1]["status"], 201);

    let unmatched = controlled.get("/_mock/journal?unmatched=true").await;
    assert_eq!(unmatched.as_array().map(Vec::len), Some(2));
    assert_eq!(unmatched[0]["nearest"]["operation"], "listProjects");
    assert_eq!(controlled.get("/_mock/journal?status=201&operation=createProject").await[0]["number"], 2);
    assert_eq!(controlled.get("/_mock/journal?limit=1").await[0]["number"], 4);
    assert_eq!(controlled.mock.journal().len(), 4);
    assert_eq!(controlled.status(Method::DELETE, "/_mock/journal", Value::Null).await, 204);
    assert_eq!(controlled.get("/_mock/journal").await, json!([]));
}

#[tokio::test]
async fn faults_are_switched() {
    let controlled = Controlled::start(Mock::builder()).await;
    let faults = controlled.send(Method::PUT, "/_mock/faults", json!(["error-as-html"])).await.1;
    let on: Vec<&Value> =
        faults.as_array().expect("they are listed").iter().filter(|fault| fault["on"] == true).collect();
    assert_eq!(on.len(), 1);
    assert!(controlled.send(Method::GET, "/api/v2/nothing", Value::Null).await.1.is_string());
    controlled.mock.set_faults([]);
    assert!(controlled.send(Method::GET, "/api/v2/nothing", Value::Null).await.1.is_object());
    controlled.mock.set_faults(["error-as-html".parse::<Fault>().expect("there is such a fault")]);
    controlled.mock.reset();
    assert!(controlled.send(Method::GET, "/api/v2/nothing", Value::Null).await.1.is_object());
}

#[rstest]
#[case(Method::POST, "/_mock/reset", json!({"sed": 1}), 400, "unknown field `sed`")]
#[case(Method::POST, "/_mock/reset", json!({"fixture": "emty"}), 400, "did you mean `empty`?")]
#[case(Method::POST, "/_mock/reset", json!({"fixture": {"project": []}}), 400, "unknown field `project`")]
#[case(Method::POST, "/_mock/accounts", json!({"fixture": {"more_projects": 4_000_000_000_u32}}), 400, "1000000 at most")]
#[case(Method::POST, "/_mock/accounts", Value::Null, 400, "missing field `fixture`")]
#[case(Method::POST, "/_mock/accounts/me/seed", json!({"fixture": "seed"}), 400, "`me` is not the id of a user")]
#[case(Method::POST, "/_mock/clock", json!({"advance": "soon"}), 400, "write a time such as 30s")]
#[case(Method::POST, "/_mock/clock", json!({"advance": "9000 years", "operations": "manual"}), 400, "beyond the year 9999")]
#[case(Method::POST, "/_mock/reset", json!({"fixture": {"projects": [{"id": "a"}, {"id": "a"}]}}), 400, "`a` is there twice")]
#[case(Method::POST, "/_mock/clock", json!({"operations": "soon"}), 400, "write `immediate`")]
#[case(Method::GET, "/_mock/journal?state=1", Value::Null, 400, "unknown field `state`")]
#[case(Method::PUT, "/_mock/faults", json!(["error-as-hmtl"]), 400, "did you mean `error-as-html`?")]
#[case(Method::PUT, "/_mock/faults", json!({}), 400, "not a list of faults")]
#[case(Method::PUT, "/_mock/clock", Value::Null, 404, "POST /_mock/clock")]
#[case(Method::GET, "/_mock/clocks", Value::Null, 404, "GET /_mock/clock")]
#[tokio::test]
async fn what_is_wrong_is_told(
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: Value,
    #[case] status: u16,
    #[case] message: &str,
) {
    let controlled = Controlled::start(Mock::builder()).await;
    let (answered, body) = controlled.send(method, path, body).await;
    assert_eq!(answered.as_u16(), status, "{body}");
    assert!(body["message"].as_str().is_some_and(|told| told.contains(message)), "{body}");
    assert_eq!(controlled.get("/_mock/clock").await["operations"], "immediate");
}

#[tokio::test]
async fn pages_of_other_origins_are_kept_out() {
    let controlled = Controlled::start(Mock::builder()).await;
    let url = format!("{}/_mock/reset", controlled.mock.origin());
    let request = controlled.client.post(url).header("origin", "https://example.com");
    assert_eq!(request.send().await.expect("it answers").status(), StatusCode::FORBIDDEN);
}

/// A page whose name was made to lead here (DNS rebinding) is of the same origin for its browser, which sends no `Origin` then.
#[rstest]
#[case::another_name("evil.example", StatusCode::FORBIDDEN)]
#[case::this_machine("localhost", StatusCode::OK)]
#[tokio::test]
async fn what_is_asked_of_another_host_is_not_told(
    #[case] host: &str,
    #[case] expected: StatusCode,
    #[values("/_mock", "/_mock/journal", "/_mock/accounts", "/console", "/console/console.js")] path: &str,
    #[values(Method::GET, Method::HEAD)] method: Method,
) {
    let mock = Mock::builder().admin(true).console(true).start().await.expect("the mock starts");
    let request = Client::new().request(method, format!("{}{path}", mock.origin()));
    let answer = request.header("host", host).send().await.expect("it answers");
    assert_eq!(answer.status(), expected);
}

#[tokio::test]
async fn an_observer_is_told_before_the_answer_comes() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mock = {
        let seen = seen.clone();
        let builder = Mock::builder().observe(move |entry| {
            seen.lock().expect("nobody panics").push((entry.status, entry.operation.clone()));
        });
        builder.start().await.expect("the mock starts")
    };
    reqwest::get(format!("{}/api/v2/users/me", mock.origin())).await.expect("it answers");
    assert_eq!(*seen.lock().expect("nobody panics"), [(401, Some("getCurrentUserInfo".into()))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reset_amid_requests_breaks_none() {
    let folder = tempfile::tempdir().expect("there is room");
    let builder = Mock::builder().console(true).persist(folder.path().join("state.json"));
    let controlled = Arc::new(Controlled::start(builder).await);
    let asking = (0..4).map(|_| {
        let controlled = controlled.clone();
        tokio::spawn(async move {
            let url = |path: &str| format!("{}{path}", controlled.mock.origin());
            for _ in 0..50 {
                // An account that the next reset takes away.
                let made = controlled.post("/_mock/accounts", json!({"fixture": "empty"})).await;
                let text = |name: &str| made[name].as_str().expect("it is told").to_owned();
                let form = format!("user={}&provider=GitHub", text("user_id"));
                let signing_in = controlled.client.post(url("/console/sign-in")).body(form);
                let signing_in = signing_in.header("content-type", "application/x-www-form-urlencoded");
                signing_in.send().await.expect("the console answers");
                let creating = controlled.client.post(url("/api/v2/projects")).bearer_auth(text("key"));
                let created = creating.body(r#"{"project": {}}"#).send().await.expect("the mock answers");
                assert!([201, 401].contains(&created.status().as_u16()), "{created:?}");
            }
        })
    });
    let asking: Vec<_> = asking.collect();
    for _ in 0..50 {
        controlled.mock.reset();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for asked in asking {
        asked.await.expect("no request is broken off");
    }
}

#[tokio::test]
async fn a_restored_branch_never_has_two_endpoints_that_write_and_a_refusal_leaves_nothing() {
    let controlled = Controlled::start(Mock::builder()).await;
    let made = controlled.post("/api/v2/projects", json!({"project": {}})).await;
    let text = |value: &Value| value.as_str().expect("it is told").to_owned();
    let project = format!("/api/v2/projects/{}", text(&made["project"]["id"]));
    let main = format!("{project}/branches/{}", text(&made["branch"]["id"]));
    let kept = controlled.post(&format!("{main}/snapshot"), Value::Null).await;
    let restore = format!("{project}/snapshots/{}/restore", text(&kept["snapshot"]["id"]));

    // As often as one likes, also within a second: what is replaced gets a name that is free.
    for _ in 0..2 {
        let branches = controlled.get(&format!("{project}/branches")).await;
        let default = branches["branches"]
            .as_array()
            .expect("they are listed")
            .iter()
            .find(|branch| branch["default"] == true);
        let target = text(&default.expect("there is one")["id"]);
        controlled.post(&restore, json!({"target_branch_id": target, "finalize_restore": true})).await;
    }
    let branches = controlled.get(&format!("{project}/branches")).await;
    assert_eq!(branches["branches"].as_array().map(Vec::len), Some(3));

    let restored = controlled
        .post(&restore, json!({"name": "with its own", "target_branch_id": made["branch"]["id"]}))
        .await;
    let restored = text(&restored["branch"]["id"]);
    let endpoint = |branch: &str| json!({"endpoint": {"branch_id": branch, "type": "read_write"}});
    controlled.post(&format!("{project}/endpoints"), endpoint(&restored)).await;
    controlled.post(&format!("{project}/endpoints"), endpoint(&text(&made["branch"]["id"]))).await;
    let before = controlled.get(&format!("{project}/branches")).await;
    let finalize = format!("{project}/branches/{restored}/finalize_restore");
    assert_eq!(controlled.status(Method::POST, &finalize, Value::Null).await, 409);
    assert_eq!(controlled.get(&format!("{project}/branches")).await, before);
}

#[tokio::test]
async fn a_manual_clock_finishes_all_and_is_every_projects() {
    let controlled = Controlled::start(Mock::builder().operations(OperationClock::Manual)).await;
    let made = controlled.post("/api/v2/projects", json!({"project": {}})).await;
    let id = made["project"]["id"].as_str().expect("it has an id");
    let project = format!("/api/v2/projects/{id}");
    controlled.mock.finish_operations();
    for _ in 0..70 {
        controlled.post(&format!("{project}/branches"), Value::Null).await;
    }
    controlled.post("/_mock/clock", json!({"operations": "immediate"})).await;
    controlled.post(&format!("{project}/branches"), Value::Null).await;
    controlled.get(&format!("{project}/branches")).await;
    let told = controlled.post("/_mock/clock", json!({"operations": "manual", "finish": true})).await;
    assert_eq!(told["finished"], 70);
    assert_eq!(controlled.status(Method::DELETE, &project, Value::Null).await, 200);
    controlled.post(&format!("{project}/recover"), Value::Null).await;
    let branch = controlled.post(&format!("{project}/branches"), Value::Null).await;
    assert_eq!(branch["operations"][0]["status"], "running");
    controlled.get(&project).await;
    let branch = branch["branch"]["id"].as_str().expect("it has an id");
    let read = controlled.get(&format!("{project}/branches/{branch}")).await;
    assert_eq!(read["branch"]["current_state"], "init");
}

/// What comes back for bytes on a connection of their own.
async fn raw(origin: &str, sent: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = origin.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    stream.write_all(sent.as_bytes()).await.expect("it reads");
    let mut received = String::new();
    stream.read_to_string(&mut received).await.expect("it answers and closes");
    received
}

#[rstest]
#[case::no_host("connection: close\r\n", "400")]
#[case::two_hosts("host: a\r\nhost: a\r\nconnection: close\r\n", "400")]
#[case::two_keys(
    "host: a\r\nauthorization: Bearer KEY\r\nauthorization: Bearer KEY\r\nconnection: close\r\n",
    "400"
)]
#[case::an_unknown_coding(
    "host: a\r\ntransfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n0\r\n",
    "501"
)]
#[case::as_it_should_be("host: a\r\nauthorization: Bearer KEY\r\nconnection: close\r\n", "200")]
#[tokio::test]
async fn what_no_request_may_be_is_refused(#[case] headers: &str, #[case] status: &str) {
    let mock = Mock::builder().start().await.expect("it starts");
    let account = mock.create_account(&AccountFixture::default());
    let headers = headers.replace("KEY", account.key.expose_secret());
    let received = raw(mock.origin(), &format!("GET /api/v2/projects HTTP/1.1\r\n{headers}\r\n")).await;
    assert!(received.starts_with(&format!("HTTP/1.1 {status} ")), "{received}");
    assert!(status == "200" || received.contains("\"request_id\":"), "{received}");
}

#[rstest]
#[case::a_long_target(&"x".repeat(9_000), "", "200")]
#[case::too_long_a_target(&"x".repeat(20_000), "", "414")]
#[case::many_headers("", &"a: b\r\n".repeat(90), "200")]
#[case::too_many_headers("", &"a: b\r\n".repeat(200), "431")]
#[case::too_long_a_header("", &format!("a: {}\r\n", "b".repeat(70_000)), "431")]
#[tokio::test]
async fn what_is_too_long_is_refused_with_the_general_error(
    #[case] query: &str,
    #[case] headers: &str,
    #[case] status: &str,
) {
    let mock = Mock::builder().start().await.expect("it starts");
    let account = mock.create_account(&AccountFixture::default());
    let head = format!(
        "GET /api/v2/projects?x={query} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\nconnection: close\r\n",
        account.key.expose_secret()
    );
    let received = raw(mock.origin(), &format!("{head}{headers}\r\n")).await;
    assert!(received.starts_with(&format!("HTTP/1.1 {status} ")), "{received}");
    assert!(status == "200" || received.contains("\"request_id\":"), "{received}");
}

#[rstest]
#[case::a_header_without_a_colon("GET /api/v2/projects HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n", "400")]
#[case::no_target("GET HTTP/1.1\r\nhost: a\r\n\r\n", "400")]
#[case::no_request("what?\r\n\r\n", "400")]
#[case::of_no_version("GET /api/v2/projects HTTP/9.9\r\nhost: a\r\n\r\n", "400")]
#[case::far_too_many_headers(&format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "a: b\r\n".repeat(300)), "431")]
#[case::far_too_long_a_target(&format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(100_000)), "414")]
#[case::after_another(
    "GET /api/v2/nothing HTTP/1.1\r\nhost: a\r\n\r\nGET /api/v2/projects HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n",
    "400"
)]
#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_general_error(#[case] sent: &str, #[case] status: &str) {
    let mock = Mock::builder().start().await.expect("it starts");
    let received = raw(mock.origin(), sent).await;
    let last = received.rfind("HTTP/1.1 ").map(|start| &received[start..]).expect("it answers");
    assert!(last.starts_with(&format!("HTTP/1.1 {status} ")), "{received}");
    let (head, body) = last.split_once("\r\n\r\n").expect("it has an end");
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {received}")).to_owned()
    };
    assert_eq!(header("content-length"), body.len().to_string());
    assert_eq!(header("content-type"), "application/json; charset=utf-8");
    assert_eq!(header("connection"), "close");
    let error: Value = serde_json::from_str(body).expect("it is JSON");
    assert_eq!(error["request_id"], header("x-neon-ret-request-id"));
    assert!(error["code"].is_string() && error["message"].as_str().is_some_and(|text| !text.is_empty()));
}

#[rstest]
#[case::texts(json!({"a": "1"}), 201)]
#[case::a_number(json!({"a": "1", "b": 1}), 400)]
#[case::nothing(json!({"a": null}), 400)]
#[case::within(json!({"a": {"b": "c"}}), 400)]
#[case::no_members(json!("a"), 400)]
#[tokio::test]
async fn an_annotation_holds_texts(#[case] annotation: Value, #[case] status: u16) {
    let controlled = Controlled::start(Mock::builder()).await;
    let projects = controlled.get("/api/v2/projects").await;
    let project = projects["projects"][0]["id"].as_str().expect("it has an id");
    let path = format!("/api/v2/projects/{project}/branches");
    let (actual, body) = controlled.send(Method::POST, &path, json!({"annotation_value": annotation})).await;
    assert_eq!(actual.as_u16(), status, "{body}");
    assert!(
        status == 201 || body["message"].as_str().is_some_and(|text| text.contains("annotation_value")),
        "{body}"
    );
}
