//! What projects and branches have consumed. Endpoints are active for a time; nothing is stored, written or sent here.

mod span;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use self::span::Span;
use super::{Answer, Call, Reply, is_id};
use crate::mock::clock::{month_after, month_of, seconds};
use crate::mock::error::ApiError;
use crate::mock::model::{Account, Activity, Branch, Project, State};

/// What the first version always shows, and what it shows when asked.
const V1_METRICS: [&str; 7] = [
    "active_time_seconds",
    "compute_time_seconds",
    "written_data_bytes",
    "synthetic_storage_size_bytes",
    "data_storage_bytes_hour",
    "logical_size_bytes",
    "logical_size_bytes_hour",
];
const V1_ALWAYS: usize = 4;

/// What the second version shows of projects; of branches the first ones only.
const V2_METRICS: [&str; 8] = [
    "compute_unit_seconds",
    "root_branch_bytes_month",
    "child_branch_bytes_month",
    "instant_restore_bytes_month",
    "public_network_transfer_bytes",
    "private_network_transfer_bytes",
    "extra_branches_month",
    "snapshot_storage_bytes_month",
];
const OF_BRANCHES: usize = 6;

/// So many ids can be named.
const MOST_IDS: usize = 100;

/// The plans with a history of each kind.
const V1_PLANS: [&str; 3] = ["scale", "business", "enterprise"];
const V2_PLANS: [&str; 5] = ["launch", "scale", "agent", "business", "enterprise"];
const BRANCH_PLANS: [&str; 4] = ["launch", "scale", "agent", "enterprise"];

/// A page of projects, the newest first, with what each has consumed.
pub(in crate::mock) fn of_projects_v1(call: &Call<'_>, state: &State) -> Answer {
    let span = Span::of(call)?;
    let asked = metrics(call, &V1_METRICS)?;
    let with_v1 = call.flag("include_v1_metrics")? && asked.is_empty();
    let shown: Vec<&str> = V1_METRICS
        .into_iter()
        .enumerate()
        .filter(|(index, name)| {
            *index < V1_ALWAYS || asked.contains(name) || (with_v1 && *name == "data_storage_bytes_hour")
        })
        .map(|(_, name)| name)
        .collect();
    let show = |activity: Activity| -> Value {
        let values = shown.iter().map(|name| {
            let value = match *name {
                "active_time_seconds" => whole(activity.seconds),
                "compute_time_seconds" => whole(activity.unit_seconds),
                _ => 0,
            };
            ((*name).to_owned(), json!(value))
        });
        Value::Object(values.collect())
    };
    projects(call, state, span, &V1_PLANS, &show)
}

/// The same with other metrics.
pub(in crate::mock) fn of_projects_v2(call: &Call<'_>, state: &State) -> Answer {
    let span = Span::of(call)?;
    call.required("org_id")?;
    call.required("metrics")?;
    let asked = metrics(call, &V2_METRICS)?;
    projects(call, state, span, &V2_PLANS, &|activity| listed(&asked, activity))
}

/// A page of branches, by the ids of their projects and their own, with what each has consumed.
pub(in crate::mock) fn of_branches(call: &Call<'_>, state: &State) -> Answer {
    let span = Span::of(call)?;
    call.required("org_id")?;
    call.required("metrics")?;
    call.required("project_ids")?;
    let asked = metrics(call, &V2_METRICS[..OF_BRANCHES])?;
    let limit = call.limit(100, 1_000)?;
    let (only_projects, only_branches) = (ids(call, "project_ids")?, ids(call, "branch_ids")?);
    let account = account(call, state, &BRANCH_PLANS)?;
    span.must_be_kept(call.now)?;
    let projects = account.projects.iter().filter(|project| only_projects.contains(&project.id.as_str()));
    let mut branches: Vec<(&Project, &Branch)> = projects
        .flat_map(|project| project.branches.iter().map(move |branch| (project, branch)))
        .filter(|(_, branch)| only_branches.is_empty() || only_branches.contains(&branch.id.as_str()))
        .collect();
    let name = |(project, branch): &(&Project, &Branch)| format!("{}/{}", project.id, branch.id);
    branches.sort_by_key(name);
    if let Some(cursor) = call.cursor() {
        branches.retain(|branch| name(branch).as_str() > cursor);
    }
    branches.truncate(limit);
    let show = |activity: Activity| listed(&asked, activity);
    let shown = branches.iter().map(|(project, branch)| {
        json!({
            "project_id": project.id,
            "branch_id": branch.id,
            "periods": periods(call, account, (project, Some(branch)), span, &show),
        })
    });
    let mut body = json!({ "branches": shown.collect::<Vec<_>>() });
    if let Some(last) = branches.last() {
        body["pagination"] = json!({ "cursor": name(last) });
    }
    Ok(Reply::ok(body))
}

/// How what endpoints have used is shown.
type Show<'s> = &'s dyn Fn(Activity) -> Value;

