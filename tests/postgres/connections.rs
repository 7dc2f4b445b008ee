//! Who is let in, and to what.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_postgres::NoTls;

use crate::world::{World, ask, psql, query, rows, session};

pub(crate) async fn the_uri_of_a_new_project_opens_its_database(world: World) {
    let project = world.project().await;
    assert!(project.uri.contains("sslmode=require"), "{}", project.uri);
    let statement = "SELECT current_user, current_database(), ssl IS NOT NULL FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let output = psql(&project.uri, statement, &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "neondb_owner|neondb|t\n", "{output:?}");
}

pub(crate) async fn the_certificate_can_be_verified(world: World) {
    let project = world.project().await;
    let uri = project.uri.replace("sslmode=require", "sslmode=verify-full");
    let authority = world.authority();
    let output = psql(&uri, "SELECT 1", &[("PGSSLROOTCERT", &authority.display().to_string())]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n", "{output:?}");
    let output = psql(&uri, "SELECT 1", &[("PGSSLROOTCERT", "/nonexistent")]);
    assert!(!output.status.success(), "a certificate of nobody's is accepted");
}

pub(crate) async fn the_pooled_uri_reaches_the_same_data(world: World) {
    let project = world.project().await;
    rows(&project.uri, "CREATE TABLE notes AS SELECT 'mine' AS note").await;
    let path = project.path("/connection_uri?role_name=neondb_owner&database_name=neondb&pooled=true");
    let answer = world.get(&path).await;
    let uri = answer["uri"].as_str().expect("it is a text");
    assert!(uri.contains("-pooler"), "{uri}");
    assert_eq!(rows(uri, "SELECT note FROM notes").await, ["mine"]);
}

pub(crate) async fn a_wrong_password_opens_nothing(world: World) {
    let project = world.project().await;
    let error = query(&project.uri.replace(":npg_", ":npg_x"), "SELECT 1").await.expect_err("it is wrong");
    assert_eq!(error, "28P01 password authentication failed for user \"neondb_owner\"");
    let (before, after) = project.uri.split_once(":npg_").expect("it has a password");
    let (_, after) = after.split_once('@').expect("it has a host");
    query(&format!("{before}@{after}"), "SELECT 1").await.expect_err("there is none");
}

pub(crate) async fn who_names_no_endpoint_is_refused(world: World) {
    let project = world.project().await;
    let (uri, _) = project.uri.split_once("&options=").expect("it names one");
    let error = query(uri, "SELECT 1").await.expect_err("it names none");
    assert!(error.contains("the endpoint is not specified"), "{error}");
    let error =
        query(&format!("{uri}&options=endpoint%3Dep-no-such-1"), "SELECT 1").await.expect_err("it is none");
    assert!(error.contains("could not be found"), "{error}");
}

pub(crate) async fn nobody_is_the_superuser(world: World) {
    let project = world.project().await;
    for user in ["cloud_admin", "neon_superuser", "postgres"] {
        let uri = project.uri.replace("//neondb_owner", &format!("//{user}"));
        let error = query(&uri, "SELECT 1").await.expect_err("nobody is that");
        assert!(error.starts_with("28P01"), "{error}");
    }
    let error =
        query(&project.uri, "SELECT pg_read_file('/etc/passwd')").await.expect_err("it is not allowed");
    assert!(error.starts_with("42501"), "{error}");
}

pub(crate) async fn nobody_gets_at_the_machine(world: World) {
    let project = world.project().await;
    for role in ["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files", "cloud_admin"]
    {
        let statement = format!("GRANT {role} TO neondb_owner");
        let error = query(&project.uri, &statement).await.expect_err("it is not allowed");
        assert!(error.starts_with("42501"), "{role}: {error}");
    }
    for statement in [
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ALTER ROLE neondb_owner SUPERUSER",
    ] {
        let error = query(&project.uri, statement).await.expect_err("it is not allowed");
        assert!(error.starts_with("42501"), "{statement}: {error}");
    }
}

pub(crate) async fn the_key_of_the_api_opens_no_database(world: World) {
    let project = world.project().await;
    let (before, after) = project.uri.split_once(":npg_").expect("it has a password");
    let (_, after) = after.split_once('@').expect("it has a host");
    let uri = format!("{before}:{}@{after}", world.key.expose_secret());
    let error = query(&uri, "SELECT 1").await.expect_err("it is no password");
    assert!(error.starts_with("28P01"), "{error}");
}

pub(crate) async fn a_query_can_be_cancelled(world: World) {
    let project = world.project().await;
    let client = session(&project.uri).await.expect("it opens");
    let token = client.cancel_token();
    let cancelling = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        token.cancel_query(NoTls).await.expect("it is taken");
    });
    let error = ask(&client, "SELECT pg_sleep(60)").await.expect_err("it is cancelled");
    assert!(error.starts_with("57014"), "{error}");
    cancelling.await.expect("nobody panics");
    assert_eq!(ask(&client, "SELECT 1").await.expect("the session goes on"), ["1"]);
}

pub(crate) async fn options_reach_the_server(world: World) {
    let project = world.project().await;
    let uri = project.uri.replace("options=", "options=-c%20work_mem%3D123MB%20");
    assert_eq!(rows(&uri, "SHOW work_mem").await, ["123MB"]);
}

pub(crate) async fn a_client_of_another_protocol_is_turned_away(world: World) {
    for said in [&b"SSH-2.0-x\r\n\r\n"[..], &[0, 0, 0, 8, 0, 2, 0, 0], &[0xff; 64]] {
        let mut stream = tokio::net::TcpStream::connect(world.address()).await.expect("it listens");
        stream.write_all(said).await.expect("it reads");
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer));
        // How it ends does not matter.
        let _ = read.await.expect("it is closed at once");
        assert_eq!(answer, b"");
    }
}
