//! What an account lists: in every list that stands at the top of a contract, and whose items can be removed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use super::authorization;
use super::breaker::Breaker;
use super::retry::deliver;
use super::stage::{fill_path, target as target_of};
use crate::exchange::{Request, Response, TransportFault};
use crate::json::plain;
use crate::spec::Suite;
use crate::spec::case::Call;
use crate::spec::contract::Operation;
use crate::spec::pages::{CURSOR, LIMIT};
use crate::target::{Ledger, Target};

/// No list is followed over more pages than this.
const PAGES: usize = 1000;

/// The statuses of an endpoint that does not have an operation.
const LACKING: [u16; 3] = [404, 405, 501];

/// A list at the top of a contract, and how its items are read and removed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Collection<'s> {
    pub(super) list: &'s Operation,
    pub(super) removal: &'s Operation,
    pub(super) read: Option<&'s Operation>,
    /// The path parameter that names an item.
    pub(super) parameter: &'s str,
    /// Its items are keys, one of which opens the account for whoever looks.
    pub(super) holds_keys: bool,
}

/// The collections of a suite.
pub(super) fn collections(suite: &Suite) -> impl Iterator<Item = Collection<'_>> {
    let removals = suite.operations.values().filter(|operation| operation.method == "DELETE");
    removals.filter_map(|removal| {
        let (collection, item) = removal.path.rsplit_once('/')?;
        let parameter = item.strip_prefix('{')?.strip_suffix('}')?;
        let get = |path: &str| {
            suite.operations.values().find(|operation| operation.method == "GET" && operation.path == path)
        };
        let list = get(collection)?;
        let is_top = list.path_parameters().next().is_none();
        let holds_keys = makes_keys(suite, collection);
        is_top.then(|| Collection { list, removal, read: get(&removal.path), parameter, holds_keys })
    })
}

/// Whether a key that is to be revoked is made at this path.
fn makes_keys(suite: &Suite, path: &str) -> bool {
    suite.supply.revoked_keys.values().flatten().any(|step| match &step.call {
        Call::Operation(id) => {
            let operation = suite.operation(id);
            operation.method == "POST" && operation.path == path
        }
        Call::EachOperation | Call::Raw { .. } => false,
    })
}

/// Something that an account lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Empty where it has none that can be asked for.
    pub(super) id: String,
    /// Empty where it has none.
    pub(super) name: String,
    /// When it was used last, where it says so.
    pub(super) used: Option<Timestamp>,
    /// When it was made, where it says so.
    pub(super) created: Option<Timestamp>,
}

/// The reason why a list cannot be used.
#[derive(Debug, Clone)]
pub(super) struct Unreadable {
    pub(super) reason: String,
    /// The endpoint could not even be reached.
    pub(super) is_unreachable: bool,
}

impl Unreadable {
    pub(super) fn answered(reason: String) -> Self {
        Self { reason, is_unreachable: false }
    }
}

/// One reader of an account: where it is, and the key that opens it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) target: &'a dyn Target,
    pub(super) key: &'a SecretString,
    pub(super) suite: &'a Suite,
    /// What is not waited for again.
    pub(super) breaker: &'a Breaker,
}

impl Reader<'_> {
    /// All that a collection lists; none where the endpoint does not have the list.
    pub(super) async fn list(&self, collection: &Collection<'_>) -> Result<Option<Vec<Listed>>, Unreadable> {
        let list = collection.list;
        let mut query = BTreeMap::new();
        if list.is_paged() {
            query.insert(LIMIT.to_owned(), "100".to_owned());
        }
        if let Some(organization) = self.target.organization() {
            self.suite.supply.name_organization(organization, &list.id, &mut query);
        }
        let mut found = Vec::new();
        let mut cursors = BTreeSet::new();
        for page in 0..PAGES {
            let response = self.get(&target_of(&list.path, &query), &list.path).await?;
            if page == 0 && LACKING.contains(&response.status) {
                return Ok(None);
            }
            if !response.is_success() {
                return Err(Unreadable::answered(format!("GET {} returned {}", list.path, response.status)));
            }
            let no_list = || Unreadable::answered(format!("GET {} returned no list", list.path));
            let body = response.json().ok_or_else(no_list)?;
            let items = items(body).ok_or_else(no_list)?;
            found.extend(items.iter().filter_map(|item| listed(item)));
            match list.next_page(body) {
                Some(cursor) if cursors.insert(cursor.to_owned()) => {
                    query.insert(CURSOR.to_owned(), cursor.to_owned());
                }
                // Whoever repeats a cursor has not shown all.
                Some(_) if !items.is_empty() => {
                    return Err(Unreadable::answered(format!("GET {} repeats its cursor", list.path)));
                }
                _ => return Ok(Some(found)),
            }
        }
        Err(Unreadable::answered(format!("GET {} has more than {PAGES} pages", list.path)))
    }

    /// Whether a read of its own shows that an item of a collection is not there.
    pub(super) async fn is_gone(&self, collection: &Collection<'_>, id: &str) -> bool {
        collection.read.is_some() && matches!(self.read(collection, id).await, Ok(None))
    }

    /// One item of a collection, as the endpoint itself shows it; none where it is not there. Items that cannot be read one by one are looked
    /// for in the list.
    pub(super) async fn read(
        &self,
        collection: &Collection<'_>,
        id: &str,
    ) -> Result<Option<Listed>, Unreadable> {
        let Some(read) = collection.read else {
            let items = self.list(collection).await?.unwrap_or_default();
            return Ok(items.into_iter().find(|item| item.id == id));
        };
        let params = BTreeMap::from([(collection.parameter.to_owned(), id.to_owned())]);
        let response = self.get(&fill_path(&read.path, &params), &read.path).await?;
        if response.status == 404 {
            return Ok(None);
        }
        let shown = response.json().filter(|_| response.is_success()).and_then(|body| shown(body, id));
        let unclear =
            || Unreadable::answered(format!("GET {} returned {} without `{id}`", read.path, response.status));
        shown.map(Some).ok_or_else(unclear)
    }

    /// Whether a list shows all that the account had before the run.
    pub(super) async fn lists_all_of(&self, ledger: &Ledger, collection: &Collection<'_>) -> bool {
        let Ok(Some(items)) = self.list(collection).await else { return false };
        let there: BTreeSet<&str> = items
            .iter()
            .map(|item| item.id.as_str())
            .filter(|id| ledger.was_present(collection.parameter, id))
            .collect();
        there.len() == ledger.had(collection.parameter)
    }

    async fn get(&self, target: &str, path: &str) -> Result<Response, Unreadable> {
        let request = request(self.key, "GET", target);
        self.answer(&request, path).await
    }

    pub(super) async fn answer(&self, request: &Request, path: &str) -> Result<Response, Unreadable> {
        let route = format!("{} {path}", request.method);
        if self.breaker.is_open(&route) {
            return Err(Unreadable::answered(format!("{route} got no response three times")));
        }
        let response = deliver(self.target, request, &route)
            .await
            .map_err(|error| Unreadable { reason: error.to_string(), is_unreachable: true })?;
        if let Some(TransportFault::Timeout(_)) = &response.fault {
            self.breaker.waited_in_vain(&route);
        }
        match &response.fault {
            Some(fault) => Err(Unreadable::answered(format!("{route}: {fault}"))),
            None => Ok(response),
        }
    }
}

