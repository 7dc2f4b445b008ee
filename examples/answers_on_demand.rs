//! A test of a program that must survive what a service and its network do at times.
//!
//! `cargo run --example answers_on_demand`

use std::time::Duration;

use neon_contract::mock::{AccountFixture, AnswerRule, Mock, Moment};
use reqwest::{Client, RequestBuilder, Response};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// The program under test: makes a project once, whatever becomes of its requests.
struct Program {
    client: Client,
    projects: String,
    key: String,
}

impl Program {
    async fn make_project(&self, name: &str) -> Result<(), Failure> {
        for _ in 0..5 {
            let body = json!({ "project": { "name": name } });
            let answer = self.send(self.client.post(&self.projects).json(&body)).await;
            match answer {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => tokio::time::sleep(wait(&answer)).await,
                // It may have been done: whoever does not look has two in the end.
                Err(_) if self.has_project(name).await? => return Ok(()),
                Err(_) => {}
            }
        }
        Err("the project cannot be made".into())
    }

    async fn has_project(&self, name: &str) -> Result<bool, Failure> {
        let listed: Value = self.send(self.client.get(&self.projects)).await?.json().await?;
        let projects = listed["projects"].as_array().ok_or("there is no list")?;
        Ok(projects.iter().any(|project| project["name"] == name))
    }

    async fn send(&self, request: RequestBuilder) -> reqwest::Result<Response> {
        request.bearer_auth(&self.key).send().await
    }
}

/// How long a refusal asks to wait.
fn wait(answer: &Response) -> Duration {
    let told = answer.headers().get("retry-after").and_then(|told| told.to_str().ok()?.parse().ok());
    told.map_or(Duration::from_millis(10), Duration::from_secs)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mock = Mock::builder().start().await?;
    let account = mock.create_account(&AccountFixture::default());
    let program = Program {
        client: Client::new(),
        projects: format!("{}/api/v2/projects", mock.origin()),
        key: account.key.expose_secret().to_owned(),
    };

    // Only for this account: other tests may share the mock.
    let on_create = || AnswerRule::on("createProject").user(account.user_id);
    mock.set_answers([
        on_create().nth(1).status(429).retry_after("1s").build()?,
        on_create().nth(2).status(502).html("<h1>Bad Gateway</h1>").build()?,
        on_create().nth(3).reset(Moment::After).build()?,
    ]);
    program.make_project("demo").await?;

    let answered: Vec<u32> = mock.answers().iter().map(|given| given.answered).collect();
    assert_eq!(answered, [1, 1, 1]);
    let listed: Value = program.send(program.client.get(&program.projects)).await?.json().await?;
    assert_eq!(listed["projects"].as_array().map(Vec::len), Some(1), "it is made once");

    mock.shutdown().await;
    Ok(())
}
