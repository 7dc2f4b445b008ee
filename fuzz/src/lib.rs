//! What the targets share: the suite that is read once, and exchanges made by hand.

use std::path::Path;
use std::sync::LazyLock;

use neon_contract::exchange::{Exchange, Response};
use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::spec::contract::OperationId;
use neon_contract::spec::{Location, Suite};

/// The suite of this project.
pub static SUITE: LazyLock<Suite> = LazyLock::new(|| {
    Suite::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs"))).expect("the suite is right")
});

/// One of its trials.
pub static TRIAL: LazyLock<Trial> = LazyLock::new(|| plan(&SUITE, &Selection::default()).remove(0));

/// A successful answer to an operation.
#[must_use]
pub fn exchange(operation: &str, body: &[u8]) -> Exchange {
    let operation = SUITE.operation(&OperationId(operation.to_owned()));
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let response = Response::new(operation.successes()[0], headers, body.to_vec());
    Exchange::plain(operation, Location::of_file(Path::new("case.yaml"), ""), response)
}
