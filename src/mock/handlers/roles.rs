//! Roles of a branch, and their passwords.

use serde_json::{Value, json};

use super::{Answer, Call, Reply, begun};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Role, State};
use crate::mock::view;

/// All of them, without passwords (SECRET-ONCE).
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    let roles: Vec<Value> = branch.roles.iter().map(|role| view::role(&branch.id, role)).collect();
    Ok(Reply::ok(json!({ "roles": roles })))
}

/// One of them, without its password.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    Ok(Reply::ok(json!({ "role": view::role(&branch.id, branch.role(call.param("role_name"))?) })))
}

/// Another one, with a password, unless it is not to log in.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("role")?;
    let name = request.required_string("name", 1..=63)?;
    let no_login = request.boolean("no_login")?.unwrap_or_default();
    let mut opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?;
    opened.project.must_be_a_role(&name)?;
    opened.project.must_be_idle(branch)?;
    let id = opened.number();
    let password = (!no_login).then(|| opened.ids.password());
    let role = Role { id, name, password, created_at: call.now, updated_at: call.now };
    opened.project.branch_mut(branch)?.add_role(role.clone())?;
    let before = opened.project.operations.len();
    opened.project.apply_config(branch, opened.ids, call.now);
    Ok(Reply::created(json!({
        "role": view::role_with_password(branch, &role), "operations": begun(opened.project, before),
    })))
}

/// Gone; 204 where it is gone already. A role that owns a database stays.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?;
    opened.project.must_be_idle(branch)?;
    let Some(role) = opened.project.branch_mut(branch)?.remove_role(call.param("role_name"))? else {
        return Ok(Reply::no_content());
    };
    let before = opened.project.operations.len();
    opened.project.apply_config(branch, opened.ids, call.now);
    Ok(Reply::ok(json!({ "role": view::role(branch, &role), "operations": begun(opened.project, before) })))
}

/// The password, where passwords are kept.
pub(in crate::mock) fn reveal_password(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let role = project.branch(call.param("branch_id"))?.role(call.param("role_name"))?;
    if !project.store_passwords {
        return Err(ApiError::precondition("the project does not store passwords"));
    }
    let password =
        role.password.as_ref().ok_or_else(|| ApiError::not_found("password of role", &role.name))?;
    Ok(Reply::ok(json!({ "password": password })))
}

/// A new password, shown this once.
pub(in crate::mock) fn reset_password(call: &Call<'_>, state: &mut State) -> Answer {
    let opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?.role(call.param("role_name"))?;
    opened.project.must_be_idle(branch)?;
    let password = opened.ids.password();
    let role = opened.project.branch_mut(branch)?.role_mut(call.param("role_name"))?;
    role.password = Some(password);
    role.updated_at = call.now.max(role.created_at);
    let role = role.clone();
    let before = opened.project.operations.len();
    opened.project.apply_config(branch, opened.ids, call.now);
    Ok(Reply::ok(json!({
        "role": view::role_with_password(branch, &role), "operations": begun(opened.project, before),
    })))
}
