//! Removing what a run has left behind: what its ledger says, and what bears its name.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;

use super::authorization;
use super::retry::deliver;
use super::stage::{fill_path, target as target_of};
use crate::exchange::{Request, Response};
use crate::json::plain;
use crate::spec::Suite;
use crate::spec::contract::{Operation, Place};
use crate::target::{Ledger, Target, Undo};

/// No list is followed over more pages than this.
const PAGES: usize = 1000;

/// Something on an account that bears the name of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// What removes it.
    pub undo: Undo,
}

/// What came of removing things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// What was removed: `DELETE /api/v2/projects/…`.
    pub removed: Vec<String>,
    /// What could not be, each with the reason.
    pub left: Vec<String>,
}

/// Removes what a ledger says has been made and not been removed, the latest first; where a request had no answer, what bears the run's
/// name as well. A ledger that has nothing left to say is removed from the disk.
pub async fn clean(target: &dyn Target, key: &SecretString, suite: &Suite, ledger: &Ledger) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let outstanding = ledger.outstanding();
    for (number, undo) in outstanding.made.iter().rev() {
        // A file may say anything: what no contract knows is not sent.
        let path = undo.target.split('?').next().unwrap_or_default();
        if suite.operation_at(&undo.method, path).is_none() {
            cleaned
                .left
                .push(format!("{}: its ledger asks for what is no operation", ledger.path().display()));
            continue;
        }
        if remove(target, key, undo, &mut cleaned).await {
            settle(ledger, *number, &mut cleaned);
        }
    }
    if !outstanding.unanswered.is_empty() {
        let (found, unseen) = find(target, key, suite, ledger.prefix()).await;
        let mut is_clean = unseen.is_empty();
        for Found { undo, .. } in &found {
            is_clean &= remove(target, key, undo, &mut cleaned).await;
        }
        cleaned.left.extend(unseen);
        for number in outstanding.unanswered.keys().filter(|_| is_clean) {
            settle(ledger, *number, &mut cleaned);
        }
    }
    if cleaned.left.is_empty()
        && let Err(error) = ledger.close()
    {
        cleaned.left.push(error.to_string());
    }
    cleaned
}

fn settle(ledger: &Ledger, number: u64, cleaned: &mut Cleaned) {
    if let Err(error) = ledger.settle(number) {
        cleaned.left.push(error.to_string());
    }
}

/// What is listed on the account under a name that begins with `prefix`: in every list that stands at the top of a contract, and whose
/// items can be removed. With it, which lists could not be looked at, and why; one that the endpoint does not have holds nothing.
pub async fn find(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    prefix: &str,
) -> (Vec<Found>, Vec<String>) {
    let (mut found, mut unseen) = (Vec::new(), Vec::new());
    for collection in collections(suite) {
        if let Err(reason) = find_in(target, key, suite, &collection, prefix, &mut found).await {
            unseen.push(reason);
        }
    }
    (found, unseen)
}

async fn find_in(
    target: &dyn Target,
    key: &SecretString,
    suite: &Suite,
    (list, removal, parameter): &(&Operation, &Operation, &str),
    prefix: &str,
    found: &mut Vec<Found>,
) -> Result<(), String> {
    let mut query = BTreeMap::new();
    if list.parameter("search", Place::Query).is_some() {
        query.insert("search".to_owned(), prefix.to_owned());
    }
    if list.parameter("limit", Place::Query).is_some() {
        query.insert("limit".to_owned(), "100".to_owned());
    }
    if let Some(organization) = target.organization() {
        suite.supply.name_organization(organization, &list.id, &mut query);
    }
    for _ in 0..PAGES {
        let request = request(key, "GET", &target_of(&list.path, &query), None);
        let response = answer(target, &request, &list.path).await?;
        if matches!(response.status, 404 | 405 | 501) {
            return Ok(());
        }
        if !response.is_success() {
            return Err(format!("GET {} answered {}", list.path, response.status));
        }
        let body = response.json().unwrap_or(&Value::Null);
        let items = items(body);
        for item in &items {
            let (Some(name), Some(id)) = (item["name"].as_str(), item.get("id")) else { continue };
            if name.starts_with(prefix) {
                found.push(Found { name: name.to_owned(), undo: undo(removal, parameter, &plain(id)) });
            }
        }
        let cursor = body.pointer("/pagination/cursor").and_then(Value::as_str);
        let is_new = |cursor: &&str| query.get("cursor").map(String::as_str) != Some(*cursor);
        match cursor.filter(is_new).filter(|_| !items.is_empty()) {
            Some(cursor) => query.insert("cursor".to_owned(), cursor.to_owned()),
            None => return Ok(()),
        };
    }
    Err(format!("GET {} has more than {PAGES} pages", list.path))
}

/// Removes one thing. Whether it is gone.
pub async fn remove(target: &dyn Target, key: &SecretString, undo: &Undo, cleaned: &mut Cleaned) -> bool {
    let shown = format!("{} {}", undo.method, undo.target);
    let request = request(key, &undo.method, &undo.target, undo.body.clone());
    match answer(target, &request, &undo.target).await {
        Ok(response) if response.is_success() => cleaned.removed.push(shown),
        Ok(response) if response.status == 404 => {}
        Ok(response) => {
            cleaned.left.push(format!("{shown} answered {}", response.status));
            return false;
        }
        Err(reason) => {
            cleaned.left.push(format!("{shown}: {reason}"));
            return false;
        }
    }
    true
}

async fn answer(target: &dyn Target, request: &Request, path: &str) -> Result<Response, String> {
    let route = format!("{} {path}", request.method);
    let response = deliver(target, request, &route).await.map_err(|error| error.to_string())?;
    match &response.fault {
        Some(fault) => Err(fault.to_string()),
        None => Ok(response),
    }
}

fn request(key: &SecretString, method: &str, target: &str, body: Option<String>) -> Request {
    let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        authorization: Some(authorization::bearer(key, "NEON_API_KEY")),
        body: body.map(String::into_bytes),
    }
}

/// The lists at the top of the contracts, each with the operation that removes an item, and the parameter that names the item.
fn collections(suite: &Suite) -> impl Iterator<Item = (&Operation, &Operation, &str)> {
    let removals = suite.operations.values().filter(|operation| operation.method == "DELETE");
    removals.filter_map(|removal| {
        let (collection, item) = removal.path.rsplit_once('/')?;
        let parameter = item.strip_prefix('{')?.strip_suffix('}')?;
        let mut lists = suite.operations.values();
        let list = lists.find(|list| list.method == "GET" && list.path == collection)?;
        list.path_parameters().next().is_none().then_some((list, removal, parameter))
    })
}

/// The objects of a list: the body's own elements, or those of its members.
fn items(body: &Value) -> Vec<&Value> {
    let lists: Vec<&Vec<Value>> = match body {
        Value::Array(items) => vec![items],
        Value::Object(members) => members.values().filter_map(Value::as_array).collect(),
        _ => Vec::new(),
    };
    lists.into_iter().flatten().collect()
}

fn undo(removal: &Operation, parameter: &str, id: &str) -> Undo {
    let params = BTreeMap::from([(parameter.to_owned(), id.to_owned())]);
    let target = fill_path(&removal.path, &params);
    Undo { method: removal.method.clone(), target, params, body: None }
}
