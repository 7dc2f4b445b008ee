//! Roles and databases of the API are those of Postgres.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, ask, is_over, query, rows, session, text};

pub(crate) async fn a_role_and_a_database_of_the_api_can_be_used(world: World) {
    let project = world.project().await;
    rows(&project.uri, "SELECT 1").await;
    world.post(&project.of_branch("/roles"), json!({ "role": { "name": "reporter \"x\"" } })).await;
    let database = json!({ "database": { "name": "sales", "owner_name": "reporter \"x\"" } });
    world.post(&project.of_branch("/databases"), database).await;
    let uri = world.uri(&project.id, &project.branch, "reporter%20%22x%22", "sales").await;
    rows(&uri, "CREATE TABLE notes (note text)").await;
    assert_eq!(
        rows(&uri, "SELECT current_user || ' in ' || current_database()").await,
        ["reporter \"x\" in sales"]
    );
    let no_login = json!({ "role": { "name": "group_only", "no_login": true } });
    world.post(&project.of_branch("/roles"), no_login).await;
    let login = "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'group_only'";
    assert_eq!(rows(&project.uri, login).await, ["f"]);
}

pub(crate) async fn what_was_made_before_the_first_connection_is_there(world: World) {
    let project = world.project().await;
    world.post(&project.of_branch("/roles"), json!({ "role": { "name": "early" } })).await;
    let database = json!({ "database": { "name": "first", "owner_name": "early" } });
    world.post(&project.of_branch("/databases"), database).await;
    let uri = world.uri(&project.id, &project.branch, "early", "first").await;
    let owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()";
    assert_eq!(rows(&uri, owner).await, ["early"]);
    let powers = "SELECT rolcreatedb AND rolcreaterole AND pg_has_role('neon_superuser', 'member') \
                  FROM pg_roles WHERE rolname = current_user";
    assert_eq!(rows(&uri, powers).await, ["t"]);
}

pub(crate) async fn a_new_password_replaces_the_old_one_at_once(world: World) {
    let project = world.project().await;
    rows(&project.uri, "SELECT 1").await;
    let answer = world.post(&project.of_branch("/roles/neondb_owner/reset_password"), Value::Null).await;
    let error = query(&project.uri, "SELECT 1").await.expect_err("it is the old one");
    assert!(error.starts_with("28P01"), "{error}");
    let uri = world.uri(&project.id, &project.branch, "neondb_owner", "neondb").await;
    assert!(uri.contains(&text(&answer["role"]["password"])), "the answer has another password");
    assert_eq!(rows(&uri, "SELECT 1").await, ["1"]);
}

pub(crate) async fn a_deleted_role_opens_nothing(world: World) {
    let project = world.project().await;
    world.post(&project.of_branch("/roles"), json!({ "role": { "name": "guest" } })).await;
    let uri = world.uri(&project.id, &project.branch, "guest", "neondb").await;
    let client = session(&uri).await.expect("it opens");
    ask(&client, "CREATE TABLE of_the_guest AS SELECT 7 AS number").await.expect("it may");
    world.delete(&project.of_branch("/roles/guest")).await;
    assert!(is_over(&client).await, "the session goes on");
    let error = query(&uri, "SELECT 1").await.expect_err("there is no such role");
    assert!(error.starts_with("28P01"), "{error}");
    assert_eq!(rows(&project.uri, "SELECT count(*) FROM pg_roles WHERE rolname = 'guest'").await, ["0"]);
    assert_eq!(rows(&project.uri, "SELECT number FROM of_the_guest").await, ["7"], "its tables are gone");
}

pub(crate) async fn a_deleted_database_is_gone_with_its_sessions(world: World) {
    let project = world.project().await;
    let database = json!({ "database": { "name": "brief", "owner_name": "neondb_owner" } });
    world.post(&project.of_branch("/databases"), database).await;
    let uri = world.uri(&project.id, &project.branch, "neondb_owner", "brief").await;
    let client = session(&uri).await.expect("it opens");
    world.delete(&project.of_branch("/databases/brief")).await;
    assert!(is_over(&client).await, "the session goes on");
    let error = query(&uri, "SELECT 1").await.expect_err("it is gone");
    assert!(error.starts_with("3D000"), "{error}");
}

pub(crate) async fn a_renamed_database_keeps_its_rows(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'kept' AS note").await;
    let renamed = json!({ "database": { "name": "renamed" } });
    world.done(Method::PATCH, &project.of_branch("/databases/neondb"), renamed).await;
    let error = query(&project.uri, "SELECT 1").await.expect_err("it is called otherwise");
    assert!(error.starts_with("3D000"), "{error}");
    let uri = world.uri(&project.id, &project.branch, "neondb_owner", "renamed").await;
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["kept"]);
}

pub(crate) async fn roles_made_with_sql_stay(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE ROLE own LOGIN PASSWORD 'npg_own'").await;
    rows(&project.uri, "CREATE DATABASE owned").await;
    world.post(&project.of_branch("/roles"), json!({ "role": { "name": "other" } })).await;
    world.delete(&project.of_branch("/roles/other")).await;
    let (_, after) = project.uri.split_once('@').expect("it has a host");
    let uri = format!("postgresql://own:npg_own@{}", after.replacen("neondb", "owned", 1));
    assert_eq!(rows(&uri, "SELECT current_user").await, ["own"]);
}

pub(crate) async fn a_name_that_postgres_has_is_refused(world: World) {
    let project = world.project().await;
    for name in ["pg_mine", "cloud_admin", "neon_superuser"] {
        let body = json!({ "role": { "name": name } });
        let (status, answer) = world.ask(Method::POST, &project.of_branch("/roles"), body).await;
        assert_eq!(status, 422, "{answer}");
    }
    let body = json!({ "database": { "name": "template1", "owner_name": "neondb_owner" } });
    let (status, answer) = world.ask(Method::POST, &project.of_branch("/databases"), body).await;
    assert_eq!((status, text(&answer["message"]).contains("the name is reserved")), (422, true), "{answer}");
    let (status, _) = world.ask(Method::POST, "/projects", json!({ "project": { "pg_version": 14 } })).await;
    let installed = world.mock.postgres().expect("it has one").major;
    assert_eq!(status, if installed == 14 { 201 } else { 422 });
    assert_eq!(world.get(&project.path("")).await["project"]["pg_version"], installed);
}
