//! Projects.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{insert, insert_some};
use crate::mock::clock::{end_of_month, milliseconds, seconds, start_of_month};
use crate::mock::model::{Jwks, Owner, Permission, Project, Snapshot, recoverable_until};

/// What a period without consumption begins and ends with, but in a read of the project.
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// A project as v1 shows it, with the databases of its default branch (V1-PROJECT, V1-DATABASE, V1-TIME).
pub(in crate::mock) fn v1_project(project: &Project) -> Value {
    let branch = project.default_branch().ok();
    let databases: Vec<Value> = branch
        .into_iter()
        .flat_map(|branch| branch.databases.iter().map(move |database| (branch, database)))
        .map(|(branch, database)| {
            let owner = branch.role(&database.owner_name).map_or(0, |role| role.id);
            json!({ "id": database.id, "name": database.name, "owner_id": owner })
        })
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

/// Where the keys are published that verify a project's tokens.
pub(in crate::mock) fn jwks(project: &Project, jwks: &Jwks) -> Value {
    let mut view = json!({
        "id": jwks.id,
        "project_id": project.id,
        "jwks_url": jwks.of.url,
        "provider_name": jwks.of.provider_name,
        "created_at": seconds(jwks.created_at),
        "updated_at": seconds(jwks.created_at),
        "role_names": jwks.of.roles,
    });
    insert_some(&mut view, "branch_id", jwks.of.branch.clone());
    insert_some(&mut view, "jwt_audience", jwks.of.audience.clone());
    view
}

/// A snapshot of a branch.
pub(in crate::mock) fn snapshot(snapshot: &Snapshot) -> Value {
    let mut view = json!({
        "id": snapshot.id,
        "name": snapshot.name,
        "source_branch_id": snapshot.source_branch,
        "created_at": seconds(snapshot.created_at),
        "timestamp": seconds(snapshot.timestamp),
        "manual": true,
    });
    insert_some(&mut view, "lsn", snapshot.lsn.clone());
    insert_some(&mut view, "expires_at", snapshot.expires_at.map(seconds));
    view
}

/// A project in the list.
pub(in crate::mock) fn listed_project(owner: &Owner, project: &Project, now: Timestamp) -> Value {
    let mut view = common(owner, project);
    insert(&mut view, "active_time", json!(0));
    insert(&mut view, "synthetic_storage_size", json!(0));
    insert(&mut view, "quota_reset_at", json!(end_of_month(now)));
    insert_some(&mut view, "org_name", owner.organization().map(|organization| organization.name.clone()));
    insert_some(&mut view, "deleted_at", project.removed_at.map(seconds));
    let until = project.removed_at.map(recoverable_until);
    insert_some(&mut view, "recoverable_until", until.map(seconds));
    view
}

/// A project as creating it shows it: nothing of it is stored yet.
pub(in crate::mock) fn new_project(owner: &Owner, project: &Project) -> Value {
    let mut view = common(owner, project);
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

/// A project as changing and removing it show it.
pub(in crate::mock) fn project(owner: &Owner, project: &Project) -> Value {
    let mut view = new_project(owner, project);
    insert(&mut view, "synthetic_storage_size", json!(0));
    view
}

/// A project as a read shows it: with its owner and the month that is counted.
pub(in crate::mock) fn read_project(owner: &Owner, of: &Project, now: Timestamp) -> Value {
    let mut view = project(owner, of);
    insert(&mut view, "consumption_period_start", json!(start_of_month(now)));
    insert(&mut view, "consumption_period_end", json!(end_of_month(now)));
    let (email, name) = match owner {
        Owner::User(user) => (user.email.clone(), user.full_name()),
        Owner::Organization(organization) => (organization.email.clone(), organization.name.clone()),
    };
    let shown = json!({
        "email": email, "name": name, "branches_limit": 10, "subscription_type": "free_v2",
    });
    insert(&mut view, "owner", shown);
    view
}

/// Someone else who may use a project.
pub(in crate::mock) fn permission(permission: &Permission) -> Value {
    let mut view = json!({
        "id": permission.id,
        "granted_to_email": permission.email,
        "granted_at": seconds(permission.granted_at),
    });
    insert_some(&mut view, "revoked_at", permission.revoked_at.map(seconds));
    view
}

/// An object of values that exist already, for what is shown most: `json!` would build each value anew, and hash the names for
/// each object.
macro_rules! object {
    ({ $($name:literal: $value:expr),+ $(,)? }) => {{
        static NAMES: LazyLock<Map<String, Value>> = LazyLock::new(|| {
            [$($name),+].map(|name| (name.to_owned(), Value::Null)).into_iter().collect()
        });
        let mut object = Map::clone(&NAMES);
        debug_assert_eq!(object.len(), [$($name),+].len(), "a name stands twice");
        for (place, value) in object.values_mut().zip([$($value),+]) {
            *place = value;
        }
        Value::Object(object)
    }};
}

/// What all views of a project show.
fn common(owner: &Owner, project: &Project) -> Value {
    let mut view = object!({
        "cpu_used_sec": json!(0),
        "id": json!(project.id),
        "platform_id": json!(platform(&project.region_id)),
        "region_id": json!(project.region_id),
        "name": json!(project.name),
        "provisioner": json!("k8s-neonvm"),
        "default_endpoint_settings": Value::Object(Map::clone(&project.default_endpoint_settings)),
        "settings": Value::Object(Map::clone(&project.settings)),
        "pg_version": json!(project.pg_version),
        "proxy_host": json!(proxy_host(project)),
        "branch_logical_size_limit": json!(512),
        "branch_logical_size_limit_bytes": json!(536_870_912),
        "store_passwords": json!(project.store_passwords),
        "creation_source": json!("console"),
        "created_at": json!(seconds(project.created_at)),
        "updated_at": json!(seconds(project.updated_at)),
        "owner_id": json!(owner.id()),
    });
    insert_some(&mut view, "org_id", owner.organization().map(|organization| organization.id.clone()));
    view
}

/// `aws` of `aws-us-east-2`.
fn platform(region: &str) -> &str {
    region.split_once('-').map_or(region, |(platform, _)| platform)
}

/// `us-east-2.aws.neon.tech` of `aws-us-east-2`; where there are real data, what leads to them.
pub(in crate::mock) fn proxy_host(project: &Project) -> String {
    match &project.data {
        Some(data) => data.hosts.common(),
        None => cloud_host(&project.region_id),
    }
}

/// `us-east-2.aws.neon.tech` of `aws-us-east-2`.
pub(super) fn cloud_host(region: &str) -> String {
    match region.split_once('-') {
        Some((platform, place)) => [place, ".", platform, ".neon.tech"].concat(),
        None => format!("{region}.neon.tech"),
    }
}
