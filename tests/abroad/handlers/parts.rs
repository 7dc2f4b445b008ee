//! Roles and databases of a branch.

use serde_json::{Value, json};

use super::{Outcome, branches, gone, made, not_found, ok};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::world::World;

fn password() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

pub(super) fn without_password(role: &Value) -> Value {
    let mut role = role.clone();
    role.as_object_mut().expect("a role is an object").remove("password");
    role
}

pub(super) fn add_role(world: &mut World, project: usize, branch: usize, name: &str) -> Value {
    let now = world.now();
    let branch = &mut world.projects[project].branches[branch];
    let role = json!({ "branch_id": branch.value["id"], "name": name, "password": password(), "protected": false,
        "created_at": now, "updated_at": now });
    branch.roles.push(role.clone());
    role
}

/// A role of the system, of which no list says where it stands.
pub(super) fn add_protected_role(world: &mut World, project: usize, branch: usize) {
    add_role(world, project, branch, "web_access");
    let role = world.projects[project].branches[branch].roles.last_mut().expect("it was added");
    role["protected"] = json!(true);
    *role = without_password(role);
}

/// The roles as they are shown: those of the system first.
pub(super) fn shown(roles: &[Value]) -> Vec<Value> {
    let (of_the_system, others): (Vec<Value>, Vec<Value>) =
        roles.iter().cloned().partition(|role| role["protected"] == true);
    [of_the_system, others].concat()
}

pub(super) fn add_database(
    world: &mut World,
    project: usize,
    branch: usize,
    name: &str,
    owner: &str,
) -> Value {
    let now = world.now();
    let id = world.next();
    let branch = &mut world.projects[project].branches[branch];
    let database = json!({ "id": id, "branch_id": branch.value["id"], "name": name, "owner_name": owner, "created_at": now, "updated_at": now });
    branch.databases.push(database.clone());
    database
}

fn named(parts: &[Value], name: &Value) -> Option<usize> {
    parts.iter().position(|part| part["name"] == *name)
}

pub(super) fn perform(world: &mut World, operation: &str, asked: &Asked, at: (usize, usize)) -> Outcome {
    if operation.contains("Role") {
        roles(world, operation, asked, at)
    } else {
        databases(world, operation, asked, at)
    }
}

fn roles(world: &mut World, operation: &str, asked: &Asked, (project, branch): (usize, usize)) -> Outcome {
    let own = &world.projects[project].branches[branch];
    let branch_id = own.value["id"].clone();
    if operation == "listProjectBranchRoles" {
        return ok(json!({ "roles": shown(&own.roles).iter().map(without_password).collect::<Vec<_>>() }));
    }
    if operation == "createProjectBranchRole" {
        let name = &asked.body["role"]["name"];
        if named(&own.roles, name).is_some() {
            return Err(Fault(409, "there is such a role".to_owned()));
        }
        let role = add_role(world, project, branch, name.as_str().unwrap_or_default());
        let operation = world.begin(project, "apply_config", &branch_id, None);
        return made(json!({ "role": role, "operations": [operation] }));
    }
    let Some(role) = named(&own.roles, &json!(asked.path["role_name"])) else {
        return if operation.starts_with("delete") { gone(world) } else { Err(not_found("role")) };
    };
    match operation {
        _ if operation != "getProjectBranchRole" && own.roles[role]["protected"] == true => {
            Err(Fault(422, "this role is the system's".to_owned()))
        }
        "getProjectBranchRole" => ok(json!({ "role": without_password(&own.roles[role]) })),
        "getProjectBranchRolePassword" if world.projects[project].value["store_passwords"] == false => {
            Err(Fault(412, "no passwords are stored".to_owned()))
        }
        "getProjectBranchRolePassword" => ok(json!({ "password": own.roles[role]["password"] })),
        "resetProjectBranchRolePassword" => {
            let now = world.now();
            let own = &mut world.projects[project].branches[branch].roles[role];
            own["password"] = json!(password());
            own["updated_at"] = json!(now);
            let own = own.clone();
            let operation = world.begin(project, "apply_config", &branch_id, None);
            ok(json!({ "role": own, "operations": [operation] }))
        }
        _ => {
            if own.databases.iter().any(|database| database["owner_name"] == own.roles[role]["name"]) {
                return Err(Fault(422, "it owns a database".to_owned()));
            }
            let role = without_password(&world.projects[project].branches[branch].roles.remove(role));
            let operation = world.begin(project, "apply_config", &branch_id, None);
            ok(json!({ "role": role, "operations": [operation] }))
        }
    }
}

