//! `neon-contract explain`.

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report;

use super::{SpecsArgs, block_on, complain, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  neon-contract explain KEY-REVOKE-IMMEDIATE      what it says, its source, the cases that prove it
  neon-contract explain no-effect                 a check: what it looks at, what it defends
  neon-contract explain revoked-key-accepted      a fault of the mock")]
pub(super) struct ExplainArgs {
    /// A requirement, a check or a fault
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
