//! What can be said of a project's databases without looking into them.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::error::ApiError;
use crate::mock::model::State;

/// Name, what it is for, whether it is loaded by itself, whether it is an experiment, and the version.
const LIBRARIES: [(&str, &str, bool, bool, &str); 5] = [
    ("anon", "Masks or replaces personal data", false, true, "2.1.0"),
    ("pg_cron", "Runs jobs in the database by a schedule", true, false, "1.6.4"),
    ("pg_partman_bgw", "Maintains partitions of tables", true, false, "5.1.0"),
    ("pgx_ulid", "Makes identifiers that sort by time", false, true, "0.2.0"),
    ("timescaledb", "Stores and queries time series", true, false, "2.17.1"),
];

/// What is wrong in a database: nothing that the mock could see. It is asked for through the Data API.
pub(in crate::mock) fn issues(call: &Call<'_>, state: &mut State) -> Answer {
    call.choice("category", &["SECURITY", "PERFORMANCE"])?;
    call.choice("min_severity", &["INFO", "WARN", "ERROR"])?;
    let project = &*call.open(state)?.project;
    let branch = match call.query.get("branch_id") {
        Some(id) => project.branch(id)?,
        None => project.default_branch()?,
    };
    let database = match (call.query.get("database_name"), branch.databases.as_slice()) {
        (Some(name), _) => branch.database(name)?,
        (None, [only]) => only,
        (None, _) => {
            return Err(ApiError::parameter(
                "database_name",
                "is required where there are several databases",
            ));
        }
    };
    if project.data_api(&branch.id, &database.name).is_err() {
        return Err(ApiError::unprocessable("the Data API of the database is not enabled"));
    }
    Ok(Reply::ok(json!({ "issues": [] })))
}

/// What can be loaded when a server starts.
pub(in crate::mock) fn preload_libraries(call: &Call<'_>, state: &mut State) -> Answer {
    call.open(state)?;
    let libraries: Vec<Value> = LIBRARIES
        .iter()
        .map(|(name, description, is_default, is_experimental, version)| {
            json!({
                "library_name": name,
                "description": description,
                "is_default": is_default,
                "is_experimental": is_experimental,
                "version": version,
            })
        })
        .collect();
    Ok(Reply::ok(json!({ "libraries": libraries })))
}
