//! Settings in requests: of a project, of its new endpoints, of one endpoint. They are checked for the types that the API's document
//! gives, and kept as they were sent.

use serde_json::{Map, Value};

use crate::mock::body::Object;
use crate::mock::error::ApiError;

type Settings = Result<Map<String, Value>, ApiError>;

/// The quotas of a project; none is below zero.
const QUOTAS: [&str; 5] = [
    "active_time_seconds",
    "compute_time_seconds",
    "written_data_bytes",
    "data_transfer_bytes",
    "logical_size_bytes",
];

/// `settings` of a project; empty, where there are none.
pub(super) fn of_project(request: &Object<'_>) -> Settings {
    let Some(settings) = request.object("settings")? else { return Ok(Map::new()) };
    for name in ["enable_logical_replication", "block_public_connections", "block_vpc_connections", "hipaa"] {
        settings.boolean(name)?;
    }
    if let Some(level) = settings.string("audit_log_level", 1..=16)?
        && !matches!(level.as_str(), "base" | "extended" | "full")
    {
        return Err(settings.invalid("audit_log_level", "must be one of base, extended, full"));
    }
    if let Some(quota) = settings.object("quota")? {
        for name in QUOTAS {
            quota.integer(name, 0..=i64::MAX)?;
        }
    }
    if let Some(allowed) = settings.object("allowed_ips")? {
        allowed.strings("ips", usize::MAX)?;
        allowed.boolean("protected_branches_only")?;
    }
    if let Some(window) = settings.object("maintenance_window")? {
        window.integers("weekdays")?.ok_or_else(|| window.invalid("weekdays", "field required"))?;
        window.required_string("start_time", 1..=16)?;
        window.required_string("end_time", 1..=16)?;
    }
    preload_libraries(&settings)?;
    Ok(settings.members().clone())
}

/// `default_endpoint_settings` of a project; empty, where there are none.
pub(super) fn of_new_endpoints(request: &Object<'_>) -> Settings {
    let Some(settings) = request.object("default_endpoint_settings")? else { return Ok(Map::new()) };
    settings.number("autoscaling_limit_min_cu", 0.25)?;
    settings.number("autoscaling_limit_max_cu", 0.25)?;
    settings.integer("suspend_timeout_seconds", -1..=604_800)?;
    of_servers(&settings)?;
    Ok(settings.members().clone())
}

/// `settings` of an endpoint; empty, where there are none.
pub(super) fn of_endpoint(request: &Object<'_>) -> Settings {
    let Some(settings) = request.object("settings")? else { return Ok(Map::new()) };
    of_servers(&settings)?;
    preload_libraries(&settings)?;
    Ok(settings.members().clone())
}

/// Parameters of PostgreSQL and of `PgBouncer`, all of them texts.
fn of_servers(settings: &Object<'_>) -> Result<(), ApiError> {
    for name in ["pg_settings", "pgbouncer_settings"] {
        settings.texts(name)?;
    }
    Ok(())
}

fn preload_libraries(settings: &Object<'_>) -> Result<(), ApiError> {
    if let Some(libraries) = settings.object("preload_libraries")? {
        libraries.boolean("use_defaults")?;
        libraries.strings("enabled_libraries", usize::MAX)?;
    }
    Ok(())
}
