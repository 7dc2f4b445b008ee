//! Version 2: projects.

use serde_json::{Map, Value, json};

use super::{Call, Reply};
use crate::mock::body::{Object, parse};
use crate::mock::clock::seconds;
use crate::mock::error::ApiError;
use crate::mock::fault::Fault;
use crate::mock::fixture::DatabaseFixture;
use crate::mock::state::{Project, State};
use crate::mock::view;

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 400;
const MAX_RETENTION: i64 = 2_592_000;

/// A page of projects, oldest first, with the cursor of the next (V2-LIST, PAGE-LIMIT, PAGE-CURSOR, PAGE-EMPTY). Parameters
/// it does not know are ignored.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let limit = match call.query.get("limit") {
        None => DEFAULT_LIMIT,
        Some(limit) => limit
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| ApiError::parameter("limit", "must be an integer from 1 to 400"))?,
    };
    let limit = if call.has(Fault::LimitIgnored) { MAX_LIMIT } else { limit };
    let cursor = call.query.get("cursor").map(String::as_str).filter(|cursor| !cursor.is_empty());
    let search = call.query.get("search").map(|search| search.to_lowercase());
    let account = state.account(call.caller);
    let after =
        account.projects.after(cursor).ok_or_else(|| ApiError::parameter("cursor", "names no project"))?;
    let repeated =
        cursor.filter(|_| call.has(Fault::PageRepeatsItem)).and_then(|id| account.projects.get(id));
    let lost = usize::from(cursor.is_some() && call.has(Fault::PageLosesItem));
    let found = |project: &&Project| {
        search.as_ref().is_none_or(|search| {
            project.name.to_lowercase().contains(search) || project.id.to_lowercase().contains(search)
        })
    };
    let hidden =
        |project: &&Project| !(call.has(Fault::CreatedProjectUnlisted) && project.current_state == "active");
    let mut page: Vec<&Project> =
        repeated.into_iter().chain(after.skip(lost)).filter(found).filter(hidden).take(limit).collect();
    if call.has(Fault::DeletedProjectListed) {
        page.extend(account.projects.all_removed());
    }
    if call.has(Fault::DuplicateInList) {
        page.extend(page.first().copied());
    }
    let mut body = json!({
        "projects": page.iter().map(|project| view::listed_project(account, project, call.now)).collect::<Vec<_>>(),
    });
    if let Some(last) = page.last() {
        body["pagination"] = json!({ "cursor": last.id });
    }
    body["applications"] = json!({});
    body["integrations"] = json!({});
    Ok(Reply::ok(body))
}

