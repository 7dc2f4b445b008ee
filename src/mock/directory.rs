//! What Postgres asks of the mock, and how it follows what requests change.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;

use super::error::ApiError;
use super::model::{Branch, ComputeType, Endpoint as Compute, Project, is_at};
use super::service::Service;
use crate::postgres::{Activity, Database, Directory, Endpoint, Failure, Holding, Role, Wanted};

/// After how long an endpoint goes down that says nothing of it.
const USUAL_TIMEOUT: Duration = Duration::from_secs(300);

impl Service {
    /// Has Postgres do what a request has changed. Where that fails, the project is as it was before.
    pub(super) async fn follow(&self, before: Option<(usize, Project)>) -> Result<(), ApiError> {
        let Some(postgres) = self.real.postgres() else { return Ok(()) };
        let changes = self.state().data().map(|data| data.take()).unwrap_or_default();
        let Err(failure) = postgres.follow(changes, self).await else { return Ok(()) };
        if let Some((number, project)) = before {
            self.state_mut().put_project_back(number, project);
            self.touch();
            // What was done of it is undone; the first failure is the one to tell.
            let _ = postgres.follow(Vec::new(), self).await;
        }
        Err(refused(failure))
    }
}

/// How a request is refused that Postgres cannot follow.
fn refused(failure: Failure) -> ApiError {
    if failure.is_of_the_request() {
        ApiError::unprocessable(failure.message)
    } else {
        ApiError::not_done(&failure.message)
    }
}

impl Directory for Service {
    fn endpoint(&self, id: &str) -> Option<Endpoint> {
        self.state().only_endpoint(|endpoint| endpoint.id == id).map(|(_, _, endpoint)| shown(endpoint))
    }

    fn endpoint_at(&self, address: Ipv4Addr) -> Option<Endpoint> {
        self.state()
            .only_endpoint(|endpoint| is_at(endpoint, address))
            .map(|(_, _, endpoint)| shown(endpoint))
    }

    fn holdings(&self, names: &[String]) -> HashMap<String, Holding> {
        let now = self.now();
        let state = self.state();
        let mut holdings = HashMap::new();
        let names: HashSet<&str> = names.iter().map(String::as_str).collect();
        let mut hold = |id: &str, holding: &dyn Fn() -> Holding| {
            if names.contains(id) {
                holdings.insert(id.to_owned(), holding());
            }
        };
        for project in state.projects() {
            for branch in &project.branches {
                hold(&branch.id, &|| Holding::Branch(wanted(branch)));
            }
            kept(project, now, &mut |id| hold(id, &|| Holding::Kept));
        }
        for project in state.removed_projects(now) {
            for branch in &project.branches {
                hold(&branch.id, &|| Holding::Kept);
            }
            kept(project, now, &mut |id| hold(id, &|| Holding::Kept));
        }
        holdings
    }

    fn note(&self, endpoint: &str, activity: Activity) {
        let now = self.now();
        self.state_mut().set_active(endpoint, activity == Activity::Active, now);
        self.touch();
    }

    fn tell(&self, message: &str) {
        self.real.tell(message);
    }
}

/// What is kept of a project though nobody can connect to it.
fn kept(project: &Project, now: Timestamp, hold: &mut dyn FnMut(&str)) {
    project.recoverable(now).for_each(|branch| hold(&branch.id));
    project.snapshots.iter().for_each(|snapshot| hold(&snapshot.id));
}

fn shown(endpoint: &Compute) -> Endpoint {
    let compute = &endpoint.compute;
    Endpoint {
        id: endpoint.id.clone(),
        branch: endpoint.branch_id.clone(),
        is_disabled: compute.disabled,
        is_read_only: compute.kind == ComputeType::ReadOnly,
        suspend_after: match compute.suspend_timeout_seconds {
            0 => Some(USUAL_TIMEOUT),
            seconds => u64::try_from(seconds).ok().map(Duration::from_secs),
        },
    }
}

fn wanted(branch: &Branch) -> Wanted {
    let role = |role: &super::model::Role| Role {
        name: role.name.clone(),
        password: role.password.clone().map(Into::into),
        version: role.updated_at.to_string(),
    };
    let database = |database: &super::model::Database| Database {
        id: database.id,
        name: database.name.clone(),
        owner: database.owner_name.clone(),
    };
    Wanted {
        roles: branch.roles.iter().map(role).collect(),
        databases: branch.databases.iter().map(database).collect(),
    }
}
