//! Endpoints in private networks: those of an organization, and the projects that only they may connect to.

use serde_json::{Value, json};

use super::{Answer, Call, Reply, regions};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Opened, State, VpcEndpoint};

/// So many projects are named as examples.
const EXAMPLES: usize = 3;

/// Those of an organization, in all regions.
pub(in crate::mock) fn list_all(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    let endpoints = organization.vpc_endpoints.iter().filter(|endpoint| !endpoint.is_removed);
    let shown = endpoints.map(|endpoint| {
        json!({
            "vpc_endpoint_id": endpoint.id, "label": endpoint.label, "region_id": endpoint.region,
        })
    });
    Ok(Reply::ok(json!({ "endpoints": shown.collect::<Vec<_>>() })))
}

/// Those of an organization in one region.
pub(in crate::mock) fn list(call: &Call<'_>, state: &State) -> Answer {
    let (_, organization) = state.organization(call.caller, call.param("org_id"))?;
    let region = region(call)?;
    let endpoints = organization.vpc_endpoints.iter();
    let here = endpoints.filter(|endpoint| !endpoint.is_removed && endpoint.region == region);
    let shown: Vec<Value> = here.map(|endpoint| labelled(&endpoint.id, &endpoint.label)).collect();
    Ok(Reply::ok(json!({ "endpoints": shown })))
}

/// One of them, with the projects that only it may connect to.
pub(in crate::mock) fn get(call: &Call<'_>, state: &State) -> Answer {
    let (number, organization) = state.organization(call.caller, call.param("org_id"))?;
    let region = region(call)?;
    let id = call.param("vpc_endpoint_id");
    let endpoint = organization.vpc_endpoint(id)?;
    if endpoint.region != region {
        return Err(ApiError::not_found("VPC endpoint", id));
    }
    let projects = state.account_at(number).projects.iter();
    let restricted: Vec<&str> = projects
        .filter(|project| project.vpc_endpoints.contains_key(id))
        .map(|project| project.id.as_str())
        .collect();
    let mut shown = labelled(id, &endpoint.label);
    shown["state"] = json!("new");
    shown["num_restricted_projects"] = json!(restricted.len());
    shown["example_restricted_projects"] = json!(restricted.iter().take(EXAMPLES).collect::<Vec<_>>());
    Ok(Reply::ok(shown))
}

/// One more, or another label. What was removed once cannot be added again.
pub(in crate::mock) fn assign(call: &Call<'_>, state: &mut State) -> Answer {
    let label = label(call)?;
    let (_, organization) = state.administered(call.caller, call.param("org_id"))?;
    let region = region(call)?;
    let id = call.param("vpc_endpoint_id");
    match organization.vpc_endpoints.iter_mut().find(|endpoint| endpoint.id == id) {
        Some(endpoint) if endpoint.is_removed => {
            return Err(ApiError::unprocessable("a VPC endpoint that was deleted cannot be added again"));
        }
        Some(endpoint) if endpoint.region != region => {
            return Err(ApiError::exists("VPC endpoint in another region", id));
        }
        Some(endpoint) => endpoint.label = label,
        None => organization.vpc_endpoints.push(VpcEndpoint {
            id: id.to_owned(),
            region: region.to_owned(),
            label,
            is_removed: false,
        }),
    }
    Ok(Reply::ok(json!({})))
}

/// Gone for good, with the restrictions of projects to it.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let (number, organization) = state.administered(call.caller, call.param("org_id"))?;
    let region = region(call)?;
    let id = call.param("vpc_endpoint_id");
    let endpoint = organization
        .vpc_endpoints
        .iter_mut()
        .find(|endpoint| endpoint.id == id && endpoint.region == region && !endpoint.is_removed);
    endpoint.ok_or_else(|| ApiError::not_found("VPC endpoint", id))?.is_removed = true;
    for project in state.account_mut(number).projects.iter_mut() {
        project.vpc_endpoints.remove(id);
    }
    Ok(Reply::ok(json!({})))
}

/// Those that alone may connect to a project.
pub(in crate::mock) fn list_of_project(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let endpoints: Vec<Value> = project.vpc_endpoints.iter().map(|(id, label)| labelled(id, label)).collect();
    Ok(Reply::ok(json!({ "endpoints": endpoints })))
}

/// One of the organization's may connect to its project.
pub(in crate::mock) fn assign_to_project(call: &Call<'_>, state: &mut State) -> Answer {
    let label = label(call)?;
    let id = call.param("vpc_endpoint_id");
    let Opened { owner, project, .. } = call.open(state)?;
    let organization = owner.organization();
    let organization = organization.ok_or_else(|| {
        ApiError::unprocessable("only projects of organizations can be restricted to VPC endpoints")
    })?;
    if organization.vpc_endpoint(id)?.region != project.region_id {
        return Err(ApiError::unprocessable("the VPC endpoint is in another region than the project"));
    }
    project.vpc_endpoints.insert(id.to_owned(), label);
    Ok(Reply::ok(json!({})))
}

/// It may no more.
pub(in crate::mock) fn delete_of_project(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.param("vpc_endpoint_id");
    let removed = call.open(state)?.project.vpc_endpoints.remove(id);
    removed.ok_or_else(|| ApiError::not_found("VPC endpoint", id))?;
    Ok(Reply::ok(json!({})))
}

fn labelled(id: &str, label: &str) -> Value {
    json!({ "vpc_endpoint_id": id, "label": label })
}

fn label(call: &Call<'_>) -> Result<String, ApiError> {
    let body = call.json()?;
    Object::root(&body)?.required_string("label", 0..=256)
}

/// A region in the path that has private networks.
fn region<'c>(call: &'c Call<'_>) -> Result<&'c str, ApiError> {
    let id = call.param("region_id");
    if id.starts_with("azure-") {
        return Err(ApiError::parameter("region_id", "Azure regions are not supported"));
    }
    if regions::is_known(id) { Ok(id) } else { Err(ApiError::not_found("region", id)) }
}
