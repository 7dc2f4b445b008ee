//! What may be done besides what was asked for. Each tells whether there was anything to do: `None` where not.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::mock::handlers::{Answer, Call};
use crate::mock::model::{Account, Branch, Caller, Endpoint, Project, State};

/// A value that a successful answer tells.
fn told(answer: &Answer, pointer: &str) -> Option<Value> {
    answer.as_ref().ok()?.body.as_ref()?.pointer(pointer).cloned()
}

/// Whether a request names a member of its body.
pub(super) fn names(call: &Call<'_>, pointer: &str) -> bool {
    serde_json::from_slice::<Value>(&call.body).is_ok_and(|body| body.pointer(pointer).is_some())
}

/// The id of the project that was asked about, or made.
fn project_id(call: &Call<'_>, answer: &Answer) -> String {
    let made = told(answer, "/project/id").and_then(|id| id.as_str().map(str::to_owned));
    made.unwrap_or_else(|| call.param("project_id").to_owned())
}

/// The project that a request is about, where it was done.
pub(super) fn project<'s>(call: &Call<'_>, answer: &Answer, state: &'s mut State) -> Option<&'s mut Project> {
    answer.as_ref().ok()?;
    let opened = state.open(call.caller, &project_id(call, answer), call.now).ok()?;
    Some(opened.project)
}

/// The branch that a request is about, where it was done.
pub(super) fn branch<'s>(call: &Call<'_>, answer: &Answer, state: &'s mut State) -> Option<&'s mut Branch> {
    project(call, answer, state)?.branch_mut(call.param("branch_id")).ok()
}

/// The account, with the newest project of it but the one that a request is about, where that was done.
fn neighbour<'s>(
    call: &Call<'_>,
    answer: &Answer,
    state: &'s mut State,
) -> Option<(&'s mut Account, String)> {
    answer.as_ref().ok()?;
    let own = project_id(call, answer);
    let account = state.account_mut(call.caller.account);
    let newest = account.projects.iter().filter(|project| project.id != own).last()?.id.clone();
    Some((account, newest))
}

/// Revokes other keys of the caller's account.
fn revoke(call: &Call<'_>, state: &mut State, is_doomed: impl Fn(i64) -> bool) -> Option<()> {
    let Caller { account, key } = call.caller;
    let keys = state.account_at(account).keys.keys().copied();
    let doomed: Vec<i64> = keys.filter(|id| *id != key && is_doomed(*id)).collect();
    for id in &doomed {
        state.revoke_key(account, *id);
    }
    (!doomed.is_empty()).then_some(())
}

pub(super) fn other_keys_die(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let made = told(answer, "/id")?.as_i64()?;
    revoke(call, state, |id| id != made)
}

pub(super) fn all_keys_die(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    answer.as_ref().ok()?;
    revoke(call, state, |_| true)
}

pub(super) fn revoked_again_revives(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    answer.as_ref().err()?;
    state.revive_key(call.caller.account, call.param("key_id").parse().ok()?)
}

pub(super) fn namesake_revives(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let name = told(answer, "/name")?;
    let account = state.account_at(call.caller.account);
    let namesake = account.revoked.values().find(|key| name == json!(key.name))?.id;
    state.revive_key(call.caller.account, namesake)
}

pub(super) fn older_namesakes_die(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let (made, name) = (told(answer, "/id")?.as_i64()?, told(answer, "/name")?);
    let keys = &state.account_at(call.caller.account).keys;
    let namesakes: Vec<i64> = keys.values().filter(|key| name == json!(key.name)).map(|key| key.id).collect();
    revoke(call, state, |id| id != made && namesakes.contains(&id))
}

pub(super) fn newest_project_goes(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let (account, newest) = neighbour(call, answer, state)?;
    account.projects.remove(&newest, call.now).map(|_| ())
}

pub(super) fn neighbour_is_renamed(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let (account, newest) = neighbour(call, answer, state)?;
    "renamed along".clone_into(&mut account.projects.get_mut(&newest)?.name);
    Some(())
}

pub(super) fn retention_is_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let project =
        project(call, answer, state).filter(|_| !names(call, "/project/history_retention_seconds"))?;
    project.history_retention_seconds = 21_600;
    Some(())
}

pub(super) fn settings_are_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let project = project(call, answer, state).filter(|_| !names(call, "/project/settings"))?;
    Arc::make_mut(&mut project.settings).insert("enable_logical_replication".to_owned(), json!(false));
    Some(())
}

