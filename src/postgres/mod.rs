//! Postgres behind the connection URIs: a server for each branch, and one port that leads to all of them.
//!
//! It knows nothing of the API. What there is and who may connect, it asks of a [`Directory`].

mod client;
mod cluster;
mod computes;
mod directory;
mod folder;
mod front;
mod gate;
mod http;
mod installation;
mod options;
mod reconcile;
mod server;
mod sql_over_http;
mod system;
mod websocket;

pub(crate) use directory::{Activity, Change, Database, Directory, Endpoint, Holding, Role, Wanted};
pub use installation::InstallationError;
pub use options::{Hosts, PostgresOptions, UnknownHosts};
pub use server::PostgresError;
pub(crate) use server::{Failure, Postgres};
