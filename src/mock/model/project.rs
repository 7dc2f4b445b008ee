//! A project and everything in it, and the rules that hold between its parts.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::branch::{Branch, Database, NewBranch, Parent, Role};
use super::data::Data;
use super::endpoint::{Compute, ComputeType, Endpoint, EndpointState};
use super::jwks::Jwks;
use super::operation::{Action, Operation, OperationClock, Status};
use super::snapshot::Snapshot;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::postgres::Change;

/// A project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Project {
    pub(in crate::mock) id: String,
    pub(in crate::mock) name: String,
    pub(in crate::mock) region_id: String,
    pub(in crate::mock) pg_version: i64,
    pub(in crate::mock) store_passwords: bool,
    pub(in crate::mock) history_retention_seconds: i64,
    /// Most projects have the defaults, and share them.
    pub(in crate::mock) settings: Arc<Map<String, Value>>,
    pub(in crate::mock) default_endpoint_settings: Arc<Map<String, Value>>,
    /// Its state, as v1 shows it.
    pub(in crate::mock) current_state: String,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
    pub(in crate::mock) removed_at: Option<Timestamp>,
    pub(in crate::mock) branches: Vec<Branch>,
    pub(in crate::mock) endpoints: Vec<Endpoint>,
    /// Oldest first.
    pub(in crate::mock) operations: Vec<Operation>,
    pub(in crate::mock) permissions: Vec<Permission>,
    pub(in crate::mock) jwks: Vec<Jwks>,
    pub(in crate::mock) snapshots: Vec<Snapshot>,
    /// Branches that were removed, and can be recovered.
    pub(super) removed: Vec<Removed>,
    #[serde(skip)]
    pub(super) clock: OperationClock,
    /// Where its branches have real data.
    #[serde(skip)]
    pub(in crate::mock) data: Option<Arc<Data>>,
}

/// What a client may say of a new project.
#[derive(Debug, Clone)]
pub(in crate::mock) struct NewProject {
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) region_id: String,
    pub(in crate::mock) pg_version: i64,
    pub(in crate::mock) store_passwords: bool,
    pub(in crate::mock) history_retention_seconds: i64,
    pub(in crate::mock) settings: Arc<Map<String, Value>>,
    pub(in crate::mock) default_endpoint_settings: Arc<Map<String, Value>>,
    pub(in crate::mock) branch_name: String,
    pub(in crate::mock) role_name: String,
    pub(in crate::mock) database_name: String,
}

/// A branch that was removed, with its endpoints.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Removed {
    branch: Branch,
    endpoints: Vec<Endpoint>,
}

/// Someone else who may use a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Permission {
    pub(in crate::mock) id: String,
    pub(in crate::mock) email: String,
    pub(in crate::mock) granted_at: Timestamp,
    pub(in crate::mock) revoked_at: Option<Timestamp>,
}

static SETTINGS: LazyLock<Arc<Map<String, Value>>> = LazyLock::new(|| {
    object(json!({
        "allowed_ips": { "ips": [], "protected_branches_only": false },
        "enable_logical_replication": false,
        "block_public_connections": false,
        "block_vpc_connections": false,
    }))
});

static ENDPOINT_SETTINGS: LazyLock<Arc<Map<String, Value>>> = LazyLock::new(|| {
    object(json!({
        "autoscaling_limit_min_cu": 0.25, "autoscaling_limit_max_cu": 0.25, "suspend_timeout_seconds": 0,
    }))
});

fn object(value: Value) -> Arc<Map<String, Value>> {
    Arc::new(value.as_object().cloned().unwrap_or_default())
}

impl Default for NewProject {
    /// What the service makes where nothing is said (PROJ-DEFAULTS).
    fn default() -> Self {
        Self {
            name: None,
            region_id: "aws-us-east-2".to_owned(),
            pg_version: 17,
            store_passwords: true,
            history_retention_seconds: 86_400,
            settings: SETTINGS.clone(),
            default_endpoint_settings: ENDPOINT_SETTINGS.clone(),
            branch_name: "main".to_owned(),
            role_name: "neondb_owner".to_owned(),
            database_name: "neondb".to_owned(),
        }
    }
}

/// Until when something that was removed can be recovered: for seven days.
pub(in crate::mock) fn recoverable_until(removed_at: Timestamp) -> Timestamp {
    removed_at.checked_add(jiff::SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MAX)
}

