//! Files that are generated from the types are up to date.

use std::path::Path;

use neon_contract::mock::{AccountFixture, Scenario};
use neon_contract::spec::case_file::CaseFile;
use neon_contract::spec::known_failure::KnownFailuresFile;
use neon_contract::spec::schema_of;
use neon_contract::spec::suite_file::SuiteFile;
use rstest::rstest;
use schemars::Schema;

#[rstest]
#[case::case("specs/case.schema.json", schema_of::<CaseFile>(), "case")]
#[case::suite("specs/suite.schema.json", schema_of::<SuiteFile>(), "suite")]
#[case::known_failures("specs/known-failures.schema.json", schema_of::<KnownFailuresFile>(), "known-failures")]
#[case::account("fixtures/account.schema.json", schema_of::<AccountFixture>(), "account")]
#[case::scenario("fixtures/scenario.schema.json", schema_of::<Scenario>(), "scenario")]
fn a_schema_is_up_to_date(#[case] file: &str, #[case] schema: Schema, #[case] kind: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let current = format!("{:#}\n", schema.to_value());
    assert!(written == current, "{file} is out of date: run `cargo run -- schema {kind} > {file}`");
}

#[test]
fn the_manual_of_the_mock_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mock/MANUAL.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    let current = neon_contract::mock::manual();
    assert!(written == current, "run `cargo run -- mock --matrix > src/mock/MANUAL.md`");
}
