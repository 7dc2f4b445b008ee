//! A case file is read, or what is wrong with it is told.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use neon_contract::spec::Document;
use neon_contract_fuzz::SUITE;

fuzz_target!(|bytes: &[u8]| {
    let document = match Document::parse(Path::new("specs/cases/fuzzed.yaml"), bytes) {
        Ok(document) => document,
        Err(diagnostic) => {
            return assert!(!diagnostic.message().is_empty(), "it was refused without a reason");
        }
    };
    if let Err(diagnostics) = SUITE.case("fuzzed".to_owned(), &document) {
        assert!(!diagnostics.is_empty(), "it was refused without a reason");
        for diagnostic in diagnostics.iter() {
            assert!(diagnostic.location().line() > 0);
        }
    }
});
