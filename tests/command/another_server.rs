//! A server that does all that is required, and nothing else like the mock: other ids, keys, messages, codes, headers and members, another
//! layout of its JSON, and operations that take their time. Nothing may be found there.
//!
//! It keeps what it holds in a mock behind it; whatever the requirements leave open, it says otherwise.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use crate::project::{Project, RunningMock, ended};

/// The server in front of the mock that holds its state.
struct AnotherServer {
    behind: String,
    client: reqwest::Client,
    spelling: Spelling,
    served: AtomicU64,
}

/// How the server writes what identifies.
struct Spelling {
    /// `throbbing-forest-567082`, `br-orange-lab-ayv5je1c` as the mock writes them.
    id: Regex,
    /// `z6throbbing0forest0567082`, `z8br0orange0lab0ayv5je1c`, as this server does: no dash, and the length of the last part in front.
    other_id: Regex,
    key: Regex,
    other_key: Regex,
}

impl Spelling {
    fn new() -> Self {
        let regex = |pattern: &str| Regex::new(pattern).expect("it is an expression");
        Self {
            id: regex(r"\b(?:(?:br|ep|snap|org)-)?[a-z]+-[a-z]+-(?:[a-z0-9]{8}|[0-9]{6})\b"),
            other_id: regex(r"\bz[68][a-z]+0[a-z0-9]{9,}\b"),
            key: regex(r"\bnapi_[A-Za-z0-9]+"),
            other_key: regex(r"\bneon\.live\.[A-Za-z0-9]+"),
        }
    }

    /// As this server writes it.
    fn out(&self, text: &str) -> String {
        let text = self.id.replace_all(text, |found: &Captures<'_>| {
            let (words, last) = found[0].rsplit_once('-').expect("an id has dashes");
            format!("z{}{}0{last}", last.len(), words.replace('-', "0"))
        });
        self.key
            .replace_all(&text, |found: &Captures<'_>| format!("neon.live.{}", &found[0][5..]))
            .into_owned()
    }

    /// As the mock behind it does.
    fn back(&self, text: &str) -> String {
        let text = self.other_id.replace_all(text, |found: &Captures<'_>| {
            let length = usize::from(found[0].as_bytes()[1] - b'0');
            let (words, last) = found[0][2..].split_at(found[0].len() - 2 - length);
            format!("{}{last}", words.replace('0', "-"))
        });
        self.other_key
            .replace_all(&text, |found: &Captures<'_>| format!("napi_{}", &found[0][10..]))
            .into_owned()
    }
}

impl AnotherServer {
    /// Starts it on a port of its own; returns its URL.
    async fn start(behind: &str) -> String {
        let server = Arc::new(Self {
            behind: behind.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().expect("there is a client"),
            spelling: Spelling::new(),
            served: AtomicU64::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let app = Router::new().fallback(Self::answer).with_state(server);
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    async fn answer(State(server): State<Arc<Self>>, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let body = to_bytes(body, usize::MAX).await.expect("the request has an end");
        let mut headers = HeaderMap::new();
        for name in [header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("x-api-key")] {
            if let Some(Ok(value)) = parts.headers.get(&name).map(HeaderValue::to_str) {
                let value =
                    HeaderValue::from_str(&server.spelling.back(value)).expect("it is a header still");
                headers.insert(name, value);
            }
        }
        // What is not UTF-8 has no ids in it.
        let body = match std::str::from_utf8(&body) {
            Ok(text) => server.spelling.back(text).into_bytes(),
            Err(_) => body.to_vec(),
        };
        let url = format!("{}{}", server.behind, server.spelling.back(target));
        let answer = server.client.request(parts.method, url).headers(headers).body(body).send().await;
        let answer = answer.expect("the mock answers");
        server.speak(answer).await
    }

    /// The answer of the mock, as this server gives it.
    async fn speak(&self, answer: reqwest::Response) -> Response<Body> {
        let number = self.served.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("{number:032x}");
        let mut response = Response::builder()
            .status(answer.status())
            .header("x-neon-ret-request-id", &request_id)
            .header("server", "another")
            .header("strict-transport-security", "max-age=1")
            .header("vary", "origin");
        for name in [header::ALLOW, header::RETRY_AFTER] {
            if let Some(value) = answer.headers().get(&name) {
                response = response.header(name, value);
            }
        }
        let is_error = answer.status().is_client_error() || answer.status().is_server_error();
        let bytes = answer.bytes().await.expect("the mock answers in full");
        let Ok(mut body) = serde_json::from_slice::<Value>(&bytes) else {
            return response.body(Body::from(bytes)).expect("it is an answer");
        };
        if is_error {
            let mut error = json!({ "message": "That did not work.", "request_id": request_id, "code": "NOPE", "help": ["read the manual"] });
            // Where the contract names reasons, one is given.
            if let Some(reason) = body.get("reason") {
                error["reason"] = reason.clone();
            }
            body = error;
        } else {
            body = rearranged(body);
        }
        let text = self.spelling.out(&serde_json::to_string_pretty(&body).expect("it is JSON"));
        response
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(text))
            .expect("it is an answer")
    }
}

/// The same value with its members the other way round, and one that nobody knows in every object that has an id.
fn rearranged(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(rearranged).collect(),
        Value::Object(members) => {
            let mut turned: Map<String, Value> = Map::new();
            if members.contains_key("id") {
                turned.insert("since_next_year".to_owned(), json!({ "flags": [1, null, "x"] }));
            }
            for (name, member) in members.into_iter().rev() {
                // The contract allows that they are missing.
                if !matches!(
                    name.as_str(),
                    "quota_reset_at"
                        | "synthetic_storage_size"
                        | "primary"
                        | "last_active"
                        | "billing_account"
                ) {
                    turned.insert(name, rearranged(member));
                }
            }
            Value::Object(turned)
        }
        simple => simple,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_right_in_another_way_is_right() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--fixture", "seed", "--operations", "250ms"]);
    let url = AnotherServer::start(&mock.url).await;
    let key = Spelling::new().out(&mock.key);
    assert_ne!(key, mock.key);
    let mut command = project.command();
    command
        .args(["run", "--url", &url, "--allow", "destroys", "--sample", "500", "--jobs", "16", "--quiet"])
        .env("NEON_API_KEY", key);
    let run = tokio::task::spawn_blocking(move || ended(&mut command)).await.expect("it ends");
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}
