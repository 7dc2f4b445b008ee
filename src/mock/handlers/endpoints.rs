//! Endpoints.

use serde_json::{Value, json};

use super::projects::merge;
use super::{Answer, Call, Reply, begun, settings};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::{Compute, ComputeType, Endpoint, Project, State};
use crate::mock::view;

/// All of a project.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    Ok(Reply::ok(json!({ "endpoints": show(project, project.endpoints.iter()) })))
}

/// All of a branch.
pub(in crate::mock) fn list_of_branch(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    Ok(Reply::ok(json!({ "endpoints": show(project, project.endpoints_of(&branch.id)) })))
}

fn show<'e>(project: &Project, endpoints: impl Iterator<Item = &'e Endpoint>) -> Vec<Value> {
    endpoints.map(|endpoint| view::endpoint(project, endpoint)).collect()
}

/// One of them.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    Ok(Reply::ok(
        json!({ "endpoint": view::endpoint(project, project.endpoint(call.param("endpoint_id"))?) }),
    ))
}

/// Another one on a branch.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("endpoint")?;
    let branch = request.required_string("branch_id", 1..=60)?;
    let opened = call.open(state)?;
    let compute = compute(&request, opened.project)?;
    opened.project.branch(&branch)?;
    opened.project.must_be_idle(&branch)?;
    let before = opened.project.operations.len();
    let id = opened.project.create_endpoint(&branch, compute, opened.ids, call.now)?;
    shown(opened.project, &id, before).map(Reply::created)
}

/// What a client asks of a new compute, where it asks; else what the project says.
pub(super) fn compute(request: &Object<'_>, project: &Project) -> Result<Compute, ApiError> {
    let kind = match request.required_string("type", 1..=32)?.as_str() {
        "read_write" => ComputeType::ReadWrite,
        "read_only" => ComputeType::ReadOnly,
        _ => return Err(request.invalid("type", "must be read_write or read_only")),
    };
    let mut compute = project.default_compute(kind);
    change(request, &mut compute)?;
    Ok(compute)
}

/// Takes over what is named.
fn change(request: &Object<'_>, compute: &mut Compute) -> Result<(), ApiError> {
    if let Some(name) = request.string("name", 1..=64)? {
        compute.name = Some(name);
    }
    if request.number("autoscaling_limit_min_cu", 0.25)?.is_some() {
        compute.min_cu =
            number(request, "autoscaling_limit_min_cu").unwrap_or_else(|| compute.min_cu.clone());
    }
    if request.number("autoscaling_limit_max_cu", 0.25)?.is_some() {
        compute.max_cu =
            number(request, "autoscaling_limit_max_cu").unwrap_or_else(|| compute.max_cu.clone());
    }
    if compute.min_cu.as_f64() > compute.max_cu.as_f64() {
        // Who names only one of the limits means it for both.
        if number(request, "autoscaling_limit_min_cu").is_some()
            && number(request, "autoscaling_limit_max_cu").is_some()
        {
            return Err(
                request.invalid("autoscaling_limit_min_cu", "must not be above autoscaling_limit_max_cu")
            );
        }
        if number(request, "autoscaling_limit_min_cu").is_some() {
            compute.max_cu = compute.min_cu.clone();
        } else {
            compute.min_cu = compute.max_cu.clone();
        }
    }
    if let Some(timeout) = request.integer("suspend_timeout_seconds", -1..=604_800)? {
        compute.suspend_timeout_seconds = timeout;
    }
    if let Some(mode) = request.string("pooler_mode", 1..=32)?
        && mode != "transaction"
    {
        return Err(request.invalid("pooler_mode", "must be transaction"));
    }
    if let Some(provisioner) = request.string("provisioner", 1..=64)? {
        compute.provisioner = provisioner;
    }
    compute.pooler_enabled = request.boolean("pooler_enabled")?.unwrap_or(compute.pooler_enabled);
    compute.disabled = request.boolean("disabled")?.unwrap_or(compute.disabled);
    compute.passwordless_access =
        request.boolean("passwordless_access")?.unwrap_or(compute.passwordless_access);
    merge(&mut compute.settings, &settings::of_endpoint(request)?);
    Ok(())
}

fn number(request: &Object<'_>, name: &str) -> Option<serde_json::Number> {
    request.members().get(name).and_then(Value::as_number).cloned()
}

/// Changes what is named and leaves the rest; may move to another branch.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("endpoint")?;
    let target = request.string("branch_id", 1..=60)?;
    let opened = call.open(state)?;
    let id = call.param("endpoint_id");
    let endpoint = opened.project.endpoint(id)?;
    let mut compute = endpoint.compute.clone();
    change(&request, &mut compute)?;
    let branch = target.unwrap_or_else(|| endpoint.branch_id.clone());
    opened.project.must_be_idle(&endpoint.branch_id)?;
    opened.project.branch(&branch)?;
    let writes = |endpoint: &Endpoint| endpoint.id != id && endpoint.compute.kind == ComputeType::ReadWrite;
    if compute.kind == ComputeType::ReadWrite && opened.project.endpoints_of(&branch).any(writes) {
        return Err(ApiError::conflict("read_write endpoint already exists"));
    }
    let before = opened.project.operations.len();
    let endpoint = opened.project.endpoint_mut(id)?;
    endpoint.compute = compute;
    endpoint.branch_id.clone_from(&branch);
    endpoint.updated_at = call.now.max(endpoint.created_at);
    opened.project.apply_config(&branch, opened.ids, call.now);
    shown(opened.project, id, before).map(Reply::ok)
}

/// Gone; 204 where it is gone already.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.id("endpoint_id")?;
    let opened = call.open(state)?;
    let before = opened.project.operations.len();
    let Some(endpoint) = opened.project.remove_endpoint(id, opened.ids, call.now)? else {
        return Ok(Reply::no_content());
    };
    let project = &*opened.project;
    Ok(Reply::ok(
        json!({ "endpoint": view::endpoint(project, &endpoint), "operations": begun(project, before) }),
    ))
}

/// Brings it up.
pub(in crate::mock) fn start(call: &Call<'_>, state: &mut State) -> Answer {
    turn(call, state, Project::start)
}

/// Takes it down.
pub(in crate::mock) fn suspend(call: &Call<'_>, state: &mut State) -> Answer {
    turn(call, state, Project::suspend)
}

/// Takes it down and up again.
pub(in crate::mock) fn restart(call: &Call<'_>, state: &mut State) -> Answer {
    turn(call, state, Project::restart)
}

type Turn = fn(&mut Project, &str, &mut Ids, jiff::Timestamp) -> Result<(), ApiError>;

fn turn(call: &Call<'_>, state: &mut State, turn: Turn) -> Answer {
    let opened = call.open(state)?;
    let id = call.param("endpoint_id");
    let before = opened.project.operations.len();
    turn(opened.project, id, opened.ids, call.now)?;
    shown(opened.project, id, before).map(Reply::ok)
}

fn shown(project: &Project, id: &str, before: usize) -> Result<Value, ApiError> {
    Ok(
        json!({ "endpoint": view::endpoint(project, project.endpoint(id)?), "operations": begun(project, before) }),
    )
}