impl Project {
    /// A project with its default branch, role, database and endpoint, and the work to make them.
    pub(super) fn create(
        id: String,
        new: NewProject,
        ids: &mut Ids,
        numbers: &mut i64,
        clock: OperationClock,
        now: Timestamp,
    ) -> Self {
        let mut branch = Branch::new(ids.branch(), new.branch_name, now);
        branch.is_default = true;
        *numbers += 1;
        let password = Some(ids.password());
        // No more room than most projects need: there may be many.
        branch.roles = vec![Role {
            id: *numbers,
            name: new.role_name.clone(),
            password,
            created_at: now,
            updated_at: now,
        }];
        branch.databases = vec![Database {
            id: *numbers,
            name: new.database_name,
            owner_name: new.role_name,
            created_at: now,
            updated_at: now,
        }];
        let mut project = Self {
            name: new.name.unwrap_or_else(|| id.clone()),
            id,
            region_id: new.region_id,
            pg_version: new.pg_version,
            store_passwords: new.store_passwords,
            history_retention_seconds: new.history_retention_seconds,
            settings: new.settings,
            default_endpoint_settings: new.default_endpoint_settings,
            current_state: "active".to_owned(),
            created_at: now,
            updated_at: now,
            removed_at: None,
            branches: Vec::with_capacity(1),
            endpoints: Vec::with_capacity(1),
            operations: Vec::with_capacity(2),
            permissions: Vec::new(),
            jwks: Vec::new(),
            snapshots: Vec::new(),
            removed: Vec::new(),
            clock,
            data: None,
        };
        let branch_id = branch.id.clone();
        project.branches.push(branch);
        let endpoint_id = ids.endpoint();
        project.begin(Action::CreateTimeline, Status::Running, Some(&branch_id), None, ids, now);
        let compute = project.default_compute(ComputeType::ReadWrite);
        project.start_endpoint(Endpoint::new(endpoint_id, branch_id, compute, now), ids, now);
        project
    }

    /// Whether it was removed, and can still be brought back.
    pub(in crate::mock) fn is_recoverable(&self, now: Timestamp) -> bool {
        self.removed_at.is_some_and(|removed_at| recoverable_until(removed_at) > now)
    }

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

    // --- operations ---

    /// Brings about what is due.
    pub(super) fn settle(&mut self, now: Timestamp) {
        // What is finished stays behind what is not, but for a few: the last ones are enough to look at.
        let last = self.operations.iter().rposition(Operation::is_finished);
        self.finish(last.map_or(0, |last| last.saturating_sub(64)), now, |operation| operation.is_due(now));
    }

    /// Finishes all that is under way, due or not; how many operations that was.
    pub(in crate::mock) fn finish_all(&mut self, now: Timestamp) -> usize {
        self.finish(0, now, |operation| !operation.is_finished())
    }

    fn finish(&mut self, from: usize, now: Timestamp, which: impl Fn(&Operation) -> bool) -> usize {
        let mut count = 0;
        for index in from..self.operations.len() {
            if which(&self.operations[index]) {
                self.operations[index].finish(now);
                let done = self.operations[index].clone();
                self.effect(&done);
                count += 1;
            }
        }
        count
    }

    /// What it means that an operation is done.
    fn effect(&mut self, done: &Operation) {
        let branch = self.branches.iter_mut().find(|branch| Some(&branch.id) == done.branch_id.as_ref());
        let endpoint =
            self.endpoints.iter_mut().find(|endpoint| Some(&endpoint.id) == done.endpoint_id.as_ref());
        match (done.action, branch, endpoint) {
            (Action::CreateTimeline | Action::CreateBranch, Some(branch), _) => {
                branch.is_ready = true;
                branch.state_changed_at = done.updated_at;
            }
            (Action::StartCompute, _, Some(endpoint)) => endpoint.started(done.updated_at),
            (Action::SuspendCompute, _, Some(endpoint)) => endpoint.suspended(done.updated_at),
            _ => {}
        }
    }

    pub(super) fn begin(
        &mut self,
        action: Action,
        status: Status,
        branch: Option<&str>,
        endpoint: Option<&str>,
        ids: &mut Ids,
        now: Timestamp,
    ) {
        // No two operations of a project have one time: cursors tell them by it.
        let previous = self.operations.last().map_or(i64::MIN, |last| last.created_at.as_microsecond());
        let time = now.as_microsecond().max(previous.saturating_add(1));
        let created_at = Timestamp::from_microsecond(time).unwrap_or(now);
        self.operations.push(Operation {
            id: ids.uuid(),
            branch_id: branch.map(str::to_owned),
            endpoint_id: endpoint.map(str::to_owned),
            action,
            status,
            created_at,
            updated_at: created_at,
            due: self.clock.due(created_at),
        });
    }

