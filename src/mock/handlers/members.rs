//! Who is in an organization, and who is to be: changes, removals, invitations.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::body::{Object, is_address};
use crate::mock::error::ApiError;
use crate::mock::model::{MEMBER_ROLES, State};
use crate::mock::view;

/// Another role for a member. Only administrators may, and one of them stays.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let id = member_id(call)?;
    let body = call.json()?;
    let role = role(&Object::root(&body)?)?;
    let number = administered(call, state)?;
    state.set_role(number, id, &role)?;
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    let member = organization.member(id)?;
    let user = state.user_at(member.account).ok_or_else(ApiError::internal)?;
    Ok(Reply::ok(view::member(organization, member, user)))
}

/// A member is one no more.
pub(in crate::mock) fn remove(call: &Call<'_>, state: &mut State) -> Answer {
    let id = member_id(call)?;
    let number = administered(call, state)?;
    state.remove_member(number, id)?;
    Ok(Reply::ok(json!({})))
}

/// All invitations, those that were accepted as well.
pub(in crate::mock) fn invitations(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    let show = |invitation| view::invitation(organization, invitation);
    let invitations: Vec<Value> = organization.invitations.iter().map(show).collect();
    Ok(Reply::ok(json!({ "invitations": invitations })))
}

/// Invites users by their addresses: all of them, or none. No mail is sent.
pub(in crate::mock) fn invite(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    if !request.members().contains_key("invitations") {
        return Err(request.invalid("invitations", "field required"));
    }
    let mut asked: Vec<(String, String)> = Vec::new();
    for invitation in request.objects("invitations")? {
        let email = invitation.required_string("email", 1..=256)?;
        if !is_address(&email) {
            return Err(invitation.invalid("email", "must be an e-mail address"));
        }
        if asked.iter().any(|(other, _)| *other == email) {
            return Err(invitation.invalid("email", "is there twice"));
        }
        let role = role(&invitation)?;
        asked.push((email, role));
    }
    let number = administered(call, state)?;
    asked.iter().try_for_each(|(email, _)| state.may_be_invited(number, email))?;
    let mut made = Vec::new();
    for (email, role) in &asked {
        made.push(state.invite(call.caller, number, (email, role), call.now)?);
    }
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    let made: Vec<Value> = made.iter().map(|invitation| view::invitation(organization, invitation)).collect();
    Ok(Reply::ok(json!({ "invitations": made })))
}

/// The number of an organization whose members a user may change.
fn administered(call: &Call<'_>, state: &mut State) -> Result<usize, ApiError> {
    let id = call.param("org_id");
    state.organization(call.caller, id)?;
    state.user_only(call.caller)?;
    let (number, _) = state.administered(call.caller, id)?;
    Ok(number)
}

fn member_id<'c>(call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let id = call.param("member_id");
    uuid::Uuid::parse_str(id).map_err(|_| ApiError::parameter("member_id", "must be a UUID"))?;
    Ok(id)
}

fn role(request: &Object<'_>) -> Result<String, ApiError> {
    let role = request.required_string("role", 1..=32)?;
    if MEMBER_ROLES.contains(&role.as_str()) {
        return Ok(role);
    }
    Err(request.invalid("role", &format!("must be one of {}", MEMBER_ROLES.join(", "))))
}
