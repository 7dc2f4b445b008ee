//! Postgres as a whole: started with the mock, told of what the API does, stopped with the mock.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::cluster::Clusters;
use super::computes::Computes;
use super::directory::{Change, Directory};
use super::error::PostgresError;
use super::failure::Failure;
use super::folder::Folder;
use super::front::{Authority, Front};
use super::gate::Gate;
use super::http;
use super::installation::Installation;
use super::options::{Hosts, PostgresOptions};
use super::system::Owner;

/// How often idle servers are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Postgres, serving until it is shut down.
#[derive(Debug)]
pub(crate) struct Postgres {
    computes: Arc<Computes>,
    http: Router,
    authority: PathBuf,
    address: SocketAddr,
    major: i64,
    stop: CancellationToken,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    runtime: tokio::runtime::Handle,
    /// Held as long as this is: with it go the data.
    _folder: Arc<Folder>,
}

/// Postgres as far as it is made before anything is asked of it.
pub(crate) struct Prepared {
    clusters: Clusters,
    front: Front,
    folder: Arc<Folder>,
    hosts: Hosts,
    computes: usize,
}

impl Prepared {
    /// 15 of 15.18.
    pub(crate) fn major(&self) -> i64 {
        self.clusters.installation.major
    }

    /// The port of all endpoints.
    pub(crate) fn port(&self) -> u16 {
        self.front.address().port()
    }

    /// Serves what a directory has.
    pub(crate) fn serve(self, directory: Weak<dyn Directory>) -> io::Result<Postgres> {
        let Self { clusters, front, folder, hosts, computes } = self;
        let major = clusters.installation.major;
        let computes = Arc::new(Computes::new(clusters, directory.clone(), computes)?);
        let stop = CancellationToken::new();
        let (address, authority) = (front.address(), front.authority().to_owned());
        let gate = Arc::new(Gate { hosts, computes: computes.clone(), directory });
        let http = http::router(gate.clone());
        let listening = tokio::spawn(front.serve(gate, http.clone(), stop.clone()));
        let (looked_after, stopped) = (computes.clone(), stop.clone());
        let looking = tokio::spawn(async move {
            while stopped.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
                looked_after.suspend_idle().await;
            }
        });
        Ok(Postgres {
            computes,
            http,
            authority,
            address,
            major,
            stop,
            tasks: tokio::sync::Mutex::new(vec![listening, looking]),
            runtime: tokio::runtime::Handle::current(),
            _folder: folder,
        })
    }
}

impl Postgres {
    /// Finds Postgres, makes a template and listens. Nobody is served yet.
    pub(crate) async fn prepare(options: &PostgresOptions) -> Result<Prepared, PostgresError> {
        let owner = Owner::of_this_process()?;
        let installation = Installation::find(options.programs.as_deref(), owner)?;
        if options.hosts == Hosts::Loopback && !cfg!(target_os = "linux") {
            return Err(io::Error::other(
                "only Linux has an address for each endpoint; leave --postgres-host out",
            )
            .into());
        }
        let folder = Arc::new(Folder::open(options.data.as_deref(), owner)?);
        let authority = Authority::open(&folder)?;
        let front = Front::listen(options.port, &options.hosts, authority).await?;
        let clusters = Clusters::new(installation, folder.clone(), owner).await?;
        Ok(Prepared { clusters, front, folder, hosts: options.hosts.clone(), computes: options.computes })
    }

    /// What is served over HTTP.
    pub(crate) fn http(&self) -> Router {
        self.http.clone()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file with the certificate that clients check the server with.
    pub(crate) fn authority(&self) -> &std::path::Path {
        &self.authority
    }

    /// 15 of 15.18.
    pub(crate) fn major(&self) -> i64 {
        self.major
    }

    /// Does what the API has done to the data, and what is not seen from what there is.
    pub(crate) async fn follow(
        &self,
        changes: Vec<Change>,
        directory: &dyn Directory,
    ) -> Result<(), Failure> {
        let mut starts = Vec::new();
        for change in changes {
            match change {
                Change::Copy { from, to } => self.computes.copy(&from, &to).await?,
                Change::Suspend(endpoint) => self.computes.suspend(&endpoint).await,
                Change::Start(endpoint) => starts.push(endpoint),
            }
        }
        self.computes.settle().await?;
        for endpoint in starts {
            if let Some(endpoint) = directory.endpoint(&endpoint).filter(|endpoint| !endpoint.is_disabled) {
                self.computes.open(&endpoint).await?;
            }
        }
        Ok(())
    }

    /// The statements that make the schema of a database.
    pub(crate) async fn schema(&self, branch: &str, database: &str) -> Result<String, Failure> {
        self.computes.schema(branch, database).await
    }

    /// Removes all data: the mock was reset.
    pub(crate) fn forget(&self) {
        self.runtime.spawn(self.computes.clone().forget());
    }

    /// Ends all sessions and servers.
    pub(crate) async fn shut_down(&self) {
        self.stop.cancel();
        self.computes.shut_down().await;
        for task in self.tasks.lock().await.drain(..) {
            // A task that has panicked has said so.
            let _ = task.await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
