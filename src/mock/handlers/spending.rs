//! What an organization wants to spend in a month at most. Nothing is spent here, and nobody is told.

use serde_json::json;

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Organization, State};

/// The limit; null, where there is none.
pub(in crate::mock) fn get(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    must_be_paid(organization)?;
    Ok(shown(organization))
}

/// Another limit.
pub(in crate::mock) fn set(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let limit = request.integer("spending_limit_cents", 1..=i64::MAX)?;
    let limit = limit.ok_or_else(|| request.invalid("spending_limit_cents", "field required"))?;
    let (_, organization) = state.administered(call.caller, call.param("org_id"))?;
    must_be_paid(organization)?;
    organization.spending_limit_cents = Some(limit);
    Ok(shown(organization))
}

/// No limit; also where there was none.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let (_, organization) = state.administered(call.caller, call.param("org_id"))?;
    must_be_paid(organization)?;
    organization.spending_limit_cents = None;
    Ok(Reply::ok(json!({})))
}

fn must_be_paid(organization: &Organization) -> Result<(), ApiError> {
    if ["launch", "scale"].iter().any(|plan| organization.plan.starts_with(plan)) {
        return Ok(());
    }
    Err(ApiError::forbidden("spending limits are available on the Launch and Scale plans only"))
}

fn shown(organization: &Organization) -> Reply {
    Reply::ok(json!({ "spending_limit_cents": organization.spending_limit_cents }))
}
