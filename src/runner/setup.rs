//! The setup of a run, as requested by a front end.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::cleanup::USUAL_GRACE;
use super::harness::{Harness, SnapshotMode};
use super::key::{KeyError, KeySource};
use crate::judge::unknown_checks;
use crate::mock::{Fault, MockError};
use crate::snapshot::Store;
use crate::spec::absent::Absent;
use crate::spec::case_file::Effect;
use crate::spec::endpoint;
use crate::spec::known_failure::KnownFailure;
use crate::spec::{Diagnostics, Home, Imported, InputFileError, Suite};
use crate::target::fetch::{self, FetchError};
use crate::target::{
    Embedded, Identity, IdentityError, Keys, LedgerError, Limits, Live, LiveError, Manner, Pace, Rate,
    Target, default_ledgers, host, usual_pace,
};

/// The setup of a run.
#[derive(Debug)]
pub struct Setup {
    /// Where the suite is.
    pub specs: Home,
    /// A contract in place of the suite's own for the same path: a file, or an address on the network.
    pub contract: Option<String>,
    /// The folder of its snapshots; `None` for the one next to it.
    pub snapshots: Option<PathBuf>,
    /// The use of snapshots; `None` for the default of the target and the environment.
    pub snapshot_mode: Option<SnapshotMode>,
    /// The endpoint; `None` for the embedded mock.
    pub endpoint: Option<Endpoint>,
    /// The declaration of the endpoint.
    pub declaration: Declaration,
    /// The folder of the ledgers: what is made on an endpoint is written down there until it is removed.
    pub ledgers: PathBuf,
    /// The time to look for resources of requests without a usable response, at the end of a run.
    pub grace: Duration,
    /// The maximum number of projects to keep on the account at once.
    pub max_projects: Option<u32>,
    /// Nothing is going to be sent.
    pub is_rehearsal: bool,
    /// The name of the file in `known-failures/`; `None` for the name of the target.
    pub known_as: Option<String>,
    /// Faults of the embedded mock.
    pub faults: Vec<Fault>,
    /// The limits on the time and the size of responses.
    pub limits: Limits,
    /// The time within which the embedded mock is expected to do everything; `None` for what each step says.
    pub patience: Option<Duration>,
    /// Nobody is there to review: a missing snapshot is an error.
    pub unattended: bool,
}

/// The declaration of an endpoint that implements only parts of the API.
#[derive(Debug, Default)]
pub struct Declaration {
    /// A file that says so.
    pub file: Option<PathBuf>,
    /// The profiles that it has; all, where it is empty.
    pub profiles: Vec<String>,
    /// Patterns of the operations that it lacks.
    pub absent: Vec<String>,
}

/// An endpoint and how to use it.
#[derive(Debug)]
pub struct Endpoint {
    /// Its URL.
    pub url: String,
    /// A key of an account there.
    pub key: SecretString,
    /// A key of another user.
    pub other_user: Option<SecretString>,
    /// A key that was revoked, for when none may be made.
    pub revoked: Option<SecretString>,
    /// The allowed effects on the account.
    pub allowed: Effect,
    /// The rate of requests.
    pub pace: Pace,
    /// The organization that the account works in, where requests must name it.
    pub organization: Option<String>,
    /// The certificate that is shown to it, where it demands one.
    pub identity: Option<Identity>,
}