/// A project with its default branch, database, role and endpoint, and the work to make them (PROJ-DEFAULTS).
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let body = parse(call.body)?;
    let request = Object::root(&body)?.required_object("project")?;
    let name = request.string("name", 1..=256)?;
    let region = request.string("region_id", 1..=256)?;
    let pg_version = request.integer("pg_version", 14..=18)?;
    let store_passwords = request.boolean("store_passwords")?;
    let retention = request.integer("history_retention_seconds", 0..=MAX_RETENTION)?;
    let settings = settings(&request)?;
    let endpoint_settings = endpoint_settings(&request)?;
    let branch = request.object("branch")?;
    let of_branch = |member: &str, length, default: &str| -> Result<String, ApiError> {
        let named = branch.as_ref().map(|branch| branch.string(member, length)).transpose()?.flatten();
        Ok(named.unwrap_or_else(|| default.to_owned()))
    };
    let branch_name = of_branch("name", 1..=256, "main")?;
    let role_name = of_branch("role_name", 1..=63, "neondb_owner")?;
    let database_name = of_branch("database_name", 1..=63, "neondb")?;

    let account = state.account_mut(call.caller);
    let id = account.new_project_id();
    let mut project = Project::new(id, name, call.now, &mut account.ids);
    if let Some(region) = region {
        project.region_id = region;
    }
    project.pg_version = pg_version.unwrap_or(project.pg_version);
    project.store_passwords = store_passwords.unwrap_or(project.store_passwords);
    project.history_retention_seconds = retention.unwrap_or(project.history_retention_seconds);
    merge(&mut project.settings, &settings);
    merge(&mut project.default_endpoint_settings, &endpoint_settings);
    let database_id = account.next_database_id();
    project.databases.push(DatabaseFixture {
        id: database_id,
        name: database_name.clone(),
        owner_id: database_id,
    });
    let branch_id = account.ids.branch();
    let endpoint_id = account.ids.endpoint();
    let operation_ids = [account.ids.uuid(), account.ids.uuid()];

    let now = seconds(call.now);
    let proxy_host = view::proxy_host(&project.region_id);
    let host = format!("{endpoint_id}.{proxy_host}");
    let password = &project.password;
    let operation = |id: uuid::Uuid, action: &str, status: &str, endpoint: Option<&str>| {
        let mut operation = json!({
            "id": id, "project_id": project.id, "branch_id": branch_id, "action": action, "status": status,
            "failures_count": 0, "created_at": now, "updated_at": now, "total_duration_ms": 0,
        });
        if let Some(endpoint) = endpoint {
            operation["endpoint_id"] = json!(endpoint);
        }
        operation
    };
    let body = json!({
        "project": view::project(account, &project),
        "connection_uris": [{
            "connection_uri": format!("postgresql://{role_name}:{password}@{host}/{database_name}?sslmode=require"),
            "connection_parameters": {
                "database": database_name, "password": password, "role": role_name, "host": host,
                "pooler_host": format!("{endpoint_id}-pooler.{proxy_host}"),
            },
        }],
        "roles": [{
            "branch_id": branch_id, "name": role_name, "password": password, "protected": false,
            "created_at": now, "updated_at": now,
        }],
        "databases": [{
            "id": database_id, "branch_id": branch_id, "name": database_name, "owner_name": role_name,
            "created_at": now, "updated_at": now,
        }],
        "operations": [
            operation(operation_ids[0], "create_timeline", "running", None),
            operation(operation_ids[1], "start_compute", "scheduling", Some(&endpoint_id)),
        ],
        "branch": {
            "id": branch_id, "project_id": project.id, "name": branch_name, "current_state": "init",
            "pending_state": "ready", "state_changed_at": now, "creation_source": "console", "primary": true,
            "default": true, "protected": false, "cpu_used_sec": 0, "compute_time_seconds": 0,
            "active_time_seconds": 0, "written_data_bytes": 0, "data_transfer_bytes": 0,
            "created_at": now, "updated_at": now,
        },
        "endpoints": [{
            "host": host, "id": endpoint_id, "project_id": project.id, "branch_id": branch_id,
            "autoscaling_limit_min_cu": project.default_endpoint_settings["autoscaling_limit_min_cu"],
            "autoscaling_limit_max_cu": project.default_endpoint_settings["autoscaling_limit_max_cu"],
            "region_id": project.region_id, "type": "read_write", "current_state": "init", "pending_state": "active",
            "settings": {}, "pooler_enabled": false, "pooler_mode": "transaction", "disabled": false,
            "passwordless_access": true, "creation_source": "console", "created_at": now, "updated_at": now,
            "proxy_host": proxy_host,
            "suspend_timeout_seconds": project.default_endpoint_settings["suspend_timeout_seconds"],
            "provisioner": "k8s-neonvm",
        }],
    });
    account.projects.insert(project);
    Ok(Reply::created(body))
}

