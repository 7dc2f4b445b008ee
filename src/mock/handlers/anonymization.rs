//! Branches whose data are to be masked. Rules and states are kept; data are not looked at.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::branches;
use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Project, State};
use crate::mock::view;

type Rules = Vec<Map<String, Value>>;

/// A branch like any other, with rules, which may be applied at once.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let rules = rules(&request)?;
    let starts = request.boolean("start_anonymization")?.unwrap_or_default();
    request.object("branch_create")?;
    let mut new = request.members().get("branch_create").cloned().unwrap_or_else(|| json!({}));
    if let Some(annotation) = request.members().get("annotation_value") {
        new["annotation_value"] = annotation.clone();
    }
    let by = user(call, state);
    must_have_no_data(call.open(state)?.project)?;
    let reply = branches::create_as(call, state, &new)?;
    let made = reply.body.as_ref().and_then(|body| body["branch"]["id"].as_str());
    let branch = made.ok_or_else(ApiError::internal)?;
    let project = call.open(state)?.project;
    project.set_up_anonymization(branch, rules, call.now)?;
    if starts {
        project.anonymize(branch, by, call.now)?;
    }
    Ok(reply)
}

/// The rules of a branch.
pub(in crate::mock) fn get_rules(call: &Call<'_>, state: &mut State) -> Answer {
    shown_rules(call, call.open(state)?.project)
}

/// Other rules in their place.
pub(in crate::mock) fn set_rules(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    if !request.members().contains_key("masking_rules") {
        return Err(request.invalid("masking_rules", "field required"));
    }
    let rules = rules(&request)?;
    let project = call.open(state)?.project;
    project.set_masking_rules(call.param("branch_id"), rules, call.now)?;
    shown_rules(call, project)
}

/// How far it is.
pub(in crate::mock) fn status(call: &Call<'_>, state: &mut State) -> Answer {
    shown(call, call.open(state)?.project)
}

/// Applies the rules.
pub(in crate::mock) fn start(call: &Call<'_>, state: &mut State) -> Answer {
    let by = user(call, state);
    let branch = call.param("branch_id");
    let project = call.open(state)?.project;
    must_have_no_data(project)?;
    project.anonymization(branch)?;
    project.must_be_idle(branch)?;
    project.anonymize(branch, by, call.now)?;
    shown(call, project)
}

fn shown(call: &Call<'_>, project: &Project) -> Answer {
    let branch = project.branch(call.param("branch_id"))?;
    let anonymization = project.anonymization(&branch.id)?;
    Ok(Reply::ok(view::anonymization(project, branch, anonymization)))
}

fn shown_rules(call: &Call<'_>, project: &Project) -> Answer {
    let anonymization = project.anonymization(call.param("branch_id"))?;
    Ok(Reply::ok(json!({ "masking_rules": anonymization.rules })))
}

/// `masking_rules`, checked for their types.
fn rules(request: &Object<'_>) -> Result<Rules, ApiError> {
    let rules = request.objects("masking_rules")?;
    for rule in &rules {
        for name in ["database_name", "schema_name", "table_name", "column_name"] {
            rule.required_string(name, 0..=1_024)?;
        }
        for name in ["masking_function", "masking_value"] {
            rule.string(name, 0..=65_536)?;
        }
    }
    Ok(rules.iter().map(|rule| rule.members().clone()).collect())
}

/// Whoever asks, where it is a user.
fn user(call: &Call<'_>, state: &State) -> Option<(Uuid, String)> {
    state.user(call.caller).map(|user| (user.id, user.login.clone()))
}

/// Real data would have to be masked.
fn must_have_no_data(project: &Project) -> Result<(), ApiError> {
    match project.data {
        Some(_) => Err(ApiError::unprocessable("the mock does not mask data: start it without --postgres")),
        None => Ok(()),
    }
}
