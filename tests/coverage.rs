//! The cases reach every operation that the mock performs, in all the ways that it can go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use neon_contract::mock::{Mock, support};
use neon_contract::plan::{Selection, plan};
use neon_contract::runner::{Harness, Options, SnapshotMode, run};
use neon_contract::snapshot::Store;
use neon_contract::spec::Suite;
use neon_contract::spec::contract::OperationId;
use neon_contract::target::{Embedded, Limits};

/// The statuses with which each operation answered, over the whole suite.
async fn seen(suite: &Arc<Suite>) -> BTreeMap<String, BTreeSet<u16>> {
    let seen: Arc<Mutex<BTreeMap<String, BTreeSet<u16>>>> = Arc::default();
    let mock = Mock::builder().observe({
        let seen = seen.clone();
        move |entry| {
            if let Some(operation) = entry.operation.as_deref() {
                seen.lock()
                    .expect("nobody panics")
                    .entry(operation.to_owned())
                    .or_default()
                    .insert(entry.status);
            }
        }
    });
    let mock = mock.start().await.expect("the mock starts");
    let target = Embedded::new(mock, suite.accounts.clone(), Limits::default()).expect("there is a client");
    let harness =
        Harness::new(suite.clone(), Arc::new(target), Store::new(None, false), SnapshotMode::Ignore);
    let options = Options { jobs: 8, fail_fast: false, budget: None, is_everything: false };
    run(&Arc::new(harness), &plan(suite, &Selection::default()).into(), options, |_| {}).await;
    let seen = seen.lock().expect("nobody panics");
    seen.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_seen_to_succeed_and_to_refuse() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let suite = Arc::new(Suite::load(&specs).unwrap_or_else(|mistakes| panic!("{mistakes}")));
    let seen = seen(&suite).await;
    let mut lacking = Vec::new();
    for row in support().filter(|row| row.support == "performed") {
        let statuses = seen.get(row.operation).cloned().unwrap_or_default();
        let operation = suite.operations.get(&OperationId(row.operation.to_owned()));
        let Some(operation) = operation else {
            lacking.push(format!("{}: it is in no contract", row.operation));
            continue;
        };
        let has = |range: std::ops::Range<u16>| statuses.iter().any(|status| range.contains(status));
        for (is_seen, is_wanted, what) in [
            (has(200..300), true, "a success"),
            (has(401..402), true, "a refused key"),
            (has(404..405), row.path.contains('{'), "404"),
            (has(400..401), operation.body_required, "400"),
        ] {
            if is_wanted && !is_seen {
                lacking.push(format!("{}: {what} is not seen", row.operation));
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}
