//! Projects that go to another account: by a request that the recipient accepts, or from one organization to another.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Answer, Call, Reply, is_id};
use crate::mock::body::Object;
use crate::mock::clock::seconds;
use crate::mock::error::ApiError;
use crate::mock::model::{State, TransferRequest, Unsatisfied};

/// A request is good for a day where nothing is said, and for ten years at most.
const USUAL_TTL: i64 = 86_400;
const LONGEST_TTL: i64 = 315_360_000;

/// So many projects can be moved at once.
const MOST: usize = 400;

/// Offers a project to whoever gets to know of the request.
pub(in crate::mock) fn offer(call: &Call<'_>, state: &mut State) -> Answer {
    let number = state.account_of(call.caller, call.param("project_id"))?;
    state.must_own(call.caller, number)?;
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let ttl = Object::root(&body)?.integer("ttl_seconds", 1..=LONGEST_TTL)?.unwrap_or(USUAL_TTL);
    let opened = call.open(state)?;
    let request = TransferRequest {
        id: opened.ids.uuid(),
        created_at: call.now,
        expires_at: call.now.saturating_add(SignedDuration::from_secs(ttl)).unwrap_or(call.now),
    };
    let shown = json!({
        "id": request.id,
        "project_id": opened.project.id,
        "created_at": seconds(request.created_at),
        "expires_at": seconds(request.expires_at),
    });
    opened.project.transfer_requests.push(request);
    Ok(Reply::created(shown))
}

/// Takes a project over that was offered: into an organization, or into the caller's own account.
pub(in crate::mock) fn accept(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    let organization = Object::root(&body)?.string("org_id", 1..=60)?;
    if let Some(only) = state.key_of(call.caller).and_then(|key| key.project.as_deref()) {
        return Err(ApiError::outside_scope(only));
    }
    let id = call.param("project_id");
    let from = state.offered(id, call.param("request_id"), call.now)?;
    let to = match organization {
        Some(id) => state.organization(call.caller, &id)?.0,
        None => call.caller.account,
    };
    if from == to {
        return Err(ApiError::unprocessable("the project is in this account already"));
    }
    state.must_be_movable(from, to, &BTreeSet::from([id.to_owned()]))?;
    let limits = state.unsatisfied(from, to, 1);
    if !limits.is_empty() {
        let reasons = limits.iter().map(|limit| {
            let message = format!("{} is {}, which must be {}", limit.name, limit.actual, limit.expected);
            json!({ "message": message, "code": limit.name })
        });
        let message = "the account does not satisfy the plan requirements to own the project";
        return Err(ApiError::not_acceptable(message, "reasons", reasons.collect()));
    }
    state.move_project(from, to, id, call.now);
    Ok(Reply::no_content())
}

/// From the user's own account to an organization.
pub(in crate::mock) fn from_user(call: &Call<'_>, state: &mut State) -> Answer {
    state.user_only(call.caller)?;
    transfer(call, state, call.caller.account)
}

/// From one organization to another. Only an administrator of the first may.
pub(in crate::mock) fn from_organization(call: &Call<'_>, state: &mut State) -> Answer {
    let (from, _) = state.administered(call.caller, call.param("source_org_id"))?;
    transfer(call, state, from)
}

/// All of the projects, or none.
fn transfer(call: &Call<'_>, state: &mut State, from: usize) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let destination = request.required_string("destination_org_id", 1..=60)?;
    let projects = request.strings("project_ids", MOST)?.filter(|projects| !projects.is_empty());
    let projects = projects.ok_or_else(|| request.invalid("project_ids", "at least one is required"))?;
    if !is_id(&destination) || !projects.iter().all(|id| is_id(id)) {
        return Err(request.invalid("project_ids", "and destination_org_id must be ids"));
    }
    if let Some(only) = state.key_of(call.caller).and_then(|key| key.project.as_deref()) {
        return Err(ApiError::outside_scope(only));
    }
    let (to, _) = state.organization(call.caller, &destination)?;
    if from == to {
        return Err(request.invalid("destination_org_id", "is where the projects are"));
    }
    let projects: BTreeSet<String> = projects.into_iter().collect();
    state.must_be_movable(from, to, &projects)?;
    let limits = state.unsatisfied(from, to, projects.len());
    if !limits.is_empty() {
        let message = "the target has too many projects, or its plan does not suffice";
        return Err(ApiError::not_acceptable(message, "limits", limits.iter().map(shown).collect()));
    }
    for id in &projects {
        state.move_project(from, to, id, call.now);
    }
    Ok(Reply::ok(json!({})))
}

fn shown(limit: &Unsatisfied) -> Value {
    json!({ "name": limit.name, "expected": limit.expected, "actual": limit.actual })
}