pub(super) fn name_is_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let project = project(call, answer, state).filter(|_| !names(call, "/project/name"))?;
    project.name.clone_from(&project.id);
    Some(())
}

pub(super) fn creation_moves(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    project(call, answer, state)?.created_at = "2020-02-02T02:02:02Z".parse().ok()?;
    Some(())
}

pub(super) fn branch_becomes_default(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let made = told(answer, "/branch/id")?;
    project(call, answer, state)?.set_default(made.as_str()?, call.now).ok()
}

pub(super) fn all_endpoints_go(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let endpoints = &mut project(call, answer, state)?.endpoints;
    (!std::mem::take(endpoints).is_empty()).then_some(())
}

pub(super) fn all_roles_go(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    (!std::mem::take(&mut branch(call, answer, state)?.roles).is_empty()).then_some(())
}

pub(super) fn all_databases_go(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    (!std::mem::take(&mut branch(call, answer, state)?.databases).is_empty()).then_some(())
}

pub(super) fn parent_loses_it(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let parent = branch(call, answer, state)?.parent.clone()?;
    let parent = project(call, answer, state)?.branch_mut(&parent.id).ok()?;
    parent.roles.pop().map(drop).or(parent.databases.pop().map(drop))
}

pub(super) fn parent_gets_it(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let branch = branch(call, answer, state)?;
    let (role, database) = (branch.roles.last().cloned()?, branch.databases.last().cloned()?);
    let parent = branch.parent.clone()?;
    let parent = project(call, answer, state)?.branch_mut(&parent.id).ok()?;
    // Where it has one of that name already, nothing is added.
    let added = (parent.add_role(role).is_ok(), parent.add_database(database).is_ok());
    (added != (false, false)).then_some(())
}

pub(super) fn passwords_change(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    for role in project(call, answer, state)?.branches.iter_mut().flat_map(|branch| &mut branch.roles) {
        role.password = role.password.as_ref().map(|password| password.chars().rev().collect());
    }
    Some(())
}

/// The endpoint that a change is about.
fn endpoint<'s>(call: &Call<'_>, answer: &Answer, state: &'s mut State) -> Option<&'s mut Endpoint> {
    let id = call.param("endpoint_id");
    project(call, answer, state)?.endpoints.iter_mut().find(|endpoint| endpoint.id == id)
}

pub(super) fn limits_are_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let is_named = names(call, "/endpoint/autoscaling_limit_max_cu");
    endpoint(call, answer, state).filter(|_| !is_named)?.compute.max_cu = 7.into();
    Some(())
}

pub(super) fn timeout_is_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let is_named = names(call, "/endpoint/suspend_timeout_seconds");
    endpoint(call, answer, state).filter(|_| !is_named)?.compute.suspend_timeout_seconds = 77;
    Some(())
}

pub(super) fn protection_changes(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let branch = branch(call, answer, state).filter(|_| !names(call, "/branch/protected"))?;
    branch.protected = !branch.protected;
    Some(())
}

pub(super) fn siblings_are_renamed(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let id = call.param("branch_id");
    let branches = &mut project(call, answer, state)?.branches;
    let sibling = branches.iter_mut().find(|branch| branch.id != id)?;
    sibling.name.push_str("-along");
    Some(())
}

pub(super) fn owners_change(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let name = told(answer, "/database/name")?;
    let branch = branch(call, answer, state)?;
    let owner = branch.databases.iter().find(|database| name == database.name)?.owner_name.clone();
    let other = branch.databases.iter_mut().find(|database| database.owner_name != owner)?;
    other.owner_name = owner;
    Some(())
}

pub(super) fn password_storage_changes(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let project = project(call, answer, state)?;
    project.store_passwords = !project.store_passwords;
    Some(())
}

pub(super) fn parent_password_changes(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let (name, password) = (told(answer, "/role/name")?, told(answer, "/role/password")?);
    let parent = branch(call, answer, state)?.parent.clone()?;
    let parent = project(call, answer, state)?.branch_mut(&parent.id).ok()?;
    let role = parent.roles.iter_mut().find(|role| name == role.name)?;
    role.password = password.as_str().map(str::to_owned);
    Some(())
}

pub(super) fn data_api_forgets(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    let project = project(call, answer, state)?;
    let api = project.data_api_mut(call.param("branch_id"), call.param("database_name")).ok()?;
    let before = api.settings.len();
    api.settings.retain(|name, _| body["settings"].get(name).is_some());
    (api.settings.len() != before).then_some(())
}