/// A run cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The specs are wrong.
    #[error(transparent)]
    Specs(#[from] Diagnostics),
    /// A file that is not part of the suite is wrong.
    #[error(transparent)]
    File(#[from] InputFileError),
    /// The endpoint is.
    #[error(transparent)]
    Endpoint(#[from] LiveError),
    /// The mock cannot start.
    #[error(transparent)]
    Mock(#[from] MockError),
    /// A document cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The key cannot be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The client certificate cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// There can be no ledger.
    #[error("{0}; a run creates nothing that it cannot record first. Choose another directory with --ledger")]
    Ledger(#[from] LedgerError),
    /// The environment contradicts itself.
    #[error("{0}")]
    Environment(String),
}

impl Setup {
    /// A suite with the snapshots beside it against the embedded mock, with everything else as it usually is.
    #[must_use]
    pub fn embedded(specs: impl Into<Home>) -> Self {
        Self {
            specs: specs.into(),
            contract: None,
            snapshots: None,
            snapshot_mode: None,
            endpoint: None,
            declaration: Declaration::default(),
            ledgers: default_ledgers(),
            grace: USUAL_GRACE,
            max_projects: None,
            is_rehearsal: false,
            known_as: None,
            faults: Vec::new(),
            limits: Limits::default(),
            patience: None,
            unattended: is_unattended(),
        }
    }

    /// The setup that environment variables ask for: `NEON_TARGET` (`embedded` or `live`), `NEON_API_URL`, `NEON_API_KEY` (or
    /// `NEON_API_KEY_FILE`, `NEON_API_KEY_COMMAND`), `NEON_API_KEY_OTHER`, `NEON_REVOKED_API_KEY`, `NEON_ORG_ID`, `NEON_CLIENT_CERT` and `NEON_CLIENT_KEY` (files), `NEON_ENDPOINT` (a file that says what it is), `NEON_CONTRACT` (a file or an address), `NEON_ALLOW` (`reads`, `writes` or `destroys`), `NEON_LEDGER` (a folder), `NEON_KNOWN_FAILURES` (a name), `INSTA_UPDATE` and `CI`.
    ///
    /// # Errors
    /// When a variable has an unknown value, or one is missing that another needs.
    pub fn from_environment(specs: impl Into<Home>) -> Result<Self, SetupError> {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let wrong = |name: &str, value: &str, known: &str| {
            SetupError::Environment(format!("{name} is `{value}`; expected {known}"))
        };
        let url = get("NEON_API_URL");
        let is_live = match get("NEON_TARGET").as_deref() {
            None => url.is_some(),
            Some("embedded") => false,
            Some("live") => true,
            Some(other) => return Err(wrong("NEON_TARGET", other, "`embedded` or `live`")),
        };
        let allowed = match get("NEON_ALLOW").as_deref() {
            None | Some("reads") => Effect::Reads,
            Some("writes") => Effect::Writes,
            Some("destroys") => Effect::Destroys,
            Some(other) => return Err(wrong("NEON_ALLOW", other, "`reads`, `writes` or `destroys`")),
        };
        let snapshot_mode = match get("INSTA_UPDATE").as_deref() {
            None | Some("auto") => None,
            Some("always") => Some(SnapshotMode::Update),
            Some("new" | "unseen") => Some(SnapshotMode::Review),
            Some("no") => Some(SnapshotMode::Strict),
            Some(other) => {
                return Err(wrong("INSTA_UPDATE", other, "`auto`, `always`, `new`, `unseen` or `no`"));
            }
        };
        let endpoint = if is_live {
            let url = url.ok_or_else(|| {
                SetupError::Environment("NEON_TARGET is `live`, but NEON_API_URL is not set".to_owned())
            })?;
            let file = |name: &str| get(name).map(PathBuf::from);
            let identity = Identity::given(file("NEON_CLIENT_CERT"), file("NEON_CLIENT_KEY"))?;
            Some(Endpoint::new(url, allowed, &KeySource::from_environment())?.identified_by(identity))
        } else {
            None
        };
        Ok(Self {
            contract: get("NEON_CONTRACT"),
            snapshot_mode,
            endpoint,
            declaration: Declaration {
                file: get("NEON_ENDPOINT").map(PathBuf::from),
                ..Declaration::default()
            },
            ledgers: get("NEON_LEDGER").map_or_else(default_ledgers, PathBuf::from),
            known_as: get("NEON_KNOWN_FAILURES"),
            ..Self::embedded(specs)
        })
    }

    /// Loads the suite.
    ///
    /// # Errors
    /// Every mistake in it, or that its contract cannot be had.
    pub async fn suite(&self) -> Result<Arc<Suite>, SetupError> {
        Ok(Arc::new(suite(&self.specs, self.contract.as_deref()).await?))
    }

    /// Loads of the suite what one trial takes, by its whole name: of the cases its own alone, so that mistakes in others are not
    /// told, the digest is another, and of snapshots nobody can say which are orphans.
    ///
    /// # Errors
    /// Every mistake in what is read, or that the contract cannot be had.
    pub async fn suite_for(&self, trial: &str) -> Result<Arc<Suite>, SetupError> {
        Ok(Arc::new(load(&self.specs, self.contract.as_deref(), Some(trial)).await?))
    }

    /// Returns the known failures of the target.
    fn known<'s>(&self, suite: &'s Suite) -> Result<&'s [KnownFailure], SetupError> {
        let own = || self.endpoint.as_ref().map_or("embedded", |endpoint| host(&endpoint.url));
        match &self.known_as {
            Some(name) => suite.known_failures_named(name).map_err(SetupError::Environment),
            None => Ok(suite.known_failures.get(own()).map(Vec::as_slice).unwrap_or_default()),
        }
    }

    /// The harness for a suite; starts the mock where there is no endpoint.
    ///
    /// # Errors
    /// When the endpoint cannot be used or is not clearly declared, or the mock cannot start.
    pub async fn harness(self, suite: Arc<Suite>) -> Result<Harness, SetupError> {
        let absent = self.declaration.absent(&suite)?;
        let known = self.known(&suite)?.to_vec();
        let may_write = !self.is_rehearsal
            && self.endpoint.as_ref().is_some_and(|endpoint| endpoint.allowed > Effect::Reads);
        let target: Arc<dyn Target> = if let Some(endpoint) = self.endpoint {
            Arc::new(endpoint.connect_within(self.limits)?)
        } else {
            let mock = Embedded::start(suite.accounts.clone(), self.faults, self.limits).await?;
            Arc::new(mock.within(self.patience.unwrap_or(Duration::MAX)))
        };
        let mode = self.snapshot_mode.unwrap_or(match (target.holds_snapshots(), self.unattended) {
            (true, true) => SnapshotMode::Strict,
            (true, false) => SnapshotMode::Review,
            // They were made from the accounts of the mock.
            (false, _) => SnapshotMode::Ignore,
        });
        let store = Store::new(self.snapshots.or_else(|| self.specs.snapshots()), suite.inherits);
        let mut harness =
            Harness::new(suite, target, store, mode).without(absent).accepting(&known).with_grace(self.grace);
        if let Some(projects) = self.max_projects {
            harness = harness.with_room_for(projects);
        }
        Ok(if may_write { harness.with_ledger(&self.ledgers)? } else { harness })
    }
}

/// Loads a suite, with a contract from a file or from the network in place of its own.
///
/// # Errors
/// Every mistake in it, or that the contract cannot be had.
pub async fn suite(specs: &Home, contract: Option<&str>) -> Result<Suite, SetupError> {
    load(specs, contract, None).await
}

async fn load(specs: &Home, contract: Option<&str>, trial: Option<&str>) -> Result<Suite, SetupError> {
    let imported = match contract {
        Some(contract) => Some(import(contract).await?),
        None => None,
    };
    let suite = Suite::load_with(specs, imported.as_ref(), trial)?;
    let unknown = unknown_checks(suite.known_failures.values().flatten());
    Ok(unknown.into_result(suite)?)
}

/// A contract from a file or from the network.
///
/// # Errors
/// When it cannot be had, or is not YAML.
pub async fn import(contract: &str) -> Result<Imported, SetupError> {
    if fetch::is_address(contract) {
        let bytes = fetch::fetch(contract).await?;
        return Ok(Imported::received(&fetch::shown(contract), &bytes)?);
    }
    Ok(Imported::read(Path::new(contract))?)
}

impl Declaration {
    fn absent(&self, suite: &Suite) -> Result<Absent, SetupError> {
        let mut absent = match &self.file {
            Some(file) => endpoint::read(file, suite)?,
            None => Absent::new(),
        };
        let declared = endpoint::declare(&self.profiles, &self.absent, suite);
        absent.extend(declared.map_err(SetupError::Environment)?);
        Ok(absent)
    }
}

impl Endpoint {
    /// An endpoint with a key from somewhere; keys of another user and a revoked one are in `NEON_API_KEY_OTHER` and
    /// `NEON_REVOKED_API_KEY`, an organization in `NEON_ORG_ID`, where there are any.
    ///
    /// # Errors
    /// When the key cannot be had.
    pub fn new(url: String, allowed: Effect, key: &KeySource) -> Result<Self, KeyError> {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let key = key.read()?;
        let other_user = get("NEON_API_KEY_OTHER").map(SecretString::from);
        let revoked = get("NEON_REVOKED_API_KEY").map(SecretString::from);
        let pace = usual_pace(&url);
        let organization = get("NEON_ORG_ID");
        Ok(Self { url, key, other_user, revoked, allowed, pace, organization, identity: None })
    }

    /// A client of the endpoint.
    ///
    /// # Errors
    /// When the URL or a key cannot be one.
    pub fn connect(self) -> Result<Live, SetupError> {
        self.connect_within(Limits::default())
    }

    fn connect_within(self, limits: Limits) -> Result<Live, SetupError> {
        let keys = Keys { valid: self.key, other_user: self.other_user, revoked: self.revoked };
        let manner = Manner { allowed: self.allowed, pace: self.pace, limits, identity: self.identity };
        let live = Live::new(&self.url, keys, manner)?;
        Ok(live.in_organization(self.organization))
    }

    /// Sets the organization of the account.
    #[must_use]
    pub fn in_organization(mut self, id: Option<String>) -> Self {
        self.organization = id.or(self.organization);
        self
    }

    /// Sets the client certificate.
    #[must_use]
    pub fn identified_by(mut self, identity: Option<Identity>) -> Self {
        self.identity = identity;
        self
    }

    /// Sets the rate of requests.
    #[must_use]
    pub fn paced(mut self, rate: Option<Rate>, burst: Option<NonZeroU32>) -> Self {
        self.pace.rate = rate.unwrap_or(self.pace.rate);
        self.pace.burst = burst.unwrap_or(self.pace.burst);
        self
    }
}

/// Returns `true` if `CI` indicates an unattended run.
#[must_use]
pub fn is_unattended() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