/// A request with the key of the account.
pub(super) fn request(key: &SecretString, method: &str, target: &str) -> Request {
    Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        authorization: Some(authorization::bearer(key, "NEON_API_KEY")),
        body: None,
    }
}

/// The items that an answer shows under their names: those of a list, or the one that was asked for.
pub(super) fn sightings(
    suite: &Suite,
    operation: &Operation,
    params: &BTreeMap<String, String>,
    body: &Value,
) -> Vec<(String, Listed)> {
    collections(suite)
        .find_map(|collection| {
            let seen = if collection.list.id == operation.id {
                items(body)?.into_iter().filter_map(listed).collect()
            } else if collection.read.is_some_and(|read| read.id == operation.id) {
                vec![shown(body, params.get(collection.parameter)?)?]
            } else {
                return None;
            };
            Some(seen.into_iter().map(|item| (collection.parameter.to_owned(), item)).collect())
        })
        .unwrap_or_default()
}

/// The objects of a list: the body's own elements, or those of its members. None where it has no list.
pub(super) fn items(body: &Value) -> Option<Vec<&Value>> {
    let lists: Vec<&Vec<Value>> = match body {
        Value::Array(items) => vec![items],
        Value::Object(members) => members.values().filter_map(Value::as_array).collect(),
        _ => Vec::new(),
    };
    if lists.is_empty() { None } else { Some(lists.into_iter().flatten().collect()) }
}

/// What has neither an id nor a name cannot be told from anything else.
fn listed(item: &Value) -> Option<Listed> {
    let id = item.get("id").filter(|id| id.is_string() || id.is_number()).map(plain).unwrap_or_default();
    let name = item["name"].as_str().unwrap_or_default().to_owned();
    let time = |member: &str| item[member].as_str().and_then(|time| time.parse().ok());
    let (used, created) = (time("last_used_at"), time("created_at"));
    (!id.is_empty() || !name.is_empty()).then_some(Listed { id, name, used, created })
}

/// The object with this id: the body itself, or one of its members.
fn shown(body: &Value, id: &str) -> Option<Listed> {
    let members = body.as_object()?.values();
    std::iter::once(body).chain(members).filter_map(listed).find(|item| item.id == id)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::keys(json!([{"id": 7, "name": "a"}]), Some(vec![("7", "a")]))]
    #[case::projects(json!({"projects": [{"id": "p", "name": "b"}], "pagination": {}}), Some(vec![("p", "b")]))]
    #[case::without_a_name(json!({"projects": [{"id": "p"}, "q"]}), Some(vec![("p", "")]))]
    #[case::without_an_id(json!({"projects": [{"id": null, "name": "a"}, {"name": "b"}]}), Some(vec![("", "a"), ("", "b")]))]
    #[case::without_both(json!({"projects": [{"id": true}, {}]}), Some(vec![]))]
    #[case::empty(json!({"projects": []}), Some(vec![]))]
    #[case::an_object(json!({}), None)]
    #[case::a_word(json!("projects"), None)]
    fn a_list_is_a_list(#[case] body: Value, #[case] expected: Option<Vec<(&str, &str)>>) {
        let found = items(&body).map(|items| items.into_iter().filter_map(listed).collect::<Vec<_>>());
        let expected = expected.map(|items| {
            let listed = |(id, name): (&str, &str)| Listed {
                id: id.to_owned(),
                name: name.to_owned(),
                used: None,
                created: None,
            };
            items.into_iter().map(listed).collect::<Vec<_>>()
        });
        assert_eq!(found, expected);
    }
}
