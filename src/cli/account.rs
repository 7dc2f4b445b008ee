//! Options about an account that is not the run's own: its key, and where it is written down what is made there.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use neon_contract::runner::KeySource;
use neon_contract::target::{Ledger, OLD_LEDGERS, default_ledgers};

/// Where it is written down what a run makes.
#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    /// Directory of the ledger that records created resources [default: `neon-contract/ledgers` in your state folder]
    #[arg(long = "ledger", value_name = "DIR", env = "NEON_LEDGER")]
    folder: Option<PathBuf>,
    /// How long to look for what a request without a usable response may still create
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = humantime::parse_duration)]
    pub(super) grace: Duration,
}

impl LedgerArgs {
    /// The folder of the ledgers.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(default_ledgers)
    }

    /// Where earlier versions kept ledgers, where no other folder is named and it still holds some.
    pub(super) fn old_folder(&self) -> Option<PathBuf> {
        let old = PathBuf::from(OLD_LEDGERS);
        let is_used = Ledger::all_in(&old).is_ok_and(|ledgers| !ledgers.is_empty());
        (is_used && self.folder() != old).then_some(old)
    }
}

/// The organization that an account works in.
#[derive(Debug, Args)]
pub(super) struct OrganizationArgs {
    /// The organization that the account works in, where its projects must be asked for with one
    #[arg(long = "org-id", value_name = "ID", env = "NEON_ORG_ID")]
    id: Option<String>,
}

impl OrganizationArgs {
    pub(super) fn id(&self) -> Option<String> {
        self.id.clone().filter(|id| !id.is_empty())
    }
}

/// Where the key for an endpoint comes from.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct KeyArgs {
    /// The environment variable that holds the key [default: `NEON_API_KEY`]
    #[arg(long = "key-env", value_name = "NAME")]
    variable: Option<String>,
    /// A file that holds the key, and that only you may read
    #[arg(long = "key-file", value_name = "FILE")]
    file: Option<PathBuf>,
    /// A command of the shell that prints the key on its first line, such as `pass show neon/api-key`
    #[arg(long = "key-command", value_name = "COMMAND")]
    command: Option<String>,
}

impl KeyArgs {
    pub(super) fn source(&self) -> KeySource {
        match self {
            Self { variable: Some(name), .. } => KeySource::Environment(name.clone()),
            Self { file: Some(path), .. } => KeySource::File(path.clone()),
            Self { command: Some(command), .. } => KeySource::Command(command.clone()),
            _ => KeySource::from_environment(),
        }
    }
}
