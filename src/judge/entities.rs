//! Objects with an identity: where answers show them, and which operations ask for, list, change and remove them.
//!
//! All of it comes from the contract and the annotations of its schemas, nothing from the names of operations.

use std::collections::BTreeMap;

use serde_json::Value;

use super::record::Record;
use super::sighting::Sighting;
use crate::exchange::Exchange;
use crate::json::plain;
use crate::spec::Suite;
use crate::spec::contract::{Operation, Place};
use crate::spec::pages::{CURSOR, LIMIT, is_partial};
use crate::spec::schema_ref::SchemaRef;
use crate::spec::shape::Mark;

/// All objects with an identity in the answers of a record.
fn sightings(record: &Record<'_>) -> Vec<Sighting> {
    let mut found = Vec::new();
    for (exchange, of) in record.answered().filter(|(_, exchange)| exchange.response.is_success()) {
        let Some(body) = of.response.json() else { continue };
        for annotation in record.annotations(of) {
            let Mark::Identity(kind) = &annotation.mark else { continue };
            let Some(id) = body.pointer(&annotation.pointer) else { continue };
            found.push(Sighting {
                exchange,
                kind: kind.clone(),
                id: plain(id),
                pointer: parent(&annotation.pointer).to_owned(),
                id_pointer: annotation.pointer.clone(),
            });
        }
    }
    found
}

impl Record<'_> {
    /// All objects with an identity, wherever an answer showed one, in the order of the exchanges.
    pub(super) fn sightings(&self) -> &[Sighting] {
        self.sightings.get_or_init(|| sightings(self))
    }

    /// Those in the answer of one exchange, by its place.
    pub(super) fn sightings_in(&self, exchange: usize) -> &[Sighting] {
        let all = self.sightings();
        let begin = all.partition_point(|sighting| sighting.exchange < exchange);
        let end = all.partition_point(|sighting| sighting.exchange <= exchange);
        &all[begin..end]
    }
}

impl Sighting {
    /// The object.
    pub(super) fn object<'r>(&self, record: &'r Record<'_>) -> &'r Value {
        record.exchanges[self.exchange]
            .response
            .json()
            .and_then(|body| body.pointer(&self.pointer))
            .unwrap_or(&Value::Null)
    }

    /// Whether the answer itself says that it is no more, as the first version of the API does of projects.
    pub(super) fn is_told_deleted(&self, record: &Record<'_>) -> bool {
        self.object(record)["deleted"] == true
    }

    /// The list it stands in, if it stands in one.
    pub(super) fn list(&self) -> Option<&str> {
        let (list, index) = self.pointer.rsplit_once('/')?;
        index.parse::<usize>().is_ok().then_some(list)
    }
}

/// A kind of object and the id of one.
pub(super) type Identity = (String, String);

/// The object a request is about: the one its path ends with.
pub(super) fn asked(record: &Record<'_>, exchange: &Exchange) -> Option<Identity> {
    let operation = record.operation(exchange)?;
    let name = operation.path.rsplit('/').next()?.strip_prefix('{')?.strip_suffix('}')?;
    let kind = kind_of_parameter(record.suite, operation, name)?;
    Some((kind, exchange.params.get(name)?.clone()))
}

/// The kind of object a path parameter names (`x-neon-reference`).
pub(super) fn kind_of_parameter(suite: &Suite, operation: &Operation, name: &str) -> Option<String> {
    let schema = operation.parameter(name, Place::Path)?.schema.as_ref()?;
    suite.schemas.in_place(schema).into_iter().find_map(|(_, members)| {
        let kind = members.get("x-neon-reference").or_else(|| members.get("x-neon-identity"))?;
        kind.as_str().map(str::to_owned)
    })
}

/// What an operation lists: the kind of object, and where in its answer the list stands.
fn listed<'s>(suite: &'s Suite, operation: &Operation) -> Option<&'s (String, String)> {
    let lists = suite.lists.get_or_init(|| {
        let operations = suite.operations.values();
        operations
            .filter_map(|operation| Some((operation.id.clone(), find_list(suite, operation)?)))
            .collect()
    });
    lists.get(&operation.id)
}

fn find_list(suite: &Suite, operation: &Operation) -> Option<(String, String)> {
    if operation.method != "GET" {
        return None;
    }
    let status = *operation.successes().first()?;
    let schema = operation.annotated(status)?.clone();
    if let Some(kind) = kind_of_items(suite, &schema) {
        return Some((kind, String::new()));
    }
    suite.schemas.in_place(&schema).into_iter().find_map(|(_, members)| {
        let names = members.get("properties")?.as_object()?.keys();
        names.into_iter().find_map(|name| {
            let below = suite.schemas.below(&schema, name, false);
            let kind = below.iter().find_map(|property| kind_of_items(suite, property))?;
            Some((kind, format!("/{}", crate::spec::escape(name))))
        })
    })
}

