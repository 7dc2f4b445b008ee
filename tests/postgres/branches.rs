//! Branches, restores and snapshots are copies of real data.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, ask, is_over, query, rows, session, text};

pub(crate) async fn a_branch_holds_what_its_parent_held_and_goes_its_own_way(world: World) {
    let project = world.project().await;
    let parent = session(&project.uri).await.expect("it opens");
    ask(&parent, "CREATE TABLE notes AS SELECT 'before' AS note").await.expect("it may");
    let (_, uri) = world.branch(&project.id, &project.branch).await;
    ask(&parent, "INSERT INTO notes VALUES ('of the parent')").await.expect("its sessions go on");
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["before"]);
    rows(&uri, "DELETE FROM notes").await;
    let notes = ask(&parent, "SELECT note FROM notes ORDER BY note").await.expect("they are there");
    assert_eq!(notes, ["before", "of the parent"]);
}

pub(crate) async fn a_branch_of_one_that_is_down_holds_its_data(world: World) {
    let project = world.project().await;
    let (untouched, _) = world.branch(&project.id, &project.branch).await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'before' AS note").await;
    world.post(&project.path(&format!("/endpoints/{}/suspend", project.endpoint)), Value::Null).await;
    let (child, uri) = world.branch(&project.id, &project.branch).await;
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["before"]);
    let (_, uri) = world.branch(&project.id, &child).await;
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["before"]);
    let uri = world.uri(&project.id, &untouched, "neondb_owner", "neondb").await;
    let error = query(&uri, "SELECT note FROM notes").await.expect_err("there was no table then");
    assert!(error.starts_with("42P01"), "{error}");
}

pub(crate) async fn a_role_of_one_branch_is_unknown_in_another(world: World) {
    let project = world.project().await;
    rows(&project.uri, "SELECT 1").await;
    let (child, uri) = world.branch(&project.id, &project.branch).await;
    let roles = format!("/projects/{}/branches/{child}/roles", project.id);
    world.post(&roles, json!({ "role": { "name": "of_the_child" } })).await;
    let own = world.uri(&project.id, &child, "of_the_child", "neondb").await;
    assert_eq!(rows(&own, "SELECT current_user").await, ["of_the_child"]);
    let (_, at_child) = own.split_once('@').expect("it has a host");
    let (_, at_parent) = project.uri.split_once('@').expect("it has a host");
    let error = query(&own.replace(at_child, at_parent), "SELECT 1").await.expect_err("it is of the child");
    assert!(error.starts_with("28P01"), "{error}");
    assert_eq!(rows(&uri, "SELECT 1").await, ["1"], "a role of the parent is one of the child");
}

pub(crate) async fn a_restored_branch_has_the_rows_of_its_source(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'of the parent' AS note").await;
    let (child, uri) = world.branch(&project.id, &project.branch).await;
    let client = session(&uri).await.expect("it opens");
    ask(&client, "UPDATE notes SET note = 'of the child'").await.expect("it may");
    let body = json!({ "source_branch_id": project.branch, "preserve_under_name": "kept" });
    world.post(&format!("/projects/{}/branches/{child}/restore", project.id), body).await;
    assert!(is_over(&client).await, "the session goes on");
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["of the parent"]);
    let branches = world.get(&project.path("/branches?search=kept")).await;
    let kept = text(&branches["branches"][0]["id"]);
    let body = json!({ "endpoint": { "branch_id": kept, "type": "read_write" } });
    world.post(&project.path("/endpoints"), body).await;
    let uri = world.uri(&project.id, &kept, "neondb_owner", "neondb").await;
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["of the child"]);
}

pub(crate) async fn a_snapshot_keeps_what_was_there(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'then' AS note").await;
    let made = world.post(&project.of_branch("/snapshot?name=then"), Value::Null).await;
    let snapshot = text(&made["snapshot"]["id"]);
    rows(&project.uri, "UPDATE notes SET note = 'now'").await;
    let path = project.path(&format!("/snapshots/{snapshot}/restore"));
    let restored = text(&world.post(&path, json!({})).await["branch"]["id"]);
    let body = json!({ "endpoint": { "branch_id": restored, "type": "read_write" } });
    world.post(&project.path("/endpoints"), body).await;
    let uri = world.uri(&project.id, &restored, "neondb_owner", "neondb").await;
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["then"]);
    assert_eq!(rows(&project.uri, "SELECT note FROM notes").await, ["now"]);
}

