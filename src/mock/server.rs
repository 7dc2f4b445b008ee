//! The server: what a mock is to be like, its socket, and what a test does with it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::{Router, middleware};
use jiff::SignedDuration;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::control::SeedError;
use super::cors::{PageOrigin, Pages, let_pages_ask};
use super::fault::{AnswerRule, Fault, Given, Listener, Peer};
use super::fixture::AccountFixture;
use super::generated::{ContractSupport, Generated};
use super::journal::{Journal, JournalEntry, Observer};
use super::latency::{Delays, Latency};
use super::limiter::{Limiter, RateLimit};
use super::model::{Data, OperationClock, State};
use super::origin::Reach;
use super::persist::Persistence;
use super::real::Listener as Notices;
use super::scenario::Scenario;
use super::service::{Beginning, Pace, Service, VerdictAsked};
use super::{admin, console, tap};
use crate::artefact::{ArtefactError, check_writable};
use crate::postgres::{Directory, Postgres, PostgresError, PostgresOptions};
use crate::serve::serve;
use crate::spec::{Contract, Diagnostics};
use crate::traffic::Passed;

/// The mock, serving until it is dropped or shut down.
#[derive(Debug)]
pub struct Mock {
    origin: String,
    service: Arc<Service>,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

/// What a mock is to be like. See [`Mock::builder`].
pub struct MockBuilder {
    address: SocketAddr,
    beginning: Beginning,
    contract: Option<Contract>,
    persist: Option<PathBuf>,
    rate_limit: Option<RateLimit>,
    latency: Option<Latency>,
    origins: Vec<PageOrigin>,
    admin: bool,
    console: bool,
    observer: Option<Observer>,
    tap: Option<mpsc::UnboundedSender<Passed>>,
    postgres: Option<PostgresOptions>,
    listener: Option<Notices>,
}

/// An account of the mock, with a key that opens it.
#[derive(Debug)]
pub struct Account {
    /// The user's id.
    pub user_id: Uuid,
    /// A valid personal key.
    pub key: SecretString,
}

/// The Postgres of a mock.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PostgresServer<'m> {
    /// Where it listens for all endpoints.
    pub address: SocketAddr,
    /// A file with the certificate of the authority that clients can verify it with.
    pub authority: &'m Path,
    /// Its version: 15 of 15.18.
    pub major: i64,
}

/// The mock cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MockError {
    /// No socket can be opened.
    #[error("the mock cannot listen on {address}: {source}; is the port taken?")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file that keeps the state is not one.
    #[error("the state in {path} cannot be read: {reason}; move the file away to begin anew")]
    Kept {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The state cannot be kept where it is to be.
    #[error(transparent)]
    Unkept(#[from] ArtefactError),
    /// The contract describes nothing of the API.
    #[error("{0}")]
    Contract(Diagnostics),
    /// Real Postgres is asked for, and cannot be had.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// Something else of the system's.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Mock {
    /// A mock on a loopback port that the system chooses, without faults.
    #[must_use]
    pub fn builder() -> MockBuilder {
        MockBuilder {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            beginning: Beginning {
                seed: 0,
                clock: OperationClock::Immediate,
                faults: Vec::new(),
                answers: Vec::new(),
                generated: None,
                resets: None,
                verdicts: None,
            },
            contract: None,
            persist: None,
            rate_limit: None,
            latency: None,
            origins: Vec::new(),
            admin: false,
            console: false,
            observer: None,
            tap: None,
            postgres: None,
            listener: None,
        }
    }

    /// Where it listens: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A new account, which shares nothing with the others.
    #[must_use]
    pub fn create_account(&self, fixture: &AccountFixture) -> Account {
        let (user_id, key) = self.service.create_account(fixture);
        Account { user_id, key: key.into() }
    }

    /// The first account, which an earlier run may have left, with the key it began with, or a new one where that was revoked;
    /// a new account, where there is none.
    #[must_use]
    pub fn first_account(&self, fixture: &AccountFixture) -> Account {
        let (user_id, key) = self.service.first_account(fixture);
        Account { user_id, key: key.into() }
    }

    /// As at the start: nothing but the [first account](Self::first_account), with the same ids and tokens, the time on the
    /// wall, the clock, the faults and the answers that were asked for, and an empty journal.
    pub fn reset(&self) {
        self.service.reset(None, None);
    }

    /// Puts what a fixture has into an account that is there.
    ///
    /// # Errors
    /// When there is no such user, or something in the account has one of the fixture's ids; nothing is changed then.
    pub fn seed(&self, user_id: Uuid, fixture: &AccountFixture) -> Result<(), SeedError> {
        self.service.seed(user_id, fixture)
    }

    /// Finishes all operations that are under way, due or not.
    pub fn finish_operations(&self) {
        self.service.finish_operations();
    }

    /// Moves the mock's time ahead: what is due by then is done, and what could be recovered until then is gone. Beyond the year
    /// 9999 there is no time, and nothing is moved. How far it was moved ends with the mock: it is not kept with the state.
    pub fn advance(&self, by: Duration) {
        self.service.advance_by(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX));
    }

    /// Breaks these rules, and no others, from the next request.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.service.break_rules(faults);
    }

    /// Gives these answers on demand, and no others, from the next request; none has been given yet.
    pub fn set_answers(&self, answers: impl IntoIterator<Item = AnswerRule>) {
        self.service.set_answers(answers);
    }

    /// The answers on demand, and how often each was given.
    #[must_use]
    pub fn answers(&self) -> Vec<Given> {
        self.service.rules.given()
    }

    /// How often the faults that are switched on have made a difference.
    #[must_use]
    pub fn times_broken(&self) -> usize {
        self.service.faults().fired()
    }

    /// The last thousand requests to the API, oldest first; empty unless the mock was built with
    /// [`admin`](MockBuilder::admin) or [`observe`](MockBuilder::observe).
    #[must_use]
    pub fn journal(&self) -> Vec<Arc<JournalEntry>> {
        self.service.journal.as_ref().map(Journal::entries).unwrap_or_default()
    }

    /// What the mock makes of the operations of its contract, where it was [given](MockBuilder::contract) one.
    #[must_use]
    pub fn contract_support(&self) -> Option<ContractSupport> {
        self.service.beginning.generated.as_deref().map(Generated::support)
    }

    /// The Postgres behind the connection URIs, where there is one.
    #[must_use]
    pub fn postgres(&self) -> Option<PostgresServer<'_>> {
        let postgres = self.service.real.postgres()?;
        let (address, authority, major) = (postgres.address(), postgres.authority(), postgres.major());
        Some(PostgresServer { address, authority, major })
    }

    /// Stops listening, and waits a few seconds for the answers under way.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            // The task only ends early if it panicked, which has been reported then.
            let _ = serving.await;
        }
        self.service.real.shut_down().await;
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for MockBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockBuilder").field("address", &self.address).finish_non_exhaustive()
    }
}

