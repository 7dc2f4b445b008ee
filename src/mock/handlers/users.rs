//! The user behind a key.

use super::{Call, Reply};
use crate::mock::error::ApiError;
use crate::mock::state::State;
use crate::mock::view;

/// Whose key it is (USER-ME).
pub(in crate::mock) fn me(call: &Call<'_>, state: &mut State) -> Result<Reply, ApiError> {
    Ok(Reply::ok(view::user(state.account(call.caller), call.now)))
}
