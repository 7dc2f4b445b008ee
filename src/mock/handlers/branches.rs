//! Branches.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Answer, Call, Reply, begun, endpoints};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Branch, Compute, NewBranch, Project, State};
use crate::mock::view;

/// What lists are sorted by, the default first.
const SORT_KEYS: [&str; 3] = ["updated_at", "created_at", "name"];

/// A page of branches, with what clients noted down about them.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let sort_by = call.choice("sort_by", &SORT_KEYS)?;
    let order = call.choice("sort_order", &["desc", "asc"])?;
    let with_removed = call.flag("include_deleted")?;
    let limit = call.limit(10_000, 10_000)?;
    let search = call.search();
    let project = &*call.open(state)?.project;
    let removed = project.recoverable(call.now).filter(|_| with_removed);
    let mut branches: Vec<&Branch> =
        project.branches.iter().chain(removed).filter(|branch| search(&branch.id, &branch.name)).collect();
    branches.sort_by(|a, b| {
        let by_key = match sort_by {
            "name" => a.name.cmp(&b.name),
            "created_at" => a.created_at.cmp(&b.created_at),
            _ => a.updated_at.cmp(&b.updated_at),
        };
        let ordering = by_key.then_with(|| a.id.cmp(&b.id));
        if order == "asc" { ordering } else { ordering.reverse() }
    });
    let start = match call.cursor() {
        None => 0,
        Some(cursor) => {
            let last =
                last_of(cursor).ok_or_else(|| ApiError::parameter("cursor", "is none of this list's"))?;
            branches.iter().position(|branch| branch.id == last).map_or(branches.len(), |index| index + 1)
        }
    };
    let page: Vec<&Branch> = branches.into_iter().skip(start).take(limit).collect();
    let annotations: Map<String, Value> = page
        .iter()
        .filter(|branch| !branch.annotation.is_empty())
        .map(|branch| (branch.id.clone(), view::annotation(branch)))
        .collect();
    let mut body = json!({
        "branches": page.iter().map(|branch| view::branch(project, branch)).collect::<Vec<_>>(),
        "annotations": annotations,
    });
    if let Some(last) = page.last() {
        let next = STANDARD.encode(json!({ "id": last.id }).to_string());
        body["pagination"] = json!({ "next": next, "sort_by": sort_by, "sort_order": order.to_uppercase() });
    }
    Ok(Reply::ok(body))
}

/// The branch that a cursor names.
fn last_of(cursor: &str) -> Option<String> {
    let decoded = STANDARD.decode(cursor).ok()?;
    let cursor: Value = serde_json::from_slice(&decoded).ok()?;
    Some(cursor["id"].as_str()?.to_owned())
}

/// How many there are.
pub(in crate::mock) fn count(call: &Call<'_>, state: &mut State) -> Answer {
    let search = call.search();
    let project = &*call.open(state)?.project;
    let found = project.branches.iter().filter(|branch| search(&branch.id, &branch.name));
    Ok(Reply::ok(json!({ "count": found.count() })))
}

/// A branch with what its parent has, and with endpoints, where they are asked for.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json_if_any()?.unwrap_or_else(|| json!({}));
    create_as(call, state, &body)
}

/// The same, as a body says.
pub(super) fn create_as(call: &Call<'_>, state: &mut State, body: &Value) -> Answer {
    let request = Object::root(body)?;
    let mut new = NewBranch::default();
    let mut has_lsn = false;
    if let Some(branch) = request.object("branch")? {
        new.name = branch.string("name", 1..=256)?;
        new.parent_id = branch.string("parent_id", 1..=60)?;
        new.parent_timestamp = branch.time("parent_timestamp")?;
        new.protected = branch.boolean("protected")?.unwrap_or_default();
        new.init_source = branch.string("init_source", 1..=64)?;
        new.expires_at = branch.time("expires_at")?;
        has_lsn = branch.string("parent_lsn", 1..=64)?.is_some();
        branch.boolean("archived")?;
    }
    request.texts("annotation_value")?;
    if let Some(annotation) = request.object("annotation_value")? {
        new.annotation.clone_from(annotation.members());
    }
    check_expiry(new.expires_at, call.now)?;
    let opened = call.open(state)?;
    let is_earlier = has_lsn || new.parent_timestamp.is_some();
    opened.project.only_without_data(is_earlier, "a branch of an earlier moment")?;
    let is_schema = new.init_source.as_deref() == Some("schema-only");
    opened.project.only_without_data(is_schema, "a branch without the data of its parent")?;
    let computes: Vec<Compute> = request
        .objects("endpoints")?
        .iter()
        .map(|endpoint| endpoints::compute(endpoint, opened.project))
        .collect::<Result<_, _>>()?;
    let before = opened.project.operations.len();
    let id = opened.project.create_branch(new, opened.ids, call.now)?;
    for compute in computes {
        opened.project.create_endpoint(&id, compute, opened.ids, call.now)?;
    }
    let project = &*opened.project;
    let branch = project.branch(&id)?;
    let endpoints: Vec<_> = project.endpoints_of(&id).collect();
    let mut body = json!({
        "branch": view::branch(project, branch),
        "endpoints": endpoints.iter().map(|endpoint| view::endpoint(project, endpoint)).collect::<Vec<_>>(),
        "operations": begun(project, before),
        "roles": branch.roles.iter().map(|role| view::role(&id, role)).collect::<Vec<_>>(),
        "databases": branch.databases.iter().map(|database| view::database(&id, database)).collect::<Vec<_>>(),
    });
    if let Some(endpoint) = endpoints.first() {
        let uris: Vec<Value> = branch
            .databases
            .iter()
            .filter_map(|database| {
                let role = branch.role(&database.owner_name).ok()?;
                Some(view::connection(project, endpoint, role, &database.name))
            })
            .collect();
        body["connection_uris"] = json!(uris);
    }
    Ok(Reply::created(body))
}

