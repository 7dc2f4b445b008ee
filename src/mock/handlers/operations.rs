//! Operations: what has been done to a project.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::error::ApiError;
use crate::mock::model::State;
use crate::mock::view;

/// The newest first. A page's cursor is the time of its last operation, to the microsecond.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let limit = call.limit(1000, 1000)?;
    let project = &*call.open(state)?.project;
    let end = match call.cursor().map(str::parse::<Timestamp>) {
        None => project.operations.len(),
        Some(Ok(cursor)) => project.operations.partition_point(|operation| operation.created_at < cursor),
        Some(Err(_)) => return Err(ApiError::parameter("cursor", "is none of this list's")),
    };
    let page = &project.operations[end.saturating_sub(limit)..end];
    let operations: Vec<Value> =
        page.iter().rev().map(|operation| view::operation(project, operation)).collect();
    let mut body = json!({ "operations": operations });
    if let Some(last) = page.first() {
        body["pagination"] = json!({ "cursor": format!("{:.6}", last.created_at) });
    }
    Ok(Reply::ok(body))
}

/// One operation.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let id = call.param("operation_id");
    if uuid::Uuid::parse_str(id).is_err() {
        return Err(ApiError::parameter("operation_id", "must be a UUID"));
    }
    let operation = project.operations.iter().find(|operation| operation.id.to_string() == id);
    let operation = operation.ok_or_else(|| ApiError::not_found("operation", id))?;
    Ok(Reply::ok(json!({ "operation": view::operation(project, operation) })))
}
