//! A HAR file is read and judged, or what is wrong with it is told.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use neon_contract::result::Coverage;
use neon_contract::runner::judge_recording;
use neon_contract::secret::Secrets;
use neon_contract::traffic;
use neon_contract_fuzz::SUITE;

fuzz_target!(|text: &str| {
    let (file, secrets) = (Path::new("fuzzed.har"), Secrets::default());
    match traffic::read_text(file, text, &SUITE, &secrets) {
        Ok(recording) => drop(judge_recording(&SUITE, file, recording, &secrets, &mut Coverage::default())),
        Err(error) => assert!(error.to_string().starts_with("fuzzed.har")),
    }
});
