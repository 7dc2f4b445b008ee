//! The Data API of databases. Nothing answers at its address: what is kept is that it was set up, and how.

use serde_json::{Map, Value, json};
use url::Url;

use super::projects::merge;
use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::State;
use crate::mock::view;

/// How it is set up.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let (branch, database) = place(call);
    let project = &*call.open(state)?.project;
    Ok(Reply::ok(view::data_api(project, project.data_api(branch, database)?, database)))
}

/// Sets it up for one database.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let request = Object::root(&body)?;
    if let Some(provider) = request.string("auth_provider", 1..=64)?
        && !matches!(provider.as_str(), "neon_auth" | "external")
    {
        return Err(request.invalid("auth_provider", "must be one of neon_auth, external"));
    }
    if request.string("jwks_url", 1..=2048)?.is_some_and(|url| Url::parse(&url).is_err()) {
        return Err(request.invalid("jwks_url", "must be a URL"));
    }
    request.string("provider_name", 0..=256)?;
    request.string("jwt_audience", 0..=256)?;
    request.boolean("add_default_grants")?;
    request.boolean("skip_auth_schema")?;
    let settings = settings(&request)?;
    let (branch, database) = place(call);
    let project = call.open(state)?.project;
    project.create_data_api(branch, database, settings)?;
    let project = &*project;
    let shown = view::data_api(project, project.data_api(branch, database)?, database);
    Ok(Reply::created(json!({ "url": shown["url"] })))
}

/// Changes the settings that are named, and leaves the rest.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let settings = settings(&Object::root(&body)?)?;
    let (branch, database) = place(call);
    let api = call.open(state)?.project.data_api_mut(branch, database)?;
    merge(&mut api.settings, &settings);
    Ok(Reply::created(json!({})))
}

/// Gone.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let (branch, database) = place(call);
    call.open(state)?.project.remove_data_api(branch, database)?;
    Ok(Reply::ok(json!({})))
}

/// The branch and the database in the path.
fn place<'c>(call: &'c Call<'_>) -> (&'c str, &'c str) {
    (call.param("branch_id"), call.param("database_name"))
}

/// `settings`, checked for their types.
fn settings(request: &Object<'_>) -> Result<Map<String, Value>, ApiError> {
    let Some(settings) = request.object("settings")? else { return Ok(Map::new()) };
    for name in ["db_aggregates_enabled", "server_timing_enabled"] {
        settings.boolean(name)?;
    }
    for name in [
        "db_anon_role",
        "db_extra_search_path",
        "jwt_role_claim_key",
        "openapi_mode",
        "server_cors_allowed_origins",
    ] {
        settings.string(name, 0..=1024)?;
    }
    for name in ["db_max_rows", "jwt_cache_max_lifetime"] {
        settings.integer(name, 0..=i64::MAX)?;
    }
    settings.strings("db_schemas", 1024)?;
    Ok(settings.members().clone())
}
