//! Options about an endpoint: its declaration, its key, the allowed effects on the account and the rate of requests.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use neon_contract::runner::{Declaration, Endpoint, SetupError};
use neon_contract::spec::case_file::Effect;
use neon_contract::target::Rate;

use super::account::{IdentityArgs, KeyArgs, LedgerArgs, OrganizationArgs};
use super::heading;

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
    /// Effects on the account that the run may have
    #[arg(long, value_enum, value_name = "EFFECT", default_value = "reads", help_heading = heading::ACCOUNT)]
    allow: Allow,
    /// Maximum request rate: `10` or `10/s`, `700/min`, or `unlimited` [default: 10/s; unlimited on this machine]
    #[arg(long, value_name = "N[/s|/min]", help_heading = heading::ACCOUNT)]
    rate: Option<Rate>,
    /// Maximum burst of requests within --rate [default: 20]
    #[arg(long, value_name = "N", help_heading = heading::ACCOUNT)]
    burst: Option<NonZeroU32>,
    /// Maximum number of projects to keep on the account at once [default: unlimited]
    #[arg(long, value_name = "N", help_heading = heading::ACCOUNT)]
    pub(super) max_projects: Option<u32>,
    #[command(flatten)]
    pub(super) ledger: LedgerArgs,
}

/// The parts of the API that an endpoint implements.
#[derive(Debug, Args)]
struct DeclarationArgs {
    /// File that declares the profiles and the absent operations of the endpoint (see `schema endpoint`)
    #[arg(long, value_name = "FILE", env = "NEON_ENDPOINT", help_heading = heading::TARGET)]
    endpoint: Option<PathBuf>,
    /// Expect only this profile of `specs/suite.yaml`; repeat to expect more [default: all profiles]
    #[arg(long = "profile", value_name = "NAME", help_heading = heading::TARGET)]
    profiles: Vec<String>,
    /// Declare operations absent: an ID, a glob over IDs or paths, tag:NAME or contract:NAME; may be repeated
    #[arg(long = "absent", value_name = "PATTERN", help_heading = heading::TARGET)]
    absent: Vec<String>,
}

/// The effects on an account that a run may have.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Allow {
    /// Only read
    Reads,
    /// Also create, change and remove resources of the run's own
    Writes,
    /// Also send requests that a faulty endpoint could turn against existing data
    Destroys,
}

impl EndpointArgs {
    /// The endpoint at a URL; `None` without a URL, in which case an option that requires one is an error.
    pub(super) fn at(&self, url: Option<&str>) -> Result<Option<Endpoint>, SetupError> {
        let Some(url) = url else {
            let options = [
                ("--rate", self.rate.is_some()),
                ("--burst", self.burst.is_some()),
                ("--max-projects", self.max_projects.is_some()),
            ];
            return match options.into_iter().find(|(_, is_given)| *is_given) {
                None => Ok(None),
                Some((option, _)) => Err(SetupError::Environment(format!("{option} requires --url"))),
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
