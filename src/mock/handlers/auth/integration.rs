//! The integration of a branch with a provider.

use serde_json::{Value, json};

use super::super::{Answer, Call, Reply};
use super::{branch_id, must_be, provider, word};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Opened, Provider, State};
use crate::mock::view;

/// Of one branch, without its keys (SECRET-ONCE).
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    Ok(Reply::ok(view::auth_integration(project, call.param("branch_id"))?))
}

/// Of all branches that have one.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branches = project.branches.iter().filter(|branch| project.auth(&branch.id).is_ok());
    let all: Result<Vec<Value>, ApiError> =
        branches.map(|branch| view::auth_integration(project, &branch.id)).collect();
    Ok(Reply::ok(json!({ "data": all? })))
}

/// A new one, with its keys, which are shown this once.
pub(in crate::mock) fn enable(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let provider = provider(&request)?;
    let database = request.string("database_name", 1..=63)?;
    let opened = call.open(state)?;
    enabled(call, opened, call.param("branch_id"), provider, database)
}

/// The same of a branch that the body names.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let provider = provider(&request)?;
    let project = request.required_string("project_id", 1..=60)?;
    let branch = request.required_string("branch_id", 1..=60)?;
    let database = request.string("database_name", 1..=63)?;
    request.string("role_name", 1..=63)?;
    let opened = state.open(call.caller, &project, call.now)?;
    enabled(call, opened, &branch, provider, database)
}

fn enabled(
    call: &Call<'_>,
    opened: Opened<'_>,
    branch: &str,
    provider: Provider,
    database: Option<String>,
) -> Answer {
    let Opened { project, ids, .. } = opened;
    project.enable_auth(branch, provider, database, ids, call.now)?;
    let keys = (ids.client_key(), ids.server_key());
    Ok(Reply::created(view::auth_with_keys(project, branch, keys)?))
}

/// Other keys for the integration of the default branch. The earlier ones go on: nothing here asks for them.
pub(in crate::mock) fn create_keys(call: &Call<'_>, state: &mut State) -> Answer {
    let (Opened { project, ids, .. }, branch) = named(call, state)?;
    let keys = (ids.client_key(), ids.server_key());
    Ok(Reply::created(view::auth_with_keys(project, &branch, keys)?))
}

/// Begins to hand the project at the provider over. Nobody is there who could take it.
pub(in crate::mock) fn transfer(call: &Call<'_>, state: &mut State) -> Answer {
    let (Opened { project, ids, .. }, branch) = named(call, state)?;
    project.auth_mut(&branch)?.0.in_transfer = true;
    let url = view::auth_transfer_url(project, &branch, &ids.transfer_code())?;
    Ok(Reply::ok(json!({ "url": url })))
}

/// The project that a body names, and its default branch, where that has an integration with the provider that the body names.
fn named<'s>(call: &Call<'_>, state: &'s mut State) -> Result<(Opened<'s>, String), ApiError> {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let provider = provider(&request)?;
    let project = request.required_string("project_id", 1..=60)?;
    let opened = state.open(call.caller, &project, call.now)?;
    let branch = opened.project.default_branch()?.id.clone();
    must_be(opened.project.auth(&branch)?.0, provider)?;
    Ok((opened, branch))
}

/// No more; the data stay in the database, unless they are to go as well.
pub(in crate::mock) fn disable(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let with_data = Object::root(&body)?.boolean("delete_data")?.unwrap_or_default();
    let project = call.open(state)?.project;
    let branch = branch_id(call, project)?;
    if !call.param("auth_provider").is_empty() {
        must_be(project.auth(&branch)?.0, word(call, "auth_provider", &Provider::WORDS)?)?;
    }
    project.disable_auth(&branch, with_data)?;
    Ok(Reply::done())
}