impl MockBuilder {
    /// The port to listen on; 0, the default, lets the system choose.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// The address to listen on; 127.0.0.1 by default.
    #[must_use]
    pub fn host(mut self, host: IpAddr) -> Self {
        self.address.set_ip(host);
        self
    }

    /// What identifiers and tokens are made from: the same seed makes the same ones.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.beginning.seed = seed;
        self
    }

    /// When operations are finished; by the next request, where nothing is said.
    #[must_use]
    pub fn operations(mut self, clock: OperationClock) -> Self {
        self.beginning.clock = clock;
        self
    }

    /// A file that keeps the state: read at the start, where there is one, and written before each answer that tells of a
    /// change.
    #[must_use]
    pub fn persist(mut self, path: impl Into<PathBuf>) -> Self {
        self.persist = Some(path.into());
        self
    }

    /// So many requests of each account in a length of time, a minute where a number is given; more are answered with 429 and
    /// `Retry-After`.
    #[must_use]
    pub fn rate_limit(mut self, limit: impl Into<RateLimit>) -> Self {
        self.rate_limit = Some(limit.into());
        self
    }

    /// How long answers of the API take.
    #[must_use]
    pub fn latency(mut self, latency: impl Into<Latency>) -> Self {
        self.latency = Some(latency.into());
        self
    }

    /// Lets the pages of these origins use the API from a browser.
    #[must_use]
    pub fn cors(mut self, origins: impl IntoIterator<Item = PageOrigin>) -> Self {
        self.origins.extend(origins);
        self
    }

    /// Answers on demand; in addition to those that were given before.
    #[must_use]
    pub fn answers(mut self, answers: impl IntoIterator<Item = AnswerRule>) -> Self {
        self.beginning.answers.extend(answers);
        self
    }

    /// A scenario: its answers on demand, and when operations are finished where it says so.
    #[must_use]
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.beginning.clock = scenario.operations.unwrap_or(self.beginning.clock);
        self.answers(scenario.answers)
    }

    /// A contract: its operations that the mock does not know are answered by its schemas, the same for the same request. Nothing
    /// is kept of them, and what the mock performs stays performed.
    #[must_use]
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = Some(contract);
        self
    }

    /// The rules to break.
    #[must_use]
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.beginning.faults = faults.into_iter().collect();
        self
    }

    /// Serves what tests do to a mock from outside its API, under [`ADMIN`](super::ADMIN), to anyone who reaches the port; and
    /// keeps a journal of requests.
    #[must_use]
    pub fn admin(mut self, is_served: bool) -> Self {
        self.admin = is_served;
        self
    }

    /// Serves a page on which a person signs in, without a password, and looks after keys, under
    /// [`CONSOLE`](super::CONSOLE).
    #[must_use]
    pub fn console(mut self, is_served: bool) -> Self {
        self.console = is_served;
        self
    }

    /// Is told of every request to the API, with its secrets masked, before the answer is sent; and keeps a journal of them.
    #[must_use]
    pub fn observe(mut self, observer: impl Fn(&JournalEntry) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Reports every exchange with the API as it was, keys included, when it is answered.
    #[must_use]
    pub fn tap(mut self, seen: mpsc::UnboundedSender<Passed>) -> Self {
        self.tap = Some(seen);
        self
    }

    /// Reports every reset.
    #[must_use]
    pub fn tell_of_resets(mut self, resets: mpsc::UnboundedSender<()>) -> Self {
        self.beginning.resets = Some(resets);
        self
    }

    /// Hands on every request for a verdict, `GET /_mock/verdict`, to whoever judges.
    #[must_use]
    pub fn verdicts(mut self, asked: mpsc::UnboundedSender<VerdictAsked>) -> Self {
        self.beginning.verdicts = Some(asked);
        self
    }

    /// Puts a real Postgres behind the connection URIs. Without this, nothing listens there.
    #[must_use]
    pub fn postgres(mut self, options: PostgresOptions) -> Self {
        self.postgres = Some(options);
        self
    }

    /// Receives a line for each event of Postgres that a person may want to know.
    #[must_use]
    pub fn notices(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Listens, and serves in the background.
    ///
    /// # Errors
    /// When no socket can be opened there, the file that keeps the state is not one, or the contract describes nothing of the API.
    pub async fn start(mut self) -> Result<Mock, MockError> {
        let generated = self.contract.take().map(Generated::new).transpose();
        self.beginning.generated = generated.map_err(MockError::Contract)?.map(Arc::new);
        let address = self.address;
        let listener =
            TcpListener::bind(address).await.map_err(|source| MockError::Listen { address, source })?;
        let origin = format!("http://{}", listener.local_addr()?);
        let persistence = self.persist.map(Persistence::new);
        let kept = match &persistence {
            Some(persistence) => {
                let kept = persistence
                    .load()
                    .map_err(|reason| MockError::Kept { path: persistence.path().to_owned(), reason })?;
                check_writable(persistence.path())?;
                kept
            }
            None => None,
        };
        let prepared = match &self.postgres {
            Some(options) => Some((Postgres::prepare(options).await?, options.hosts.clone())),
            None => None,
        };
        let mut state = kept.unwrap_or_else(|| State::new(self.beginning.seed));
        if let Some((prepared, hosts)) = &prepared {
            state.set_data(Some(Arc::new(Data::new(hosts.clone(), prepared.port(), prepared.major()))));
        }
        let mut beginning = self.beginning;
        // What an earlier run has kept goes on with its own seed.
        beginning.seed = state.seed();
        let is_watched = self.admin || self.observer.is_some();
        let journal = is_watched.then(|| Journal::new(self.observer));
        let pace = Pace {
            limiter: self.rate_limit.map(Limiter::new),
            delays: self.latency.map(|latency| Delays::new(latency, beginning.seed)),
        };
        let service = Arc::new(Service::new(state, beginning, persistence, pace, journal));
        if let Some((prepared, _)) = prepared {
            let directory: Arc<dyn Directory> = service.clone();
            service.real.set(prepared.serve(Arc::downgrade(&directory))?, self.listener);
        }
        let stop = CancellationToken::new();
        let reach = Reach::of(address.ip());
        let mut app = Router::new();
        if self.admin {
            app = app.merge(admin::router(service.clone(), reach));
        }
        if let Some(postgres) = service.real.postgres() {
            app = app.merge(postgres.http());
        }
        if self.console {
            app = app.merge(console::router(service.clone(), reach));
        }
        let app = app.fallback({
            let (service, seen) = (service.clone(), self.tap);
            move |ConnectInfo(peer): ConnectInfo<Peer>, request: Request| async move {
                match seen {
                    Some(seen) => tap::answer(&service, peer, request, seen).await,
                    None => service.answer(peer, request).await,
                }
            }
        });
        let app = match Pages::of(self.origins) {
            Some(pages) => app.layer(middleware::from_fn_with_state(pages, let_pages_ask)),
            None => app,
        };
        let stopped = stop.clone();
        let listener = Listener { tcp: listener, service: service.clone() };
        let stop_keeping = CancellationToken::new();
        let keeping = tokio::spawn(service.clone().keep(stop_keeping.clone()));
        let serving = tokio::spawn(async move {
            serve(listener, app, stopped).await;
            // The last answers wait for what they tell of to be kept.
            stop_keeping.cancel();
            let _ = keeping.await;
        });
        Ok(Mock { origin, service, stop, serving: Some(serving) })
    }
}
