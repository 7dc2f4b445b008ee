//! What each operation does.

mod branches;
mod endpoints;
pub(crate) mod keys;
pub(crate) mod organizations;
pub(crate) mod others;
mod parts;
pub(crate) mod projects;
mod snapshots;
mod within;

use serde_json::{Value, json};

use crate::contract::Asked;
use crate::serve::Fault;
use crate::style::Switch;
use crate::world::{Owner, World};

/// Who asks.
pub(crate) struct Caller {
    pub(crate) owner: Owner,
    pub(crate) project: Option<String>,
}

pub(crate) type Outcome = Result<(u16, Option<Value>), Fault>;

/// The answer of a success.
fn ok(body: Value) -> Outcome {
    Ok((200, Some(body)))
}

fn made(body: Value) -> Outcome {
    Ok((201, Some(body)))
}

fn not_found(what: &str) -> Fault {
    Fault(404, format!("there is no such {what}"))
}

/// The answer to the removal of what is not there any more.
fn gone(world: &World) -> Outcome {
    if world.has(Switch::Gone404) { Err(not_found("thing any more")) } else { Ok((204, None)) }
}

pub(crate) fn user_id(user: usize) -> String {
    format!("7b1f0000-0000-4000-8000-00000000000{user}")
}

pub(crate) fn email(user: usize) -> String {
    ["ada@example.org", "grace@example.org"][user].to_owned()
}

pub(crate) fn perform(world: &mut World, operation: &str, caller: &Caller, asked: &Asked) -> Outcome {
    match operation {
        "listApiKeys" | "createApiKey" | "revokeApiKey" | "listOrgApiKeys" | "createOrgApiKey"
        | "revokeOrgApiKey" => keys::perform(world, operation, caller, asked),
        "getAuthDetails"
        | "getCurrentUserInfo"
        | "getCurrentUserOrganizations"
        | "getOrganization"
        | "getOrganizationMembers"
        | "getOrganizationMember" => organizations::perform(world, operation, caller, asked),
        "getActiveRegions" => ok(json!({ "regions": [
            { "region_id": "aws-eu-north-9", "name": "Far North", "default": false, "geo_lat": "69.1", "geo_long": "18.9" },
            { "region_id": "azure-gwc", "name": "Frankfurt", "default": true, "geo_lat": "50.1", "geo_long": "8.7" },
        ] })),
        "listProjects" | "createProject" | "listSharedProjects" | "v1ListProjects" => {
            projects::perform(world, operation, caller, asked)
        }
        _ => {
            let Some(id) = asked.path.get("project_id") else {
                return Err(Fault(501, "this server does not do that".to_owned()));
            };
            let is_recovery = operation == "recoverProject";
            let project = projects::find(world, caller, id, is_recovery)?;
            within::perform(world, operation, caller, asked, project)
        }
    }
}