/// One project, with its owner.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let id = call.parameter();
    let account = state.account(call.caller);
    let other = account.projects.after(None).into_iter().flatten().find(|project| project.id != id);
    let project = match account.projects.get(id) {
        Some(project) => other.filter(|_| call.has(Fault::WrongProjectAnswered)).unwrap_or(project),
        None if call.has(Fault::UnknownProjectFails) => return Err(ApiError::internal()),
        None => elsewhere(call, state, id).ok_or_else(|| ApiError::not_found("project", id))?,
    };
    let mut view = view::read_project(account, project, call.now);
    if call.has(Fault::ProjectPasswordShown) {
        view["password"] = json!(project.password);
    }
    if call.has(Fault::UpdatedBeforeCreated) {
        view["updated_at"] = json!("2001-01-01T00:00:00Z");
    }
    Ok(Reply::ok(json!({ "project": view })))
}

/// Where only faults look for a project.
fn elsewhere<'s>(call: &Call<'_>, state: &'s State, id: &str) -> Option<&'s Project> {
    if call.has(Fault::DeletedProjectReadable)
        && let Some(project) = state.account(call.caller).projects.removed(id)
    {
        return Some(project);
    }
    let of_others = || state.accounts().find_map(|account| account.projects.get(id));
    call.has(Fault::OtherUsersProjectReadable).then(of_others).flatten()
}

/// Changes what is named and leaves the rest; `updated_at` moves.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let id = call.parameter();
    if state.account(call.caller).projects.get(id).is_none() {
        return Err(ApiError::not_found("project", id));
    }
    let body = parse(call.body)?;
    let request = Object::root(&body)?.required_object("project")?;
    let name = request.string("name", 1..=256)?;
    let retention = request.integer("history_retention_seconds", 0..=MAX_RETENTION)?;
    let settings = settings(&request)?;
    let endpoint_settings = endpoint_settings(&request)?;
    let account = state.account_mut(call.caller);
    if !call.has(Fault::UpdateIgnored)
        && let Some(project) = account.projects.get_mut(id)
    {
        if let Some(name) = name {
            project.name = name;
        }
        project.history_retention_seconds = retention.unwrap_or(project.history_retention_seconds);
        merge(&mut project.settings, &settings);
        merge(&mut project.default_endpoint_settings, &endpoint_settings);
        project.updated_at = call.now.max(project.created_at);
        if call.has(Fault::CreatedAtMoves) {
            project.created_at = "2020-02-02T02:02:02Z".parse().unwrap_or(project.created_at);
        }
    }
    let project = account.projects.get(id).ok_or_else(|| ApiError::not_found("project", id))?;
    Ok(Reply::ok(json!({ "project": view::project(account, project), "operations": [] })))
}

/// Gone at once (PROJ-DELETED-GONE).
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let id = call.parameter();
    let account = state.account_mut(call.caller);
    let project = account.projects.remove(id).ok_or_else(|| ApiError::not_found("project", id))?;
    Ok(Reply::ok(json!({ "project": view::project(account, &project) })))
}

/// The settings in a request, checked for the types the document gives.
fn settings(request: &Object<'_>) -> Result<Map<String, Value>, ApiError> {
    let Some(settings) = request.object("settings")? else { return Ok(Map::new()) };
    for name in ["enable_logical_replication", "block_public_connections", "block_vpc_connections", "hipaa"] {
        settings.boolean(name)?;
    }
    for name in ["quota", "allowed_ips", "maintenance_window", "preload_libraries"] {
        settings.object(name)?;
    }
    settings.string("audit_log_level", 1..=16)?;
    Ok(settings.members().clone())
}

fn endpoint_settings(request: &Object<'_>) -> Result<Map<String, Value>, ApiError> {
    let Some(settings) = request.object("default_endpoint_settings")? else { return Ok(Map::new()) };
    settings.number("autoscaling_limit_min_cu", 0.25)?;
    settings.number("autoscaling_limit_max_cu", 0.25)?;
    settings.integer("suspend_timeout_seconds", -1..=604_800)?;
    settings.object("pg_settings")?;
    Ok(settings.members().clone())
}

/// Objects are merged member by member, all else is replaced.
fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}
