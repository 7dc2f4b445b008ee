//! What the targets share: the suite that is read once, and exchanges made by hand.

use std::path::Path;
use std::sync::LazyLock;

use neon_contract::exchange::{Exchange, Request, Response, Role};
use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::spec::contract::OperationId;
use neon_contract::spec::credential::Credential;
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
    let id = OperationId(operation.to_owned());
    let operation = SUITE.operation(&id);
    Exchange {
        began: jiff::Timestamp::default(),
        role: Role::Step,
        step: id.0.clone(),
        location: Location::of_file(Path::new("case.yaml"), ""),
        credential: Credential::Valid,
        other_key: false,
        params: Default::default(),
        query: Default::default(),
        request: Request {
            method: operation.method.clone(),
            target: operation.path.clone(),
            headers: Vec::new(),
            authorization: None,
            body: None,
        },
        response: Response::new(
            operation.successes()[0],
            vec![("content-type".to_owned(), "application/json".to_owned())],
            body.to_vec(),
        ),
        operation: Some(id),
        expected: None,
        captured: Vec::new(),
    }
}