pub(crate) async fn a_snapshot_takes_the_place_of_its_branch(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'then' AS note").await;
    let made = world.post(&project.of_branch("/snapshot?name=then"), Value::Null).await;
    let snapshot = text(&made["snapshot"]["id"]);
    let client = session(&project.uri).await.expect("it opens");
    ask(&client, "UPDATE notes SET note = 'now'").await.expect("it may");
    let path = project.path(&format!("/snapshots/{snapshot}/restore"));
    world.post(&path, json!({ "finalize_restore": true })).await;
    assert!(is_over(&client).await, "the session goes on");
    assert_eq!(rows(&project.uri, "SELECT note FROM notes").await, ["then"], "the URI has stayed");
}

pub(crate) async fn the_schema_of_a_branch_is_shown_and_compared(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes (note text NOT NULL)").await;
    let (child, uri) = world.branch(&project.id, &project.branch).await;
    rows(&uri, "ALTER TABLE notes ADD COLUMN author text").await;
    let of_child = |rest: &str| format!("/projects/{}/branches/{child}/{rest}", project.id);
    let schema = text(&world.get(&of_child("schema?db_name=neondb")).await["sql"]);
    assert!(
        schema.contains("CREATE TABLE public.notes (\n    note text NOT NULL,\n    author text\n);"),
        "{schema}"
    );
    let difference = text(&world.get(&of_child("compare_schema?db_name=neondb")).await["diff"]);
    assert!(difference.starts_with("--- a/neondb\n+++ b/neondb\n@@"), "{difference}");
    let changed: Vec<&str> = difference.lines().skip(3).filter(|line| line.starts_with(['-', '+'])).collect();
    assert_eq!(changed, ["-    note text NOT NULL", "+    note text NOT NULL,", "+    author text"]);
    let same = format!("compare_schema?db_name=neondb&base_branch_id={child}");
    assert_eq!(world.get(&of_child(&same)).await["diff"], "");
    let (status, _) = world.ask(Method::GET, &of_child("schema?db_name=none"), Value::Null).await;
    assert_eq!(status, 404);
    let (status, _) = world.ask(Method::GET, &of_child("schema"), Value::Null).await;
    assert_eq!(status, 400);
}

pub(crate) async fn an_earlier_moment_is_refused_with_the_reason(world: World) {
    let project = world.project().await;
    let then = "2024-01-01T00:00:00Z";
    let requests = [
        (project.path("/branches"), json!({ "branch": { "parent_timestamp": then } })),
        (project.path("/branches"), json!({ "branch": { "parent_lsn": "0/1F5E128" } })),
        (project.path("/branches"), json!({ "branch": { "init_source": "schema-only" } })),
        (
            project.of_branch("/restore"),
            json!({ "source_branch_id": project.branch, "source_timestamp": then, "preserve_under_name": "x" }),
        ),
        (project.of_branch(&format!("/snapshot?timestamp={then}")), Value::Null),
    ];
    for (path, body) in requests {
        let (status, answer) = world.ask(Method::POST, &path, body).await;
        let is_told = text(&answer["message"]).contains("not possible with --postgres");
        assert_eq!((status, is_told), (422, true), "{path}: {answer}");
    }
}

pub(crate) async fn a_recovered_branch_has_its_rows(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'kept' AS note").await;
    let (child, uri) = world.branch(&project.id, &project.branch).await;
    rows(&uri, "UPDATE notes SET note = 'of the child'").await;
    let path = format!("/projects/{}/branches/{child}", project.id);
    world.delete(&path).await;
    query(&uri, "SELECT 1").await.expect_err("it is deleted");
    world.post(&format!("{path}/recover"), Value::Null).await;
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["of the child"]);
}

pub(crate) async fn what_only_reads_does_not_write(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'mine' AS note").await;
    let body = json!({ "endpoint": { "branch_id": project.branch, "type": "read_only" } });
    let made = world.post(&project.path("/endpoints"), body).await;
    let uri = project.uri.replace(&project.endpoint, &text(&made["endpoint"]["id"]));
    assert_eq!(rows(&uri, "SELECT note FROM notes").await, ["mine"]);
    let error = query(&uri, "DELETE FROM notes").await.expect_err("it only reads");
    assert!(error.starts_with("25006"), "{error}");
}
