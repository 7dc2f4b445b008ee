//! Version 1: projects as an array (V1-LIST).

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::clock::seconds;
use crate::mock::fault::Fault;
use crate::mock::model::{Project, State};
use crate::mock::view;

/// All projects of the account (V1-LIST); of its organizations, where it has none of its own.
pub(in crate::mock) fn list_projects(call: &Call<'_>, state: &mut State) -> Answer {
    let own = state.account(call.caller);
    let reached = state.reached(call.caller).map(|number| state.account_at(number));
    let accounts: Vec<_> = if own.in_organizations_only { reached.collect() } else { vec![own] };
    let projects = accounts.into_iter().flat_map(|account| account.projects.iter());
    Ok(Reply::ok(Value::Array(projects.map(|project| show(call, project)).collect())))
}

/// One project.
pub(in crate::mock) fn get_project(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(show(call, call.open(state)?.project)))
}

fn show(call: &Call<'_>, project: &Project) -> Value {
    let mut view = view::v1_project(project);
    if call.has(Fault::V1DatabasesNull) {
        view["databases"] = Value::Null;
    }
    if call.has(Fault::V1TimesWithoutMilliseconds) {
        view["created_at"] = json!(seconds(project.created_at));
    }
    view
}
