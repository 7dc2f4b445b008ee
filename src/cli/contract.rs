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
    /// Tell what has changed from one contract to another, and whether clients can live with it
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
A change is breaking where a client of OLD may fail against NEW: something it may send is no longer taken, or something it may
get back is not what it knows; also where authentication is demanded no longer, or the first time. It is additive where a
client may do or see more, and documentation where only the words are others. Operations are the same where method and path
are, whatever they and their path parameters are called.

Exit codes: 0 nothing breaks, 1 something does, 2 a contract cannot be read.

Examples:
  neon-contract contract diff api-2.7.2.yaml api-2.7.3.yaml
  neon-contract contract diff specs/contract/v2.yaml https://example.com/api.yaml --level breaking
  neon-contract contract diff old.yaml new.yaml --json | jq '.changes[] | select(.level == \"breaking\")'")]
struct DiffArgs {
    /// The contract that clients know: an OpenAPI document, by its path or its URL
    old: String,
    /// The contract that it is held against
    new: String,
    /// Print changes of this level only (may be repeated)
    #[arg(long = "level", value_enum)]
    levels: Vec<LevelArg>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LevelArg {
    /// What a client may fail at
    Breaking,
    /// What a client may do or see besides
    Additive,
    /// What only reads otherwise
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

/// So many warnings about each contract are told.
const WARNINGS_SHOWN: usize = 3;

pub(super) fn contract(args: ContractArgs) -> ExitCode {
    let Command::Diff(args) = args.command;
    block_on(async {
        match (load(&args.old).await, load(&args.new).await) {
            (Ok(old), Ok(new)) => diff(&args, &old, &new),
            (Err(error), _) | (_, Err(error)) => refuse(&error),
        }
    })
}

async fn load(contract: &str) -> Result<Contract, SetupError> {
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
