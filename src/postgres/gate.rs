//! The way to a server, whatever a client has come by: finds the endpoint, and has its server started.

use std::sync::{Arc, Weak};

use super::computes::{Computes, Lease};
use super::directory::Directory;
use super::failure::Failure;
use super::front::{Startup, Way, route};
use super::options::Hosts;

/// The way to the servers of a directory.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) hosts: Hosts,
    pub(super) computes: Arc<Computes>,
    pub(super) directory: Weak<dyn Directory>,
}

impl Gate {
    /// Lets a client in to the server that it names. What it says of the endpoint is taken out of the packet.
    pub(super) async fn open(&self, startup: &mut Startup, way: &Way) -> Result<Lease, Failure> {
        let directory = self.directory.upgrade().ok_or_else(Failure::stopping)?;
        let endpoint = route(startup, way, &self.hosts, &*directory)?;
        self.computes.open(&endpoint).await
    }
}
