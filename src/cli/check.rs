//! `neon-contract check`.

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::plan::{Selection, plan};
use neon_contract::spec::Suite;

use super::{SpecsArgs, complain_of, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
All mistakes of all files are told at once, each with its line. Nothing is sent.

Examples:
  neon-contract check
  neon-contract check --specs ../my-suite/specs")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    specs: SpecsArgs,
}

pub(super) fn check(args: &CheckArgs) -> ExitCode {
    match Suite::load(&args.specs.specs) {
        Ok(suite) => {
            tell(&format!(
                "the spec files are sound: {} requirements, {} operations, {} cases, {} trials\n",
                suite.requirements.len(),
                suite.operations.len(),
                suite.cases.len(),
                plan(&suite, &Selection::default()).len()
            ));
            ExitCode::Conformant
        }
        Err(diagnostics) => {
            complain_of(&diagnostics);
            ExitCode::Usage
        }
    }
}
