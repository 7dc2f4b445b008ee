//! What is set up for branches beside their roles and databases.

use serde_json::{Map, Value, json};

use super::{insert, insert_some, proxy_host};
use crate::mock::clock::seconds;
use crate::mock::handlers::SEGMENT;
use crate::mock::model::{Anonymization, Branch, Bucket, Credential, DataApi, Deployment, Function, Project};

/// The Data API of a database, with what holds where nothing is said.
pub(in crate::mock) fn data_api(project: &Project, api: &DataApi, database: &str) -> Value {
    let database = percent_encoding::utf8_percent_encode(database, SEGMENT);
    let settings = json!({
        "db_aggregates_enabled": true,
        "db_anon_role": "anonymous",
        "db_schemas": ["public"],
        "jwt_role_claim_key": ".role",
        "openapi_mode": "disabled",
    });
    let mut settings: Map<String, Value> = settings.as_object().cloned().unwrap_or_default();
    settings.extend(api.settings.clone());
    json!({
        "url": format!("https://{}.apirest.{}/{database}/rest/v1", api.endpoint, proxy_host(project)),
        "status": "ready",
        "available_schemas": settings["db_schemas"],
        "settings": settings,
    })
}

/// The memory of a function's deployment.
const MEMORY_MIB: i64 = 512;

/// A bucket.
pub(in crate::mock) fn bucket(bucket: &Bucket) -> Value {
    json!({
        "name": bucket.name, "access_level": bucket.access_level, "created_at": seconds(bucket.created_at),
    })
}

/// Where the buckets of a branch are reached.
pub(in crate::mock) fn storage(project: &Project, branch: &Branch) -> Value {
    let region = project.region_id.split_once('-').map_or(project.region_id.as_str(), |(_, region)| region);
    json!({
        "enabled": true,
        "s3_endpoint": format!("https://{}.storage.{}", branch.id, proxy_host(project)),
        "region": region,
        "force_path_style": true,
    })
}

/// Where models are reached.
pub(in crate::mock) fn ai_gateway(project: &Project, branch: &str) -> Value {
    json!({ "enabled": true, "base_url": format!("https://{branch}-api.ai.{}", proxy_host(project)) })
}

/// A credential, without what it is used with.
pub(in crate::mock) fn credential(branch: &str, credential: &Credential) -> Value {
    let digits = credential.id.rsplit('_').next().unwrap_or_default();
    let mut view = json!({
        "token_id": credential.id,
        "token_id_short": digits.get(..12).unwrap_or(digits),
        "scopes": credential.scopes,
        "branch_id": branch,
        "principal_type": "user",
        "created_at": seconds(credential.created_at),
    });
    insert_some(&mut view, "name", credential.name.clone());
    insert_some(&mut view, "revoked_at", credential.revoked_at.map(seconds));
    view
}

/// A function, with what it runs.
pub(in crate::mock) fn function(project: &Project, branch: &str, function: &Function) -> Value {
    let deployment = deployment(&function.active);
    json!({
        "id": function.id,
        "slug": function.slug,
        "name": function.name.as_ref().unwrap_or(&function.slug),
        "invocation_url": format!("https://{branch}-{}.functions.{}/", function.slug, proxy_host(project)),
        "current_deployment": deployment,
        "active_deployment": deployment,
        "created_at": seconds(function.created_at),
    })
}

/// What a function runs, without the values of its variables.
pub(in crate::mock) fn deployment(deployment: &Deployment) -> Value {
    json!({
        "id": deployment.id,
        "status": "completed",
        "memory_mib": MEMORY_MIB,
        "runtime": deployment.runtime,
        "created_at": seconds(deployment.created_at),
        "environment": deployment.environment,
    })
}

/// How far a branch is whose data are to be masked.
pub(in crate::mock) fn anonymization(project: &Project, branch: &Branch, of: &Anonymization) -> Value {
    let state = match &of.last_run {
        _ if !branch.is_ready => "created",
        None => "initialized",
        Some(_) if of.is_running() => "anonymizing",
        Some(_) => "anonymized",
    };
    let mut view = json!({
        "project_id": project.id,
        "branch_id": branch.id,
        "state": state,
        "created_at": seconds(of.created_at),
        "updated_at": seconds(of.updated_at),
    });
    if let Some(run) = &of.last_run {
        let mut last = json!({ "started_at": seconds(run.started_at), "masked_columns": run.masked_columns });
        insert_some(&mut last, "completed_at", run.completed_at.map(seconds));
        if let Some((id, login)) = &run.triggered_by {
            insert(&mut last, "triggered_by", json!(id));
            insert(&mut last, "triggered_by_username", json!(login));
        }
        insert(&mut view, "last_run", last);
    }
    view
}
