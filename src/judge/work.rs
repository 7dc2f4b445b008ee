//! The work that goes on after a response, and whether a later response shows that it has ended.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::record::Record;
use crate::exchange::Exchange;
use crate::json::plain;
use crate::json_path::find;
use crate::spec::Work;
use crate::spec::case::Call;
use crate::spec::template::fill_value;

/// The pieces of work that a response tells of, as the path parameters of the read that shows each.
pub(super) fn begun(record: &Record<'_>, exchange: &Exchange) -> Vec<BTreeMap<String, String>> {
    let (Some(work), Some(body)) = (&record.suite.supply.work, exchange.response.json()) else {
        return Vec::new();
    };
    let pieces = find(&work.begun, body).into_iter();
    let read = |piece: &Value| {
        let scope = Work::scope(piece.clone());
        let filled =
            work.read.params.iter().map(|(name, value)| {
                fill_value(value, &scope).ok().map(|value| (name.clone(), plain(&value)))
            });
        filled.collect()
    };
    pieces.filter_map(read).collect()
}

/// A piece of work as a response shows it.
pub(super) struct Piece {
    /// The path parameters of the read that shows it.
    pub(super) read: BTreeMap<String, String>,
    /// Whether it has ended.
    pub(super) has_ended: bool,
    /// The IDs of what it makes or changes within what is read.
    pub(super) about: Vec<String>,
}

/// The pieces of work that a successful response shows: those that it lists, and the one that was asked for.
pub(super) fn pieces(record: &Record<'_>, exchange: &Exchange) -> Vec<Piece> {
    let (Some(work), Some(body)) = (&record.suite.supply.work, exchange.response.json()) else {
        return Vec::new();
    };
    if !exchange.response.is_success() {
        return Vec::new();
    }
    if matches!(&work.read.call, Call::Operation(read) if exchange.operation.as_ref() == Some(read)) {
        let has_ended = shows_the_end(record, exchange, &exchange.params);
        return vec![Piece { read: exchange.params.clone(), has_ended, about: Vec::new() }];
    }
    let told = find(&work.begun, body);
    let ended = |piece: &Value| {
        let member =
            |subject: &str| subject.trim_start_matches("$.").split('.').next().unwrap_or_default().to_owned();
        work.ended.iter().all(|ended| {
            let read = Value::Object(Map::from_iter([(member(&ended.subject), piece.clone())]));
            ended.matcher.holds_for(&find(&ended.subject, &read))
        })
    };
    let told = told.into_iter().zip(begun(record, exchange));
    told.map(|(piece, read)| Piece { has_ended: ended(piece), about: ids(piece, &read), read }).collect()
}

/// The IDs that a piece of work names, but for those that it is read by.
fn ids(piece: &Value, read: &BTreeMap<String, String>) -> Vec<String> {
    let members = piece.as_object().into_iter().flatten();
    let named = members.filter(|(name, _)| name.ends_with("_id") && !read.contains_key(*name));
    named.filter_map(|(_, id)| id.as_str()).filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// Whether a response shows that a piece of work has ended.
pub(super) fn shows_the_end(
    record: &Record<'_>,
    exchange: &Exchange,
    piece: &BTreeMap<String, String>,
) -> bool {
    let (Some(work), Some(body)) = (&record.suite.supply.work, exchange.response.json()) else {
        return false;
    };
    let Call::Operation(read) = &work.read.call else { return false };
    exchange.operation.as_ref() == Some(read)
        && exchange.params == *piece
        && exchange.response.is_success()
        && work.ended.iter().all(|ended| ended.matcher.holds_for(&find(&ended.subject, body)))
}
