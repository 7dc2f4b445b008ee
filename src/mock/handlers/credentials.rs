//! Credentials for the services of a branch, and the gateway that one of them opens.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Credential, Project, SCOPES, State};
use crate::mock::view;

/// So many scopes can be named.
const MOST_SCOPES: usize = 16;

/// All of a branch, those that were revoked as well; never their secrets.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = call.param("branch_id");
    let credentials = credentials(call, project)?.ok_or_else(|| ApiError::feature_off("credentials"))?;
    let shown: Vec<Value> =
        credentials.iter().map(|credential| view::credential(branch, credential)).collect();
    Ok(Reply::ok(json!({ "credentials": shown })))
}

/// One more. What it is used with is shown now, and never again.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let name = request.string("name", 0..=256)?;
    let scopes = request.strings("scopes", MOST_SCOPES)?.filter(|scopes| !scopes.is_empty());
    let scopes = scopes.ok_or_else(|| request.invalid("scopes", "at least one is required"))?;
    if !scopes.iter().all(|scope| SCOPES.contains(&scope.as_str())) {
        return Err(request.invalid("scopes", &format!("must be of {}", SCOPES.join(", "))));
    }
    if request.required_string("principal_type", 1..=16)? != "user" {
        return Err(request.invalid("principal_type", "must be user"));
    }
    let opened = call.open(state)?;
    let branch = call.param("branch_id");
    opened.project.branch(branch)?;
    let id = opened.ids.credential();
    let credential = Credential { id, name, scopes, created_at: call.now, revoked_at: None };
    let mut shown = view::credential(branch, &credential);
    if let Value::Object(members) = &mut shown {
        members.shift_remove("principal_type");
        members.insert("api_token".to_owned(), json!(opened.ids.service_token()));
        members.insert("s3_secret_access_key".to_owned(), json!(opened.ids.secret()));
    }
    let services = opened.project.branch_mut(branch)?.services_mut();
    services.credentials.get_or_insert_default().push(credential);
    Ok(Reply::created(shown))
}

/// Revokes one; also one that is revoked.
pub(in crate::mock) fn revoke(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.param("token_id");
    let branch = call.open(state)?.project.branch_mut(call.param("branch_id"))?;
    let credentials = branch.services().credentials.as_deref().unwrap_or_default();
    if !credentials.iter().any(|credential| credential.id == id) {
        return Err(ApiError::not_found("credential", id));
    }
    for credential in branch.services_mut().credentials.iter_mut().flatten() {
        if credential.id == id && credential.revoked_at.is_none() {
            credential.revoked_at = Some(call.now);
        }
    }
    Ok(Reply::no_content())
}

/// Where models are reached, once there is a credential for them.
pub(in crate::mock) fn ai_gateway(call: &Call<'_>, state: &mut State) -> Answer {
    const CODE: &str = "AI_GATEWAY_NOT_ENABLED";
    let unknown = |_| ApiError::not_enabled(CODE, "branch_not_found", "the branch does not exist");
    let project = &*call.open(state).map_err(unknown)?.project;
    let opens = |credential: &Credential| {
        credential.revoked_at.is_none() && credential.scopes.iter().any(|scope| scope == "ai_gateway:invoke")
    };
    let credentials = credentials(call, project).map_err(unknown)?;
    if credentials.is_some_and(|credentials| credentials.iter().any(opens)) {
        return Ok(Reply::ok(view::ai_gateway(project, call.param("branch_id"))));
    }
    let message = "the branch has no credential for the AI gateway";
    Err(ApiError::not_enabled(CODE, "ai_gateway_unavailable", message))
}

fn credentials<'p>(call: &Call<'_>, project: &'p Project) -> Result<Option<&'p [Credential]>, ApiError> {
    Ok(project.branch(call.param("branch_id"))?.services().credentials.as_deref())
}
