//! A test of a program that talks to Neon, against a Neon of its own.
//!
//! `cargo run --example mock_in_a_test`

use neon_contract::mock::{AccountFixture, Mock};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// The program under test: makes a project, and returns where its database is.
async fn database_of_a_new_project(origin: &str, key: &str) -> Result<String, Failure> {
    let client = reqwest::Client::new();
    let request = client.post(format!("{origin}/api/v2/projects")).bearer_auth(key);
    let answer = request.json(&json!({ "project": { "name": "demo" } })).send().await?.error_for_status()?;
    let project: Value = answer.json().await?;
    let uri = project["connection_uris"][0]["connection_uri"].as_str();
    Ok(uri.ok_or("there is no connection URI")?.to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // It listens on a port that the system chooses, and ends when it is dropped.
    let mock = Mock::builder().start().await?;
    // An account for each test: no test sees what another one makes.
    let account = mock.create_account(&AccountFixture::default());
    let key = account.key.expose_secret();

    let uri = database_of_a_new_project(mock.origin(), key).await?;
    assert!(uri.starts_with("postgresql://"), "{uri}");

    let refused = database_of_a_new_project(mock.origin(), "napi_not_a_key").await;
    assert!(refused.is_err_and(|failure| failure.to_string().contains("401")));

    mock.shutdown().await;
    Ok(())
}
