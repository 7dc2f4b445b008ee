//! `neon-contract coverage`.

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report;

use super::complain;
use super::run::{RunArgs, run_quietly};

#[derive(Debug, Args)]
#[command(after_help = "\
Runs the trials as `run` does, and prints the ledger in place of the trials: for each operation what was sent, what came
back and which checks looked at it; the requirements that are not proven, and why. The exit code is that of `run`.

Examples:
  neon-contract coverage
  neon-contract coverage --json | jq '.operations.listProjects.statuses'
  neon-contract coverage --require all-musts")]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn coverage(args: CoverageArgs) -> ExitCode {
    if args.run.watch() {
        complain("`coverage` is about one run: leave out --watch, or use `run --watch`");
        return ExitCode::Usage;
    }
    let is_json = args.json;
    run_quietly(args.run, move |report, suite, target| {
        if is_json {
            format!("{:#}\n", report::coverage_json(report, suite, target))
        } else {
            report::coverage(report, suite, target)
        }
    })
}
