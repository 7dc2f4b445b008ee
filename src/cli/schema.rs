//! `neon-contract schema`.

use clap::{Args, ValueEnum};
use neon_contract::exit_code::ExitCode;
use neon_contract::mock::AccountFixture;
use neon_contract::report::{Proof, RunResult};
use neon_contract::spec::case_file::CaseFile;
use neon_contract::spec::endpoint_file::EndpointFile;
use neon_contract::spec::gate::Gate;
use neon_contract::spec::known_failure::KnownFailuresFile;
use neon_contract::spec::schema_of;
use neon_contract::spec::suite_file::SuiteFile;

use super::tell;

#[derive(Debug, Args)]
#[command(after_help = "\
Editors complete and check spec files with it.

Examples:
  neon-contract schema case > specs/case.schema.json")]
pub(super) struct SchemaArgs {
    /// Of which kind of file
    #[arg(value_enum)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A case in specs/cases/
    Case,
    /// specs/suite.yaml
    Suite,
    /// A declaration of an endpoint, for `run --endpoint`
    Endpoint,
    /// Deviations that are known, in specs/known-failures/
    KnownFailures,
    /// A fixture account in fixtures/accounts/
    Account,
    /// What a run must come to, for `run --gate`
    Gate,
    /// What came out of a run, as `run --report json=FILE` writes it
    Result,
    /// What a run has proven, as `run --report proof=FILE` writes it
    Proof,
}

pub(super) fn schema(args: SchemaArgs) -> ExitCode {
    let schema = match args.kind {
        Kind::Case => schema_of::<CaseFile>(),
        Kind::Suite => schema_of::<SuiteFile>(),
        Kind::Endpoint => schema_of::<EndpointFile>(),
        Kind::KnownFailures => schema_of::<KnownFailuresFile>(),
        Kind::Account => schema_of::<AccountFixture>(),
        Kind::Gate => schema_of::<Gate>(),
        Kind::Proof => schema_of::<Proof>(),
        Kind::Result => schema_of::<RunResult>(),
    };
    tell(&format!("{:#}\n", schema.to_value()));
    ExitCode::Conformant
}
