//! Endpoints by their addresses, and what real data say of them.

use std::sync::Arc;

use jiff::Timestamp;

use super::State;
use crate::mock::error::ApiError;
use crate::mock::model::data::{RESERVED_DATABASES, RESERVED_ROLES, must_be_a_name};
use crate::mock::model::endpoint::{Endpoint, EndpointState};
use crate::mock::model::project::Project;
use crate::mock::model::{Caller, Data};

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
