//! The point before an operation: it may see another request than the one that was sent.

use std::borrow::Cow;

use serde_json::Value;

use super::asked::Asked;
use super::data::{Break, Change};
use super::faults::Faults;
use super::pointer::each;
use crate::mock::handlers::Call;
use crate::mock::model::{Branch, Project, State};
use crate::mock::router::Params;

impl Faults {
    /// What an operation gets to see.
    pub(in crate::mock) fn change<'b>(&self, asked: &Asked<'_>, state: &State, call: Call<'b>) -> Call<'b> {
        let Call { caller, mut params, mut query, mut body, now } = call;
        for fault in self.concerning(asked) {
            let Break::Change(change) = fault else { continue };
            let is_changed = match *change {
                Change::WithoutQuery(name) => query.remove(name).is_some(),
                Change::Query(name, value) => {
                    query.insert(name.to_owned(), value.to_owned()).as_deref() != Some(value)
                }
                Change::WithoutMember(pointer) => {
                    with_body(&mut body, |json| each(json, pointer, &mut |member| member.remove()) > 0)
                }
                Change::Member(pointer, value) => with_body(&mut body, |json| {
                    let value: Value = serde_json::from_str(value).unwrap_or_default();
                    each(json, pointer, &mut |member| member.get().is_some() && member.set(value.clone())) > 0
                }),
                Change::Lacking(pointer, value) => with_body(&mut body, |json| {
                    let value: Value = serde_json::from_str(value).unwrap_or_default();
                    each(json, pointer, &mut |member| member.get().is_none() && member.set(value.clone())) > 0
                }),
                Change::Ascii(pointer) => with_body(&mut body, |json| {
                    each(json, pointer, &mut |member| {
                        let ascii = member
                            .get()
                            .and_then(Value::as_str)
                            .map(|text| text.replace(|letter: char| !letter.is_ascii(), ""));
                        ascii.is_some_and(|ascii| member.set(Value::String(ascii)))
                    }) > 0
                }),
                Change::Unsent(name, value) => {
                    let is_sent = query.contains_key(name);
                    if !is_sent {
                        query.insert(name.to_owned(), value.to_owned());
                    }
                    !is_sent
                }
                Change::OtherProject => {
                    let other = |id: &str| {
                        let mut projects = state.account(caller).projects.iter();
                        projects.find(|project| project.id != id).map(|project| project.id.clone())
                    };
                    replace(&mut params, "project_id", other)
                }
                Change::AnyParent => {
                    let parts: Vec<String> = params
                        .iter()
                        .filter(|(name, _)| *name != "project_id")
                        .map(|(_, id)| id.clone())
                        .collect();
                    replace(&mut params, "project_id", |_| {
                        let mut projects = state.account(caller).projects.iter();
                        projects
                            .find(|project| parts.iter().any(|part| has(project, part)))
                            .map(|project| project.id.clone())
                    })
                }
                Change::AnyBranch => {
                    let names: Vec<String> = params
                        .iter()
                        .filter(|(name, _)| matches!(*name, "role_name" | "database_name"))
                        .map(|(_, name)| name.clone())
                        .collect();
                    let project = params.iter().find(|(name, _)| *name == "project_id");
                    let project = project.and_then(|(_, id)| state.account(caller).projects.get(id));
                    replace(&mut params, "branch_id", |_| {
                        let mut branches = project.into_iter().flat_map(|project| &project.branches);
                        let holds = |name: &String, branch: &&Branch| {
                            branch.role(name).is_ok() || branch.database(name).is_ok()
                        };
                        branches
                            .find(|branch| names.iter().any(|name| holds(name, branch)))
                            .map(|branch| branch.id.clone())
                    })
                }
            };
            if is_changed {
                self.note();
            }
        }
        Call { caller, params, query, body, now }
    }
}

fn has(project: &Project, part: &str) -> bool {
    project.branch(part).is_ok()
        || project.endpoint(part).is_ok()
        || project.snapshot(part).is_ok()
        || project.operations.iter().any(|operation| operation.id.to_string() == part)
        || project.permissions.iter().any(|permission| permission.id == part)
}

fn replace(params: &mut Params, name: &str, by: impl Fn(&str) -> Option<String>) -> bool {
    let Some((_, value)) = params.iter_mut().find(|(known, _)| *known == name) else { return false };
    let Some(new) = by(value).filter(|new| new != value) else { return false };
    *value = new;
    true
}

/// Changes a body that is JSON.
fn with_body(body: &mut Cow<'_, [u8]>, change: impl FnOnce(&mut Value) -> bool) -> bool {
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return false };
    let is_changed = change(&mut json);
    if is_changed {
        *body = Cow::Owned(json.to_string().into_bytes());
    }
    is_changed
}
