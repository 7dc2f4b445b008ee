//! When snapshots of a branch are to be taken. The mock keeps the schedule; it takes none by itself.

use serde_json::json;

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{FREQUENCIES, State};

/// The schedule of a branch; empty, where there is none.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    Ok(Reply::ok(json!({ "schedule": branch.services().schedule })))
}

/// Another schedule in the place of the one that there is.
pub(in crate::mock) fn set(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    if !request.members().contains_key("schedule") {
        return Err(request.invalid("schedule", "field required"));
    }
    let items = request.objects("schedule")?;
    items.iter().try_for_each(check)?;
    let schedule = items.iter().map(|item| item.members().clone()).collect();
    let project = call.open(state)?.project;
    project.branch_mut(call.param("branch_id"))?.services_mut().schedule = schedule;
    Ok(Reply::ok(json!({})))
}

fn check(item: &Object<'_>) -> Result<(), ApiError> {
    let frequency = item.required_string("frequency", 1..=16)?;
    if !FREQUENCIES.contains(&frequency.as_str()) {
        return Err(item.invalid("frequency", &format!("must be one of {}", FREQUENCIES.join(", "))));
    }
    item.integer("hour", 0..=23)?;
    item.integer("day", 1..=31)?;
    item.integer("month", 1..=12)?;
    item.integer("retention_seconds", 3_600..=i64::MAX)?;
    Ok(())
}
