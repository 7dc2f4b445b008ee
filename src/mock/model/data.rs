//! What it means for the model that branches have real data: where they are reached, and what changes mean for them.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::endpoint::{Endpoint, EndpointState};
use super::project::Project;
use super::state::State;
use crate::mock::auth::Caller;
use crate::mock::error::ApiError;
use crate::postgres::{Change, Hosts};
use crate::sync::lock;

/// The longest name of a role or a database, in bytes.
const LONGEST_NAME: usize = 63;

/// The usual port of PostgreSQL, which URIs leave out.
const USUAL_PORT: u16 = 5432;

/// Names that Postgres has for itself.
const RESERVED_ROLES: [&str; 4] = ["cloud_admin", "neon_superuser", "public", "none"];
const RESERVED_DATABASES: [&str; 3] = ["postgres", "template0", "template1"];

/// Where real data are, and what has been done to them that nobody has told Postgres yet.
#[derive(Debug)]
pub(in crate::mock) struct Data {
    pub(in crate::mock) hosts: Hosts,
    pub(in crate::mock) port: u16,
    pub(in crate::mock) pg_version: i64,
    changes: Mutex<Vec<Change>>,
}

impl Data {
    pub(in crate::mock) fn new(hosts: Hosts, port: u16, pg_version: i64) -> Self {
        Self { hosts, port, pg_version, changes: Mutex::default() }
    }

    /// What has been done since the last time.
    pub(in crate::mock) fn take(&self) -> Vec<Change> {
        std::mem::take(&mut *lock(&self.changes))
    }

    /// The host of an endpoint in a URI, with the port where it is not the usual one.
    pub(in crate::mock) fn authority(&self, endpoint: &str) -> String {
        let host = self.hosts.host(endpoint);
        if self.port == USUAL_PORT { host } else { format!("{host}:{}", self.port) }
    }
}

impl Project {
    /// Something is done to the data of a branch, where there are any.
    pub(super) fn note(&self, change: impl FnOnce() -> Change) {
        if let Some(data) = &self.data {
            lock(&data.changes).push(change());
        }
    }

    /// The data of one are copied to another.
    pub(super) fn note_copy(&self, from: &str, to: &str) {
        self.note(|| Change::Copy { from: from.to_owned(), to: to.to_owned() });
    }

    /// Refuses what real data cannot do.
    pub(in crate::mock) fn only_without_data(&self, is_asked: bool, what: &str) -> Result<(), ApiError> {
        if self.data.is_none() || !is_asked {
            return Ok(());
        }
        let message =
            format!("{what} is not possible with --postgres: the mock keeps the data of this moment only");
        Err(ApiError::unprocessable(message))
    }

    /// Whether a role can be called so.
    pub(in crate::mock) fn must_be_a_role(&self, name: &str) -> Result<(), ApiError> {
        self.must_be_a_name("role", name, RESERVED_ROLES.contains(&name) || name.starts_with("pg_"))
    }

    /// Whether a database can be called so.
    pub(in crate::mock) fn must_be_a_database(&self, name: &str) -> Result<(), ApiError> {
        self.must_be_a_name("database", name, RESERVED_DATABASES.contains(&name))
    }

    fn must_be_a_name(&self, what: &str, name: &str, is_reserved: bool) -> Result<(), ApiError> {
        must_be_a_name(self.data.as_deref(), what, name, is_reserved)
    }
}

/// Without real data, all names can be.
fn must_be_a_name(data: Option<&Data>, what: &str, name: &str, is_reserved: bool) -> Result<(), ApiError> {
    let reason = if data.is_none() {
        return Ok(());
    } else if is_reserved {
        "the name is reserved"
    } else if name.len() > LONGEST_NAME {
        "the name is longer than 63 bytes"
    } else if name.contains('\0') {
        "the name has a zero byte"
    } else {
        return Ok(());
    };
    Err(ApiError::unprocessable(format!("the {what} `{name}` cannot be created: {reason}")))
}

