//! What was sent, as far as several checks ask for it.

use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::exchange::Exchange;
use crate::json;
use crate::judge::record::Record;

/// The body of a request, where it is JSON.
pub(super) fn body(exchange: &Exchange) -> Option<Value> {
    let body = exchange.request.body.as_deref()?;
    let media_type = header(exchange, "content-type");
    let is_json = media_type.is_none_or(|media_type| media_type.to_ascii_lowercase().contains("json"));
    json::parse(body).ok().filter(|_| is_json).map(|parsed| parsed.value)
}

/// The first header of this name.
pub(super) fn header<'e>(exchange: &'e Exchange, name: &str) -> Option<&'e str> {
    let mut headers = exchange.request.headers.iter();
    headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The key of a request.
pub(super) fn key(exchange: &Exchange) -> Option<&str> {
    exchange.request.authorization.as_ref().map(|authorization| authorization.value.expose_secret())
}

/// When the answer had come; none where none came.
pub(super) fn answered_at(exchange: &Exchange) -> Option<Timestamp> {
    let has_come = exchange.response.status != 0;
    has_come.then(|| exchange.began.checked_add(exchange.response.elapsed).ok()).flatten()
}

/// The last request before the one at `index` that was the same, by its place.
pub(super) fn same_before(record: &Record<'_>, index: usize) -> Option<usize> {
    let this = &record.exchanges[index];
    record.exchanges[..index].iter().rposition(|other| is_same(this, other))
}

/// Whether two requests are the same.
pub(super) fn is_same(one: &Exchange, other: &Exchange) -> bool {
    one.request.method == other.request.method
        && one.request.target == other.request.target
        && one.request.body == other.request.body
        && key(one) == key(other)
}

/// Whether an answer says that the request may be sent again later.
pub(super) fn asks_for_patience(exchange: &Exchange) -> bool {
    matches!(exchange.response.status, 423 | 429 | 503)
}

/// How a finding names an exchange: `POST /api/v2/projects`.
pub(super) fn named(exchange: &Exchange) -> String {
    let path = exchange.request.target.split('?').next().unwrap_or_default();
    format!("{} {path}", exchange.request.method)
}
