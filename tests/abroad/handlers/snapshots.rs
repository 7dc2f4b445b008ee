//! Snapshots, and the branches they become.

use serde_json::{Value, json};

use super::{Outcome, branches, not_found, ok};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::world::{Snapshot, World};

pub(super) fn create(world: &mut World, asked: &Asked, project: usize, branch: usize) -> Outcome {
    if asked.query.contains_key("timestamp") && asked.query.contains_key("lsn") {
        return Err(Fault(400, "one moment is enough".to_owned()));
    }
    let id = world.id("s");
    let own = &world.projects[project].branches[branch];
    let (branch_id, roles, databases) = (own.value["id"].clone(), own.roles.clone(), own.databases.clone());
    let mut value = json!({
        "id": id, "name": asked.query.get("name").and_then(Value::as_str).unwrap_or(&id), "source_branch_id": branch_id,
        "created_at": world.now(), "manual": true,
    });
    for name in ["timestamp", "lsn", "expires_at"] {
        if let Some(given) = asked.query.get(name) {
            value[name] = given.clone();
        }
    }
    world.projects[project].snapshots.push(Snapshot { value: value.clone(), roles, databases });
    let operation = world.begin(project, "create_branch", &branch_id, None);
    ok(json!({ "snapshot": value, "operations": [operation] }))
}

pub(super) fn perform(world: &mut World, operation: &str, asked: &Asked, project: usize) -> Outcome {
    let own = &mut world.projects[project];
    if operation == "listSnapshots" {
        return ok(
            json!({ "snapshots": own.snapshots.iter().map(|snapshot| &snapshot.value).collect::<Vec<_>>() }),
        );
    }
    let id = asked.path["snapshot_id"].as_str();
    let found = own
        .snapshots
        .iter()
        .position(|snapshot| snapshot.value["id"] == id)
        .ok_or_else(|| not_found("snapshot"))?;
    match operation {
        "updateSnapshot" => {
            let snapshot = &mut own.snapshots[found];
            for name in ["name", "expires_at"] {
                if let Some(new) = asked.body["snapshot"].get(name) {
                    snapshot.value[name] = new.clone();
                }
            }
            ok(json!({ "snapshot": snapshot.value }))
        }
        "deleteSnapshot" => {
            own.snapshots.remove(found);
            Ok((202, Some(json!({ "operations": [] }))))
        }
        "restoreSnapshot" => restore(world, asked, project, found),
        _ => Err(Fault(501, "this server does not do that".to_owned())),
    }
}

fn restore(world: &mut World, asked: &Asked, project: usize, snapshot: usize) -> Outcome {
    let own = &world.projects[project].snapshots[snapshot];
    let target =
        asked.body["target_branch_id"].as_str().map_or(own.value["source_branch_id"].clone(), Value::from);
    branches::find(world, project, &target).ok_or_else(|| not_found("target"))?;
    let (parts, id) = ((own.roles.clone(), own.databases.clone()), own.value["id"].clone());
    let name = asked.body["name"].as_str().or(asked.query.get("name").and_then(Value::as_str));
    let taken = |name: &str| {
        world.projects[project]
            .branches
            .iter()
            .any(|branch| !branch.is_removed && branch.value["name"] == name)
    };
    if name.is_some_and(taken) {
        return Err(Fault(409, "there is a branch of this name".to_owned()));
    }
    let branch = branches::add(world, project, name, parts);
    let own = &mut world.projects[project].branches[branch];
    own.value["parent_id"] = target.clone();
    own.value["restored_from"] = id;
    own.replaces = target.as_str().map(str::to_owned);
    let branch_id = own.value["id"].clone();
    let operation = world.begin(project, "create_timeline", &branch_id, None);
    let mut operations = vec![operation];
    if asked.body["finalize_restore"] == true {
        replace(world, project, branch, None)?;
        operations.push(world.begin(project, "apply_config", &branch_id, None));
    }
    ok(json!({ "branch": world.projects[project].branches[branch].value, "operations": operations }))
}

pub(super) fn finalize(world: &mut World, asked: &Asked, project: usize, branch: usize) -> Outcome {
    let branch_id = world.projects[project].branches[branch].value["id"].clone();
    replace(world, project, branch, asked.body["name"].as_str())?;
    let operation = world.begin(project, "apply_config", &branch_id, None);
    ok(json!({ "operations": [operation] }))
}

/// Puts a restored branch in the place of the one it is of.
fn replace(world: &mut World, project: usize, branch: usize, name: Option<&str>) -> Result<(), Fault> {
    let nothing = || Fault(422, "this branch replaces nothing".to_owned());
    let old = world.projects[project].branches[branch].replaces.take().ok_or_else(nothing)?;
    let old = branches::find(world, project, &json!(old)).ok_or_else(nothing)?;
    let own = &mut world.projects[project];
    let old_value = own.branches[old].value.clone();
    let new_value = &mut own.branches[branch].value;
    new_value["name"] = old_value["name"].clone();
    new_value["default"] = old_value["default"].clone();
    // It stands on its own from now on.
    new_value.as_object_mut().expect("a branch is an object").remove("parent_id");
    let new_id = new_value["id"].clone();
    for endpoint in own.endpoints.iter_mut().filter(|endpoint| endpoint.value["branch_id"] == old_value["id"])
    {
        endpoint.value["branch_id"] = new_id.clone();
    }
    let kept = format!(
        "{} (old {})",
        old_value["name"].as_str().unwrap_or_default(),
        old_value["id"].as_str().unwrap_or_default()
    );
    own.branches[old].value["name"] = json!(name.unwrap_or(&kept));
    own.branches[old].value["default"] = json!(false);
    own.branches[old].value["restored_as"] = new_id;
    Ok(())
}