/// An expiry lies in the future.
fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), ApiError> {
    match expires_at {
        Some(time) if time <= now => {
            Err(ApiError::body("invalid: branch.expires_at (must be in the future)"))
        }
        _ => Ok(()),
    }
}

/// One branch.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let branch = project.branch(call.param("branch_id"))?;
    Ok(Reply::ok(json!({ "branch": view::branch(project, branch), "annotation": view::annotation(branch) })))
}

/// Changes what is named and leaves the rest.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?.required_object("branch")?;
    let name = request.string("name", 1..=256)?;
    let protected = request.boolean("protected")?;
    let clears_expiry = request.is_null("expires_at");
    let expires_at = if clears_expiry { None } else { request.time("expires_at")? };
    check_expiry(expires_at, call.now)?;
    let id = call.param("branch_id");
    let project = call.open(state)?.project;
    let old_name = project.branch(id)?.name.clone();
    if let Some(name) = name.as_ref().filter(|name| **name != old_name) {
        project.must_be_free(name)?;
    }
    let branch = project.branch_mut(id)?;
    branch.name = name.unwrap_or(old_name);
    branch.protected = protected.unwrap_or(branch.protected);
    if clears_expiry || expires_at.is_some() {
        branch.expires_at = expires_at;
    }
    branch.updated_at = call.now.max(branch.created_at);
    shown(project, id, project.operations.len())
}

/// Gone with its endpoints; 204 where it is gone already.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    call.flag("hard_delete")?;
    let id = call.id("branch_id")?;
    let opened = call.open(state)?;
    let before = opened.project.operations.len();
    let Some(branch) = opened.project.remove_branch(id, opened.ids, call.now)? else {
        return Ok(Reply::no_content());
    };
    let project = &*opened.project;
    Ok(Reply::ok(json!({ "branch": view::branch(project, &branch), "operations": begun(project, before) })))
}

/// Brings a removed branch back, with its endpoints.
pub(in crate::mock) fn recover(call: &Call<'_>, state: &mut State) -> Answer {
    let id = call.param("branch_id");
    let project = call.open(state)?.project;
    project.recover_branch(id, call.now)?;
    let project = &*project;
    let endpoints: Vec<Value> =
        project.endpoints_of(id).map(|endpoint| view::endpoint(project, endpoint)).collect();
    Ok(Reply::ok(json!({ "branch": view::branch(project, project.branch(id)?), "endpoints": endpoints })))
}

/// Makes a branch the one that stands for the project.
pub(in crate::mock) fn set_as_default(call: &Call<'_>, state: &mut State) -> Answer {
    let project = call.open(state)?.project;
    let id = call.param("branch_id");
    project.set_default(id, call.now)?;
    shown(project, id, project.operations.len())
}

/// Gives a branch what another has, or had.
pub(in crate::mock) fn restore(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let source = request.required_string("source_branch_id", 1..=60)?;
    let has_lsn = request.string("source_lsn", 1..=64)?.is_some();
    let is_earlier = request.time("source_timestamp")?.is_some() || has_lsn;
    let preserve_as = request.string("preserve_under_name", 1..=256)?;
    let opened = call.open(state)?;
    let id = call.param("branch_id");
    opened.project.branch(id)?;
    opened.project.only_without_data(is_earlier || id == source, "restoring an earlier moment")?;
    let before = opened.project.operations.len();
    opened.project.restore_branch(id, &source, preserve_as, opened.ids, call.now)?;
    shown(opened.project, id, before)
}

/// A branch with the operations that have begun since there were so many.
fn shown(project: &Project, id: &str, before: usize) -> Answer {
    let branch = project.branch(id)?;
    Ok(Reply::ok(json!({ "branch": view::branch(project, branch), "operations": begun(project, before) })))
}
