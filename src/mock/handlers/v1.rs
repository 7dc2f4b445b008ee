//! Version 1: projects as an array (V1-LIST).

use serde_json::Value;

use super::{Answer, Call, Reply};
use crate::mock::model::State;
use crate::mock::view;

/// All projects of the account (V1-LIST); of its organizations, where it has none of its own.
pub(in crate::mock) fn list_projects(call: &Call<'_>, state: &State) -> Answer {
    let own = state.account(call.caller);
    let reached = state.reached(call.caller).map(|number| state.account_at(number));
    let accounts: Vec<_> = if own.in_organizations_only { reached.collect() } else { vec![own] };
    let projects = accounts.into_iter().flat_map(|account| account.projects.iter());
    Ok(Reply::ok(Value::Array(projects.map(view::v1_project).collect())))
}

/// One project.
pub(in crate::mock) fn get_project(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(view::v1_project(call.open(state)?.project)))
}
