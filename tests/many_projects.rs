//! An account of very many projects answers as fast as one of few.

use std::time::{Duration, Instant};

use neon_contract::mock::{Account, AccountFixture, Mock};
use reqwest::Client;
use secrecy::ExposeSecret;
use serde_json::Value;

async fn page(client: &Client, mock: &Mock, account: &Account, query: &str) -> (Value, Duration) {
    let url = format!("{}/api/v2/projects?limit=100{query}", mock.origin());
    let request = client.get(url).bearer_auth(account.key.expose_secret());
    let started = Instant::now();
    let answer = request.send().await.expect("the mock answers").text().await.expect("it is text");
    let elapsed = started.elapsed();
    (serde_json::from_str(&answer).expect("it is JSON"), elapsed)
}

/// The shortest of many times, which other work on the machine disturbs least.
async fn shortest(client: &Client, mock: &Mock, account: &Account, query: &str) -> Duration {
    let mut shortest = Duration::MAX;
    for _ in 0..40 {
        shortest = shortest.min(page(client, mock, account, query).await.1);
    }
    shortest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_costs_the_same_among_a_hundred_thousand_projects() {
    let mock = Mock::builder().start().await.expect("it starts");
    let client = Client::new();
    let account =
        |more_projects| mock.create_account(&AccountFixture { more_projects, ..AccountFixture::default() });
    let (few, many) = (account(100), account(100_000));

    let (first, _) = page(&client, &mock, &many, "").await;
    let cursor = first["pagination"]["cursor"].as_str().expect("there is another page");
    let of_few = shortest(&client, &mock, &few, "").await;
    for query in [String::new(), format!("&cursor={cursor}")] {
        let (answer, _) = page(&client, &mock, &many, &query).await;
        assert_eq!(answer["projects"].as_array().map(Vec::len), Some(100));
        let of_many = shortest(&client, &mock, &many, &query).await;
        assert!(of_many < of_few * 2, "{of_many:?} among 100,000, {of_few:?} among 100 ({query})");
    }
    // The dearest search is the one that looks at every name and finds nothing.
    let in_vain = shortest(&client, &mock, &many, "&search=no-such-name").await;
    assert!(in_vain < of_few * 2, "{in_vain:?} for a search among 100,000, {of_few:?} for a page among 100");
}
