//! A mock, its first account, and what is sent there.

use std::io;
use std::time::Duration;

use neon_contract::mock::{AccountFixture, AnswerRule, Mock, MockBuilder};
use reqwest::{Client, Method, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) struct World {
    pub(crate) mock: Mock,
    pub(crate) key: String,
    pub(crate) client: Client,
}

/// A rule, as it would be sent.
pub(crate) fn rule(json: Value) -> AnswerRule {
    serde_json::from_value(json).expect("it is a rule")
}

impl World {
    pub(crate) async fn start(builder: MockBuilder) -> Self {
        let mock = builder.admin(true).start().await.expect("the mock starts");
        let key = mock.first_account(&AccountFixture::default()).key.expose_secret().to_owned();
        Self { mock, key, client: Client::new() }
    }

    /// A mock that was sent these rules.
    pub(crate) async fn with(rules: Value) -> Self {
        let world = Self::start(Mock::builder()).await;
        let (status, told) = world.put(&rules).await;
        assert_eq!(status, 200, "{told}");
        world
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.mock.origin())
    }

    pub(crate) async fn put(&self, rules: &Value) -> (u16, Value) {
        let request = self.client.put(self.url("/_mock/answers")).body(rules.to_string());
        let answer = request.send().await.expect("control answers");
        (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
    }

    /// What is served under `/_mock`.
    pub(crate) async fn control(&self, method: Method, path: &str) -> Value {
        let answer = self.client.request(method, self.url(path)).send().await.expect("control answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let text = answer.text().await.expect("it is text");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> reqwest::Result<Response> {
        let request = self.client.request(method, self.url(path)).bearer_auth(&self.key);
        let request = if body.is_null() { request } else { request.body(body.to_string()) };
        request.send().await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, Value::Null).await.expect("the mock answers")
    }

    /// The statuses of so many reads.
    pub(crate) async fn statuses(&self, count: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..count {
            statuses.push(self.get("/api/v2/projects").await.status().as_u16());
        }
        statuses
    }

    pub(crate) async fn create(&self, name: &str) -> reqwest::Result<Response> {
        self.send(Method::POST, "/api/v2/projects", json!({ "project": { "name": name } })).await
    }

    /// How many projects there are, with no rule in the way.
    pub(crate) async fn projects(&self) -> usize {
        self.mock.set_answers([]);
        let listed: Value = self.get("/api/v2/projects").await.json().await.expect("it is JSON");
        listed["projects"].as_array().map_or(0, Vec::len)
    }

    /// What comes on a connection of its own, and how it ends.
    pub(crate) async fn raw(&self, method: &str, path: &str) -> (String, io::Result<()>) {
        let address = self.mock.origin().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-length: 0\r\n\r\n",
            self.key
        );
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut received = Vec::new();
        let read = stream.read_to_end(&mut received);
        let end = tokio::time::timeout(Duration::from_secs(5), read).await.expect("the connection ends");
        (String::from_utf8(received).expect("it is text"), end.map(|_| ()))
    }
}
