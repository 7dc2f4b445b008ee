//! `neon-contract contract`.

use clap::{Args, Subcommand};
use neon_contract::difference::{Change, Contract, Level, difference};
use neon_contract::exit_code::ExitCode;
use neon_contract::report;
use neon_contract::runner::{SetupError, import};

use super::{block_on, refuse, tell, warn_of};

#[derive(Debug, Args)]
pub(super) struct ContractArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the changes between two contracts and report those that break clients
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
A change is breaking if a client of OLD can fail against NEW: NEW rejects a request that OLD accepts, returns a response \
that OLD does not describe, or starts or stops requiring authentication. A change is additive if it allows new requests \
or responses, and documentation if only texts differ. Operations are matched by method and path, regardless of the names \
of operations and path parameters.

Exit codes:
  0  No breaking change
  1  At least one breaking change
  2  A contract cannot be read

Examples:
  neon-contract contract diff api-2.7.2.yaml api-2.7.3.yaml
  neon-contract contract diff specs/contract/v2.yaml https://example.com/api.yaml --level breaking
  neon-contract contract diff old.yaml new.yaml --json | jq '.changes[] | select(.level == \"breaking\")'")]
struct DiffArgs {
    /// OpenAPI document that clients rely on: a file or a URL
    #[arg(value_name = "OLD")]
    old: String,
    /// OpenAPI document to compare it with: a file or a URL
    #[arg(value_name = "NEW")]
    new: String,
    /// Only print changes of this level; may be repeated
    #[arg(long = "level", value_enum, value_name = "LEVEL")]
    levels: Vec<LevelArg>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LevelArg {
    /// Changes that can break a client
    Breaking,
    /// New requests or responses
    Additive,
    /// Changed texts
    Documentation,
}

impl LevelArg {
    fn level(self) -> Level {
        match self {
            Self::Breaking => Level::Breaking,
            Self::Additive => Level::Additive,
            Self::Documentation => Level::Documentation,
        }
    }
}

/// The number of warnings shown about each contract.
pub(super) const WARNINGS_SHOWN: usize = 3;

pub(super) fn contract(args: ContractArgs) -> ExitCode {
    let Command::Diff(args) = args.command;
    block_on(async {
        match (load(&args.old).await, load(&args.new).await) {
            (Ok(old), Ok(new)) => diff(&args, &old, &new),
            (Err(error), _) | (_, Err(error)) => refuse(&error),
        }
    })
}

/// Reads a contract from a file or an address.
pub(super) async fn load(contract: &str) -> Result<Contract, SetupError> {
    Ok(Contract::new(import(contract).await?)?)
}

fn diff(args: &DiffArgs, old: &Contract, new: &Contract) -> ExitCode {
    for contract in [old, new] {
        warn_of(&contract.warnings, WARNINGS_SHOWN);
    }
    let changes = difference(old, new);
    let breaks = changes.iter().any(Change::is_breaking);
    let is_wanted = |change: &Change| {
        args.levels.is_empty() || args.levels.iter().any(|wanted| wanted.level() == change.level)
    };
    let shown: Vec<Change> = changes.into_iter().filter(is_wanted).collect();
    if args.json {
        tell(&format!("{:#}\n", report::difference_json(&shown)));
    } else {
        tell(&report::difference(&shown));
    }
    if breaks { ExitCode::Findings } else { ExitCode::Conformant }
}
