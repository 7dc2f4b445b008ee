//! A contract is read, or what is wrong with it is told; what was read can be planned with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neon_contract::plan::{Selection, plan};
use neon_contract::spec::{Files, Suite};

fuzz_target!(|bytes: &[u8]| {
    let files = Files::default()
        .with("suite.yaml", "contracts: [contract/fuzzed.yaml]\n")
        .with("contract/fuzzed.yaml", bytes);
    match Suite::from_files(&files) {
        Ok(suite) => drop(plan(&suite, &Selection::default())),
        Err(diagnostics) => assert!(!diagnostics.is_empty(), "it was refused without a reason"),
    }
});
