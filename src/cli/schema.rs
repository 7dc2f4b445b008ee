//! `neon-contract schema`.

use clap::{Args, ValueEnum};
use neon_contract::exit_code::ExitCode;
use neon_contract::mock::{AccountFixture, Scenario};
use neon_contract::result::{Proof, RunResult};
use neon_contract::spec::case_file::CaseFile;
use neon_contract::spec::endpoint_file::EndpointFile;
use neon_contract::spec::gate::Gate;
use neon_contract::spec::known_failure::KnownFailuresFile;
use neon_contract::spec::schema_of;
use neon_contract::spec::suite_file::SuiteFile;

use super::tell;

#[derive(Debug, Args)]
#[command(after_help = "\
Editors use the schema to complete and validate files.

Examples:
  neon-contract schema case > specs/case.schema.json")]
pub(super) struct SchemaArgs {
    /// File format to describe
    #[arg(value_enum, value_name = "FORMAT")]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Case in specs/cases/
    Case,
    /// Settings of the suite, in specs/suite.yaml
    Suite,
    /// Declaration of an endpoint, for `run --endpoint`
    Endpoint,
    /// Known failures of an endpoint, in specs/known-failures/
    KnownFailures,
    /// Fixture account of the mock, in fixtures/accounts/
    Account,
    /// Scenario of the mock, for `mock --scenario`
    Scenario,
    /// Conditions that a run must meet, for `run --gate`
    Gate,
    /// Result of a run, written by `run --report json=FILE`
    Result,
    /// Proof of a run, written by `run --report proof=FILE`
    Proof,
}

pub(super) fn schema(args: SchemaArgs) -> ExitCode {
    let schema = match args.kind {
        Kind::Case => schema_of::<CaseFile>(),
        Kind::Suite => schema_of::<SuiteFile>(),
        Kind::Endpoint => schema_of::<EndpointFile>(),
        Kind::KnownFailures => schema_of::<KnownFailuresFile>(),
        Kind::Account => schema_of::<AccountFixture>(),
        Kind::Scenario => schema_of::<Scenario>(),
        Kind::Gate => schema_of::<Gate>(),
        Kind::Proof => schema_of::<Proof>(),
        Kind::Result => schema_of::<RunResult>(),
    };
    tell(&format!("{:#}\n", schema.to_value()));
    ExitCode::Conformant
}
