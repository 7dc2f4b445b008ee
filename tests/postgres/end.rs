//! Mocks that are reset, end, or cannot start.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use neon_contract::mock::{AccountFixture, Mock};
use neon_contract::postgres::{Hosts, PostgresOptions};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::world::{World, ask, free_port, is_over, options, psql, query, rows, session, text};

pub(crate) async fn a_reset_leaves_no_data() {
    let world = World::own(options()).await;
    let fixture = AccountFixture::default();
    let world = World { key: world.mock.first_account(&fixture).key, ..world };
    let project = world.project().await;
    let client = session(&project.uri).await.expect("it opens");
    ask(&client, "CREATE TABLE notes AS SELECT 1").await.expect("it may");
    world.mock.reset();
    assert!(is_over(&client).await, "the session goes on");
    let again = world.project().await;
    assert_eq!(again.uri, project.uri, "the same ids are given again");
    let error = query(&again.uri, "SELECT * FROM notes").await.expect_err("the table is gone");
    assert!(error.starts_with("42P01"), "{error}");
    world.end().await;
}

pub(crate) async fn more_branches_than_computes_take_turns() {
    let world = World::own(PostgresOptions { computes: 1, ..options() }).await;
    let (first, second) = (world.project().await, world.project().await);
    rows(&first.uri, "CREATE TABLE notes AS SELECT 'of the first' AS note").await;
    rows(&second.uri, "CREATE TABLE notes AS SELECT 'of the second' AS note").await;
    let client = session(&first.uri).await.expect("the other one is idle");
    assert_eq!(ask(&client, "SELECT note FROM notes").await.expect("it is there"), ["of the first"]);
    let error = query(&second.uri, "SELECT 1").await.expect_err("the only one is in use");
    assert!(error.starts_with("53300") && error.contains("--postgres-computes"), "{error}");
    drop(client);
    assert_eq!(rows(&second.uri, "SELECT note FROM notes").await, ["of the second"]);
    world.end().await;
}

pub(crate) async fn data_can_be_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let options = || PostgresOptions { data: Some(folder.path().join("data")), ..options() };
    let start = || async {
        let builder = Mock::builder().postgres(options()).persist(folder.path().join("state"));
        let mock = builder.start().await.expect("it starts");
        let key = mock.first_account(&AccountFixture::default()).key;
        (mock, key)
    };
    let (mock, key) = start().await;
    let api = |mock: &Mock, path: &str| format!("{}/api/v2{path}", mock.origin());
    let http = reqwest::Client::builder().no_proxy().build().expect("it can be made");
    let request = http.post(api(&mock, "/projects")).bearer_auth(key.expose_secret());
    let made = request.json(&json!({ "project": {} })).send().await.expect("the mock answers");
    let made: Value = made.json().await.expect("it is JSON");
    rows(&text(&made["connection_uris"][0]["connection_uri"]), "CREATE TABLE notes AS SELECT 'kept' AS note")
        .await;
    mock.shutdown().await;
    let (mock, key) = start().await;
    let path = format!(
        "/projects/{}/connection_uri?role_name=neondb_owner&database_name=neondb",
        text(&made["project"]["id"])
    );
    let answer =
        http.get(api(&mock, &path)).bearer_auth(key.expose_secret()).send().await.expect("it answers");
    let answer: Value = answer.json().await.expect("it is JSON");
    assert_eq!(rows(&text(&answer["uri"]), "SELECT note FROM notes").await, ["kept"]);
    mock.shutdown().await;
}

pub(crate) async fn a_copy_that_fails_leaves_all_as_it_was() {
    let folder = temporary();
    let world = World::own(PostgresOptions { data: Some(folder.path().join("data")), ..options() }).await;
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'kept' AS note").await;
    world.post(&project.path(&format!("/endpoints/{}/suspend", project.endpoint)), Value::Null).await;
    let branches = folder.path().join("data/data/branches");
    let data = std::fs::read_dir(&branches)
        .expect("it is there")
        .next()
        .expect("one is there")
        .expect("it can be read");
    // Data that lie elsewhere are not copied.
    let link = data.path().join("pg_tblspc/1");
    std::os::unix::fs::symlink("/nonexistent", &link).expect("it can be made");
    let before = world.get(&project.path("/branches")).await;
    let body = json!({ "branch": { "name": "copy" } });
    let (status, answer) = world.ask(reqwest::Method::POST, &project.path("/branches"), body.clone()).await;
    assert_eq!((status, text(&answer["message"]).contains("cannot be copied")), (500, true), "{answer}");
    assert_eq!(world.get(&project.path("/branches")).await["branches"], before["branches"]);
    assert_eq!(std::fs::read_dir(&branches).expect("it is there").count(), 1, "half a copy is left");
    std::fs::remove_file(link).expect("it is there");
    world.post(&project.path("/branches"), body).await;
    assert_eq!(rows(&project.uri, "SELECT note FROM notes").await, ["kept"]);
    world.end().await;
}

