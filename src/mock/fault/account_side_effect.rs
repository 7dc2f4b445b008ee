//! What may be done to whole accounts besides what was asked for. Each tells whether there was anything to do: `None` where not.

use serde_json::Value;

use crate::mock::handlers::{Answer, Call};
use crate::mock::model::{State, TransferRequest};

pub(super) fn transfer_goes_halfway(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    answer.as_ref().err().filter(|error| error.status.as_u16() == 404)?;
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    let (from, _) = state.organization(call.caller, call.param("source_org_id")).ok()?;
    let (to, _) = state.organization(call.caller, body["destination_org_id"].as_str()?).ok()?;
    for id in body["project_ids"].as_array()?.iter().filter_map(Value::as_str) {
        state.move_project(from, to, id, call.now);
    }
    Some(())
}

pub(super) fn offer_stays(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    answer.as_ref().ok()?;
    let id = call.param("request_id").parse().ok()?;
    let expires_at = call.now.checked_add(jiff::SignedDuration::from_hours(1)).ok()?;
    let opened = state.open(call.caller, call.param("project_id"), call.now).ok()?;
    opened.project.transfer_requests.push(TransferRequest { id, created_at: call.now, expires_at });
    Some(())
}

pub(super) fn removed_member_keeps_access(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    answer.as_ref().ok()?;
    let (number, _) = state.organization(call.caller, call.param("org_id")).ok()?;
    state.keep_access(number)
}
