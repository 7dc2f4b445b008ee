//! The user behind a key.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::model::State;
use crate::mock::view;

/// Whose key it is (USER-ME).
pub(in crate::mock) fn me(call: &Call<'_>, state: &State) -> Answer {
    Ok(Reply::ok(view::user(state.user_only(call.caller)?, call.now)))
}

/// The organizations a key reaches; for an organization's own key, that one.
pub(in crate::mock) fn organizations(call: &Call<'_>, state: &State) -> Answer {
    let organizations: Vec<Value> =
        state.organizations(call.caller).map(|(_, organization)| view::organization(organization)).collect();
    Ok(Reply::ok(json!({ "organizations": organizations })))
}

/// How the request is authenticated.
pub(in crate::mock) fn auth(call: &Call<'_>, state: &State) -> Answer {
    let owner = &state.account(call.caller).owner;
    let method = if owner.user().is_some() { "api_key_user" } else { "api_key_org" };
    Ok(Reply::ok(json!({ "account_id": owner.id(), "auth_method": method })))
}