fn projects(call: &Call<'_>, state: &State, span: Span, plans: &[&str], show: Show<'_>) -> Answer {
    let limit = call.limit(10, 100)?;
    let only = ids(call, "project_ids")?;
    let account = account(call, state, plans)?;
    span.must_be_kept(call.now)?;
    let mut projects: Vec<&Project> = account.projects.iter().collect();
    projects.reverse();
    if let Some(cursor) = call.cursor() {
        let last = projects.iter().position(|project| project.id == cursor);
        let last = last.ok_or_else(|| ApiError::parameter("cursor", "names no project"))?;
        projects.drain(..=last);
    }
    projects.retain(|project| only.is_empty() || only.contains(&project.id.as_str()));
    projects.truncate(limit);
    let shown = projects.iter().map(|project| {
        json!({ "project_id": project.id, "periods": periods(call, account, (project, None), span, show) })
    });
    let mut body = json!({ "projects": shown.collect::<Vec<_>>() });
    if let Some(last) = projects.last() {
        body["pagination"] = json!({ "cursor": last.id });
    }
    Ok(Reply::ok(body))
}

/// The account whose history is asked for, which must have a plan with one.
fn account<'s>(call: &Call<'_>, state: &'s State, plans: &[&str]) -> Result<&'s Account, ApiError> {
    let account = match call.query.get("org_id").filter(|id| !id.is_empty()) {
        Some(id) if !is_id(id) => return Err(ApiError::parameter("org_id", "is no id")),
        Some(id) => state.account_at(state.organization(call.caller, id)?.0),
        None => state.account(call.caller),
    };
    if plans.iter().any(|plan| account.owner.plan().starts_with(plan)) {
        return Ok(account);
    }
    Err(ApiError::forbidden("this endpoint is not available on the plan of the account"))
}

/// The months of a span, each with its parts.
fn periods(
    call: &Call<'_>,
    account: &Account,
    (project, branch): (&Project, Option<&Branch>),
    span: Span,
    show: Show<'_>,
) -> Vec<Value> {
    let began = branch.map_or(project.created_at, |branch| branch.created_at);
    let mut periods: Vec<(Timestamp, Vec<Value>)> = Vec::new();
    for part in span.parts(began, call.now) {
        let activity = project.activity(branch.map(|branch| branch.id.as_str()), part, call.now);
        let mut shown = Map::new();
        shown.insert("timeframe_start".to_owned(), json!(seconds(part.0)));
        shown.insert("timeframe_end".to_owned(), json!(seconds(part.1)));
        if let Value::Object(values) = show(activity) {
            shown.extend(values);
        }
        let month = month_of(part.0);
        match periods.last_mut() {
            Some((last, parts)) if *last == month => parts.push(Value::Object(shown)),
            _ => periods.push((month, vec![Value::Object(shown)])),
        }
    }
    let show = |(month, parts): (Timestamp, Vec<Value>)| {
        let mut period = json!({
            "period_id": period_id(&account.owner.id(), month),
            "period_plan": account.owner.plan(),
            "period_start": seconds(month),
            "consumption": parts,
        });
        let end = month_after(month);
        if end <= call.now {
            period["period_end"] = json!(seconds(end));
        }
        period
    };
    periods.into_iter().map(show).collect()
}

/// An account has one period in each month, always of the same id.
fn period_id(owner: &str, month: Timestamp) -> uuid::Uuid {
    let hash = Sha256::digest(format!("{owner} {month}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The metrics of the second version, each with its name.
fn listed(asked: &[&str], activity: Activity) -> Value {
    let values = asked.iter().map(|name| {
        let value = if *name == "compute_unit_seconds" { whole(activity.unit_seconds) } else { 0 };
        json!({ "metric_name": name, "value": value })
    });
    json!({ "metrics": values.collect::<Vec<_>>() })
}

/// The metrics that are asked for.
fn metrics<'k>(call: &Call<'_>, known: &[&'k str]) -> Result<Vec<&'k str>, ApiError> {
    let Some(asked) = call.query.get("metrics").filter(|asked| !asked.is_empty()) else {
        return Ok(Vec::new());
    };
    let known = |name: &str| known.iter().find(|metric| **metric == name).copied();
    let metrics: Option<Vec<&str>> = asked.split(',').map(known).collect();
    metrics.ok_or_else(|| ApiError::parameter("metrics", "has one that does not exist here"))
}

/// The ids that are named, in one text or in several.
fn ids<'c>(call: &'c Call<'_>, name: &str) -> Result<Vec<&'c str>, ApiError> {
    let Some(asked) = call.query.get(name).filter(|asked| !asked.is_empty()) else { return Ok(Vec::new()) };
    let ids: Vec<&str> = asked.split(',').collect();
    if ids.len() > MOST_IDS {
        return Err(ApiError::parameter(name, &format!("must have at most {MOST_IDS} items")));
    }
    if ids.iter().all(|id| is_id(id)) { Ok(ids) } else { Err(ApiError::parameter(name, "has what is no id")) }
}

#[expect(clippy::cast_possible_truncation, reason = "a number of seconds is far from the largest integer")]
fn whole(seconds: f64) -> i64 {
    seconds.round() as i64
}
