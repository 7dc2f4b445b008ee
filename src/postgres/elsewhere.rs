//! Where there are no Unix sockets: Postgres cannot be served.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Weak;

use axum::Router;

use super::directory::{Change, Directory};
use super::failure::Failure;
use super::options::PostgresOptions;

/// Postgres cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// On this system it is not served.
    #[error("real databases are served on Linux and macOS only; leave --postgres out")]
    Elsewhere,
    /// Something else that is in the way.
    #[error(transparent)]
    Other(#[from] io::Error),
}

/// There is none.
#[derive(Debug)]
pub(crate) struct Postgres(Infallible);

/// There is none.
pub(crate) struct Prepared(Infallible);

impl Prepared {
    pub(crate) fn major(&self) -> i64 {
        match self.0 {}
    }

    pub(crate) fn port(&self) -> u16 {
        match self.0 {}
    }

    pub(crate) fn serve(self, _: Weak<dyn Directory>) -> io::Result<Postgres> {
        match self.0 {}
    }
}

impl Postgres {
    pub(crate) async fn prepare(_: &PostgresOptions) -> Result<Prepared, PostgresError> {
        Err(PostgresError::Elsewhere)
    }

    pub(crate) fn http(&self) -> Router {
        match self.0 {}
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self.0 {}
    }

    pub(crate) fn authority(&self) -> &Path {
        match self.0 {}
    }

    pub(crate) fn major(&self) -> i64 {
        match self.0 {}
    }

    pub(crate) async fn follow(&self, _: Vec<Change>, _: &dyn Directory) -> Result<(), Failure> {
        match self.0 {}
    }

    pub(crate) async fn schema(&self, _: &str, _: &str) -> Result<String, Failure> {
        match self.0 {}
    }

    pub(crate) fn forget(&self) {
        match self.0 {}
    }

    pub(crate) async fn shut_down(&self) {
        match self.0 {}
    }
}
