//! SEND: where trials are sent. A target opens a session for a trial and carries its requests.

mod client;
mod embedded;
mod failure;
pub mod fetch;
mod header_line;
mod http;
mod id;
mod ledger;
mod live;
mod pace;
mod proxies;
mod run_name;
mod second_look;
mod tls;

use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::SecretString;

pub use client::Limits;
pub use embedded::Embedded;
pub(crate) use failure::cause;
pub(crate) use http::Http;
pub(crate) use id::{is_plain, stays_in_place};
pub use ledger::{Ledger, LedgerError, OLD_LEDGERS, Outstanding, Undo, default_ledgers};
pub use live::{Keys, Live, LiveError, Manner, checked_origin, host, same_origin, usual_pace};
pub use pace::{Pace, Rate};
pub(crate) use proxies::Proxies;
pub use run_name::RunName;
pub(crate) use tls::Tls;
pub use tls::{Identity, IdentityError, TrustError};

use crate::exchange::{Request, Response};
use crate::plan::Trial;
use crate::spec::absent::Absent;

/// Somewhere to send trials.
pub trait Target: Send + Sync {
    /// What it is, in a word or two: `the embedded mock`, `https://console.neon.tech`.
    fn describe(&self) -> String;

    /// Where it is on the network: `https://console.neon.tech`.
    fn origin(&self) -> String;

    /// Whether the snapshots of this project are expected to hold here. Where they are not, a difference is reported and fails nothing.
    fn holds_snapshots(&self) -> bool;

    /// The operations that it is known to lack, each with the reason to tell.
    fn absent(&self) -> Absent {
        Absent::new()
    }

    /// A key of the account that all trials share; none where each has its own.
    fn shared_key(&self) -> Option<&SecretString> {
        None
    }

    /// The organization that the account works in, where requests must name it.
    fn organization(&self) -> Option<&str> {
        None
    }

    /// How many trials it can bear at once, where nobody says otherwise.
    fn default_jobs(&self) -> usize;

    /// An account for one trial.
    ///
    /// # Errors
    /// Why the trial cannot be run here.
    fn open(&self, trial: &Trial) -> Result<Session, Refusal>;

    /// How long it may take for what a step waits for to come about, where the step itself would wait longer.
    fn patience(&self) -> Duration {
        Duration::MAX
    }

    /// How long one response may take.
    fn timeout(&self) -> Duration {
        Duration::MAX
    }

    /// Whether what it asks to have sent again is.
    fn is_patient(&self) -> bool {
        false
    }

    /// Waits until a request on this route may be sent.
    fn ready<'a>(&'a self, _route: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Has all requests wait for so long.
    fn hold(&self, _time: Duration) {}

    /// Sends one request and waits for its answer.
    ///
    /// What goes wrong once a connection stands is part of the response.
    ///
    /// # Errors
    /// Where no connection can be made.
    fn send<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Response, Unreachable>>;
}

/// The account a trial works with.
#[derive(Debug)]
pub struct Session {
    /// A valid key of the account.
    pub key: SecretString,
    /// A valid key of another user, where there is one.
    pub other_user: Option<SecretString>,
    /// A key that was revoked, where none can be made.
    pub revoked: Option<SecretString>,
    /// Nobody else touches the account while the trial runs.
    pub exclusive: bool,
}

/// Why a trial is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It was not asked for, or does not apply here.
    Skipped(String),
    /// It was asked for, and cannot be done.
    Untested(String),
}

/// The endpoint could not be reached.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot reach {origin}: {cause}")]
pub struct Unreachable {
    /// The origin.
    pub origin: String,
    /// What the network said.
    pub cause: String,
}

/// With more trials at once, the two ends of their connections could be more than a process may have open where nobody has raised that: 256
/// on macOS.
const MOST_JOBS: usize = 96;

/// How many trials at once suit a server on this machine: what waits for one answer leaves the processor to others.
fn jobs_on_this_machine() -> usize {
    std::thread::available_parallelism().map_or(16, |cores| cores.get() * 16).min(MOST_JOBS)
}
