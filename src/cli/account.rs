//! Options about the account at an endpoint: its key, its organization and the ledger of created resources.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::OsStringValueParser;
use neon_contract::runner::KeySource;
use neon_contract::target::{Identity, IdentityError, Ledger, OLD_LEDGERS, default_ledgers};

use super::heading;

/// The ledger of the resources that a run creates.
#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    /// Directory of the ledger that records created resources [default: `neon-contract/ledgers` in your state folder]
    #[arg(long = "ledger", value_name = "DIR", env = "NEON_LEDGER", help_heading = heading::ACCOUNT)]
    folder: Option<PathBuf>,
    /// Time to look for resources of requests that got no usable response
    #[arg(long, value_name = "TIME", default_value = "10s", help_heading = heading::ACCOUNT, value_parser = humantime::parse_duration)]
    pub(super) grace: Duration,
}

impl LedgerArgs {
    /// The directory of the ledgers.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(default_ledgers)
    }

    /// The directory in which earlier versions kept ledgers, if it still holds some and is not the one in use.
    pub(super) fn old_folder(&self) -> Option<PathBuf> {
        let old = PathBuf::from(OLD_LEDGERS);
        let is_used = Ledger::all_in(&old).is_ok_and(|ledgers| !ledgers.is_empty());
        (is_used && self.folder() != old).then_some(old)
    }
}

/// The organization that an account works in.
#[derive(Debug, Args)]
pub(super) struct OrganizationArgs {
    /// Organization to send with requests, for an account whose projects belong to one
    #[arg(long = "org-id", value_name = "ID", env = "NEON_ORG_ID", help_heading = heading::ACCOUNT)]
    id: Option<String>,
}

impl OrganizationArgs {
    pub(super) fn id(&self) -> Option<String> {
        self.id.clone().filter(|id| !id.is_empty())
    }
}

/// The client certificate.
#[derive(Debug, Args)]
pub(super) struct IdentityArgs {
    /// PEM file with a client certificate, for an endpoint that requires one
    #[arg(long = "client-cert", value_name = "FILE", env = "NEON_CLIENT_CERT", help_heading = heading::ACCOUNT, value_parser = OsStringValueParser::new())]
    certificate: Option<OsString>,
    /// PEM file with the private key of the client certificate [default: the file of --client-cert]
    #[arg(long = "client-key", value_name = "FILE", env = "NEON_CLIENT_KEY", help_heading = heading::ACCOUNT, value_parser = OsStringValueParser::new())]
    key: Option<OsString>,
}

impl IdentityArgs {
    pub(super) fn read(&self) -> Result<Option<Identity>, IdentityError> {
        let file = |name: &Option<OsString>| name.clone().filter(|name| !name.is_empty()).map(PathBuf::from);
        Identity::given(file(&self.certificate), file(&self.key))
    }
}

/// The source of the API key.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct KeyArgs {
    /// Read the API key from this environment variable [default: `NEON_API_KEY`]
    #[arg(long = "key-env", value_name = "NAME", help_heading = heading::ACCOUNT)]
    variable: Option<String>,
    /// Read the API key from this file, which must be readable by you only
    #[arg(long = "key-file", value_name = "FILE", help_heading = heading::ACCOUNT)]
    file: Option<PathBuf>,
    /// Read the API key from the first line that this shell command prints, such as `pass show neon/api-key`
    #[arg(long = "key-command", value_name = "COMMAND", help_heading = heading::ACCOUNT)]
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
