//! API keys of users and of organizations: list, create, revoke.

use serde_json::Value;

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Key, State};
use crate::mock::view;

/// The newest first, without tokens (KEY-LIST, KEY-LIST-ORDER).
pub(in crate::mock) fn list(call: &Call<'_>, state: &State) -> Answer {
    state.user_only(call.caller)?;
    list_of(state, call.caller.account)
}

/// The keys of an organization.
pub(in crate::mock) fn list_of_organization(call: &Call<'_>, state: &State) -> Answer {
    let (number, _) = state.organization(call.caller, call.param("org_id"))?;
    list_of(state, number)
}

fn list_of(state: &State, number: usize) -> Answer {
    let account = state.account_at(number);
    let show = |key: &Key| state.user_at(key.created_by).map(|creator| view::listed_key(creator, key));
    Ok(Reply::ok(Value::Array(account.keys.values().rev().filter_map(show).collect())))
}

/// Any name of up to 64 characters, also one that is taken (KEY-NAME).
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    state.user_only(call.caller)?;
    let body = call.json()?;
    let name = name(&Object::root(&body)?)?;
    let number = call.caller.account;
    create_in(call, state, number, &name, None)
}

/// A key of an organization, or of one of its projects. Only a user can make one.
pub(in crate::mock) fn create_in_organization(call: &Call<'_>, state: &mut State) -> Answer {
    let (number, _) = state.organization(call.caller, call.param("org_id"))?;
    state.user_only(call.caller)?;
    let body = call.json()?;
    let request = Object::root(&body)?;
    let name = name(&request)?;
    let project = request.string("project_id", 1..=60)?;
    if let Some(project) = &project
        && state.account_at(number).projects.get(project).is_none()
    {
        return Err(ApiError::not_found("project", project));
    }
    create_in(call, state, number, &name, project)
}

fn name(request: &Object<'_>) -> Result<String, ApiError> {
    request.required_string("key_name", 0..=64)
}

fn create_in(
    call: &Call<'_>,
    state: &mut State,
    number: usize,
    name: &str,
    project: Option<String>,
) -> Answer {
    let (key, token) = state.create_key(number, call.caller.account, name, project, call.now);
    let creator = state.user_only(call.caller)?;
    Ok(Reply::ok(view::created_key(creator, &key, &token)))
}

/// At once and for good (KEY-REVOKE-IMMEDIATE, KEY-REVOKE-FINAL); 404 where there is none in force (KEY-UNKNOWN).
pub(in crate::mock) fn revoke(call: &Call<'_>, state: &mut State) -> Answer {
    state.user_only(call.caller)?;
    revoke_in(call, state, call.caller.account)
}

/// The same for a key of an organization.
pub(in crate::mock) fn revoke_in_organization(call: &Call<'_>, state: &mut State) -> Answer {
    let (number, _) = state.organization(call.caller, call.param("org_id"))?;
    revoke_in(call, state, number)
}

fn revoke_in(call: &Call<'_>, state: &mut State, number: usize) -> Answer {
    let id: i64 =
        call.param("key_id").parse().map_err(|_| ApiError::parameter("key_id", "must be an integer"))?;
    let unknown = || ApiError::not_found("API key", &id.to_string());
    let key = state.revoke_key(number, id).ok_or_else(unknown)?;
    let creator = state.user_at(key.created_by).ok_or_else(unknown)?;
    Ok(Reply::ok(view::revoked_key(creator, &key)))
}
