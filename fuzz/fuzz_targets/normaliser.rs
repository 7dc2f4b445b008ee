//! Any bodies of answers, one a line, become a snapshot, and the same one each time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neon_contract::judge::Record;
use neon_contract::secret::Secrets;
use neon_contract::snapshot::render;
use neon_contract_fuzz::{SUITE, TRIAL, exchange};

const OPERATIONS: [&str; 4] = ["createProject", "listProjects", "createApiKey", "v1ListProjects"];

fn snapshot(text: &str) -> String {
    let answers = OPERATIONS.into_iter().cycle().zip(text.lines());
    let exchanges = answers.map(|(operation, body)| exchange(operation, body.as_bytes())).collect();
    let secrets = Secrets::default();
    render(&Record::new(&SUITE, &TRIAL, exchanges, &secrets).of_run("nc-1".to_owned(), false))
}

fuzz_target!(|text: &str| {
    assert_eq!(snapshot(text), snapshot(text));
});
