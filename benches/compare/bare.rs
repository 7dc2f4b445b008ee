//! What the libraries do on their own, as a measure for what is built on them.
//!
//! `bare client URL COUNT SCHEMA`: so many requests of reqwest, each answer validated against a JSON Schema.
//! `bare server PORT FILE`: axum answering the bytes of a file to everything.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::http::header;
use futures::{StreamExt, stream};
use jsonschema::Validator;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How many requests are under way at once.
const AT_ONCE: usize = 16;

async fn ask(client: &reqwest::Client, url: &str, validator: &Validator) -> Result<bool, Failure> {
    let answer = client.get(url).bearer_auth("key").send().await?;
    let body = serde_json::from_slice(&answer.bytes().await?)?;
    Ok(validator.is_valid(&body))
}

#[expect(clippy::print_stdout, reason = "it is a program")]
async fn client(url: String, count: usize, schema: &str) -> Result<(), Failure> {
    let validator = Arc::new(
        jsonschema::validator_for(&serde_json::from_str(schema)?).map_err(|error| error.to_string())?,
    );
    let client = reqwest::Client::builder().no_proxy().build()?;
    let began = Instant::now();
    let mut answers = stream::iter(0..count)
        .map(|_| {
            let (client, url, validator) = (client.clone(), url.clone(), validator.clone());
            tokio::spawn(async move { ask(&client, &url, &validator).await })
        })
        .buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        if !answer?? {
            return Err("an answer is not as its schema says".into());
        }
    }
    println!("{count} requests in {:.3}s", began.elapsed().as_secs_f64());
    Ok(())
}

async fn server(port: u16, bytes: Vec<u8>) -> Result<(), Failure> {
    let bytes = axum::body::Bytes::from(bytes);
    let answer = move || async move { ([(header::CONTENT_TYPE, "application/json")], bytes) };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, Router::new().fallback(answer)).await?)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["client", url, count, schema] => {
            client(url.to_owned(), count.parse()?, &std::fs::read_to_string(schema)?).await
        }
        ["server", port, file] => server(port.parse()?, std::fs::read(file)?).await,
        _ => Err("bare client URL COUNT SCHEMA | bare server PORT FILE".into()),
    }
}
