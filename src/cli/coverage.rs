//! `neon-contract coverage`.

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report;

use super::run::run_quietly;
use super::run_args::RunArgs;
use super::{complain, heading};

#[derive(Debug, Args)]
#[command(after_help = "\
Runs the suite like `run`, but prints coverage in place of trials: the requests, the response statuses and the checks \
exercised per operation, and the requirements that are not proven, with reasons. The exit code is that of `run`.

Examples:
  neon-contract coverage
  neon-contract coverage --json | jq '.operations.listProjects.statuses'
  neon-contract coverage --require all-musts")]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    run: RunArgs,
    /// Print JSON
    #[arg(long, help_heading = heading::OUTPUT)]
    json: bool,
}

pub(super) fn coverage(args: CoverageArgs) -> ExitCode {
    if args.run.watch() {
        complain("`coverage` does not support --watch; use `run --watch`");
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
