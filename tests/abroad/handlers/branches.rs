//! Branches, and what they begin with.

use serde_json::{Value, json};

use super::{Outcome, endpoints, gone, made, not_found, ok, parts, snapshots};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::style::Switch;
use crate::world::{Branch, World};

/// Adds a branch; what it holds is as in another, under its own id.
pub(super) fn add(
    world: &mut World,
    project: usize,
    name: Option<&str>,
    (roles, databases): (Vec<Value>, Vec<Value>),
) -> usize {
    let id = world.id("b");
    let now = world.now();
    let value = json!({
        "id": id, "project_id": world.projects[project].value["id"], "name": name.unwrap_or(&id), "current_state": "init",
        "pending_state": "ready", "state_changed_at": now, "logical_size": 0, "creation_source": "api", "primary": false, "default": false,
        "protected": false, "cpu_used_sec": 0, "compute_time_seconds": 0, "active_time_seconds": 0, "written_data_bytes": 0,
        "data_transfer_bytes": 0, "created_at": now, "updated_at": now,
    });
    let under = |mut parts: Vec<Value>| {
        for part in &mut parts {
            part["branch_id"] = json!(id);
        }
        parts
    };
    let (roles, databases) = (under(roles), under(databases));
    let number = world.next();
    let branches = &mut world.projects[project].branches;
    branches.push(Branch { value, roles, databases, replaces: None, is_removed: false, number });
    branches.len() - 1
}

/// The branch that a project begins with.
pub(super) fn first(world: &mut World, project: usize, name: &str, role: &str, database: &str) {
    let branch = add(world, project, Some(name), (Vec::new(), Vec::new()));
    world.projects[project].branches[branch].value["default"] = json!(true);
    parts::add_role(world, project, branch, role);
    if world.has(Switch::ProtectedRole) {
        parts::add_protected_role(world, project, branch);
    }
    parts::add_database(world, project, branch, database, role);
}

/// Where the branch of an id is.
pub(super) fn find(world: &World, project: usize, id: &Value) -> Option<usize> {
    world.projects[project].branches.iter().position(|branch| branch.value["id"] == *id && !branch.is_removed)
}

fn is_taken(world: &World, project: usize, name: &str, but: Option<usize>) -> Result<(), Fault> {
    let mut others =
        world.projects[project].branches.iter().enumerate().filter(|(index, _)| Some(*index) != but);
    if others.any(|(_, branch)| !branch.is_removed && branch.value["name"] == name) {
        return Err(Fault(409, format!("there is a branch {name}")));
    }
    Ok(())
}

pub(super) fn perform(world: &mut World, operation: &str, asked: &Asked, project: usize) -> Outcome {
    match operation {
        "listProjectBranches" => return list(world, asked, project),
        "countProjectBranches" => {
            let (_, count) = (0, shown(world, asked, project).count());
            return ok(json!({ "count": count }));
        }
        "createProjectBranch" => return create(world, asked, project),
        _ => {}
    }
    let id = json!(asked.path["branch_id"]);
    if operation == "recoverProjectBranch" {
        return recover(world, project, &id);
    }
    let Some(branch) = find(world, project, &id) else {
        return if operation.starts_with("delete") { gone(world) } else { Err(not_found("branch")) };
    };
    if operation.contains("Role") || operation.contains("Database") {
        return parts::perform(world, operation, asked, (project, branch));
    }
    match operation {
        "getProjectBranch" => {
            let value = &world.projects[project].branches[branch].value;
            let annotation = json!({ "object": { "type": "console/branch", "id": id }, "value": {} });
            ok(json!({ "branch": value, "annotation": annotation }))
        }
        "updateProjectBranch" => {
            let change = &asked.body["branch"];
            if let Some(name) = change["name"].as_str() {
                is_taken(world, project, name, Some(branch))?;
            }
            let now = world.now();
            let value = &mut world.projects[project].branches[branch].value;
            for name in ["name", "protected", "expires_at"] {
                if let Some(new) = change.get(name).filter(|new| !new.is_null()) {
                    value[name] = new.clone();
                }
            }
            value["updated_at"] = json!(now);
            ok(json!({ "branch": value, "operations": [] }))
        }
        "deleteProjectBranch" => remove(world, project, branch),
        "setDefaultProjectBranch" => {
            for (index, other) in world.projects[project].branches.iter_mut().enumerate() {
                other.value["default"] = json!(index == branch);
            }
            ok(json!({ "branch": world.projects[project].branches[branch].value, "operations": [] }))
        }
        "restoreProjectBranch" => restore(world, asked, project, branch),
        "finalizeRestoreBranch" => snapshots::finalize(world, asked, project, branch),
        "createSnapshot" => snapshots::create(world, asked, project, branch),
        "listProjectBranchEndpoints" => ok(json!({ "endpoints": endpoints::of(world, project, Some(&id)) })),
        _ => Err(Fault(501, format!("this server does not do {operation}"))),
    }
}

