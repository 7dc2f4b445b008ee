//! A target of one's own: here a function, and no server at all.
//!
//! `cargo run --example custom_target`

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use neon_contract::exchange::{Request, Response};
use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::runner::{Harness, Options, SnapshotMode, run};
use neon_contract::snapshot::Store;
use neon_contract::spec::{Home, Suite};
use neon_contract::target::{Refusal, Session, Target, Unreachable};

/// A Neon that lets nobody in.
struct Closed;

impl Target for Closed {
    fn describe(&self) -> String {
        "a Neon that lets nobody in".to_owned()
    }

    fn origin(&self) -> String {
        "http://closed.invalid".to_owned()
    }

    fn holds_snapshots(&self) -> bool {
        false
    }

    fn default_jobs(&self) -> usize {
        4
    }

    fn open(&self, _: &Trial) -> Result<Session, Refusal> {
        Ok(Session {
            key: "napi_of_nobody".to_owned().into(),
            other_user: None,
            revoked: None,
            exclusive: true,
        })
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn send<'a>(&'a self, _: &'a Request) -> BoxFuture<'a, Result<Response, Unreachable>> {
        let id = "8f0b2c1e-0000-4000-8000-000000000000";
        let headers = [("content-type", "application/json"), ("x-request-id", id)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let body = format!(r#"{{"code":"","message":"authentication failed","request_id":"{id}"}}"#);
        async move { Ok(Response::new(401, headers, body.into_bytes())) }.boxed()
    }
}

#[expect(clippy::print_stdout, reason = "it is a program")]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let suite = Arc::new(Suite::load_with(&Home::BuiltIn, None, None)?);
    let filters = vec!["authentication/bearer_key_opens_every_read".to_owned()];
    let trials: Arc<[Trial]> = plan(&suite, &Selection { filters, ..Selection::default() }).into();
    assert!(!trials.is_empty(), "the case is gone");
    let store = Store::new(None, true);
    let harness = Arc::new(Harness::new(suite, Arc::new(Closed), store, SnapshotMode::Ignore));
    let options = Options { jobs: 1, fail_fast: false, budget: None, is_everything: false };
    let report = run(&harness, &trials, options, |_| {}).await;
    for finding in report.trials.iter().flat_map(|trial| &trial.findings) {
        println!("{}: {} instead of {}", finding.check, finding.actual, finding.expected);
    }
    // Whoever has a good key must be let in; what needs a project is untested, since none can be made.
    assert!(report.counts().failed > 0);
    assert_eq!(report.counts().passed, 0);
    Ok(())
}
