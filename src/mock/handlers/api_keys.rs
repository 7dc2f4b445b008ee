//! API keys: list, create, revoke.

use serde_json::{Value, json};

use super::{Call, Reply};
use crate::mock::body::{Object, parse};
use crate::mock::error::ApiError;
use crate::mock::fault::Fault;
use crate::mock::state::State;
use crate::mock::view;

/// The newest first, without tokens (KEY-LIST, KEY-LIST-ORDER).
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let account = state.account(call.caller);
    let mut keys: Vec<Value> =
        account.keys.values().rev().map(|key| view::listed_key(account, key)).collect();
    if call.has(Fault::RevokedKeyListed) {
        keys.extend(account.revoked.values().map(|key| view::listed_key(account, key)));
    }
    if call.has(Fault::TokenInKeyList) {
        for (shown, key) in keys.iter_mut().zip(account.keys.values().rev()) {
            shown["key"] = json!(key.token);
        }
    }
    Ok(Reply::ok(Value::Array(keys)))
}

/// Any name of up to 64 characters, also one that is taken (KEY-NAME).
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let body = parse(call.body)?;
    let name = Object::root(&body)?.required_string("key_name", 0..=64)?;
    let (key, token) = state.create_key(call.caller.account, &name, call.now);
    Ok(Reply::ok(view::created_key(state.account(call.caller), &key, &token)))
}

/// At once and for good (KEY-REVOKE-IMMEDIATE, KEY-REVOKE-FINAL); 404 where there is none in force (KEY-UNKNOWN).
pub(in crate::mock) fn revoke(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    let id: i64 =
        call.parameter().parse().map_err(|_| ApiError::parameter("key_id", "must be an integer"))?;
    let key =
        state.revoke_key(call.caller, id).ok_or_else(|| ApiError::not_found("API key", &id.to_string()))?;
    Ok(Reply::ok(view::revoked_key(state.account(call.caller), &key)))
}