fn shown<'a>(world: &'a World, asked: &'a Asked, project: usize) -> impl Iterator<Item = &'a Branch> {
    let search = asked.query.get("search").and_then(Value::as_str).unwrap_or_default();
    let with_removed = asked.query.get("include_deleted") == Some(&json!(true));
    world.projects[project].branches.iter().filter(move |branch| {
        let is_found = ["name", "id"]
            .iter()
            .any(|name| branch.value[*name].as_str().is_some_and(|text| text.contains(search)));
        is_found && (with_removed || !branch.is_removed)
    })
}

fn list(world: &World, asked: &Asked, project: usize) -> Outcome {
    let mut branches: Vec<&Branch> = shown(world, asked, project).collect();
    let order = asked.query.get("sort_by").and_then(Value::as_str);
    let is_ascending = asked
        .query
        .get("sort_order")
        .and_then(Value::as_str)
        .map_or(world.has(Switch::OldestFirst), |order| order == "asc");
    // Ranks take the place of numbers where the order is by name.
    branches.sort_by_key(|branch| {
        if order == Some("name") {
            branch.value["name"].to_string()
        } else {
            format!("{:020}", branch.number)
        }
    });
    let ranked: Vec<(u64, &Branch)> = (1..).zip(branches).collect();
    let limit =
        asked.query.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let cursor = asked.query.get("cursor").and_then(Value::as_str);
    let (page, next) =
        world.page(ranked.iter().collect(), |ranked| ranked.0, is_ascending, (limit, cursor))?;
    let page: Vec<&Value> = page.into_iter().map(|ranked| &ranked.1.value).collect();
    let mut body = json!({ "branches": page, "annotations": {} });
    if let Some(next) = next {
        body["pagination"] =
            json!({ "next": next, "sort_by": order.unwrap_or("updated_at"), "sort_order": "DESC" });
    }
    ok(body)
}

fn create(world: &mut World, asked: &Asked, project: usize) -> Outcome {
    let wish = &asked.body["branch"];
    let parent = match wish.get("parent_id") {
        Some(id) => find(world, project, id).ok_or_else(|| not_found("parent"))?,
        None => world.projects[project]
            .branches
            .iter()
            .position(|branch| branch.value["default"] == true)
            .expect("one is the default"),
    };
    if let Some(name) = wish["name"].as_str() {
        is_taken(world, project, name, None)?;
    }
    let from = &world.projects[project].branches[parent];
    let (parts, parent_id) = ((from.roles.clone(), from.databases.clone()), from.value["id"].clone());
    let branch = add(world, project, wish["name"].as_str(), parts);
    let value = &mut world.projects[project].branches[branch].value;
    value["parent_id"] = parent_id;
    value["protected"] = json!(wish["protected"].as_bool().unwrap_or(false));
    let value = value.clone();
    let mut operations = vec![world.begin(project, "create_branch", &value["id"], None)];
    operations.push(world.begin(project, "create_timeline", &value["id"], None));
    let mut endpoints = Vec::new();
    for wish in asked.body["endpoints"].as_array().into_iter().flatten() {
        let mut wish = wish.clone();
        wish["branch_id"] = value["id"].clone();
        let (endpoint, operation) = endpoints::add(world, project, &wish);
        endpoints.push(endpoint);
        operations.push(operation);
    }
    let own = &world.projects[project].branches[branch];
    let roles: Vec<Value> = own.roles.iter().map(parts::without_password).collect();
    let mut body = json!({ "branch": own.value, "endpoints": endpoints, "operations": operations, "roles": roles, "databases": own.databases });
    if !world.has(Switch::NoConnectionUris) {
        body["connection_uris"] = json!([]);
    }
    made(body)
}

