//! The users and the one organization.

use serde_json::{Value, json};

use super::{Caller, Outcome, email, not_found, ok, user_id};
use crate::contract::Asked;
use crate::serve::Fault;
use crate::world::{Owner, World};

pub(crate) const ORGANIZATION: &str = "org-north-wind";
const MEMBER: &str = "3c3c0000-0000-4000-8000-000000000001";
const SINCE: &str = "2024-02-29T12:00:00Z";

/// The organization, where the caller is in it.
pub(super) fn member_of(_: &World, caller: &Caller, id: &str) -> Result<Owner, Fault> {
    let is_member = caller.owner != Owner::User(1) && caller.project.is_none();
    if is_member && id == ORGANIZATION { Ok(Owner::Organization) } else { Err(not_found("organization")) }
}

fn organization() -> Value {
    json!({ "id": ORGANIZATION, "name": "North Wind", "handle": "north-wind", "plan": "scale_v3", "created_at": SINCE,
        "managed_by": "console", "updated_at": SINCE, "require_mfa": false })
}

fn member() -> Value {
    json!({ "id": MEMBER, "user_id": user_id(0), "org_id": ORGANIZATION, "role": "admin", "joined_at": SINCE })
}

pub(super) fn perform(world: &mut World, operation: &str, caller: &Caller, asked: &Asked) -> Outcome {
    if let Some(id) = asked.path.get("org_id") {
        member_of(world, caller, id)?;
    }
    match (operation, caller.owner) {
        ("getAuthDetails", Owner::User(user)) => {
            ok(json!({ "account_id": user_id(user), "auth_method": "api_key_user", "auth_data": "-" }))
        }
        ("getAuthDetails", Owner::Organization) => {
            ok(json!({ "account_id": ORGANIZATION, "auth_method": "api_key_org" }))
        }
        ("getCurrentUserInfo", Owner::User(user)) => ok(json!({
            "active_seconds_limit": 360_000, "auth_accounts": [], "email": email(user), "id": user_id(user), "image": "", "login": "",
            "name": "Ada 鍵", "last_name": "", "projects_limit": 5000, "branches_limit": -1, "max_autoscaling_limit": 8.0, "plan": "scale_v3",
        })),
        ("getCurrentUserInfo", Owner::Organization) => Err(not_found("user for an organization's key")),
        ("getCurrentUserOrganizations", Owner::User(1)) => ok(json!({ "organizations": [] })),
        ("getCurrentUserOrganizations", _) => ok(json!({ "organizations": [organization()] })),
        ("getOrganization", _) => ok(organization()),
        ("getOrganizationMembers", _) => ok(
            json!({ "members": [{ "member": member(), "user": { "email": email(0), "has_mfa": false } }] }),
        ),
        _ if asked.path.get("member_id").is_some_and(|id| id == MEMBER) => ok(member()),
        _ => Err(not_found("member")),
    }
}