fn databases(
    world: &mut World,
    operation: &str,
    asked: &Asked,
    (project, branch): (usize, usize),
) -> Outcome {
    let own = &world.projects[project].branches[branch];
    let branch_id = own.value["id"].clone();
    let wish = &asked.body["database"];
    let owner_is_there = wish.get("owner_name").is_none_or(|owner| named(&own.roles, owner).is_some());
    if operation == "listProjectBranchDatabases" {
        return ok(json!({ "databases": own.databases }));
    }
    if operation == "createProjectBranchDatabase" {
        if named(&own.databases, &wish["name"]).is_some() {
            return Err(Fault(409, "there is such a database".to_owned()));
        }
        if !owner_is_there {
            return Err(not_found("owner"));
        }
        let (name, owner) =
            (wish["name"].as_str().unwrap_or_default(), wish["owner_name"].as_str().unwrap_or_default());
        let database = add_database(world, project, branch, name, owner);
        let operation = world.begin(project, "apply_config", &branch_id, None);
        return made(json!({ "database": database, "operations": [operation] }));
    }
    let Some(database) = named(&own.databases, &json!(asked.path["database_name"])) else {
        return if operation.starts_with("delete") { gone(world) } else { Err(not_found("database")) };
    };
    match operation {
        "getProjectBranchDatabase" => ok(json!({ "database": own.databases[database] })),
        "updateProjectBranchDatabase" => {
            if !owner_is_there {
                return Err(not_found("owner"));
            }
            if named(&own.databases, &wish["name"]).is_some_and(|other| other != database) {
                return Err(Fault(409, "there is such a database".to_owned()));
            }
            let now = world.now();
            let own = &mut world.projects[project].branches[branch].databases[database];
            for name in ["name", "owner_name"] {
                if let Some(new) = wish.get(name) {
                    own[name] = new.clone();
                }
            }
            own["updated_at"] = json!(now);
            let own = own.clone();
            let operation = world.begin(project, "apply_config", &branch_id, None);
            ok(json!({ "database": own, "operations": [operation] }))
        }
        _ => {
            let database = world.projects[project].branches[branch].databases.remove(database);
            let operation = world.begin(project, "apply_config", &branch_id, None);
            ok(json!({ "database": database, "operations": [operation] }))
        }
    }
}

pub(super) fn connection_uri(world: &World, asked: &Asked, project: usize) -> Outcome {
    let own = &world.projects[project];
    let branch = match asked.query.get("branch_id") {
        Some(id) => branches::find(world, project, id).ok_or_else(|| not_found("branch"))?,
        None => own
            .branches
            .iter()
            .position(|branch| branch.value["default"] == true)
            .expect("one is the default"),
    };
    let branch = &own.branches[branch];
    let role = named(&branch.roles, &asked.query["role_name"]).ok_or_else(|| not_found("role"))?;
    let database =
        named(&branch.databases, &asked.query["database_name"]).ok_or_else(|| not_found("database"))?;
    let endpoint = own.endpoints.iter().find(|endpoint| {
        let is_asked = asked.query.get("endpoint_id").is_none_or(|id| endpoint.value["id"] == *id);
        !endpoint.is_removed && is_asked && endpoint.value["branch_id"] == branch.value["id"]
    });
    let host = endpoint.ok_or_else(|| not_found("endpoint"))?.value["host"].as_str().unwrap_or_default();
    let is_pooled = asked.query.get("pooled").is_some_and(|pooled| match pooled {
        Value::Bool(pooled) => *pooled,
        pooled => pooled.as_str().is_some_and(|pooled| pooled.eq_ignore_ascii_case("true")),
    });
    let host = if is_pooled { host.replacen('.', "-pooler.", 1) } else { host.to_owned() };
    if branch.roles[role]["protected"] == true {
        return Err(not_found("password of this role"));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (role, database) = (&branch.roles[role], text(&branch.databases[database]["name"]));
    ok(
        json!({ "uri": format!("postgresql://{}:{}@{host}/{database}", text(&role["name"]), text(&role["password"])) }),
    )
}
