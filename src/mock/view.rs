//! How the API shows what the mock holds. Field by field as in the recorded answers of the service.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::{milliseconds, month, seconds};
use super::state::{Account, Key, Project};

/// What a period without consumption begins and ends with, but in a read of the project.
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// A key in the list (KEY-LIST).
pub(super) fn listed_key(account: &Account, key: &Key) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "created_at": seconds(key.created_at),
        "created_by": { "id": account.user_id, "name": account.full_name(), "image": "" },
        "last_used_at": key.last_used.as_ref().map(|(time, _)| seconds(*time)),
        "last_used_from_addr": key.last_used.as_ref().map_or("", |(_, address)| address.as_str()),
    })
}

/// A key just created, with its token (KEY-CREATE).
pub(super) fn created_key(account: &Account, key: &Key, token: &str) -> Value {
    json!({
        "id": key.id,
        "key": token,
        "name": key.name,
        "created_at": seconds(key.created_at),
        "created_by": account.user_id,
    })
}

/// A key just revoked.
pub(super) fn revoked_key(account: &Account, key: &Key) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "created_at": seconds(key.created_at),
        "created_by": account.user_id,
        "last_used_at": key.last_used.as_ref().map(|(time, _)| seconds(*time)),
        "last_used_from_addr": key.last_used.as_ref().map_or("", |(_, address)| address.as_str()),
        "revoked": true,
    })
}

/// The user (USER-ME).
pub(super) fn user(account: &Account, now: Timestamp) -> Value {
    let user = &account.user;
    json!({
        "active_seconds_limit": 0,
        "billing_account": {
            "state": "active",
            "payment_source": { "type": "" },
            "subscription_type": "free_v2",
            "payment_method": "none",
            "quota_reset_at_last": month(now).0,
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
        "id": account.user_id,
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

/// A project as v1 shows it (V1-PROJECT, V1-DATABASE, V1-TIME).
pub(super) fn v1_project(project: &Project) -> Value {
    let databases: Vec<Value> = project
        .databases
        .iter()
        .map(|database| json!({ "id": database.id, "name": database.name, "owner_id": database.owner_id }))
        .collect();
    json!({
        "created_at": milliseconds(project.created_at),
        "current_state": project.current_state,
        "databases": databases,
        "deleted": false,
        "id": project.id,
        "updated_at": milliseconds(project.updated_at),
    })
}

/// A project in the list.
pub(super) fn listed_project(account: &Account, project: &Project, now: Timestamp) -> Value {
    let mut view = common(account, project);
    insert(&mut view, "active_time", json!(0));
    insert(&mut view, "synthetic_storage_size", json!(0));
    insert(&mut view, "quota_reset_at", json!(month(now).1));
    view
}

/// A project as creating, changing and removing it show it.
pub(super) fn project(account: &Account, project: &Project) -> Value {
    let mut view = common(account, project);
    for counter in [
        "data_storage_bytes_hour",
        "data_transfer_bytes",
        "written_data_bytes",
        "compute_time_seconds",
        "active_time_seconds",
    ] {
        insert(&mut view, counter, json!(0));
    }
    insert(&mut view, "history_retention_seconds", json!(project.history_retention_seconds));
    insert(&mut view, "consumption_period_start", json!(ZERO_TIME));
    insert(&mut view, "consumption_period_end", json!(ZERO_TIME));
    view
}

/// A project as a read shows it: with its owner and the month that is counted.
pub(super) fn read_project(account: &Account, of: &Project, now: Timestamp) -> Value {
    let mut view = project(account, of);
    let (start, end) = month(now);
    insert(&mut view, "synthetic_storage_size", json!(0));
    insert(&mut view, "consumption_period_start", json!(start));
    insert(&mut view, "consumption_period_end", json!(end));
    let owner = json!({
        "email": account.user.email, "name": account.full_name(), "branches_limit": 10, "subscription_type": "free_v2",
    });
    insert(&mut view, "owner", owner);
    view
}

fn common(account: &Account, project: &Project) -> Value {
    json!({
        "cpu_used_sec": 0,
        "id": project.id,
        "platform_id": platform(&project.region_id),
        "region_id": project.region_id,
        "name": project.name,
        "provisioner": "k8s-neonvm",
        "default_endpoint_settings": project.default_endpoint_settings,
        "settings": project.settings,
        "pg_version": project.pg_version,
        "proxy_host": proxy_host(&project.region_id),
        "branch_logical_size_limit": 512,
        "branch_logical_size_limit_bytes": 536_870_912,
        "store_passwords": project.store_passwords,
        "creation_source": "console",
        "created_at": seconds(project.created_at),
        "updated_at": seconds(project.updated_at),
        "owner_id": account.user_id,
    })
}

/// `aws` of `aws-us-east-2`.
pub(super) fn platform(region: &str) -> &str {
    region.split_once('-').map_or(region, |(platform, _)| platform)
}

/// `us-east-2.aws.neon.tech` of `aws-us-east-2`.
pub(super) fn proxy_host(region: &str) -> String {
    match region.split_once('-') {
        Some((platform, place)) => format!("{place}.{platform}.neon.tech"),
        None => format!("{region}.neon.tech"),
    }
}

fn insert(view: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = view {
        members.insert(name.to_owned(), value);
    }
}
