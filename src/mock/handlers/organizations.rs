//! Organizations and their members.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::error::ApiError;
use crate::mock::model::{Member, Organization, State};
use crate::mock::view;

/// One organization.
pub(in crate::mock) fn get(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    Ok(Reply::ok(view::organization(organization)))
}

/// The members of an organization, with their addresses.
pub(in crate::mock) fn members(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    call.choice("sort_by", &["joined_at", "email", "role"])?;
    call.choice("sort_order", &["desc", "asc"])?;
    let limit = call.limit(500, 500)?;
    let members: Vec<Value> = organization
        .members
        .iter()
        .take(limit)
        .filter_map(|member| {
            let user = state.user_at(member.account)?;
            Some(json!({ "member": show(state, organization, member)?, "user": { "email": user.email, "has_mfa": false } }))
        })
        .collect();
    Ok(Reply::ok(json!({ "members": members })))
}

/// One member.
pub(in crate::mock) fn member(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    let id = call.param("member_id");
    let shown = show(state, organization, organization.member(id)?);
    shown.map(Reply::ok).ok_or_else(|| ApiError::not_found("member", id))
}

fn show(state: &State, organization: &Organization, member: &Member) -> Option<Value> {
    Some(view::member(organization, member, state.user_at(member.account)?))
}
