//! Postgres behind the connection URIs: a server for each branch, and one port that leads to all of them.
//!
//! It knows nothing of the API. What there is and who may connect, it asks of those who own the branches.

// Elsewhere nobody asks for what a server needs.
#![cfg_attr(not(unix), allow(dead_code))]

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod cluster;
#[cfg(unix)]
mod computes;
mod directory;
#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod error;
mod failure;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod front;
#[cfg(unix)]
mod gate;
#[cfg(unix)]
mod http;
#[cfg(unix)]
mod installation;
mod options;
#[cfg(unix)]
mod reconcile;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod sql_over_http;
#[cfg(unix)]
mod system;
#[cfg(unix)]
mod template;
#[cfg(unix)]
mod websocket;

pub(crate) use directory::{Activity, Change, Database, Directory, Endpoint, Holding, Role, Wanted};
#[cfg(not(unix))]
pub(crate) use elsewhere::Postgres;
#[cfg(not(unix))]
pub use elsewhere::PostgresError;
#[cfg(unix)]
pub use error::PostgresError;
pub(crate) use failure::Failure;
#[cfg(unix)]
pub use installation::InstallationError;
pub use options::{Domain, Hosts, PostgresOptions, UnknownHosts};
#[cfg(unix)]
pub(crate) use server::Postgres;