    /// Work under way on a branch keeps other work from beginning.
    pub(in crate::mock) fn must_be_idle(&self, branch: &str) -> Result<(), ApiError> {
        let conflicts = |operation: &Operation| {
            !operation.is_finished() && operation.branch_id.as_deref() == Some(branch)
        };
        if self.operations.iter().rev().take(64).any(conflicts) { Err(ApiError::locked()) } else { Ok(()) }
    }

    // --- branches ---

    pub(in crate::mock) fn branch(&self, id: &str) -> Result<&Branch, ApiError> {
        self.branches.iter().find(|branch| branch.id == id).ok_or_else(|| ApiError::not_found("branch", id))
    }

    pub(in crate::mock) fn branch_mut(&mut self, id: &str) -> Result<&mut Branch, ApiError> {
        let branch = self.branches.iter_mut().find(|branch| branch.id == id);
        branch.ok_or_else(|| ApiError::not_found("branch", id))
    }

    /// The one branch that stands for the project.
    pub(in crate::mock) fn default_branch(&self) -> Result<&Branch, ApiError> {
        let branch = self.branches.iter().find(|branch| branch.is_default);
        branch.ok_or_else(|| ApiError::not_found("branch", "the default branch"))
    }

    /// A branch with copies of its parent's roles and databases; its id.
    pub(in crate::mock) fn create_branch(
        &mut self,
        new: NewBranch,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<String, ApiError> {
        let parent = match &new.parent_id {
            Some(id) => self.branch(id)?,
            None => self.default_branch()?,
        };
        self.must_be_idle(&parent.id)?;
        let id = ids.branch();
        let name = new.name.unwrap_or_else(|| id.clone());
        self.must_be_free(&name)?;
        let mut branch = Branch::new(id.clone(), name, now);
        branch.roles.clone_from(&parent.roles);
        branch.databases.clone_from(&parent.databases);
        branch.parent =
            Some(Parent { id: parent.id.clone(), timestamp: new.parent_timestamp.unwrap_or(now) });
        branch.protected = new.protected;
        branch.init_source = new.init_source;
        branch.expires_at = new.expires_at;
        branch.annotation = new.annotation;
        let parent = branch.parent.as_ref().map(|parent| parent.id.clone()).unwrap_or_default();
        self.branches.push(branch);
        self.note_copy(&parent, &id);
        self.begin(Action::CreateBranch, Status::Running, Some(&id), None, ids, now);
        Ok(id)
    }

    /// No two branches have one name.
    pub(in crate::mock) fn must_be_free(&self, name: &str) -> Result<(), ApiError> {
        match self.branches.iter().find(|branch| branch.name == name) {
            Some(_) => Err(ApiError::exists("branch", name)),
            None => Ok(()),
        }
    }

    /// Takes a branch out with its endpoints; `None` where there is none. The default branch, the last root and one with
    /// children stay.
    pub(in crate::mock) fn remove_branch(
        &mut self,
        id: &str,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<Option<Branch>, ApiError> {
        let Some(index) = self.branches.iter().position(|branch| branch.id == id) else { return Ok(None) };
        let branch = &self.branches[index];
        if branch.is_default {
            return Err(ApiError::unprocessable("the default branch cannot be deleted"));
        }
        let is_root = |branch: &Branch| branch.parent.is_none();
        if is_root(branch) && self.branches.iter().filter(|branch| is_root(branch)).count() == 1 {
            return Err(ApiError::unprocessable("the root branch cannot be deleted"));
        }
        if self.branches.iter().any(|other| other.parent.as_ref().is_some_and(|parent| parent.id == id)) {
            return Err(ApiError::unprocessable("a branch with children cannot be deleted"));
        }
        self.must_be_idle(id)?;
        let branch = self.branches.remove(index);
        let shown = branch.clone();
        let endpoints: Vec<Endpoint> =
            self.endpoints.extract_if(.., |endpoint| endpoint.branch_id == id).collect();
        for endpoint in &endpoints {
            self.begin(Action::SuspendCompute, Status::Running, Some(id), Some(&endpoint.id), ids, now);
        }
        self.begin(Action::DeleteTimeline, Status::Scheduling, Some(id), None, ids, now);
        self.removed.push(Removed { branch: Branch { removed_at: Some(now), ..branch }, endpoints });
        Ok(Some(shown))
    }

    /// The removed branches that can still be recovered.
    pub(in crate::mock) fn recoverable(&self, now: Timestamp) -> impl Iterator<Item = &Branch> {
        let branches = self.removed.iter().map(|removed| &removed.branch);
        branches.filter(move |branch| branch.removed_at.is_some_and(|at| recoverable_until(at) > now))
    }

    /// Brings a removed branch back, with its endpoints, which are idle. It expires no more.
    pub(in crate::mock) fn recover_branch(&mut self, id: &str, now: Timestamp) -> Result<(), ApiError> {
        if self.branch(id).is_ok() {
            return Err(ApiError::unprocessable("the branch is not deleted"));
        }
        let removed = self.recoverable(now).find(|branch| branch.id == id);
        let removed = removed.ok_or_else(|| ApiError::not_found("branch", id))?;
        self.must_be_free(&removed.name)?;
        self.must_be_idle(id)?;
        if let Some(parent) = &removed.parent {
            self.branch(&parent.id)?;
        }
        let index = self.removed.iter().position(|removed| removed.branch.id == id);
        let Some(Removed { mut branch, mut endpoints }) = index.map(|index| self.removed.remove(index))
        else {
            return Err(ApiError::not_found("branch", id));
        };
        branch.removed_at = None;
        branch.expires_at = None;
        branch.updated_at = now.max(branch.created_at);
        self.branches.push(branch);
        for endpoint in &mut endpoints {
            endpoint.suspended(now.max(endpoint.created_at));
        }
        self.endpoints.append(&mut endpoints);
        Ok(())
    }

    /// Moves the default to a branch.
    pub(in crate::mock) fn set_default(&mut self, id: &str, now: Timestamp) -> Result<(), ApiError> {
        self.branch(id)?;
        for branch in &mut self.branches {
            let is_default = branch.id == id;
            if branch.is_default != is_default {
                branch.is_default = is_default;
                branch.updated_at = now.max(branch.created_at);
            }
        }
        Ok(())
    }

    /// Gives a branch the roles and databases of another; what it was is kept under a name, if one is given.
    pub(in crate::mock) fn restore_branch(
        &mut self,
        id: &str,
        source: &str,
        preserve_as: Option<String>,
        ids: &mut Ids,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let (roles, databases) = {
            let source = self.branch(source)?;
            (source.roles.clone(), source.databases.clone())
        };
        self.must_be_idle(id)?;
        if id == source && preserve_as.is_none() {
            return Err(ApiError::unprocessable(
                "a branch is restored from its own history only with preserve_under_name",
            ));
        }
        if let Some(name) = preserve_as {
            self.must_be_free(&name)?;
            let mut kept = self.branch(id)?.clone();
            kept.id = ids.branch();
            kept.name = name;
            kept.is_default = false;
            kept.restored = None;
            (kept.created_at, kept.updated_at) = (now, now);
            self.note_copy(id, &kept.id);
            self.branches.push(kept);
        }
        if id != source {
            self.note_copy(source, id);
        }
        let branch = self.branch_mut(id)?;
        (branch.roles, branch.databases) = (roles, databases);
        branch.last_reset_at = Some(now);
        branch.updated_at = now.max(branch.created_at);
        let endpoints: Vec<String> = self.endpoints_of(id).map(|endpoint| endpoint.id.clone()).collect();
        self.begin(Action::CreateBranch, Status::Running, Some(id), None, ids, now);
        for endpoint in endpoints {
            self.begin(Action::ApplyConfig, Status::Scheduling, Some(id), Some(&endpoint), ids, now);
        }
        Ok(())
    }

    /// The work that a change of roles or databases makes on a branch's endpoints.
    pub(in crate::mock) fn apply_config(&mut self, branch: &str, ids: &mut Ids, now: Timestamp) {
        let endpoint = self
            .endpoints_of(branch)
            .find(|endpoint| endpoint.compute.kind == ComputeType::ReadWrite)
            .map(|endpoint| endpoint.id.clone());
        if let Some(endpoint) = endpoint {
            self.begin(Action::ApplyConfig, Status::Running, Some(branch), Some(&endpoint), ids, now);
        }
    }

    // --- endpoints ---

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

    fn start_endpoint(&mut self, mut endpoint: Endpoint, ids: &mut Ids, now: Timestamp) {
        endpoint.pending = Some(EndpointState::Active);
        let (id, branch) = (endpoint.id.clone(), endpoint.branch_id.clone());
        self.endpoints.push(endpoint);
        self.begin(Action::StartCompute, Status::Scheduling, Some(&branch), Some(&id), ids, now);
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
        self.begin(Action::SuspendCompute, Status::Running, Some(&branch), Some(id), ids, now);
        self.begin(Action::StartCompute, Status::Scheduling, Some(&branch), Some(id), ids, now);
        Ok(())
    }

    fn turn(
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
            self.begin(action, Status::Running, Some(&branch), Some(id), ids, now);
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
        self.begin(Action::SuspendCompute, Status::Running, Some(&endpoint.branch_id), Some(id), ids, now);
        Ok(Some(endpoint))
    }
}
