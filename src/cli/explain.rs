//! `neon-contract explain`.

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report;

use super::{SpecsArgs, block_on, complain, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  neon-contract explain KEY-REVOKE-IMMEDIATE    A requirement: statement, source, cases that prove it
  neon-contract explain no-effect               A check: the responses it examines, its requirements
  neon-contract explain revoked-key-accepted    A fault of the mock: the rule it breaks")]
pub(super) struct ExplainArgs {
    /// Name of the requirement, check or fault
    #[arg(value_name = "REQUIREMENT|CHECK|FAULT")]
    word: String,
    #[command(flatten)]
    specs: SpecsArgs,
}

pub(super) fn explain(args: ExplainArgs) -> ExitCode {
    block_on(async {
        let suite = match args.specs.load().await {
            Ok(suite) => suite,
            Err(code) => return code,
        };
        match report::explain(&args.word, &suite) {
            Ok(text) => {
                tell(&text);
                ExitCode::Conformant
            }
            Err(message) => {
                complain(&message);
                ExitCode::Usage
            }
        }
    })
}
