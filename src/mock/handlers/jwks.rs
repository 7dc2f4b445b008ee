//! JWKS URLs of a project.

use serde_json::{Value, json};
use url::Url;

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::model::{NewJwks, State};
use crate::mock::view;

/// What tokens may act as, where nothing is said.
const DEFAULT_ROLES: [&str; 3] = ["authenticator", "authenticated", "anonymous"];

/// All of a project.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let all: Vec<Value> = project.jwks.iter().map(|jwks| view::jwks(project, jwks)).collect();
    Ok(Reply::ok(json!({ "jwks": all })))
}

/// One more. The mock does not fetch it: there is no network in it, and no token to verify.
pub(in crate::mock) fn add(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let url = request.required_string("jwks_url", 1..=2048)?;
    if !Url::parse(&url).is_ok_and(|url| url.scheme() == "https" && url.has_host()) {
        return Err(request.invalid("jwks_url", "must be an https URL"));
    }
    request.boolean("skip_role_creation")?;
    let new = NewJwks {
        url,
        provider_name: request.required_string("provider_name", 1..=256)?,
        branch: request.string("branch_id", 1..=60)?,
        audience: request.string("jwt_audience", 1..=256)?,
        roles: request
            .strings("role_names", 10)?
            .unwrap_or_else(|| DEFAULT_ROLES.map(str::to_owned).to_vec()),
    };
    let opened = call.open(state)?;
    let added = opened.project.add_jwks(new, opened.ids, call.now)?.clone();
    Ok(Reply::created(json!({ "jwks": view::jwks(opened.project, &added), "operations": [] })))
}

/// Gone.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let project = call.open(state)?.project;
    let removed = project.remove_jwks(call.param("jwks_id"))?;
    Ok(Reply::ok(view::jwks(project, &removed)))
}
