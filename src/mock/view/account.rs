//! Keys, users and organizations.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::mock::clock::{seconds, start_of_month};
use crate::mock::model::{Invitation, Key, Member, Organization, User};

/// A key in the list (KEY-LIST).
pub(in crate::mock) fn listed_key(creator: &User, key: &Key) -> Value {
    let last_used = key.last_used.get();
    of_project(
        key,
        json!({
            "id": key.id,
            "name": key.name,
            "created_at": seconds(key.created_at),
            "created_by": { "id": creator.id, "name": creator.full_name(), "image": "" },
            "last_used_at": last_used.map(|(time, _)| seconds(time)),
            "last_used_from_addr": last_used.map(|(_, address)| address.to_string()).unwrap_or_default(),
        }),
    )
}

/// A key just created, with its token (KEY-CREATE).
pub(in crate::mock) fn created_key(creator: &User, key: &Key, token: &str) -> Value {
    of_project(
        key,
        json!({
            "id": key.id,
            "key": token,
            "name": key.name,
            "created_at": seconds(key.created_at),
            "created_by": creator.id,
        }),
    )
}

/// A key just revoked.
pub(in crate::mock) fn revoked_key(creator: &User, key: &Key) -> Value {
    let last_used = key.last_used.get();
    of_project(
        key,
        json!({
            "id": key.id,
            "name": key.name,
            "created_at": seconds(key.created_at),
            "created_by": creator.id,
            "last_used_at": last_used.map(|(time, _)| seconds(time)),
            "last_used_from_addr": last_used.map(|(_, address)| address.to_string()).unwrap_or_default(),
            "revoked": true,
        }),
    )
}

/// The user (USER-ME).
pub(in crate::mock) fn user(user: &User, now: Timestamp) -> Value {
    json!({
        "active_seconds_limit": 0,
        "billing_account": {
            "state": "active",
            "payment_source": { "type": "" },
            "subscription_type": "free_v2",
            "payment_method": "none",
            "quota_reset_at_last": start_of_month(now),
            "name": user.name,
            "email": user.email,
            "address_city": "",
            "address_country": "",
            "address_line1": "",
            "address_line2": "",
            "address_postal_code": "",
            "address_state": "",
        },
        "auth_accounts": [{
            "email": user.email, "image": "", "login": user.login, "name": user.name, "provider": user.provider,
        }],
        "email": user.email,
        "id": user.id,
        "image": "",
        "login": user.login,
        "name": user.name,
        "last_name": user.last_name,
        "projects_limit": 10,
        "branches_limit": 10,
        "max_autoscaling_limit": 2,
        "plan": "free_v2",
    })
}

/// A key that reaches one project tells which; of others the member is absent, which clients rely on.
fn of_project(key: &Key, mut view: Value) -> Value {
    if let Some(project) = &key.project {
        view["project_id"] = json!(project);
    }
    view
}

/// An organization.
pub(in crate::mock) fn organization(organization: &Organization) -> Value {
    let created_at = seconds(organization.created_at);
    json!({
        "id": organization.id,
        "name": organization.name,
        "handle": organization.handle,
        "plan": organization.plan,
        "created_at": created_at,
        "managed_by": "console",
        "updated_at": created_at,
    })
}

/// That someone is to become a member, or has.
pub(in crate::mock) fn invitation(organization: &Organization, invitation: &Invitation) -> Value {
    json!({
        "id": invitation.id,
        "email": invitation.email,
        "org_id": organization.id,
        "invited_by": invitation.invited_by,
        "invited_at": seconds(invitation.invited_at),
        "role": invitation.role,
    })
}

/// A user in an organization.
pub(in crate::mock) fn member(organization: &Organization, member: &Member, user: &User) -> Value {
    json!({
        "id": member.id,
        "user_id": user.id,
        "org_id": organization.id,
        "role": member.role,
        "joined_at": seconds(member.joined_at),
    })
}
