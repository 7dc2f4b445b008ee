//! Functions of a branch. They are built at once, and never run.

use serde_json::{Map, Value, json};

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Function, NewDeployment, Project, State};
use crate::mock::multipart;
use crate::mock::view;

/// A page of functions, by their slugs.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let limit = call.limit(1_000, 1_000)?;
    let project = &*call.open(state)?.project;
    let branch = call.param("branch_id");
    let mut functions: Vec<&Function> = project.functions(branch)?.iter().collect();
    functions.sort_by(|a, b| a.slug.cmp(&b.slug));
    let after = call.cursor().unwrap_or_default();
    functions.retain(|function| function.slug.as_str() > after);
    let has_more = functions.len() > limit;
    functions.truncate(limit);
    let shown = functions.iter().map(|function| view::function(project, branch, function));
    let mut body = json!({ "functions": shown.collect::<Vec<_>>() });
    if let Some(last) = functions.last().filter(|_| has_more) {
        body["pagination"] = json!({ "next": last.slug });
    }
    Ok(Reply::ok(body))
}

/// One function.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    shown(call, call.open(state)?.project)
}

/// Another name; null for none.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let name = if request.is_null("name") {
        None
    } else {
        let name = request.required_string("name", 1..=256)?.trim().to_owned();
        if name.is_empty() {
            return Err(request.invalid("name", "must not be blank"));
        }
        Some(name)
    };
    let project = call.open(state)?.project;
    project.rename_function(call.param("branch_id"), call.param("slug"), name)?;
    shown(call, project)
}

/// Gone.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    call.open(state)?.project.remove_function(call.param("branch_id"), call.param("slug"))?;
    Ok(Reply::no_content())
}

/// Something new to run; with the first one, there is the function.
pub(in crate::mock) fn deploy(call: &Call<'_>, state: &mut State) -> Answer {
    let new = deployment(call)?;
    let slug = call.param("slug");
    let is_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if slug.len() > 20 || !slug.chars().all(is_one) {
        return Err(ApiError::parameter("slug", "must be up to 20 small letters and digits"));
    }
    let opened = call.open(state)?;
    let function = opened.project.deploy(call.param("branch_id"), slug, new, opened.ids, call.now)?;
    Ok(Reply::created(json!({ "deployment": view::deployment(&function.active) })))
}

/// What a form says of a deployment.
fn deployment(call: &Call<'_>) -> Result<NewDeployment, ApiError> {
    let fields = multipart::fields(&call.body);
    let fields = fields.ok_or_else(|| ApiError::bad_request("the body must be multipart/form-data"))?;
    let invalid = |name: &str, detail: &str| ApiError::bad_request(&format!("invalid: {name} ({detail})"));
    let mut new = NewDeployment::default();
    for (name, value) in fields {
        match name.as_str() {
            "zip" => new.has_code = true,
            "runtime" if value == b"nodejs24" => new.runtime = Some("nodejs24".to_owned()),
            "runtime" => return Err(invalid("runtime", "must be nodejs24")),
            "environment" => {
                let variables: Option<Map<String, Value>> = serde_json::from_slice(value).ok();
                let pairs = variables.and_then(|variables| {
                    let pair = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
                    variables.into_iter().map(pair).collect()
                });
                let detail = "must be an object of strings, in JSON";
                new.environment = Some(pairs.ok_or_else(|| invalid("environment", detail))?);
            }
            _ => {}
        }
    }
    if !new.has_code && new.runtime.is_none() && new.environment.is_none() {
        return Err(ApiError::bad_request("at least one of zip, environment and runtime is required"));
    }
    Ok(new)
}

fn shown(call: &Call<'_>, project: &Project) -> Answer {
    let branch = call.param("branch_id");
    let function = project.function(branch, call.param("slug"))?;
    Ok(Reply::ok(json!({ "function": view::function(project, branch, function) })))
}
