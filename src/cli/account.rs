//! Options about an account that is not the run's own: its key, and where it is written down what is made there.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::OsStringValueParser;
use neon_contract::runner::KeySource;
use neon_contract::target::{Identity, IdentityError, Ledger, OLD_LEDGERS, default_ledgers};

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

/// The certificate that is shown to an endpoint which demands one.
#[derive(Debug, Args)]
pub(super) struct IdentityArgs {
    /// A PEM file with the client certificate for an endpoint that demands one
    #[arg(long = "client-cert", value_name = "FILE", env = "NEON_CLIENT_CERT", value_parser = OsStringValueParser::new())]
    certificate: Option<OsString>,
    /// A PEM file with its private key, if that is not in the same file
    #[arg(long = "client-key", value_name = "FILE", env = "NEON_CLIENT_KEY", value_parser = OsStringValueParser::new())]
    key: Option<OsString>,
}

impl IdentityArgs {
    pub(super) fn read(&self) -> Result<Option<Identity>, IdentityError> {
        let file = |name: &Option<OsString>| name.clone().filter(|name| !name.is_empty()).map(PathBuf::from);
        Identity::given(file(&self.certificate), file(&self.key))
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
