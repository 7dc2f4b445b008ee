//! What users can do beside signing in, and by what else they can.

use serde_json::json;

use super::super::{Answer, Call, Reply};
use super::{data, set};
use crate::mock::body::Object;
use crate::mock::model::{CreatorRole, State};
use crate::mock::view;

/// The largest number that the document allows where it sets no bound.
const LARGEST: i64 = i32::MAX as i64;

/// All of them in one.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(view::auth_plugins(data(call, state)?)))
}

/// Changes what is named of how users form organizations.
pub(in crate::mock) fn update_organization(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let enabled = request.boolean("enabled")?;
    let organization_limit = request.integer("organization_limit", 1..=LARGEST)?;
    let membership_limit = request.integer("membership_limit", 1..=LARGEST)?;
    let creator_role = request.choice("creator_role", &CreatorRole::WORDS)?;
    let send_invitation_email = request.boolean("send_invitation_email")?;
    let config = &mut data(call, state)?.settings.organization;
    set(&mut config.enabled, enabled);
    set(&mut config.organization_limit, organization_limit);
    set(&mut config.membership_limit, membership_limit);
    set(&mut config.creator_role, creator_role);
    set(&mut config.send_invitation_email, send_invitation_email);
    Ok(Reply::ok(json!(config)))
}

/// Changes what is named of how users sign in by a link.
pub(in crate::mock) fn update_magic_link(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let enabled = request.boolean("enabled")?;
    let expires_in = request.integer("expires_in", 5..=1440)?;
    let disable_sign_up = request.boolean("disable_sign_up")?;
    let config = &mut data(call, state)?.settings.magic_link;
    set(&mut config.enabled, enabled);
    set(&mut config.expires_in, expires_in);
    set(&mut config.disable_sign_up, disable_sign_up);
    Ok(Reply::ok(json!(config)))
}

/// How users sign in by telephone.
pub(in crate::mock) fn get_phone_number(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(json!(data(call, state)?.settings.phone_number)))
}

/// Changes what is named of it.
pub(in crate::mock) fn update_phone_number(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let enabled = request.boolean("enabled")?;
    let otp_expires_in = request.integer("otp_expires_in", 60..=600)?;
    let config = &mut data(call, state)?.settings.phone_number;
    set(&mut config.enabled, enabled);
    set(&mut config.otp_expires_in, otp_expires_in);
    Ok(Reply::ok(json!(config)))
}
