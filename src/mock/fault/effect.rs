//! The point where an operation has been performed: what it did to the account.

use std::collections::HashMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::entry::Break;
use super::faults::{Asked, Faults};
use super::pointer::each;
use crate::mock::auth::Caller;
use crate::mock::error::ApiError;
use crate::mock::handlers::{Answer, Call};
use crate::mock::model::{Account, Project, State};
use crate::mock::router::Route;
use crate::sync::lock;

/// What is wrong with what was done.
#[derive(Clone, Copy)]
pub(super) enum Effect {
    /// The answer tells that it was done, and it was not.
    NotDone,
    /// It was done, and the answer is an error.
    DoneAndFails(u16),
    /// Where the operation would refuse with this status, it does something near it instead.
    Forgives(u16, Instead),
    /// Something else is done as well.
    Also(fn(&Call<'_>, &Answer, &mut State)),
}

/// What is done instead of what was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instead {
    /// What this body, in JSON, asks for.
    Body(&'static str),
    /// The same without the query.
    WithoutQuery,
    /// The same with a longer name at this JSON Pointer.
    OtherName(&'static str),
    /// The same with a shorter name at this JSON Pointer.
    ShorterName(&'static str),
}

impl Faults {
    /// Performs an operation, and what the faults make of it.
    pub(in crate::mock) fn perform(
        &self,
        asked: &Asked<'_>,
        route: &Route,
        call: &Call<'_>,
        state: &mut State,
    ) -> Answer {
        let effects: Vec<Effect> = self
            .concerning(asked)
            .filter_map(|fault| match fault {
                Break::Effect(effect) => Some(*effect),
                _ => None,
            })
            .collect();
        let takes_back = effects.iter().any(|effect| matches!(effect, Effect::NotDone));
        let of_organization = state.organization(call.caller, call.param("org_id")).map(|(number, _)| number);
        let of_project = state.account_of(call.caller, call.param("project_id"));
        let number = of_organization.or(of_project).unwrap_or(call.caller.account);
        let before = takes_back.then(|| state.account_at(number).clone());
        let mut answer = route.perform(call, state);
        for effect in effects {
            answer = match effect {
                Effect::NotDone | Effect::DoneAndFails(_) if answer.is_err() => continue,
                Effect::NotDone => answer,
                Effect::DoneAndFails(status) => Err(failure(status)),
                Effect::Forgives(status, instead) => match &answer {
                    Err(error) if error.status.as_u16() == status => match instead.call(call) {
                        Some((query, body)) => {
                            let params = call.params.clone();
                            route.perform(&Call { params, query, body: &body, ..*call }, state)
                        }
                        None => continue,
                    },
                    _ => continue,
                },
                Effect::Also(act) => {
                    act(call, &answer, state);
                    answer
                }
            };
            self.note();
        }
        if let Some(before) = before.filter(|_| answer.is_ok()) {
            state.put_back(number, before);
        }
        if !asked.method.is_safe()
            && answer.is_ok()
            && let Ok(key) = call.param("key_id").parse()
        {
            lock(&self.memory).revoked.insert(key, (call.now, key == call.caller.key));
        }
        answer
    }
}

impl Instead {
    /// The query and the body of another call.
    fn call(self, call: &Call<'_>) -> Option<(HashMap<String, String>, Vec<u8>)> {
        let named = |pointer: &str, name: &dyn Fn(&str) -> String| {
            let mut body: Value = serde_json::from_slice(call.body).ok()?;
            let changed = each(&mut body, pointer, &mut |member| {
                let new = member.get().and_then(Value::as_str).map(name);
                new.is_some_and(|new| member.set(json!(new)))
            });
            (changed > 0).then(|| body.to_string().into_bytes())
        };
        match self {
            Self::Body(body) => Some((call.query.clone(), body.as_bytes().to_vec())),
            Self::WithoutQuery => Some((HashMap::new(), call.body.to_vec())),
            Self::OtherName(pointer) => {
                Some((call.query.clone(), named(pointer, &|name| format!("{name}-2"))?))
            }
            Self::ShorterName(pointer) => {
                let short = |name: &str| name.chars().take(60).collect();
                Some((call.query.clone(), named(pointer, &short)?))
            }
        }
    }
}

fn failure(status: u16) -> ApiError {
    ApiError {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        ..ApiError::internal()
    }
}

/// A number that an answer tells.
fn told(answer: &Answer, pointer: &str) -> Option<Value> {
    answer.as_ref().ok()?.body.as_ref()?.pointer(pointer).cloned()
}

/// The project that a request is about, where it was done.
fn with_project(call: &Call<'_>, answer: &Answer, state: &mut State, act: impl FnOnce(&mut Project)) {
    let told = told(answer, "/project/id");
    let id = told.as_ref().and_then(Value::as_str).unwrap_or(call.param("project_id"));
    if answer.is_ok()
        && let Ok(opened) = state.open(call.caller, id, call.now)
    {
        act(opened.project);
    }
}

/// The newest project of the account but the one that a request is about.
fn with_neighbour(call: &Call<'_>, answer: &Answer, state: &mut State, act: impl FnOnce(&mut Account, &str)) {
    let account = state.account_mut(call.caller.account);
    let told = told(answer, "/project/id");
    let own = told.as_ref().and_then(Value::as_str).unwrap_or(call.param("project_id"));
    let other =
        account.projects.iter().filter(|project| project.id != own).last().map(|project| project.id.clone());
    if let (Ok(_), Some(other)) = (answer, other) {
        act(account, &other);
    }
}

/// Revokes keys of the caller's account.
fn revoke(call: &Call<'_>, state: &mut State, doomed: impl Fn(i64) -> bool) {
    let Caller { account, key } = call.caller;
    let keys: Vec<i64> =
        state.account_at(account).keys.keys().copied().filter(|id| *id != key && doomed(*id)).collect();
    for id in keys {
        state.revoke_key(account, id);
    }
}

pub(super) fn other_keys_die(call: &Call<'_>, answer: &Answer, state: &mut State) {
    if let Some(made) = told(answer, "/id").and_then(|id| id.as_i64()) {
        revoke(call, state, |id| id != made);
    }
}

pub(super) fn all_keys_die(call: &Call<'_>, answer: &Answer, state: &mut State) {
    if answer.is_ok() {
        revoke(call, state, |_| true);
    }
}

pub(super) fn revoked_again_revives(call: &Call<'_>, answer: &Answer, state: &mut State) {
    if let (Err(_), Ok(id)) = (answer, call.param("key_id").parse()) {
        state.revive_key(call.caller.account, id);
    }
}

pub(super) fn namesake_revives(call: &Call<'_>, answer: &Answer, state: &mut State) {
    let Some(name) = told(answer, "/name") else { return };
    let account = state.account_at(call.caller.account);
    let namesake = account.revoked.values().find(|key| name == json!(key.name)).map(|key| key.id);
    if let Some(id) = namesake {
        state.revive_key(call.caller.account, id);
    }
}

pub(super) fn newest_project_goes(call: &Call<'_>, answer: &Answer, state: &mut State) {
    let projects = &mut state.account_mut(call.caller.account).projects;
    let newest = projects.iter().last().map(|project| project.id.clone());
    if let (Ok(_), Some(id)) = (answer, newest) {
        projects.remove(&id, call.now);
    }
}

pub(super) fn neighbour_goes(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_neighbour(call, answer, state, |account, id| {
        account.projects.remove(id, call.now);
    });
}

pub(super) fn neighbour_is_renamed(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_neighbour(call, answer, state, |account, id| {
        if let Some(project) = account.projects.get_mut(id) {
            "renamed along".clone_into(&mut project.name);
        }
    });
}

pub(super) fn retention_is_reset(call: &Call<'_>, answer: &Answer, state: &mut State) {
    let is_named = serde_json::from_slice::<Value>(call.body)
        .is_ok_and(|body| body.pointer("/project/history_retention_seconds").is_some());
    with_project(call, answer, state, |project| {
        if !is_named {
            project.history_retention_seconds = 21_600;
        }
    });
}

pub(super) fn settings_are_reset(call: &Call<'_>, answer: &Answer, state: &mut State) {
    let is_named = serde_json::from_slice::<Value>(call.body)
        .is_ok_and(|body| body.pointer("/project/settings").is_some());
    with_project(call, answer, state, |project| {
        if !is_named {
            project.settings.insert("enable_logical_replication".to_owned(), json!(false));
        }
    });
}

pub(super) fn name_is_reset(call: &Call<'_>, answer: &Answer, state: &mut State) {
    let is_named =
        serde_json::from_slice::<Value>(call.body).is_ok_and(|body| body.pointer("/project/name").is_some());
    with_project(call, answer, state, |project| {
        if !is_named {
            project.name.clone_from(&project.id);
        }
    });
}

pub(super) fn creation_moves(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| {
        project.created_at = "2020-02-02T02:02:02Z".parse().unwrap_or(project.created_at);
    });
}

pub(super) fn branch_becomes_default(call: &Call<'_>, answer: &Answer, state: &mut State) {
    let branch = told(answer, "/branch/id");
    let now = call.now;
    with_project(call, answer, state, |project| {
        if let Some(id) = branch.as_ref().and_then(Value::as_str) {
            // It is one of the project's: it was just made.
            let _ = project.set_default(id, now);
        }
    });
}

pub(super) fn siblings_lose_endpoints(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| project.endpoints.clear());
}

pub(super) fn other_roles_go(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| {
        if let Ok(branch) = project.branch_mut(call.param("branch_id")) {
            branch.roles.clear();
        }
    });
}

pub(super) fn other_databases_go(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| {
        if let Ok(branch) = project.branch_mut(call.param("branch_id")) {
            branch.databases.clear();
        }
    });
}

pub(super) fn parent_loses_it(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| {
        let parent = project.branch(call.param("branch_id")).ok().and_then(|branch| branch.parent.clone());
        if let Some(parent) = parent.and_then(|parent| project.branch_mut(&parent.id).ok()) {
            parent.roles.pop();
            parent.databases.pop();
        }
    });
}

pub(super) fn parent_gets_it(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| {
        let Ok(branch) = project.branch(call.param("branch_id")) else { return };
        let (parent, role, database) =
            (branch.parent.clone(), branch.roles.last().cloned(), branch.databases.last().cloned());
        if let Some(parent) = parent.and_then(|parent| project.branch_mut(&parent.id).ok()) {
            // Where it has one of that name already, nothing is added.
            let _ = role.map(|role| parent.add_role(role));
            let _ = database.map(|database| parent.add_database(database));
        }
    });
}

pub(super) fn passwords_change(call: &Call<'_>, answer: &Answer, state: &mut State) {
    with_project(call, answer, state, |project| {
        for role in project.branches.iter_mut().flat_map(|branch| &mut branch.roles) {
            role.password = role.password.as_ref().map(|password| password.chars().rev().collect());
        }
    });
}
