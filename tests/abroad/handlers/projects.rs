//! Projects, in both versions.

use serde_json::{Map, Value, json};

use super::{Caller, Outcome, branches, email, endpoints, made, not_found, ok, organizations, user_id};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::style::Switch;
use crate::world::{Owner, Project, World};

/// The members of a project that its list does not have.
const READ_ALONE: [&str; 7] = [
    "data_storage_bytes_hour",
    "data_transfer_bytes",
    "written_data_bytes",
    "compute_time_seconds",
    "active_time_seconds",
    "consumption_period_start",
    "consumption_period_end",
];

/// What the plan allows, where it limits.
const AT_MOST: usize = 40;

/// Makes a project with its first branch; returns where it is.
pub(crate) fn make(world: &mut World, owner: Owner, asked: &Value) -> usize {
    let id = world.id("p");
    let now = world.now();
    let text = |name: &str, usual: &str| json!(asked[name].as_str().unwrap_or(usual));
    let mut value = json!({
        "data_storage_bytes_hour": 0, "data_transfer_bytes": 0, "written_data_bytes": 0, "compute_time_seconds": 0,
        "active_time_seconds": 0, "cpu_used_sec": 0, "id": id, "platform_id": "north", "region_id": text("region_id", "azure-gwc"),
        "name": text("name", &id), "provisioner": text("provisioner", "k8s-neonvm"), "settings": {},
        "pg_version": asked["pg_version"].as_i64().unwrap_or(18), "proxy_host": "gwc.north.example", "branch_logical_size_limit": 512,
        "branch_logical_size_limit_bytes": 536_870_912, "store_passwords": asked["store_passwords"].as_bool().unwrap_or(true),
        "creation_source": "api", "history_retention_seconds": asked["history_retention_seconds"].as_i64().unwrap_or(21_600),
        "created_at": now, "updated_at": now, "consumption_period_start": "0001-01-01T00:00:00Z",
        "consumption_period_end": "0001-01-01T00:00:00Z", "synthetic_storage_size": 0, "quota_reset_at": "2030-01-01T00:00:00Z",
        "owner_id": match owner { Owner::User(user) => user_id(user), Owner::Organization => organizations::ORGANIZATION.to_owned() },
    });
    if owner == Owner::Organization {
        value["org_id"] = json!(organizations::ORGANIZATION);
    }
    change(&mut value, asked);
    if world.has(Switch::OptionalLeftOut)
        && let Some(members) = value.as_object_mut()
    {
        members.remove("settings");
    }
    let number = world.next();
    world.projects.push(Project {
        value,
        owner,
        branches: Vec::new(),
        endpoints: Vec::new(),
        operations: Vec::new(),
        snapshots: Vec::new(),
        jwks: Vec::new(),
        permissions: Vec::new(),
        is_removed: false,
        number,
    });
    let project = world.projects.len() - 1;
    let branch = &asked["branch"];
    let role = branch["role_name"].as_str().unwrap_or("neondb_owner");
    let database = branch["database_name"].as_str().unwrap_or("neondb");
    branches::first(world, project, branch["name"].as_str().unwrap_or("main"), role, database);
    let branch_id = world.projects[project].branches[0].value["id"].clone();
    if world.has(Switch::BackgroundWork) {
        for (action, status) in [
            ("check_availability", "cancelled"),
            ("replace_safekeeper", "running"),
            ("tenant_detach", "failed"),
        ] {
            world.begin(project, action, &branch_id, None);
            let operation = world.projects[project].operations.last_mut().expect("it was begun");
            operation.due = None;
            operation.value["status"] = json!(status);
        }
    }
    world.begin(project, "create_timeline", &branch_id, None);
    endpoints::add(world, project, &json!({ "branch_id": branch_id, "type": "read_write" }));
    project
}

/// Where a project is, if the caller may see it.
pub(super) fn find(world: &World, caller: &Caller, id: &str, among_removed: bool) -> Result<usize, Fault> {
    let found = world
        .projects
        .iter()
        .position(|project| project.value["id"] == id && (among_removed || !project.is_removed));
    let found = found.ok_or_else(|| not_found("project"))?;
    if sees(&world.projects[found], caller) {
        Ok(found)
    } else if world.has(Switch::Denied403) && caller.owner != Owner::Organization {
        Err(Fault(403, "this is not yours".to_owned()))
    } else {
        Err(not_found("project"))
    }
}

fn sees(project: &Project, caller: &Caller) -> bool {
    if let Some(only) = &caller.project {
        return project.value["id"] == only.as_str();
    }
    project.owner == caller.owner
        || (project.owner == Owner::Organization && caller.owner == Owner::User(0))
        || is_shared(project, caller)
}

fn is_shared(project: &Project, caller: &Caller) -> bool {
    let Owner::User(user) = caller.owner else { return false };
    project.permissions.iter().any(|permission| {
        permission["granted_to_email"] == email(user).as_str() && permission.get("revoked_at").is_none()
    })
}

/// Takes over what may be changed.
pub(super) fn change(value: &mut Value, asked: &Value) {
    for name in ["name", "history_retention_seconds", "default_endpoint_settings"] {
        if let Some(new) = asked.get(name) {
            value[name] = new.clone();
        }
    }
    for (name, setting) in asked["settings"].as_object().unwrap_or(&Map::new()) {
        value["settings"][name] = setting.clone();
    }
}

