//! What ends sessions and servers, and what starts them again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Project, World, ask, is_over, query, rows, session, text};

async fn state(world: &World, project: &Project) -> String {
    let endpoint = world.get(&project.path(&format!("/endpoints/{}", project.endpoint))).await;
    text(&endpoint["endpoint"]["current_state"])
}

pub(crate) async fn a_suspended_endpoint_wakes(world: World) {
    let project = world.project().await;
    let client = session(&project.uri).await.expect("it opens");
    ask(&client, "CREATE TABLE notes AS SELECT 'kept' AS note").await.expect("it may");
    assert_eq!(state(&world, &project).await, "active");
    let began = rows(&project.uri, "SELECT pg_postmaster_start_time()").await;
    let path = |action: &str| project.path(&format!("/endpoints/{}/{action}", project.endpoint));
    world.post(&path("suspend"), Value::Null).await;
    assert!(is_over(&client).await, "the session goes on");
    assert_eq!(state(&world, &project).await, "idle");
    assert_eq!(rows(&project.uri, "SELECT note FROM notes").await, ["kept"]);
    assert_eq!(state(&world, &project).await, "active");
    let since = rows(&project.uri, "SELECT pg_postmaster_start_time()").await;
    assert_ne!(since, began, "it was not stopped");
    world.post(&path("restart"), Value::Null).await;
    assert_ne!(rows(&project.uri, "SELECT pg_postmaster_start_time()").await, since, "it was not restarted");
    world.post(&path("suspend"), Value::Null).await;
    world.get(&project.path("")).await;
    world.post(&path("start"), Value::Null).await;
    assert_eq!(state(&world, &project).await, "active");
}

pub(crate) async fn a_disabled_endpoint_opens_nothing(world: World) {
    let project = world.project().await;
    let client = session(&project.uri).await.expect("it opens");
    let path = project.path(&format!("/endpoints/{}", project.endpoint));
    let disabled = |is_disabled: bool| json!({ "endpoint": { "disabled": is_disabled } });
    world.done(Method::PATCH, &path, disabled(true)).await;
    assert!(is_over(&client).await, "the session goes on");
    let error = query(&project.uri, "SELECT 1").await.expect_err("it is disabled");
    assert!(error.contains("is disabled"), "{error}");
    world.done(Method::PATCH, &path, disabled(false)).await;
    assert_eq!(rows(&project.uri, "SELECT 1").await, ["1"]);
}

pub(crate) async fn a_deleted_branch_ends_its_sessions(world: World) {
    let project = world.project().await;
    rows(&project.uri, "SELECT 1").await;
    let (child, uri) = world.branch(&project.id, &project.branch).await;
    let client = session(&uri).await.expect("it opens");
    world.delete(&format!("/projects/{}/branches/{child}", project.id)).await;
    assert!(is_over(&client).await, "the session goes on");
    let error = query(&uri, "SELECT 1").await.expect_err("it is deleted");
    assert!(error.contains("could not be found"), "{error}");
    assert_eq!(rows(&project.uri, "SELECT 1").await, ["1"]);
}

pub(crate) async fn a_deleted_project_ends_its_sessions(world: World) {
    let project = world.project().await;
    let client = session(&project.uri).await.expect("it opens");
    world.delete(&project.path("")).await;
    assert!(is_over(&client).await, "the session goes on");
    query(&project.uri, "SELECT 1").await.expect_err("it is deleted");
    world.post(&project.path("/recover"), Value::Null).await;
    assert_eq!(rows(&project.uri, "SELECT 1").await, ["1"]);
}

pub(crate) async fn a_server_that_dies_is_started_again(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'kept' AS note").await;
    let file = rows(&project.uri, "SELECT pg_backend_pid()").await;
    drop(file);
    let client = session(&project.uri).await.expect("it opens");
    let backend = ask(&client, "SELECT pg_backend_pid()").await.expect("it answers").remove(0);
    let stat = std::fs::read_to_string(format!("/proc/{backend}/stat"));
    // Where there is no /proc, there is another way to find the server; it is not worth a test.
    let Ok(stat) = stat else { return };
    let server =
        stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)).expect("it has a parent");
    let killed =
        std::process::Command::new("kill").args(["-9", server]).status().expect("there is such a program");
    assert!(killed.success());
    assert!(is_over(&client).await, "the session goes on");
    assert_eq!(rows(&project.uri, "SELECT note FROM notes").await, ["kept"]);
}

pub(crate) async fn an_idle_endpoint_goes_down(world: World) {
    let project = world.project().await;
    let path = project.path(&format!("/endpoints/{}", project.endpoint));
    world.done(Method::PATCH, &path, json!({ "endpoint": { "suspend_timeout_seconds": 1 } })).await;
    let client = session(&project.uri).await.expect("it opens");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(ask(&client, "SELECT 1").await.expect("it is in use"), ["1"]);
    assert_eq!(state(&world, &project).await, "active");
    drop(client);
    for _ in 0..100 {
        if state(&world, &project).await == "idle" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it does not go down");
}
