//! Snapshots of branches.

use serde_json::{Value, json};

use super::begun;
use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{NewSnapshot, Project, SnapshotRestoration, State};
use crate::mock::view;

/// All of a project, oldest first.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let snapshots: Vec<Value> = project.snapshots.iter().map(view::snapshot).collect();
    Ok(Reply::ok(json!({ "snapshots": snapshots })))
}

/// Keeps what a branch has. It is there at once: no operation is under way.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let new = NewSnapshot {
        name: call.text("name", 1..=256)?,
        timestamp: call.time("timestamp")?,
        lsn: call.text("lsn", 1..=64)?,
        expires_at: call.time("expires_at")?,
    };
    if new.lsn.is_some() && new.timestamp.is_some() {
        return Err(ApiError::parameter("lsn", "cannot be used with timestamp"));
    }
    if new.timestamp.is_some_and(|timestamp| timestamp > call.now) {
        return Err(ApiError::parameter("timestamp", "must not be in the future"));
    }
    if new.expires_at.is_some_and(|expires_at| expires_at <= call.now) {
        return Err(ApiError::parameter("expires_at", "must be in the future"));
    }
    let opened = call.open(state)?;
    let is_earlier = new.lsn.is_some() || new.timestamp.is_some();
    opened.project.only_without_data(is_earlier, "a snapshot of an earlier moment")?;
    let snapshot = opened.project.create_snapshot(call.param("branch_id"), new, opened.ids, call.now)?;
    Ok(Reply::ok(json!({ "snapshot": view::snapshot(snapshot), "operations": [] })))
}

/// Another name.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let name = Object::root(&body)?.required_object("snapshot")?.string("name", 1..=256)?;
    let project = call.open(state)?.project;
    let snapshot = project.rename_snapshot(call.param("snapshot_id"), name)?;
    Ok(Reply::ok(json!({ "snapshot": view::snapshot(snapshot) })))
}

/// Gone, at once.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    call.open(state)?.project.remove_snapshot(call.param("snapshot_id"))?;
    Ok(Reply::accepted(json!({ "operations": [] })))
}

/// A new branch with what was kept, which may take the place of another at once.
pub(in crate::mock) fn restore(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let request = Object::root(&body)?;
    let name = match request.string("name", 1..=256)? {
        Some(name) => Some(name),
        None => call.text("name", 1..=256)?,
    };
    let target = request.string("target_branch_id", 1..=60)?;
    let is_final = request.boolean("finalize_restore")?.unwrap_or_default();
    let opened = call.open(state)?;
    let before = opened.project.operations.len();
    let snapshot = call.param("snapshot_id");
    let restoration = SnapshotRestoration { name, target, is_final };
    let id = opened.project.restore_snapshot(snapshot, restoration, opened.ids, call.now)?;
    let project = &*opened.project;
    Ok(Reply::ok(json!({
        "branch": view::branch(project, project.branch(&id)?),
        "endpoints": endpoints(project, &id),
        "operations": begun(project, before),
    })))
}

/// Puts a restored branch in the place of the one it was restored for.
pub(in crate::mock) fn finalize(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let name = Object::root(&body)?.string("name", 1..=256)?;
    let opened = call.open(state)?;
    let before = opened.project.operations.len();
    opened.project.finalize_restore(call.param("branch_id"), name, opened.ids, call.now)?;
    Ok(Reply::ok(json!({ "operations": begun(opened.project, before) })))
}

fn endpoints(project: &Project, branch: &str) -> Vec<Value> {
    project.endpoints_of(branch).map(|endpoint| view::endpoint(project, endpoint)).collect()
}