fn remove(world: &mut World, project: usize, branch: usize) -> Outcome {
    let value = world.projects[project].branches[branch].value.clone();
    let has_children = world.projects[project]
        .branches
        .iter()
        .any(|other| !other.is_removed && other.value["parent_id"] == value["id"]);
    if value["default"] == true
        || value.get("parent_id").is_none()
        || value["protected"] == true
        || has_children
    {
        return Err(Fault(422, "this branch stays".to_owned()));
    }
    if !world.has(Switch::RemovedLater) {
        let now = world.now();
        let own = &mut world.projects[project];
        own.branches[branch].remove(&now);
        for endpoint in own.endpoints.iter_mut().filter(|endpoint| endpoint.value["branch_id"] == value["id"])
        {
            endpoint.is_removed = true;
        }
    }
    let operation = world.begin(project, "delete_timeline", &value["id"], None);
    ok(json!({ "branch": value, "operations": [operation] }))
}

fn recover(world: &mut World, project: usize, id: &Value) -> Outcome {
    let own = &mut world.projects[project];
    let branch = own
        .branches
        .iter_mut()
        .find(|branch| branch.value["id"] == *id)
        .ok_or_else(|| not_found("branch"))?;
    if !branch.is_removed {
        return Err(Fault(409, "it was not removed".to_owned()));
    }
    branch.is_removed = false;
    branch.value.as_object_mut().expect("a branch is an object").remove("recovery");
    let mut endpoints = Vec::new();
    for endpoint in own.endpoints.iter_mut().filter(|endpoint| endpoint.value["branch_id"] == *id) {
        endpoint.is_removed = false;
        endpoint.value["current_state"] = json!("idle");
        endpoints.push(endpoint.value.clone());
    }
    ok(json!({ "branch": branch.value, "endpoints": endpoints }))
}

fn restore(world: &mut World, asked: &Asked, project: usize, branch: usize) -> Outcome {
    let source = find(world, project, &asked.body["source_branch_id"]).ok_or_else(|| not_found("source"))?;
    let own = &world.projects[project].branches;
    let (kept, new) = (
        (own[branch].roles.clone(), own[branch].databases.clone()),
        (own[source].roles.clone(), own[source].databases.clone()),
    );
    let id = own[branch].value["id"].clone();
    let mut operations = Vec::new();
    if let Some(name) = asked.body["preserve_under_name"].as_str() {
        is_taken(world, project, name, None)?;
        let kept = add(world, project, Some(name), kept);
        let branches = &mut world.projects[project].branches;
        let source_id = branches[source].value["id"].clone();
        branches[kept].value["parent_id"] = source_id;
        let kept_id = world.projects[project].branches[kept].value["id"].clone();
        if world.has(Switch::RefreshedTwice) {
            operations.push(world.begin(project, "create_timeline", &kept_id, None));
        }
    }
    let under = |mut part: Value| {
        part["branch_id"] = id.clone();
        part
    };
    let own = &mut world.projects[project].branches[branch];
    own.roles = new.0.into_iter().map(under).collect();
    own.databases = new.1.into_iter().map(under).collect();
    let value = own.value.clone();
    operations.push(world.begin(project, "apply_config", &id, None));
    ok(json!({ "branch": value, "operations": operations }))
}
