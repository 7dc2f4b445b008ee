//! Buckets of a branch. There is no store behind them: no object is ever found, and none can be put there.

use serde_json::{Value, json};

use super::{Answer, Call, Reply};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Bucket, Project, State};
use crate::mock::view;

/// The longest prefix of objects that are to be removed, in bytes.
const LONGEST_PREFIX: usize = 1_024;

/// Where the buckets of a branch are reached, once there has been one.
pub(in crate::mock) fn get(call: &Call<'_>, state: &mut State) -> Answer {
    const CODE: &str = "STORAGE_NOT_ENABLED";
    let unknown = |_| ApiError::not_enabled(CODE, "branch_not_found", "the branch does not exist");
    let project = &*call.open(state).map_err(unknown)?.project;
    let branch = project.branch(call.param("branch_id")).map_err(unknown)?;
    if branch.services().buckets.is_none() {
        let message = "storage is not enabled for this branch";
        return Err(ApiError::not_enabled(CODE, "branch_directory_missing", message));
    }
    Ok(Reply::ok(view::storage(project, branch)))
}

/// All buckets, those of ancestors as well.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let project = &*call.open(state)?.project;
    let buckets: Vec<Value> = buckets(call, project)?.iter().map(view::bucket).collect();
    Ok(Reply::ok(json!({ "buckets": buckets })))
}

/// One more, of a name that no other on the branch has.
pub(in crate::mock) fn create(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let name = request.required_string("name", 1..=255)?;
    let access_level = request.string("access_level", 1..=64)?.unwrap_or_else(|| "private".to_owned());
    if !matches!(access_level.as_str(), "private" | "public_read") {
        return Err(request.invalid("access_level", "must be one of private, public_read"));
    }
    let project = call.open(state)?.project;
    let branch = project.branch_mut(call.param("branch_id"))?;
    let buckets = branch.services_mut().buckets.get_or_insert_default();
    if buckets.iter().any(|bucket| bucket.name == name) {
        return Err(ApiError::exists("bucket", &name));
    }
    let bucket = Bucket { name, access_level, created_at: call.now };
    let shown = view::bucket(&bucket);
    buckets.push(bucket);
    Ok(Reply::created(json!({ "bucket": shown })))
}

/// Gone from the branch, not from its ancestors.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let project = call.open(state)?.project;
    let name = bucket(call, project)?.name.clone();
    if let Some(buckets) = &mut project.branch_mut(call.param("branch_id"))?.services_mut().buckets {
        buckets.retain(|bucket| bucket.name != name);
    }
    Ok(Reply::no_content())
}

/// The objects in a bucket: none.
pub(in crate::mock) fn objects(call: &Call<'_>, state: &mut State) -> Answer {
    call.limit(1_000, 1_000)?;
    bucket(call, call.open(state)?.project)?;
    let prefix = call.query.get("prefix").map(String::as_str).unwrap_or_default();
    Ok(Reply::ok(json!({
        "folders": [], "objects": [], "prefix": prefix, "next_cursor": "", "is_truncated": false,
    })))
}

/// One of them: there is none, whatever is to be done with it.
pub(in crate::mock) fn object(call: &Call<'_>, state: &mut State) -> Answer {
    bucket(call, call.open(state)?.project)?;
    Err(ApiError::not_found("object", call.param("object_key")))
}

/// Removes all that begin with a prefix.
pub(in crate::mock) fn delete_by_prefix(call: &Call<'_>, state: &mut State) -> Answer {
    let prefix = call.required("prefix")?;
    if !prefix.ends_with('/') || prefix.len() > LONGEST_PREFIX || prefix.contains(char::is_control) {
        let detail = "must end with a slash, be at most 1024 bytes long, and have no control characters";
        return Err(ApiError::parameter("prefix", detail));
    }
    bucket(call, call.open(state)?.project)?;
    Ok(Reply::ok(json!({ "deleted": 0 })))
}

/// An address to put an object to, or to get one from: there is none.
pub(in crate::mock) fn presign(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let operation = request.required_string("operation", 1..=16)?;
    if !matches!(operation.as_str(), "upload" | "download") {
        return Err(request.invalid("operation", "must be one of upload, download"));
    }
    request.string("content_type", 0..=256)?;
    request.integer("expires_in_seconds", 1..=604_800)?;
    let name = bucket(call, call.open(state)?.project)?.name.clone();
    Err(ApiError::not_found("object store behind bucket", &name))
}

fn buckets<'p>(call: &Call<'_>, project: &'p Project) -> Result<&'p [Bucket], ApiError> {
    let buckets = project.branch(call.param("branch_id"))?.services().buckets.as_deref();
    buckets.ok_or_else(|| ApiError::feature_off("buckets"))
}

fn bucket<'p>(call: &Call<'_>, project: &'p Project) -> Result<&'p Bucket, ApiError> {
    let name = call.param("bucket_name");
    let bucket = buckets(call, project)?.iter().find(|bucket| bucket.name == name);
    bucket.ok_or_else(|| ApiError::not_found("bucket", name))
}