pub(super) fn perform(world: &mut World, operation: &str, caller: &Caller, asked: &Asked) -> Outcome {
    match operation {
        "createProject" => create(world, caller, &asked.body["project"]),
        "v1ListProjects" => {
            let shown = world.projects.iter().filter(|project| project.owner == caller.owner);
            let shown = shown.filter(|project| !project.is_removed || world.has(Switch::RemovedShownInV1));
            ok(shown.map(|project| in_v1(world, project)).collect())
        }
        _ => list(world, operation == "listSharedProjects", caller, asked),
    }
}

fn create(world: &mut World, caller: &Caller, asked: &Value) -> Outcome {
    if caller.project.is_some() {
        return Err(not_found("right for a key of one project"));
    }
    let owner = match asked["org_id"].as_str() {
        Some(id) => organizations::member_of(world, caller, id)?,
        None => caller.owner,
    };
    let live = world.projects.iter().filter(|project| !project.is_removed).count();
    if world.has(Switch::PlanLimit) && live >= AT_MOST {
        return Err(Fault(422, format!("PROJECTS_LIMIT_EXCEEDED: limit of {AT_MOST} exceeded")));
    }
    let project = make(world, owner, asked);
    let own = &world.projects[project];
    let branch = &own.branches[0];
    let password = branch.roles[0]["password"].clone();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let host = own.endpoints[0].value["host"].as_str().unwrap_or_default();
    let uri = format!(
        "postgres://{}:{}@{host}/{}",
        name(&branch.roles[0]),
        password.as_str().unwrap_or_default(),
        name(&branch.databases[0])
    );
    made(json!({
        "project": own.value,
        "connection_uris": [{ "connection_uri": uri, "connection_parameters": {
            "database": branch.databases[0]["name"], "password": password, "role": branch.roles[0]["name"], "host": host,
            "pooler_host": format!("pool.{host}"),
        } }],
        "roles": super::parts::shown(&branch.roles), "databases": branch.databases, "branch": branch.value,
        "operations": own.operations.iter().filter(|operation| operation.due.is_some()).map(|operation| &operation.value).collect::<Vec<_>>(),
        "endpoints": [own.endpoints[0].value],
    }))
}

fn list(world: &World, is_shared_list: bool, caller: &Caller, asked: &Asked) -> Outcome {
    let owner = match asked.query.get("org_id").and_then(Value::as_str) {
        Some(id) => organizations::member_of(world, caller, id)?,
        None => caller.owner,
    };
    let is_recovery = asked.query.get("recoverable") == Some(&json!(true));
    let search = asked.query.get("search").and_then(Value::as_str).unwrap_or_default();
    let shown = world.projects.iter().filter(|project| {
        let value = &project.value;
        let is_owned = if is_shared_list { is_shared(project, caller) } else { project.owner == owner };
        let is_in_reach = caller.project.as_ref().is_none_or(|only| value["id"] == only.as_str());
        let is_found = [&value["name"], &value["id"]]
            .iter()
            .any(|text| text.as_str().is_some_and(|text| text.contains(search)));
        is_owned && is_in_reach && is_found && project.is_removed == is_recovery
    });
    let limit = asked.query.get("limit").and_then(Value::as_u64).unwrap_or(10);
    let limit = usize::try_from(limit).expect("it is within its bounds");
    let cursor = asked.query.get("cursor").and_then(Value::as_str);
    let (page, next) = world.page(
        shown.collect(),
        |project| project.number,
        world.has(Switch::OldestFirst),
        (Some(limit), cursor),
    )?;
    let listed: Vec<Value> = page.into_iter().map(listed).collect();
    let mut body = json!({ "projects": listed });
    if !is_shared_list {
        body["applications"] = json!({});
        body["integrations"] = json!({});
    }
    if let Some(next) = next {
        body["pagination"] = json!({ "cursor": next });
    }
    ok(body)
}

fn listed(project: &Project) -> Value {
    let mut value = project.value.clone();
    let members = value.as_object_mut().expect("a project is an object");
    members.retain(|name, _| !READ_ALONE.contains(&name.as_str()));
    members.insert("active_time".to_owned(), json!(0));
    if project.is_removed {
        members.insert("deleted_at".to_owned(), members["updated_at"].clone());
        members.insert("recoverable_until".to_owned(), json!("2099-01-01T00:00:00Z"));
    }
    value
}

pub(super) fn in_v1(world: &World, project: &Project) -> Value {
    let databases = project
        .branches
        .iter()
        .filter(|branch| branch.value["default"] == true)
        .flat_map(|branch| &branch.databases);
    json!({
        "created_at": world.in_milliseconds(&project.value["created_at"]), "current_state": "active",
        "databases": databases.map(|database| json!({ "id": database["id"], "name": database["name"], "owner_id": 77 })).collect::<Vec<_>>(),
        "deleted": project.is_removed, "id": project.value["id"],
        "updated_at": world.in_milliseconds(&project.value["updated_at"]),
    })
}
