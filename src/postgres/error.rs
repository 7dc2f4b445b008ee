//! Why Postgres cannot be had.

use std::io;
use std::net::SocketAddr;

use super::installation::InstallationError;

/// Postgres cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// There is none to use.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// The port is taken.
    #[error(
        "Postgres cannot listen on {address}: {source}; is the port taken? Choose another one with --postgres-port"
    )]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Something else that is in the way.
    #[error("Postgres cannot be started: {0}")]
    Other(#[from] io::Error),
}
