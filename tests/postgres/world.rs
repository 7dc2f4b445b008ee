//! An account of a mock with Postgres, and what asks both.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use neon_contract::mock::{AccountFixture, Mock};
use neon_contract::postgres::PostgresOptions;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

static SHARED: Mutex<Option<Arc<Mock>>> = Mutex::const_new(None);

/// An account.
pub(crate) struct World {
    pub(crate) mock: Arc<Mock>,
    pub(crate) key: SecretString,
    pub(crate) http: reqwest::Client,
}

/// A project with one branch.
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) branch: String,
    pub(crate) endpoint: String,
    pub(crate) uri: String,
}

/// Whether there is a Postgres to test with.
pub(crate) fn is_installed() -> bool {
    let options = PostgresOptions { port: 0, ..PostgresOptions::default() };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let is_served = runtime.block_on(async {
        match Mock::builder().postgres(options).start().await {
            Ok(mock) => {
                mock.shutdown().await;
                true
            }
            Err(error) => {
                assert!(error.to_string().contains("there is no PostgreSQL"), "{error}");
                false
            }
        }
    });
    is_served && Command::new("psql").arg("--version").output().is_ok()
}

/// The programs and the port are the system's choice.
pub(crate) fn options() -> PostgresOptions {
    PostgresOptions { port: 0, ..PostgresOptions::default() }
}

/// Ends the mock that tests share.
pub(crate) async fn shut_down() {
    if let Some(mock) = SHARED.lock().await.take().and_then(Arc::into_inner) {
        mock.shutdown().await;
    }
}

impl World {
    /// On the mock that tests share.
    pub(crate) async fn shared() -> Self {
        let mut shared = SHARED.lock().await;
        let mock = match &*shared {
            Some(mock) => mock.clone(),
            None => shared.insert(start(options()).await).clone(),
        };
        Self::on(mock)
    }

    /// On a mock of its own.
    pub(crate) async fn own(options: PostgresOptions) -> Self {
        Self::on(start(options).await)
    }

    fn on(mock: Arc<Mock>) -> Self {
        let key = mock.create_account(&AccountFixture::default()).key;
        Self { mock, key, http: reqwest::Client::builder().no_proxy().build().expect("it can be made") }
    }

    pub(crate) async fn end(self) {
        Arc::into_inner(self.mock).expect("nobody else has it").shutdown().await;
    }

    /// Where all endpoints are.
    pub(crate) fn address(&self) -> SocketAddr {
        self.mock.postgres().expect("it has one").address
    }

    /// The file to verify it with.
    pub(crate) fn authority(&self) -> PathBuf {
        self.mock.postgres().expect("it has one").authority.to_owned()
    }

    /// Asks the API; the status, and the body.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/api/v2{path}", self.mock.origin());
        let request = self.http.request(method, url).bearer_auth(self.key.expose_secret());
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.expect("the mock answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("it has a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Asks the API for what it must do.
    pub(crate) async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.done(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.done(Method::POST, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) {
        self.done(Method::DELETE, path, Value::Null).await;
    }

    /// A new project.
    pub(crate) async fn project(&self) -> Project {
        let made = self.post("/projects", json!({ "project": {} })).await;
        Project {
            id: text(&made["project"]["id"]),
            branch: text(&made["branch"]["id"]),
            endpoint: text(&made["endpoints"][0]["id"]),
            uri: text(&made["connection_uris"][0]["connection_uri"]),
        }
    }

    /// A branch with an endpoint, of a parent; its id, and its URI.
    pub(crate) async fn branch(&self, project: &str, parent: &str) -> (String, String) {
        let body = json!({ "branch": { "parent_id": parent }, "endpoints": [{ "type": "read_write" }] });
        let made = self.post(&format!("/projects/{project}/branches"), body).await;
        (text(&made["branch"]["id"]), text(&made["connection_uris"][0]["connection_uri"]))
    }

    /// The URI of a role and database on a branch.
    pub(crate) async fn uri(&self, project: &str, branch: &str, role: &str, database: &str) -> String {
        let path = format!(
            "/projects/{project}/connection_uri?branch_id={branch}&role_name={role}&database_name={database}"
        );
        text(&self.get(&path).await["uri"])
    }
}

impl Project {
    /// A path below the project.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/projects/{}{rest}", self.id)
    }

    /// A path below its branch.
    pub(crate) fn of_branch(&self, rest: &str) -> String {
        format!("/projects/{}/branches/{}{rest}", self.id, self.branch)
    }
}

async fn start(options: PostgresOptions) -> Arc<Mock> {
    Arc::new(Mock::builder().postgres(options).admin(true).start().await.expect("it starts"))
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A session, or the message and code that it is refused with.
pub(crate) async fn session(uri: &str) -> Result<Client, String> {
    // TLS is psql's part.
    let uri = uri.replace("sslmode=require", "sslmode=disable");
    let connecting = tokio_postgres::connect(&uri, NoTls);
    let connected = tokio::time::timeout(Duration::from_secs(60), connecting).await.expect("it is answered");
    let (client, connection) = connected.map_err(|error| said(&error))?;
    tokio::spawn(connection);
    Ok(client)
}

/// The first column of what a query gives.
pub(crate) async fn ask(client: &Client, statement: &str) -> Result<Vec<String>, String> {
    let messages = client.simple_query(statement).await.map_err(|error| said(&error))?;
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("null").to_owned()),
        _ => None,
    });
    Ok(rows.collect())
}

/// What a query gives in a session of its own.
pub(crate) async fn query(uri: &str, statement: &str) -> Result<Vec<String>, String> {
    ask(&session(uri).await?, statement).await
}

/// What a query gives that must give something.
pub(crate) async fn rows(uri: &str, statement: &str) -> Vec<String> {
    query(uri, statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"))
}

/// Whether a session has ended.
pub(crate) async fn is_over(client: &Client) -> bool {
    for _ in 0..100 {
        if client.is_closed() || ask(client, "SELECT 1").await.is_err() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

fn said(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} {}", error.code().code(), error.message()),
        None => error.to_string(),
    }
}

/// What psql makes of it.
pub(crate) fn psql(uri: &str, statement: &str, variables: &[(&str, &str)]) -> Output {
    Command::new("psql")
        .args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", statement, uri])
        .envs(variables.iter().copied())
        .output()
        .expect("psql is installed")
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it listens").port()
}
