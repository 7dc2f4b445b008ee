//! Projects.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Answer, Call, Reply, begun, regions, settings};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Account, NewProject, Opened, Owner, Project, State};
use crate::mock::view;

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 400;
const MAX_RETENTION: i64 = 2_592_000;

/// How long a search may take, in milliseconds; it never takes longer here.
const TIMEOUT: RangeInclusive<i64> = 100..=30_000;

/// A page of projects, oldest first, with the cursor of the next (V2-LIST, PAGE-LIMIT, PAGE-CURSOR, PAGE-EMPTY). Parameters
/// it does not know are ignored.
pub(in crate::mock) fn list(call: &Call<'_>, state: &State) -> Answer {
    let limit = call.limit(DEFAULT_LIMIT, MAX_LIMIT)?;
    call.integer("timeout", TIMEOUT)?;
    let account = match call.query.get("org_id").filter(|id| !id.is_empty()) {
        Some(id) => state.account_at(state.organization(call.caller, id)?.0),
        None if state.account(call.caller).in_organizations_only => {
            return Err(ApiError::without_organization());
        }
        None => state.account(call.caller),
    };
    let only = state.key_of(call.caller).and_then(|key| key.project.as_deref());
    let page = if call.flag("recoverable")? {
        recoverable(call, account, limit)?
    } else {
        page(call, account, only, limit)?
    };
    let projects = page.iter().map(|project| view::listed_project(&account.owner, project, call.now));
    let mut body = json!({});
    body["projects"] = projects.collect();
    if let Some(last) = page.last() {
        body["pagination"] = json!({ "cursor": last.id });
    }
    body["applications"] = json!({});
    body["integrations"] = json!({});
    Ok(Reply::ok(body))
}

/// A page of the projects that were removed and can be brought back.
fn recoverable<'s>(
    call: &Call<'_>,
    account: &'s Account,
    limit: usize,
) -> Result<Vec<&'s Project>, ApiError> {
    let search = call.search();
    let removed =
        account.projects.all_removed().into_iter().filter(|project| project.is_recoverable(call.now));
    let mut removed: Vec<&Project> = removed.collect();
    if let Some(cursor) = call.cursor() {
        let last = removed.iter().position(|project| project.id == cursor);
        let last = last.ok_or_else(|| ApiError::parameter("cursor", "names no project"))?;
        removed.drain(..=last);
    }
    Ok(removed.into_iter().filter(|project| search(&project.id, &project.name)).take(limit).collect())
}

fn page<'s>(
    call: &Call<'_>,
    account: &'s Account,
    only: Option<&str>,
    limit: usize,
) -> Result<Vec<&'s Project>, ApiError> {
    let cursor = call.cursor();
    let search = call.query.get("search").map(String::as_str).unwrap_or_default();
    let after = account.projects.after(cursor, search);
    let after = after.ok_or_else(|| ApiError::parameter("cursor", "names no project"))?;
    Ok(after.filter(|project| only.is_none_or(|only| only == project.id)).take(limit).collect())
}

/// The projects of others that are shared with the user.
pub(in crate::mock) fn shared(call: &Call<'_>, state: &State) -> Answer {
    let limit = call.limit(DEFAULT_LIMIT, MAX_LIMIT)?;
    call.integer("timeout", TIMEOUT)?;
    let search = call.search();
    let shared = state.shared(call.caller);
    let start = match call.cursor() {
        None => 0,
        Some(cursor) => shared
            .iter()
            .position(|(_, project)| project.id == cursor)
            .map_or(shared.len(), |place| place + 1),
    };
    let page: Vec<&(&Owner, &Project)> = shared
        .iter()
        .skip(start)
        .filter(|(_, project)| search(&project.id, &project.name))
        .take(limit)
        .collect();
    let mut body = json!({
        "projects": page.iter().map(|(owner, project)| view::listed_project(owner, project, call.now)).collect::<Vec<_>>(),
    });
    if let Some((_, last)) = page.last() {
        body["pagination"] = json!({ "cursor": last.id });
    }
    Ok(Reply::ok(body))
}