/// The kind of object in a list, where the schema is one of a list of objects with an identity.
fn kind_of_items(suite: &Suite, schema: &SchemaRef) -> Option<String> {
    suite.schemas.below(schema, "", true).iter().find_map(|item| {
        suite.schemas.in_place(item).into_iter().find_map(|(_, members)| {
            let names = members.get("properties")?.as_object()?.keys();
            names.into_iter().find_map(|name| {
                suite.schemas.below(item, name, false).iter().find_map(|property| {
                    suite
                        .schemas
                        .in_place(property)
                        .into_iter()
                        .find_map(|(_, members)| members.get("x-neon-identity")?.as_str().map(str::to_owned))
                })
            })
        })
    })
}

/// A path of the contract, with the values of its parameters.
type ListPlace = (String, BTreeMap<String, String>);

/// What a successful list shows: the kind, and the ids in their order.
pub(super) struct Listing {
    pub(super) kind: String,
    /// Where the list is: what was created there must be on it.
    place: ListPlace,
    pub(super) ids: Vec<String>,
    pub(super) pointer: String,
    /// All that the list has, where no page of it is missing.
    pub(super) all: Option<Vec<String>>,
    /// No page comes after it.
    pub(super) is_last: bool,
    /// The request narrows or widens what is listed, by more than a page, or the response says that it leaves something out.
    pub(super) filtered: bool,
    /// The maximum number of items in the response.
    pub(super) limit: Option<u64>,
}

impl Listing {
    /// Returns `true` if both are the same list.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.kind == other.kind && self.place == other.place
    }

    /// Whether the list is of what is within this object.
    pub(super) fn is_within(&self, creation: &Creation) -> bool {
        self.place.1.values().any(|id| *id == creation.identity.1)
    }
}

/// The list in an answer, if its operation lists something.
pub(super) fn listing(record: &Record<'_>, index: usize) -> Option<Listing> {
    let exchange = &record.exchanges[index];
    if !exchange.response.is_success() {
        return None;
    }
    let operation = record.operation(exchange)?;
    let (kind, pointer) = listed(record.suite, operation)?.clone();
    let shown = operation.mirrors.as_ref().map_or(operation, |id| record.suite.operation(id));
    let place = (shown.path.clone(), exchange.params.clone());
    let ids = ids_of_list(record, index, &kind, &pointer);
    let body = exchange.response.json()?;
    let filtered = is_partial(body) || exchange.query.keys().any(|name| name != LIMIT && name != CURSOR);
    let is_first = !exchange.query.contains_key(CURSOR);
    let all = if is_first && !filtered { all_pages(record, index, &kind, &pointer) } else { None };
    let limit = operation.page_limit(&exchange.query);
    let is_last = ids.is_empty() || operation.next_page(body).is_none();
    Some(Listing { kind, place, ids, pointer, all, is_last, filtered, limit })
}

fn ids_of_list(record: &Record<'_>, index: usize, kind: &str, pointer: &str) -> Vec<String> {
    let sightings = record.sightings_in(index).iter();
    let listed = sightings.filter(|sighting| *sighting.kind == *kind && sighting.list() == Some(pointer));
    listed.map(|sighting| sighting.id.clone()).collect()
}

/// What a list has on all its pages, from the first; none where the record does not go on to the last.
fn all_pages(record: &Record<'_>, first: usize, kind: &str, pointer: &str) -> Option<Vec<String>> {
    let operation = record.operation(&record.exchanges[first])?;
    let mut all = Vec::new();
    for (index, exchange) in record.exchanges.iter().enumerate().skip(first) {
        let ids = ids_of_list(record, index, kind, pointer);
        let is_end = ids.is_empty();
        let limit = operation.page_limit(&exchange.query);
        let is_short = is_end || limit.is_some_and(|limit| (ids.len() as u64) < limit);
        all.extend(ids);
        let body = exchange.response.json()?;
        if is_partial(body) {
            return None;
        }
        match operation.next_page(body) {
            Some(cursor) if !is_end => {
                record.exchanges.get(index + 1).filter(|next| is_page_of(next, exchange, cursor))?;
            }
            // Whoever names no next page, and could have shown more, has no more.
            _ => return (is_short || !operation.is_paged()).then_some(all),
        }
    }
    None
}

/// Whether an exchange is the page of a list that another one names.
fn is_page_of(exchange: &Exchange, before: &Exchange, cursor: &str) -> bool {
    let query = |of: &Exchange| {
        let mut query = of.query.clone();
        query.remove(CURSOR);
        query
    };
    exchange.operation == before.operation
        && exchange.params == before.params
        && exchange.response.is_success()
        && exchange.query.get(CURSOR).is_some_and(|asked| asked == cursor)
        && query(exchange) == query(before)
}

/// An object that a request has created.
pub(super) struct Creation {
    pub(super) identity: Identity,
    /// Where it was created: a list there shows it.
    place: ListPlace,
    /// What it refers to: with the removal of any of these it is gone as well.
    references: Vec<Identity>,
}

impl Creation {
    /// Whether a list shows this object, if it shows all.
    pub(super) fn belongs_to(&self, list: &Listing) -> bool {
        self.identity.0 == list.kind && self.place == list.place
    }

