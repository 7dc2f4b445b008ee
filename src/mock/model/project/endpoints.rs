//! The endpoints of a project.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::endpoint::{Compute, ComputeType, Endpoint, EndpointState};
use crate::mock::model::operation::{Action, Status};
use crate::postgres::Change;

impl Project {
    /// A compute as the project's defaults say.
    pub(in crate::mock) fn default_compute(&self, kind: ComputeType) -> Compute {
        let settings = &self.default_endpoint_settings;
        let units = |name: &str| {
            let number = settings.get(name).and_then(Value::as_number).cloned();
            number.or_else(|| serde_json::Number::from_f64(0.25)).unwrap_or_else(|| 1.into())
        };
        Compute {
            kind,
            name: None,
            min_cu: units("autoscaling_limit_min_cu"),
            max_cu: units("autoscaling_limit_max_cu"),
            suspend_timeout_seconds: settings
                .get("suspend_timeout_seconds")
                .and_then(Value::as_i64)
                .unwrap_or(0),
            settings: Map::new(),
            pooler_enabled: false,
            disabled: false,
            passwordless_access: true,
            provisioner: "k8s-neonvm".to_owned(),
        }
    }

    pub(in crate::mock) fn endpoint(&self, id: &str) -> Result<&Endpoint, ApiError> {
        let endpoint = self.endpoints.iter().find(|endpoint| endpoint.id == id);
        endpoint.ok_or_else(|| ApiError::not_found("endpoint", id))
    }

    pub(in crate::mock) fn endpoint_mut(&mut self, id: &str) -> Result<&mut Endpoint, ApiError> {
        let endpoint = self.endpoints.iter_mut().find(|endpoint| endpoint.id == id);
        endpoint.ok_or_else(|| ApiError::not_found("endpoint", id))
    }

    pub(in crate::mock) fn endpoints_of<'a>(&'a self, branch: &'a str) -> impl Iterator<Item = &'a Endpoint> {
        self.endpoints.iter().filter(move |endpoint| endpoint.branch_id == branch)
    }

    /// An endpoint on a branch; its id. A branch has one that writes, at most.
    pub(in crate::mock) fn create_endpoint(
        &mut self,
        branch: &str,
        compute: Compute,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        self.branch(branch)?;
        let writes = |compute: &Compute| compute.kind == ComputeType::ReadWrite;
        if writes(&compute) && self.endpoints_of(branch).any(|endpoint| writes(&endpoint.compute)) {
            return Err(ApiError::conflict("read_write endpoint already exists"));
        }
        let id = ids.endpoint();
        self.start_endpoint(Endpoint::new(id.clone(), branch.to_owned(), compute, now), ids, now);
        Ok(id)
    }

    pub(super) fn start_endpoint(&mut self, mut endpoint: Endpoint, ids: &mut Ids, now: Timestamp) {
        endpoint.pending = Some(EndpointState::Active);
        let (id, branch) = (endpoint.id.clone(), endpoint.branch_id.clone());
        self.endpoints.push(endpoint);
        self.begin(Action::StartCompute, Status::Scheduling, (Some(&branch), Some(&id)), ids, now);
    }

    /// Brings an endpoint up, where it is not.
    pub(in crate::mock) fn start(&mut self, id: &str, ids: &mut Ids, now: Timestamp) -> Result<(), ApiError> {
        self.turn(id, EndpointState::Active, Action::StartCompute, ids, now)
    }

    /// Takes an endpoint down, where it is not.
    pub(in crate::mock) fn suspend(
        &mut self,
        id: &str,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        self.turn(id, EndpointState::Idle, Action::SuspendCompute, ids, now)
    }

    /// Takes an endpoint down and up again.
    pub(in crate::mock) fn restart(
        &mut self,
        id: &str,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let branch = self.endpoint(id)?.branch_id.clone();
        self.must_be_idle(&branch)?;
        self.endpoint_mut(id)?.pending = Some(EndpointState::Active);
        self.note(|| Change::Suspend(id.to_owned()));
        self.note(|| Change::Start(id.to_owned()));
        self.begin(Action::SuspendCompute, Status::Running, (Some(&branch), Some(id)), ids, now);
        self.begin(Action::StartCompute, Status::Scheduling, (Some(&branch), Some(id)), ids, now);
        Ok(())
    }

    pub(super) fn turn(
        &mut self,
        id: &str,
        to: EndpointState,
        action: Action,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let branch = self.endpoint(id)?.branch_id.clone();
        self.must_be_idle(&branch)?;
        self.note(|| match to {
            EndpointState::Idle => Change::Suspend(id.to_owned()),
            _ => Change::Start(id.to_owned()),
        });
        let endpoint = self.endpoint_mut(id)?;
        if endpoint.state != to {
            endpoint.pending = Some(to);
            self.begin(action, Status::Running, (Some(&branch), Some(id)), ids, now);
        }
        Ok(())
    }

    /// Takes an endpoint out; `None` where there is none.
    pub(in crate::mock) fn remove_endpoint(
        &mut self,
        id: &str,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<Option<Endpoint>, ApiError> {
        let Some(index) = self.endpoints.iter().position(|endpoint| endpoint.id == id) else {
            return Ok(None);
        };
        self.must_be_idle(&self.endpoints[index].branch_id)?;
        let endpoint = self.endpoints.remove(index);
        self.begin(Action::SuspendCompute, Status::Running, (Some(&endpoint.branch_id), Some(id)), ids, now);
        Ok(Some(endpoint))
    }
}
