//! Endpoints: what computes for a branch.

use serde_json::{Value, json};

use super::{Outcome, branches, gone, made, not_found, ok};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::style::Switch;
use crate::world::{Endpoint, World};

/// Adds an endpoint; returns it and the work that starts it.
pub(super) fn add(world: &mut World, project: usize, wish: &Value) -> (Value, Value) {
    let id = world.id("e");
    let now = world.now();
    let own = &world.projects[project].value;
    let mut value = json!({
        "host": format!("{id}.gwc.north.example"), "id": id, "project_id": own["id"], "branch_id": wish["branch_id"],
        "autoscaling_limit_min_cu": 0.25, "autoscaling_limit_max_cu": 10.5, "region_id": own["region_id"], "type": wish["type"],
        "current_state": "init", "pending_state": "active", "settings": {}, "pooler_enabled": false, "pooler_mode": "transaction",
        "disabled": false, "passwordless_access": true, "creation_source": "api", "created_at": now, "updated_at": now,
        "proxy_host": own["proxy_host"], "suspend_timeout_seconds": 0, "provisioner": "k8s-neonvm", "last_active": "2000-01-01T00:00:00Z",
    });
    change(&mut value, wish);
    let (branch, id) = (value["branch_id"].clone(), value["id"].clone());
    world.projects[project].endpoints.push(Endpoint {
        value: value.clone(),
        is_going: false,
        is_removed: false,
    });
    let operation = world.begin(project, "start_compute", &branch, Some(&id));
    (value, operation)
}

fn change(value: &mut Value, wish: &Value) {
    let may = [
        "name",
        "autoscaling_limit_min_cu",
        "autoscaling_limit_max_cu",
        "settings",
        "pooler_enabled",
        "pooler_mode",
        "disabled",
        "passwordless_access",
        "suspend_timeout_seconds",
        "provisioner",
    ];
    for name in may {
        if let Some(new) = wish.get(name) {
            value[name] = new.clone();
        }
    }
}

/// The endpoints of a project, or of one of its branches.
pub(super) fn of<'a>(world: &'a World, project: usize, branch: Option<&Value>) -> Vec<&'a Value> {
    let own = world.projects[project]
        .endpoints
        .iter()
        .filter(|endpoint| !endpoint.is_removed)
        .map(|endpoint| &endpoint.value);
    own.filter(|endpoint| branch.is_none_or(|branch| endpoint["branch_id"] == *branch)).collect()
}

pub(super) fn perform(world: &mut World, operation: &str, asked: &Asked, project: usize) -> Outcome {
    let wish = &asked.body["endpoint"];
    if operation == "listProjectEndpoints" {
        return ok(json!({ "endpoints": of(world, project, None) }));
    }
    if operation == "createProjectEndpoint" {
        branches::find(world, project, &wish["branch_id"]).ok_or_else(|| not_found("branch"))?;
        let writes = |endpoint: &&Value| endpoint["type"] == "read_write";
        if wish["type"] == "read_write" && of(world, project, Some(&wish["branch_id"])).iter().any(writes) {
            return Err(Fault(409, "one endpoint of this branch writes already".to_owned()));
        }
        let (endpoint, operation) = add(world, project, wish);
        return made(json!({ "endpoint": endpoint, "operations": [operation] }));
    }
    let id = json!(asked.path["endpoint_id"]);
    let found = world.projects[project]
        .endpoints
        .iter()
        .position(|endpoint| endpoint.value["id"] == id && !endpoint.is_removed);
    let Some(found) = found else {
        return if operation.starts_with("delete") { gone(world) } else { Err(not_found("endpoint")) };
    };
    let now = world.now();
    let value = &mut world.projects[project].endpoints[found].value;
    let action = match operation {
        "getProjectEndpoint" => return ok(json!({ "endpoint": value })),
        "updateProjectEndpoint" => {
            if let Some(branch) = wish.get("branch_id").filter(|branch| **branch != value["branch_id"]) {
                return Err(Fault(422, format!("an endpoint does not move to {branch}")));
            }
            change(value, wish);
            value["updated_at"] = json!(now);
            "apply_config"
        }
        "deleteProjectEndpoint" => {
            let is_later = world.has(Switch::RemovedLater);
            let endpoint = &mut world.projects[project].endpoints[found];
            (endpoint.is_going, endpoint.is_removed) = (is_later, !is_later);
            "suspend_compute"
        }
        "suspendProjectEndpoint" => "suspend_compute",
        _ => "start_compute",
    };
    let value = world.projects[project].endpoints[found].value.clone();
    let operation = world.begin(project, action, &value["branch_id"], Some(&id));
    ok(json!({ "endpoint": value, "operations": [operation] }))
}