impl State {
    /// From now on branches have real data.
    pub(in crate::mock) fn set_data(&mut self, data: Option<Arc<Data>>) {
        for project in self.accounts.iter_mut().flat_map(|account| account.projects.all_mut()) {
            project.data.clone_from(&data);
        }
        self.data = data;
    }

    pub(in crate::mock) fn data(&self) -> Option<&Arc<Data>> {
        self.data.as_ref()
    }

    /// Whether a new project can have this version, role and database.
    pub(in crate::mock) fn must_be_possible(
        &self,
        asked_version: Option<i64>,
        role: &str,
        database: &str,
    ) -> Result<(), ApiError> {
        let Some(data) = self.data.as_deref() else { return Ok(()) };
        if let Some(version) = asked_version.filter(|version| *version != data.pg_version) {
            let message = format!(
                "PostgreSQL {version} is not available: the mock serves version {} (see --postgres-bin)",
                data.pg_version
            );
            return Err(ApiError::unprocessable(message));
        }
        let is_reserved = RESERVED_ROLES.contains(&role) || role.starts_with("pg_");
        must_be_a_name(Some(data), "role", role, is_reserved)?;
        must_be_a_name(Some(data), "database", database, RESERVED_DATABASES.contains(&database))
    }

    /// The one endpoint that is so, with its project; `None` where there are more.
    pub(in crate::mock) fn only_endpoint(
        &self,
        is_it: impl Fn(&Endpoint) -> bool,
    ) -> Option<(usize, &Project, &Endpoint)> {
        let mut found = self.accounts.iter().enumerate().flat_map(|(number, account)| {
            let endpoints = account
                .projects
                .iter()
                .flat_map(|project| project.endpoints.iter().map(move |endpoint| (project, endpoint)));
            endpoints.map(move |(project, endpoint)| (number, project, endpoint))
        });
        let mut found = found.by_ref().filter(|(_, _, endpoint)| is_it(endpoint));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// An endpoint has come up or gone down, whatever the operations say.
    pub(in crate::mock) fn set_active(&mut self, id: &str, is_active: bool, now: Timestamp) {
        let Some((number, project)) = self
            .only_endpoint(|endpoint| endpoint.id == id)
            .map(|(number, project, _)| (number, project.id.clone()))
        else {
            return;
        };
        let Some(project) = self.accounts[number].projects.get_mut(&project) else { return };
        // What was under way is done: it does not undo this.
        project.settle(now);
        let Ok(endpoint) = project.endpoint_mut(id) else { return };
        let now = now.max(endpoint.created_at);
        if is_active {
            endpoint.started(now);
        } else if endpoint.state != EndpointState::Idle {
            endpoint.suspended(now);
        }
    }

    /// All projects that are there, and all that were removed.
    pub(in crate::mock) fn projects(&self) -> impl Iterator<Item = &Project> {
        self.accounts.iter().flat_map(|account| account.projects.iter())
    }

    /// All projects that were removed and can be brought back.
    pub(in crate::mock) fn removed_projects(&self, now: Timestamp) -> impl Iterator<Item = &Project> {
        let removed = self.accounts.iter().flat_map(|account| account.projects.all_removed());
        removed.filter(move |project| project.is_recoverable(now))
    }

    /// A project that a caller reaches, as it is, with the number of its account.
    pub(in crate::mock) fn copy_of(&self, caller: Caller, id: &str) -> Option<(usize, Project)> {
        let number = self.account_of(caller, id).ok()?;
        Some((number, self.accounts[number].projects.get(id)?.clone()))
    }

    /// Puts a project back to what it was.
    pub(in crate::mock) fn put_project_back(&mut self, number: usize, before: Project) {
        if let Some(project) =
            self.accounts.get_mut(number).and_then(|account| account.projects.get_mut(&before.id))
        {
            *project = before;
        }
    }
}

/// The loopback address of an endpoint.
pub(in crate::mock) fn is_at(endpoint: &Endpoint, address: Ipv4Addr) -> bool {
    Hosts::Loopback.host(&endpoint.id) == address.to_string()
}
