//! Branches and what is on them: roles, databases, endpoints; and operations.

use serde_json::{Value, json};

use super::{insert, insert_some, proxy_host};
use crate::mock::clock::seconds;
use crate::mock::model::{Branch, Database, Endpoint, Operation, Project, Role, recoverable_until};

/// A branch.
pub(in crate::mock) fn branch(project: &Project, branch: &Branch) -> Value {
    let mut view = json!({
        "id": branch.id,
        "project_id": project.id,
        "name": branch.name,
        "current_state": if branch.is_ready { "ready" } else { "init" },
        "state_changed_at": seconds(branch.state_changed_at),
        "creation_source": "console",
        "primary": branch.is_default,
        "default": branch.is_default,
        "protected": branch.protected,
        "cpu_used_sec": 0,
        "compute_time_seconds": 0,
        "active_time_seconds": 0,
        "written_data_bytes": 0,
        "data_transfer_bytes": 0,
        "created_at": seconds(branch.created_at),
        "updated_at": seconds(branch.updated_at),
    });
    if !branch.is_ready {
        insert(&mut view, "pending_state", json!("ready"));
    }
    if let Some(parent) = &branch.parent {
        insert(&mut view, "parent_id", json!(parent.id));
        insert(&mut view, "parent_timestamp", json!(seconds(parent.timestamp)));
        insert(&mut view, "parent_lsn", json!("0/1F5E128"));
        insert(&mut view, "init_source", json!(branch.init_source.as_deref().unwrap_or("parent-data")));
    }
    if let Some(restored) = &branch.restored {
        insert(&mut view, "restored_from", json!(restored.snapshot));
        insert(&mut view, "restore_status", json!(if restored.is_final { "finalized" } else { "restored" }));
        insert_some(&mut view, "restored_as", restored.is_final.then(|| restored.target.clone()));
    }
    if let Some(removed_at) = branch.removed_at {
        let recovery = json!({
            "deleted_at": seconds(removed_at),
            "recoverable_until": seconds(recoverable_until(removed_at)),
            "deletion_method": "user",
        });
        insert(&mut view, "recovery", recovery);
    }
    insert_some(&mut view, "expires_at", branch.expires_at.map(seconds));
    insert_some(&mut view, "last_reset_at", branch.last_reset_at.map(seconds));
    view
}

/// What a client has noted down about a branch.
pub(in crate::mock) fn annotation(branch: &Branch) -> Value {
    json!({
        "object": { "type": "console/branch", "id": branch.id },
        "value": branch.annotation,
        "created_at": seconds(branch.created_at),
        "updated_at": seconds(branch.created_at),
    })
}

/// A role, without its password.
pub(in crate::mock) fn role(branch: &str, role: &Role) -> Value {
    json!({
        "branch_id": branch,
        "name": role.name,
        "protected": false,
        "created_at": seconds(role.created_at),
        "updated_at": seconds(role.updated_at),
    })
}

/// A role as it is when its password is new.
pub(in crate::mock) fn role_with_password(branch: &str, of: &Role) -> Value {
    let mut view = role(branch, of);
    insert_some(&mut view, "password", of.password.clone());
    view
}

/// A database.
pub(in crate::mock) fn database(branch: &str, database: &Database) -> Value {
    json!({
        "id": database.id,
        "branch_id": branch,
        "name": database.name,
        "owner_name": database.owner_name,
        "created_at": seconds(database.created_at),
        "updated_at": seconds(database.updated_at),
    })
}

/// An endpoint.
pub(in crate::mock) fn endpoint(project: &Project, endpoint: &Endpoint) -> Value {
    let compute = &endpoint.compute;
    let mut view = json!({
        "host": host(project, endpoint, ""),
        "id": endpoint.id,
        "project_id": project.id,
        "branch_id": endpoint.branch_id,
        "autoscaling_limit_min_cu": compute.min_cu,
        "autoscaling_limit_max_cu": compute.max_cu,
        "region_id": project.region_id,
        "type": compute.kind,
        "current_state": endpoint.state,
        "settings": compute.settings,
        "pooler_enabled": compute.pooler_enabled,
        "pooler_mode": "transaction",
        "disabled": compute.disabled,
        "passwordless_access": compute.passwordless_access,
        "creation_source": "console",
        "created_at": seconds(endpoint.created_at),
        "updated_at": seconds(endpoint.updated_at),
        "proxy_host": proxy_host(project),
        "suspend_timeout_seconds": compute.suspend_timeout_seconds,
        "provisioner": compute.provisioner,
    });
    if let Some(pending) = endpoint.pending {
        insert(&mut view, "pending_state", json!(pending));
    }
    insert_some(&mut view, "name", compute.name.clone());
    insert_some(&mut view, "last_active", endpoint.last_active.map(seconds));
    insert_some(&mut view, "started_at", endpoint.started_at.map(seconds));
    insert_some(&mut view, "suspended_at", endpoint.suspended_at.map(seconds));
    view
}

/// An operation.
pub(in crate::mock) fn operation(project: &Project, operation: &Operation) -> Value {
    let duration = operation.updated_at.duration_since(operation.created_at);
    let mut view = json!({
        "id": operation.id,
        "project_id": project.id,
        "action": operation.action,
        "status": operation.status,
        "failures_count": 0,
        "created_at": seconds(operation.created_at),
        "updated_at": seconds(operation.updated_at),
        "total_duration_ms": i64::try_from(duration.as_millis()).unwrap_or(0),
    });
    insert_some(&mut view, "branch_id", operation.branch_id.clone());
    insert_some(&mut view, "endpoint_id", operation.endpoint_id.clone());
    view
}

/// How to connect, in one string; through the pooler, if wanted.
pub(in crate::mock) fn connection_uri(
    project: &Project,
    endpoint: &Endpoint,
    role: &Role,
    database: &str,
    is_pooled: bool,
) -> String {
    let segment =
        |text: &str| percent_encoding::utf8_percent_encode(text, crate::mock::handlers::SEGMENT).to_string();
    let suffix = if is_pooled { "-pooler" } else { "" };
    let named = format!("{}{suffix}", endpoint.id);
    let host = match &project.data {
        Some(data) => data.authority(&named),
        None => host(project, endpoint, suffix),
    };
    let option = project.data.as_ref().and_then(|data| data.hosts.endpoint_option(&named));
    let options = option.map(|option| format!("&options={}", segment(&option))).unwrap_or_default();
    let password = role.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
    format!(
        "postgresql://{}{password}@{host}/{}?sslmode=require{options}",
        segment(&role.name),
        segment(database)
    )
}

/// How to connect, in full.
pub(in crate::mock) fn connection(
    project: &Project,
    endpoint: &Endpoint,
    role: &Role,
    database: &str,
) -> Value {
    json!({
        "connection_uri": connection_uri(project, endpoint, role, database, false),
        "connection_parameters": {
            "database": database,
            "password": role.password.clone().unwrap_or_default(),
            "role": role.name,
            "host": host(project, endpoint, ""),
            "pooler_host": host(project, endpoint, "-pooler"),
        },
    })
}

/// `ep-jolly-frost-a57qv4wh.us-east-2.aws.neon.tech`, with a suffix to the id.
fn host(project: &Project, endpoint: &Endpoint, suffix: &str) -> String {
    match &project.data {
        Some(data) => data.hosts.host(&format!("{}{suffix}", endpoint.id)),
        None => format!("{}{suffix}.{}", endpoint.id, proxy_host(project)),
    }
}