    /// Whether a request asks for it where it was created: under the same parents.
    pub(super) fn is_asked_for(&self, asked: &Identity, exchange: &Exchange) -> bool {
        let parents = &self.place.1;
        self.identity == *asked
            && parents.iter().all(|(name, id)| exchange.params.get(name).is_none_or(|asked| asked == id))
    }

    /// Whether it was created within one of these objects.
    pub(super) fn is_within(&self, ids: &[String]) -> bool {
        self.place.1.values().any(|id| ids.contains(id))
    }

    /// Whether it goes with an object that is removed.
    pub(super) fn goes_with(&self, removed: &Identity) -> bool {
        self.identity == *removed || self.references.contains(removed)
    }
}

/// The object a successful request created: the kind that its path lists, shown nearest to the root of its answer.
pub(super) fn created(record: &Record<'_>, index: usize) -> Option<Creation> {
    let exchange = &record.exchanges[index];
    let operation = record.operation(exchange)?;
    if operation.method != "POST" || !exchange.response.is_success() {
        return None;
    }
    let kind = kind_listed_at(record.suite, &operation.path)?;
    let sighting = shallowest(record, index, &kind)?;
    let body = exchange.response.json()?;
    let mut references: Vec<Identity> = record
        .annotations(exchange)
        .iter()
        .filter(|annotation| parent(&annotation.pointer) == sighting.pointer)
        .filter_map(|annotation| match &annotation.mark {
            Mark::Reference(kind) => Some((kind.to_string(), plain(body.pointer(&annotation.pointer)?))),
            _ => None,
        })
        .collect();
    references.extend(
        exchange
            .params
            .iter()
            .filter_map(|(name, id)| Some((kind_of_parameter(record.suite, operation, name)?, id.clone()))),
    );
    Some(Creation {
        identity: (kind, sighting.id.clone()),
        place: (operation.path.clone(), exchange.params.clone()),
        references,
    })
}

/// The object of a kind that stands nearest to the root of an answer.
pub(super) fn shallowest<'r>(record: &'r Record<'_>, index: usize, kind: &str) -> Option<&'r Sighting> {
    record
        .sightings_in(index)
        .iter()
        .filter(|sighting| *sighting.kind == *kind)
        .min_by_key(|sighting| sighting.pointer.matches('/').count())
}

/// The objects that an answer to a change shows to be there, whatever was known of them.
pub(super) fn revived(record: &Record<'_>, index: usize) -> Option<Identity> {
    let exchange = &record.exchanges[index];
    let operation = record.operation(exchange)?;
    if operation.method != "POST" || !exchange.response.is_success() {
        return None;
    }
    let name = last_parameter(operation)?;
    let kind = kind_of_parameter(record.suite, operation, name)?;
    Some((kind, exchange.params.get(name)?.clone()))
}

/// The ids of objects in which a request may have put other contents than they had: what its path names last before an action such as
/// `restore`, and what its body names. What was made or removed within them may be gone or back.
pub(super) fn acted_on(record: &Record<'_>, index: usize) -> Vec<String> {
    let exchange = &record.exchanges[index];
    let Some(operation) = record.operation(exchange) else { return Vec::new() };
    let status = exchange.response.status;
    let is_at_its_path = |other: &&Operation| other.path == operation.path;
    let is_action = operation.method == "POST"
        && record.suite.operations.values().filter(is_at_its_path).all(|other| other.method == "POST");
    // A failure does not say that nothing was done.
    if !is_action || (300..500).contains(&status) {
        return Vec::new();
    }
    let mut named: Vec<String> =
        last_parameter(operation).and_then(|name| exchange.params.get(name)).into_iter().cloned().collect();
    let body = exchange.request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let members = body.as_ref().and_then(Value::as_object).into_iter().flat_map(|members| members.values());
    named.extend(members.filter_map(Value::as_str).map(str::to_owned));
    named
}

/// The path parameter that a path names last: `POST /projects/{project_id}/recover` is about a project.
fn last_parameter(operation: &Operation) -> Option<&str> {
    operation.path.rsplit('/').find_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The object a successful request removed: the one its path names, or else the one its answer shows.
pub(super) fn deleted(record: &Record<'_>, index: usize) -> Option<Identity> {
    let exchange = &record.exchanges[index];
    let operation = record.operation(exchange)?;
    if operation.method != "DELETE" || !exchange.response.is_success() {
        return None;
    }
    asked(record, exchange).or_else(|| {
        let (collection, _) = operation.path.rsplit_once('/')?;
        let kind = kind_listed_at(record.suite, collection)?;
        shallowest(record, index, &kind).map(|sighting| (kind.clone(), sighting.id.clone()))
    })
}

/// The kind of object that a path lists.
fn kind_listed_at(suite: &Suite, path: &str) -> Option<String> {
    let list = suite.operations.values().find(|list| list.path == path && list.method == "GET")?;
    listed(suite, list).map(|(kind, _)| kind.clone())
}

pub(super) fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}
