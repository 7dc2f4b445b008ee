//! The rate limit and the latency.

use std::time::{Duration, Instant};

use neon_contract::mock::{Latency, Mock, RateLimit};
use reqwest::Method;

use crate::world::World;

#[tokio::test]
async fn who_waits_as_told_is_let_in() {
    let limit: RateLimit = "2/s".parse().expect("it is a limit");
    let world = World::start(Mock::builder().rate_limit(limit)).await;
    let mut refused = None;
    for _ in 0..50 {
        let answer = world.get("/api/v2/projects").await;
        if answer.status() == 429 {
            refused = Some(answer.headers()["retry-after"].to_str().expect("it is text").to_owned());
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("1"), "there are too many in a second");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.statuses(1).await, [200]);
}

#[tokio::test]
async fn answers_take_the_time_that_was_asked_for() {
    let latency: Latency = "80ms±30ms".parse().expect("it is a latency");
    let world = World::start(Mock::builder().latency(latency)).await;
    for _ in 0..3 {
        let began = Instant::now();
        assert_eq!(world.statuses(1).await, [200]);
        assert!(began.elapsed() >= Duration::from_millis(50), "{:?}", began.elapsed());
    }
    let began = Instant::now();
    world.control(Method::GET, "/_mock/answers").await;
    assert!(began.elapsed() < Duration::from_millis(50), "control does not wait: {:?}", began.elapsed());
}
