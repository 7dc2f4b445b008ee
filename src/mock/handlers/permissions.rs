//! Who else may use a project.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Permission, State};
use crate::mock::view;

/// The permissions in force.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let permissions: Vec<Value> = project
        .permissions
        .iter()
        .filter(|permission| permission.revoked_at.is_none())
        .map(view::permission)
        .collect();
    Ok(Reply::ok(json!({ "project_permissions": permissions })))
}

/// Shares a project with an address. Who has a permission already keeps it.
pub(in crate::mock) fn grant(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let email = Object::root(&body)?.required_string("email", 1..=256)?;
    if !is_address(&email) {
        return Err(ApiError::body("invalid: email (must be an e-mail address)"));
    }
    let opened = call.open(state)?;
    let in_force = |permission: &&Permission| permission.email == email && permission.revoked_at.is_none();
    let permission = if let Some(permission) = opened.project.permissions.iter().find(in_force) {
        permission.clone()
    } else {
        let id = opened.ids.uuid().to_string();
        let permission = Permission { id, email: email.clone(), granted_at: call.now, revoked_at: None };
        opened.project.permissions.push(permission.clone());
        permission
    };
    let project = opened.project.id.clone();
    let number = state.account_of(call.caller, &project)?;
    state.share(number, &project, &email, true);
    Ok(Reply::ok(view::permission(&permission)))
}

/// Ends a permission.
pub(in crate::mock) fn revoke(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.param("permission_id");
    let opened = call.open(state)?;
    let in_force = |permission: &&mut Permission| permission.id == id && permission.revoked_at.is_none();
    let permission = opened.project.permissions.iter_mut().find(in_force);
    let permission = permission.ok_or_else(|| ApiError::not_found("permission", id))?;
    permission.revoked_at = Some(call.now.max(permission.granted_at));
    let permission = permission.clone();
    let project = opened.project.id.clone();
    let number = state.account_of(call.caller, &project)?;
    state.share(number, &project, &permission.email, false);
    Ok(Reply::ok(view::permission(&permission)))
}

pub(super) fn is_address(email: &str) -> bool {
    email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}