pub(crate) async fn an_address_or_a_name_leads_to_an_endpoint() {
    let domain: Hosts = "{endpoint}.localhost".parse().expect("it is a domain");
    let world = World::own(PostgresOptions { hosts: domain, ..options() }).await;
    let project = world.project().await;
    let host = format!("{}.localhost:{}", project.endpoint, world.address().port());
    assert!(project.uri.contains(&format!("@{host}/")), "{}", project.uri);
    let endpoint = world.get(&project.path(&format!("/endpoints/{}", project.endpoint))).await;
    assert_eq!(endpoint["endpoint"]["host"], format!("{}.localhost", project.endpoint));
    // Not every system knows where such names lead.
    let uri = format!("{}&hostaddr=127.0.0.1", project.uri.replace("require", "verify-full"));
    let authority = world.authority().display().to_string();
    let output = psql(&uri, "SELECT current_database()", &[("PGSSLROOTCERT", &authority)]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "neondb\n", "{output:?}");
    world.end().await;
    if !cfg!(target_os = "linux") {
        return;
    }
    let world = World::own(PostgresOptions { hosts: Hosts::Loopback, ..options() }).await;
    let (first, second) = (world.project().await, world.project().await);
    rows(&first.uri, "CREATE TABLE notes AS SELECT 'of the first' AS note").await;
    assert_eq!(rows(&first.uri, "SELECT note FROM notes").await, ["of the first"]);
    let error = query(&second.uri, "SELECT note FROM notes").await.expect_err("it has none");
    assert!(error.starts_with("42P01"), "{error}");
    let shown = world.get(&first.path(&format!("/endpoints/{}", first.endpoint))).await;
    let host = text(&shown["endpoint"]["host"]);
    assert!(host.starts_with("127.") && first.uri.contains(&format!("@{host}:")), "{host} {}", first.uri);
    world.end().await;
}

/// A mock as a program of its own.
struct Running {
    child: Child,
    url: String,
    key: String,
}

impl Running {
    fn start(temporary: &Path) -> Self {
        let mut child = command(temporary)
            .args(["--postgres-port", "0"])
            .stderr(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut value = |name: &str| {
            let line = lines.next().expect("the mock prints how to reach it").expect("it prints UTF-8");
            line.strip_prefix(&format!("export {name}=")).expect("it prints the variable").to_owned()
        };
        let (url, key) = (value("NEON_API_URL"), value("NEON_API_KEY"));
        Self { child, url, key }
    }

    /// The URI of a new project, which was used.
    async fn used(&self) -> String {
        let http = reqwest::Client::builder().no_proxy().build().expect("it can be made");
        let request = http.post(format!("{}/api/v2/projects", self.url)).bearer_auth(&self.key);
        let made = request.json(&json!({ "project": {} })).send().await.expect("the mock answers");
        let made: Value = made.json().await.expect("it is JSON");
        let uri = text(&made["connection_uris"][0]["connection_uri"]);
        rows(&uri, "SELECT 1").await;
        uri
    }

    fn end(mut self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("there is such a program");
        assert!(sent.success());
        self.child.wait().expect("it ends");
    }
}

fn command(temporary: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    command.args(["mock", "--port", "0", "--postgres"]).env("TMPDIR", temporary);
    command
}

/// A folder that the user of Postgres can enter, as `/tmp` is.
fn temporary() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), permissions).expect("it is ours");
    folder
}

/// The folders of mocks, and the servers that have their data there.
fn left(temporary: &Path) -> (usize, usize) {
    let folders = std::fs::read_dir(temporary).expect("it is there").count();
    let processes = Command::new("ps").args(["-eo", "args"]).output().expect("there is such a program");
    let place = temporary.display().to_string();
    let servers = String::from_utf8_lossy(&processes.stdout)
        .lines()
        .filter(|line| line.contains(&place) && line.contains("-D"))
        .count();
    (folders, servers)
}

pub(crate) async fn nothing_is_left_at_the_end() {
    for signal in ["-INT", "-TERM"] {
        let folder = temporary();
        let mock = Running::start(folder.path());
        mock.used().await;
        assert_eq!(left(folder.path()), (1, 1));
        mock.end(signal);
        assert_eq!(left(folder.path()), (0, 0), "{signal}");
    }
}

pub(crate) async fn what_a_killed_mock_leaves_is_removed() {
    let folder = temporary();
    let killed = Running::start(folder.path());
    killed.used().await;
    let other = Running::start(folder.path());
    let uri = other.used().await;
    killed.end("-KILL");
    assert_eq!(left(folder.path()), (2, 2));
    let next = Running::start(folder.path());
    assert_eq!(left(folder.path()), (2, 1), "what was left is not removed, or more is");
    assert_eq!(rows(&uri, "SELECT 1").await, ["1"], "a mock that runs was disturbed");
    next.end("-TERM");
    other.end("-TERM");
    assert_eq!(left(folder.path()), (0, 0));
}

/// What a mock says that cannot begin; it ends with 2.
fn refused(mut command: Command) -> String {
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the command starts");
    let mut said = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut said).expect("it prints UTF-8");
    assert_eq!(child.wait().expect("it ends").code(), Some(2), "{said}");
    said
}

pub(crate) fn a_port_that_is_taken_is_told() {
    let folder = temporary();
    let port = free_port();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).expect("it is free");
    let mut asked = command(folder.path());
    asked.args(["--postgres-port", &port.to_string()]);
    let said = refused(asked);
    assert!(said.contains("is the port taken?") && said.contains("--postgres-port"), "{said}");
    assert_eq!(left(folder.path()), (0, 0));
}

pub(crate) fn a_machine_without_postgres_is_told_what_to_install() {
    let folder = temporary();
    let mut asked = command(folder.path());
    asked.args(["--postgres-bin", &folder.path().display().to_string()]);
    let said = refused(asked);
    assert!(said.contains("has no `postgres`"), "{said}");
}
