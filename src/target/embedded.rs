//! The mock in this process, spoken to over a real loopback socket.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;

use super::client::{Client, Limits, Peer};
use super::jobs_on_this_machine;
use super::{Refusal, Session, Target, Unreachable};
use crate::exchange::{Request, Response};
use crate::mock::{AccountFixture, Fault, Mock, MockError, support};
use crate::plan::Trial;
use crate::spec::absent::Absent;
use crate::spec::contract::OperationId;

/// The fixture of trials that do not ask for one.
const DEFAULT_FIXTURE: &str = "seed";

/// The built-in mock; every trial has an account of its own.
#[derive(Debug)]
pub struct Embedded {
    mock: Mock,
    client: Client,
    accounts: BTreeMap<String, AccountFixture>,
    patience: Duration,
}

impl Embedded {
    /// Starts the mock on a port that the system chooses.
    ///
    /// # Errors
    /// When no socket can be opened.
    pub async fn start(
        accounts: BTreeMap<String, AccountFixture>,
        faults: impl IntoIterator<Item = Fault>,
        limits: Limits,
    ) -> Result<Self, MockError> {
        Self::new(Mock::builder().faults(faults).start().await?, accounts, limits)
    }

    /// Speaks to a mock that is running.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn new(
        mock: Mock,
        accounts: BTreeMap<String, AccountFixture>,
        limits: Limits,
    ) -> Result<Self, MockError> {
        let client = Client::new(mock.origin().to_owned(), limits, Peer::OwnMock)
            .map_err(|error| MockError::from(std::io::Error::other(error)))?;
        Ok(Self { mock, client, accounts, patience: Duration::MAX })
    }
}

impl Embedded {
    /// The same mock, of which everything is expected to come about within this time.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How often the faults of the mock have made a difference.
    #[must_use]
    pub fn times_broken(&self) -> usize {
        self.mock.times_broken()
    }

    /// The operations that the mock does not perform, each with the reason to tell.
    #[must_use]
    pub fn lacking() -> Absent {
        let lacking = support().filter(|row| !matches!(row.support, "performed" | "bare"));
        let reason = |operation: &str| format!("the mock does not support `{operation}`");
        lacking.map(|row| (OperationId(row.operation.to_owned()), reason(row.operation))).collect()
    }
}

impl Target for Embedded {
    fn describe(&self) -> String {
        "the embedded mock".to_owned()
    }

    fn origin(&self) -> String {
        self.mock.origin().to_owned()
    }

    fn holds_snapshots(&self) -> bool {
        true
    }

    fn absent(&self) -> Absent {
        Self::lacking()
    }

    fn default_jobs(&self) -> usize {
        jobs_on_this_machine()
    }

    fn patience(&self) -> Duration {
        self.patience
    }

    fn open(&self, trial: &Trial) -> Result<Session, Refusal> {
        let name = trial.account.as_deref().unwrap_or(DEFAULT_FIXTURE);
        let Some(fixture) = self.accounts.get(name) else {
            return Err(Refusal::Untested(format!("there is no fixture account `{name}`")));
        };
        let account = self.mock.create_account(fixture);
        let other = self.mock.create_account(fixture);
        Ok(Session { key: account.key, other_user: Some(other.key), revoked: None, exclusive: true })
    }

    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, Unreachable>> {
        Box::pin(self.client.send(request))
    }
}
