//! The people who have an account where Neon Auth works.

use serde_json::json;

use super::super::{Answer, Call, Reply};
use super::{data, must_be, provider};
use crate::mock::body::{Object, is_address};
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::{AuthUser, Opened, State};

/// So many roles are enough for anyone.
const MOST_ROLES: usize = 100;

/// What a new user is, where nothing is said.
const ROLE: &str = "user";

/// Somebody more on a branch.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let new = new(&request)?;
    let Opened { project, ids, .. } = call.open(state)?;
    let data = project.auth_mut(call.param("branch_id"))?.1;
    let user = user(new, ids, call);
    let id = user.id.clone();
    data.add_user(user)?;
    Ok(Reply::created(json!({ "id": id })))
}

/// The same on the default branch of a project that the body names.
pub(in crate::mock) fn create_in_project(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let provider = provider(&request)?;
    let project = request.required_string("project_id", 1..=60)?;
    let new = new(&request)?;
    let Opened { project, ids, .. } = state.open(call.caller, &project, call.now)?;
    let branch = project.default_branch()?.id.clone();
    let (integration, data) = project.auth_mut(&branch)?;
    must_be(integration, provider)?;
    let user = user(new, ids, call);
    let id = user.id.clone();
    data.add_user(user)?;
    Ok(Reply::created(json!({ "id": id })))
}

/// The address and the name that a body has.
fn new(request: &Object<'_>) -> Result<(String, Option<String>), ApiError> {
    let email = request.required_string("email", 1..=256)?;
    if !is_address(&email) {
        return Err(request.invalid("email", "must be an e-mail address"));
    }
    Ok((email, request.string("name", 1..=255)?))
}

fn user((email, name): (String, Option<String>), ids: &mut Ids, call: &Call<'_>) -> AuthUser {
    let id = ids.uuid().to_string();
    AuthUser { id, email, name, roles: vec![ROLE.to_owned()], created_at: call.now }
}

/// What somebody may do from now on.
pub(in crate::mock) fn update_role(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let roles = request.strings("roles", MOST_ROLES)?;
    let roles = request.required("roles", roles)?;
    if roles.is_empty() {
        return Err(request.invalid("roles", "must have an item"));
    }
    let id = call.param("auth_user_id");
    data(call, state)?.set_roles(id, roles)?;
    Ok(Reply::ok(json!({ "id": id })))
}

/// Gone.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    data(call, state)?.remove_user(call.param("auth_user_id"))?;
    Ok(Reply::no_content())
}
