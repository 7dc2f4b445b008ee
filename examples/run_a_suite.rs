//! The built-in suite, run by a program of one's own.
//!
//! `cargo run --example run_a_suite`

use std::sync::Arc;

use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::result::OutcomeWord;
use neon_contract::runner::{Options, Setup, SnapshotMode, run};
use neon_contract::spec::Home;

#[expect(clippy::print_stdout, reason = "it is a program")]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The embedded mock. For a server, set `endpoint` to `Some(Endpoint { … })`.
    let setup = Setup { snapshot_mode: Some(SnapshotMode::Ignore), ..Setup::embedded(Home::BuiltIn) };
    let suite = setup.suite().await?;
    let selection = Selection { filters: vec!["api-keys/".to_owned()], ..Selection::default() };
    let trials: Arc<[Trial]> = plan(&suite, &selection).into();
    let harness = Arc::new(setup.harness(suite).await?);

    let options = Options { jobs: 4, fail_fast: false, budget: None, is_everything: false };
    let report = run(&harness, &trials, options, |_| {}).await;
    // Removes what is left of what the run has made.
    harness.finish().await;

    for trial in &report.trials {
        if OutcomeWord::from(&trial.outcome) != OutcomeWord::Passed {
            println!("{}: {:?}", trial.name, trial.outcome);
        }
    }
    let counts = report.counts();
    println!("{} passed, {} failed", counts.passed, counts.failed);
    assert_eq!(counts.failed, 0);
    Ok(())
}
