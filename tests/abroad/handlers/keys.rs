//! API keys of users and of the organization.

use serde_json::{Value, json};

use super::{Caller, Outcome, not_found, ok, organizations, projects, user_id};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::style::Switch;
use crate::world::{Key, Owner, World};

/// Makes a key; returns its id and its token.
pub(crate) fn mint(world: &mut World, name: &str, owner: Owner, project: Option<String>) -> (i64, String) {
    let number = world.next();
    let secret = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    let token = if world.has(Switch::OtherTokens) { format!("neon.live.{secret}") } else { secret };
    let big = if world.has(Switch::BigKeyIds) { 9_007_199_254_740_993 * 512 } else { 1000 };
    let id = big + i64::try_from(number).expect("there are few");
    let created_at = world.now();
    let key = Key {
        id,
        token: token.clone(),
        name: name.to_owned(),
        owner,
        project,
        created_at,
        last_used_at: None,
        is_revoked: false,
    };
    world.keys.push(key);
    (id, token)
}

pub(super) fn perform(world: &mut World, operation: &str, caller: &Caller, asked: &Asked) -> Outcome {
    let owner = match asked.path.get("org_id") {
        Some(id) => organizations::member_of(world, caller, id)?,
        None => caller.owner,
    };
    // Only a user makes keys of an organization, and only a user has keys of their own.
    let Owner::User(user) = caller.owner else { return Err(not_found("key for organizations")) };
    let name = asked.body["key_name"].as_str().unwrap_or_default();
    match operation {
        "listApiKeys" | "listOrgApiKeys" => {
            let mut keys: Vec<Value> = world
                .keys
                .iter()
                .filter(|key| key.owner == owner && !key.is_revoked)
                .map(|key| {
                    let mut listed = told(key, world, key.project.as_ref());
                    listed["created_by"] = json!({ "id": user_id(user), "name": "Ada", "image": "" });
                    listed
                })
                .collect();
            if !world.has(Switch::OldestFirst) {
                keys.reverse();
            }
            ok(Value::Array(keys))
        }
        "createApiKey" | "createOrgApiKey" => {
            let project = asked.body["project_id"].as_str().map(str::to_owned);
            if let Some(project) = &project {
                let found = projects::find(world, caller, project, false)?;
                if world.projects[found].owner != owner {
                    return Err(not_found("project"));
                }
            }
            let (id, token) = mint(world, name, owner, project.clone());
            let key = world.keys.last().expect("it was made");
            let mut made = json!({ "id": id, "key": token, "name": name, "created_at": key.created_at, "created_by": user_id(user) });
            if let Some(project) = project {
                made["project_id"] = json!(project);
            }
            ok(made)
        }
        _ => {
            let id = asked
                .path
                .get("key_id")
                .or(asked.path.get("org_key_id"))
                .and_then(|id| id.parse::<i64>().ok());
            let found =
                world.keys.iter().position(|key| Some(key.id) == id && key.owner == owner && !key.is_revoked);
            let found = found.ok_or(Fault(404, "there is no such key".to_owned()))?;
            world.keys[found].is_revoked = true;
            let key = &world.keys[found];
            let mut revoked = told(key, world, None);
            revoked["revoked"] = json!(true);
            revoked["created_by"] = json!(user_id(user));
            ok(revoked)
        }
    }
}

fn told(key: &Key, world: &World, project: Option<&String>) -> Value {
    let used = key.last_used_at.as_ref().filter(|_| !world.has(Switch::LastUseNever));
    let mut told = json!({
        "id": key.id, "name": key.name, "created_at": key.created_at,
        "last_used_from_addr": if used.is_some() { "192.0.2.7,2001:db8::1" } else { "" },
    });
    if used.is_some() || !world.has(Switch::LastUseAbsent) {
        told["last_used_at"] = json!(used);
    }
    if let Some(project) = project {
        told["project_id"] = json!(project);
    }
    told
}
