//! What is set up for branches beside their roles and databases.

use serde_json::{Map, Value, json};

use super::proxy_host;
use crate::mock::handlers::SEGMENT;
use crate::mock::model::{DataApi, Project};

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
