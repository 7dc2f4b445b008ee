//! What is done to one project, and to what is directly in it.

use serde_json::{Value, json};

use super::{
    Caller, Outcome, branches, endpoints, made, not_found, ok, organizations, parts, projects, snapshots,
    user_id,
};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::style::Switch;
use crate::world::{Owner, World};

pub(super) fn perform(
    world: &mut World,
    operation: &str,
    caller: &Caller,
    asked: &Asked,
    project: usize,
) -> Outcome {
    if operation.contains("Branch") || operation == "createSnapshot" {
        return branches::perform(world, operation, asked, project);
    }
    if operation.contains("Endpoint") && !operation.contains("VPC") {
        return endpoints::perform(world, operation, asked, project);
    }
    if operation.contains("Snapshot") {
        return snapshots::perform(world, operation, asked, project);
    }
    if operation.contains("Permission") || operation.contains("JWKS") {
        return lists(world, operation, asked, project);
    }
    match operation {
        "getProject" => {
            let own = &world.projects[project];
            let mut value = own.value.clone();
            if own.owner == Owner::User(0) {
                value["owner"] = json!({ "email": "ada@example.org", "name": user_id(0), "branches_limit": 10, "subscription_type": "UNKNOWN" });
            }
            ok(json!({ "project": value }))
        }
        "v1GetProject" => ok(projects::in_v1(world, &world.projects[project])),
        "updateProject" => {
            let now = world.now();
            let value = &mut world.projects[project].value;
            projects::change(value, &asked.body["project"]);
            value["updated_at"] = json!(now);
            ok(json!({ "project": value, "operations": [] }))
        }
        "deleteProject" if caller.project.is_some() => {
            Err(Fault(403, "a key of one project does not remove it".to_owned()))
        }
        "deleteProject" => {
            world.projects[project].is_removed = true;
            ok(json!({ "project": world.projects[project].value }))
        }
        "recoverProject" => {
            let own = &mut world.projects[project];
            if !own.is_removed {
                return Err(Fault(409, "it was not removed".to_owned()));
            }
            own.is_removed = false;
            let branches: Vec<&Value> =
                own.branches.iter().filter(|branch| !branch.is_removed).map(|branch| &branch.value).collect();
            ok(json!({ "project": own.value, "branches": branches }))
        }
        "listProjectOperations" => {
            let own = &world.projects[project];
            let limit = asked
                .query
                .get("limit")
                .and_then(Value::as_u64)
                .and_then(|limit| usize::try_from(limit).ok());
            let cursor = asked.query.get("cursor").and_then(Value::as_str);
            let (page, next) = world.page(
                own.operations.iter().collect(),
                |operation| operation.number,
                false,
                (limit, cursor),
            )?;
            let operations: Vec<&Value> = page.into_iter().map(|operation| &operation.value).collect();
            let mut body = json!({ "operations": operations });
            if let Some(next) = next {
                body["pagination"] = json!({ "cursor": next });
            }
            ok(body)
        }
        "getProjectOperation" => {
            let id = &asked.path["operation_id"];
            let found = world.projects[project]
                .operations
                .iter()
                .find(|operation| operation.value["id"] == id.as_str());
            ok(json!({ "operation": found.ok_or_else(|| not_found("operation"))?.value }))
        }
        "getConnectionURI" => parts::connection_uri(world, asked, project),
        _ => Err(Fault(
            501,
            format!("this server does not do {operation}, not even for {}", organizations::ORGANIZATION),
        )),
    }
}

/// Permissions and JWKS URLs.
fn lists(world: &mut World, operation: &str, asked: &Asked, project: usize) -> Outcome {
    let now = world.now();
    let id = world.uuid();
    let takes_jwks = !world.has(Switch::JwksFetched);
    let own = &mut world.projects[project];
    match operation {
        "listProjectPermissions" => {
            let held: Vec<&Value> =
                own.permissions.iter().filter(|permission| permission.get("revoked_at").is_none()).collect();
            ok(json!({ "project_permissions": held }))
        }
        "grantPermissionToProject" => {
            let permission = json!({ "id": id, "granted_to_email": asked.body["email"], "granted_at": now });
            own.permissions.push(permission.clone());
            ok(permission)
        }
        "revokePermissionFromProject" => {
            let id = asked.path["permission_id"].as_str();
            let found = own
                .permissions
                .iter_mut()
                .find(|permission| permission["id"] == id && permission.get("revoked_at").is_none());
            let permission = found.ok_or_else(|| not_found("permission"))?;
            permission["revoked_at"] = json!(now);
            ok(permission.clone())
        }
        "getProjectJWKS" => ok(json!({ "jwks": own.jwks })),
        "addProjectJWKS" => {
            let is_https = asked.body["jwks_url"].as_str().is_some_and(|url| url.starts_with("https://"));
            if !is_https || !takes_jwks {
                return Err(Fault(400, "there is no set of keys at that URL".to_owned()));
            }
            let mut jwks =
                json!({ "id": id, "project_id": own.value["id"], "created_at": now, "updated_at": now });
            for name in ["jwks_url", "provider_name", "branch_id", "jwt_audience", "role_names"] {
                if let Some(value) = asked.body.get(name) {
                    jwks[name] = value.clone();
                }
            }
            own.jwks.push(jwks.clone());
            made(json!({ "jwks": jwks, "operations": [] }))
        }
        "deleteProjectJWKS" => {
            let found = own.jwks.iter().position(|jwks| jwks["id"] == asked.path["jwks_id"].as_str());
            ok(own.jwks.remove(found.ok_or_else(|| not_found("JWKS URL"))?))
        }
        _ => Err(Fault(501, "this server does not do that".to_owned())),
    }
}
