//! Options about an endpoint: what it is, its key, what may be done to the account, and how fast.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use neon_contract::runner::{Declaration, Endpoint, SetupError};
use neon_contract::spec::case_file::Effect;
use neon_contract::target::Rate;

use super::account::{IdentityArgs, KeyArgs, LedgerArgs, OrganizationArgs};

/// An endpoint, and how to use it.
#[derive(Debug, Args)]
pub(super) struct EndpointArgs {
    #[command(flatten)]
    declaration: DeclarationArgs,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    organization: OrganizationArgs,
    #[command(flatten)]
    identity: IdentityArgs,
    /// What may be done to the account at the URL
    #[arg(long, value_enum, default_value = "reads")]
    allow: Allow,
    /// How many requests to the URL in a second, or 700/min, or unlimited [default: 10; unlimited on this machine]
    #[arg(long, value_name = "N[/s|/min]")]
    rate: Option<Rate>,
    /// How many requests at once after a rest, where there is a rate [default: 20]
    #[arg(long, value_name = "N")]
    burst: Option<NonZeroU32>,
    /// So many projects of the run may be on the account at the URL at once, as its plan allows
    #[arg(long, value_name = "N")]
    pub(super) max_projects: Option<u32>,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

/// What an endpoint is, where it is less than the whole API.
#[derive(Debug, Args)]
struct DeclarationArgs {
    /// A file that says what the endpoint is: its profiles, and operations that it lacks
    #[arg(long, value_name = "FILE", env = "NEON_ENDPOINT")]
    endpoint: Option<PathBuf>,
    /// The endpoint has this profile of `specs/suite.yaml`, and of all profiles only those named (may be repeated)
    #[arg(long = "profile", value_name = "NAME")]
    profiles: Vec<String>,
    /// The endpoint lacks these operations: an id or a glob over ids, tag:NAME, contract:NAME, a glob over paths (may be repeated)
    #[arg(long = "absent", value_name = "PATTERN")]
    absent: Vec<String>,
}

/// What may be done to an account.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Allow {
    /// Look only
    Reads,
    /// Make things of the run's own, change them and remove them again
    Writes,
    /// Send also what a faulty endpoint might turn against more than that: requests that break the contract, cases that say so
    Destroys,
}

impl EndpointArgs {
    /// The endpoint at a URL; none where there is no URL, and then there may be no option that needs one.
    pub(super) fn at(&self, url: Option<&str>) -> Result<Option<Endpoint>, SetupError> {
        let Some(url) = url else {
            let options = [
                ("--rate", self.rate.is_some()),
                ("--burst", self.burst.is_some()),
                ("--max-projects", self.max_projects.is_some()),
            ];
            return match options.into_iter().find(|(_, is_given)| *is_given) {
                None => Ok(None),
                Some((option, _)) => Err(SetupError::Environment(format!(
                    "{option} is about an endpoint, and none is given by its URL"
                ))),
            };
        };
        let allowed = match self.allow {
            Allow::Reads => Effect::Reads,
            Allow::Writes => Effect::Writes,
            Allow::Destroys => Effect::Destroys,
        };
        let identity = self.identity.read()?;
        let endpoint = Endpoint::new(url.to_owned(), allowed, &self.key.source())?.identified_by(identity);
        Ok(Some(endpoint.paced(self.rate, self.burst).in_organization(self.organization.id())))
    }

    pub(super) fn declaration(&self) -> Declaration {
        let DeclarationArgs { endpoint, profiles, absent } = &self.declaration;
        Declaration {
            file: endpoint.clone().filter(|file| !file.as_os_str().is_empty()),
            profiles: profiles.clone(),
            absent: absent.clone(),
        }
    }
}
