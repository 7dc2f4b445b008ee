//! Version 1: projects as an array (V1-LIST).

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::clock::seconds;
use crate::mock::fault::Fault;
use crate::mock::model::{Project, State};
use crate::mock::view;

/// All projects of the account (V1-LIST).
pub(in crate::mock) fn list_projects(call: &Call<'_>, state: &mut State) -> Answer {
    let projects = state.account(call.caller).projects.iter();
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