/// A project with its default branch, database, role and endpoint, and the work to make them (PROJ-DEFAULTS).
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("project")?;
    let mut new = NewProject { name: request.string("name", 1..=256)?, ..NewProject::default() };
    if let Some(region) = request.string("region_id", 1..=256)? {
        regions::check(&region)?;
        new.region_id = region;
    }
    let asked_version = request.integer("pg_version", 14..=18)?;
    new.pg_version = asked_version.unwrap_or(new.pg_version);
    new.store_passwords = request.boolean("store_passwords")?.unwrap_or(new.store_passwords);
    new.history_retention_seconds = request
        .integer("history_retention_seconds", 0..=MAX_RETENTION)?
        .unwrap_or(new.history_retention_seconds);
    change(&mut new.settings, &settings::of_project(&request)?);
    change(&mut new.default_endpoint_settings, &settings::of_new_endpoints(&request)?);
    for name in ["autoscaling_limit_min_cu", "autoscaling_limit_max_cu"] {
        if request.number(name, 0.25)?.is_some() {
            let limit = request.members().get(name).cloned().unwrap_or_default();
            Arc::make_mut(&mut new.default_endpoint_settings).insert(name.to_owned(), limit);
        }
    }
    request.string("provisioner", 1..=64)?;
    if let Some(branch) = request.object("branch")? {
        new.branch_name = branch.string("name", 1..=256)?.unwrap_or(new.branch_name);
        new.role_name = branch.string("role_name", 1..=63)?.unwrap_or(new.role_name);
        branch.texts("annotations")?;
        new.database_name = branch.string("database_name", 1..=63)?.unwrap_or(new.database_name);
    }
    let account = match request.string("org_id", 1..=60)? {
        Some(id) => state.organization(call.caller, &id)?.0,
        None if state.account(call.caller).in_organizations_only => {
            return Err(ApiError::without_organization());
        }
        None => call.caller.account,
    };
    if let Some(only) = state.key_of(call.caller).and_then(|key| key.project.clone()) {
        return Err(ApiError::outside_scope(&only));
    }
    state.must_be_possible(asked_version, &new.role_name, &new.database_name)?;
    let id = state.new_project(account, None, new, call.now).id.clone();
    let account = state.account_at(account);
    let project = account.projects.get(&id).ok_or_else(|| ApiError::not_found("project", &id))?;
    let branch = project.default_branch()?;
    let ([role], [database], [endpoint]) = (&*branch.roles, &*branch.databases, &*project.endpoints) else {
        return Err(ApiError::internal());
    };
    Ok(Reply::created(json!({
        "project": view::new_project(&account.owner, project),
        "connection_uris": [view::connection(project, endpoint, role, &database.name)],
        "roles": [view::role_with_password(&branch.id, role)],
        "databases": [view::database(&branch.id, database)],
        "operations": begun(project, 0),
        "branch": view::branch(project, branch),
        "endpoints": [view::endpoint(project, endpoint)],
    })))
}

/// One project, with its owner.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let opened = call.open(state)?;
    Ok(Reply::ok(json!({ "project": view::read_project(opened.owner, opened.project, call.now) })))
}

/// Changes what is named and leaves the rest; `updated_at` moves.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    state.account_of(call.caller, call.param("project_id"))?;
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("project")?;
    let name = request.string("name", 1..=256)?;
    let retention = request.integer("history_retention_seconds", 0..=MAX_RETENTION)?;
    let settings = settings::of_project(&request)?;
    let endpoint_settings = settings::of_new_endpoints(&request)?;
    let Opened { owner, project, .. } = call.open(state)?;
    if let Some(name) = name {
        project.name = name;
    }
    project.history_retention_seconds = retention.unwrap_or(project.history_retention_seconds);
    change(&mut project.settings, &settings);
    change(&mut project.default_endpoint_settings, &endpoint_settings);
    project.updated_at = call.now.max(project.created_at);
    Ok(Reply::ok(json!({ "project": view::project(owner, project), "operations": [] })))
}

/// Gone at once (PROJ-DELETED-GONE), whatever is under way. A key for one project cannot remove it.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.param("project_id");
    let number = state.account_of(call.caller, id)?;
    if let Some(only) = state.key_of(call.caller).and_then(|key| key.project.clone()) {
        return Err(ApiError::outside_scope(&only));
    }
    let Account { owner, projects, .. } = state.account_mut(number);
    let project = projects.remove(id, call.now).ok_or_else(|| ApiError::not_found("project", id))?;
    Ok(Reply::ok(json!({ "project": view::project(owner, project) })))
}

/// Brings a removed project back, with all that was in it.
pub(in crate::mock) fn recover(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.param("project_id");
    let number = state.account_of(call.caller, id)?;
    let Account { owner, projects, .. } = state.account_mut(number);
    if projects.get(id).is_some() {
        return Err(ApiError::unprocessable("the project is not deleted"));
    }
    let is_recoverable = projects.removed(id).is_some_and(|project| project.is_recoverable(call.now));
    let project = if is_recoverable { projects.recover(id) } else { None };
    let project = project.ok_or_else(|| ApiError::not_found("project", id))?;
    let branches: Vec<Value> = project.branches.iter().map(|branch| view::branch(project, branch)).collect();
    Ok(Reply::ok(json!({ "project": view::project(owner, project), "branches": branches })))
}

/// How to connect, in one string (PROJ-CONNECT).
pub(in crate::mock) fn connection_uri(call: &Call<'_>, state: &mut State) -> Answer {
    let database = call.required("database_name")?;
    let role = call.required("role_name")?;
    let is_pooled = call.flag("pooled")?;
    let project = &*call.open(state)?.project;
    let endpoint = match (call.query.get("endpoint_id"), call.query.get("branch_id")) {
        (Some(id), _) => project.endpoint(id)?,
        (None, branch) => {
            let branch = branch.map_or_else(|| project.default_branch(), |id| project.branch(id))?;
            let endpoint = project.endpoints_of(&branch.id).next();
            endpoint.ok_or_else(|| ApiError::not_found("endpoint of branch", &branch.id))?
        }
    };
    let branch = project.branch(&endpoint.branch_id)?;
    let (role, database) = (branch.role(role)?, branch.database(database)?);
    Ok(Reply::ok(json!({ "uri": view::connection_uri(project, endpoint, role, &database.name, is_pooled) })))
}

/// Settings that are shared are no longer where something is changed.
fn change(settings: &mut Arc<Map<String, Value>>, by: &Map<String, Value>) {
    if !by.is_empty() {
        merge(Arc::make_mut(settings), by);
    }
}

/// Objects are merged member by member, all else is replaced.
pub(super) fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}
