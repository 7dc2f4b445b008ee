//! `neon-contract check`.

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::plan::{Selection, plan};

use super::{SpecsArgs, block_on, leave, tell, warn_of};

#[derive(Debug, Args)]
#[command(after_help = "\
Reports every error in every file, each with its line. Sends no requests.

Examples:
  neon-contract check
  neon-contract check --specs ../my-suite/specs
  neon-contract check --contract api.yaml    Validate an OpenAPI document")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    specs: SpecsArgs,
}

pub(super) fn check(args: &CheckArgs) -> ExitCode {
    block_on(async {
        let suite = match args.specs.load().await {
            Ok(suite) => suite,
            Err(code) => return code,
        };
        warn_of(&suite.warnings, usize::MAX);
        let told = match suite.warnings.len() {
            0 => String::new(),
            1 => ", 1 warning".to_owned(),
            count => format!(", {count} warnings"),
        };
        tell(&format!(
            "the spec files are valid: {} requirements, {} operations, {} cases, {} trials{told}\n",
            suite.requirements.len(),
            suite.operations.len(),
            suite.cases.len(),
            plan(&suite, &Selection::default()).len()
        ));
        leave(suite);
        ExitCode::Conformant
    })
}
