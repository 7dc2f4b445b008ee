//! The journal: what was asked and answered lately, with its secrets masked.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::error::ApiError;
use super::fault::{Chosen, Moment};
use super::handlers::Reply;
use super::router::{self, NearMiss};
use super::wire::error_body;
use crate::secret::MASK;
use crate::sync::lock;

/// So many requests are remembered.
const LENGTH: usize = 1000;

/// The longest body that is remembered, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// Headers that are secret as a whole.
const SECRET_HEADERS: [header::HeaderName; 3] =
    [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE];

/// How the secrets of this API begin.
const SECRET_PREFIXES: [&str; 4] = ["napi_", "npg_", "ssk_", "ptc_"];

/// What is secret in a body by its name, whoever has made it up.
const SECRET_MEMBERS: [&str; 2] = ["client_secret", "password"];

/// A request to the API and its answer. Tokens and passwords are masked.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counted from 1, since the start, the last reset, or the last time the journal was emptied.
    pub number: u64,
    /// When it came, in the mock's time.
    #[serde(serialize_with = "to_text")]
    pub at: Timestamp,
    /// From where: `127.0.0.1:50312`.
    pub peer: SocketAddr,
    /// The request's method.
    pub method: String,
    /// The request's path.
    pub path: String,
    /// The request's query, as it was sent; empty where there was none.
    pub query: String,
    /// The operation of the API that it is.
    pub operation: Option<Cow<'static, str>>,
    /// Whether the answer was generated from a contract, because the mock does not know the operation.
    pub generated: bool,
    /// The user or organization whose key was sent.
    pub account: Option<String>,
    /// The answer's status; 0 where the connection was reset before there was one.
    pub status: u16,
    /// How long the mock worked on the answer, in milliseconds; without what it waited because of a rule or the latency.
    pub milliseconds: f64,
    /// The rule that has answered, by its number.
    pub rule: Option<usize>,
    /// The request's headers.
    pub request_headers: BTreeMap<String, String>,
    /// The request's body; as a text, where it is not JSON.
    pub request_body: Option<Value>,
    /// The answer's body, before a fault has altered or spoilt it.
    pub response_body: Option<Value>,
    /// Where the request is no operation: the one that is most like it.
    pub nearest: Option<NearMiss>,
}

/// What is told of every request.
pub(super) type Observer = Arc<dyn Fn(&JournalEntry) + Send + Sync>;

/// The last requests.
pub(super) struct Journal {
    entries: Mutex<Entries>,
    observer: Option<Observer>,
}

#[derive(Default)]
struct Entries {
    last: VecDeque<Arc<JournalEntry>>,
    count: u64,
}

/// What there is to say of a request.
pub(super) struct Seen<'a> {
    pub(super) now: Timestamp,
    pub(super) peer: SocketAddr,
    pub(super) parts: &'a Parts,
    pub(super) body: Option<&'a Bytes>,
    pub(super) user: Option<String>,
    pub(super) outcome: &'a Result<Reply, ApiError>,
    /// The operation of a contract that is answered by its schemas.
    pub(super) generated: Option<&'a str>,
    /// The rule that has answered.
    pub(super) chosen: Option<&'a Chosen>,
    pub(super) told_id: &'a str,
    pub(super) took: Duration,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journal(…)")
    }
}

impl Journal {
    pub(super) fn new(observer: Option<Observer>) -> Self {
        Self { entries: Mutex::default(), observer }
    }

    pub(super) fn record(&self, seen: Seen<'_>) {
        let mask = Mask::of(seen.parts);
        let Parts { method, uri, headers, .. } = seen.parts;
        let found = router::find(method, uri.path());
        let is_reset = seen.chosen.and_then(Chosen::reset) == Some(Moment::Before);
        let (status, response_body) = match seen.outcome {
            _ if is_reset => (0, None),
            Ok(reply) => (reply.status.as_u16(), reply.body.clone()),
            Err(error) => (error.status.as_u16(), Some(error_body(error, seen.told_id))),
        };
        let request_headers = headers
            .iter()
            .map(|(name, value)| {
                let is_secret = SECRET_HEADERS.contains(name);
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.to_string(), if is_secret { MASK.to_owned() } else { mask.text(&value) })
            })
            .collect();
        let path = mask.text(uri.path());
        let mut entry = JournalEntry {
            number: 0,
            at: seen.now,
            peer: seen.peer,
            method: method.to_string(),
            query: mask.text(uri.query().unwrap_or_default()),
            operation: match seen.generated {
                Some(operation) => Some(operation.to_owned().into()),
                None => found.as_ref().ok().map(|(route, _)| route.operation().into()),
            },
            generated: seen.generated.is_some(),
            account: seen.user,
            status,
            rule: seen.chosen.map(|chosen| chosen.number),
            milliseconds: seen.took.as_secs_f64() * 1000.0,
            request_headers,
            request_body: seen.body.and_then(|body| request_body(body)).map(|body| mask.value(body)),
            response_body: response_body.map(|body| mask.value(bounded(body))),
            // Of the masked path: what keeps them apart quotes it.
            nearest: (found.is_err() && seen.generated.is_none())
                .then(|| router::nearest(method, &path))
                .flatten(),
            path,
        };
        let mut entries = lock(&self.entries);
        entries.count += 1;
        entry.number = entries.count;
        let entry = Arc::new(entry);
        if entries.last.len() == LENGTH {
            entries.last.pop_front();
        }
        entries.last.push_back(entry.clone());
        drop(entries);
        if let Some(observer) = &self.observer {
            observer(&entry);
        }
    }

    /// The last requests, oldest first.
    pub(super) fn entries(&self) -> Vec<Arc<JournalEntry>> {
        lock(&self.entries).last.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        *lock(&self.entries) = Entries::default();
    }
}

/// A body as it is remembered; `None` where there is none.
fn request_body(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        None
    } else if body.len() > LONGEST_BODY {
        Some(Value::String(format!("({} bytes)", body.len())))
    } else {
        let text = || Value::String(String::from_utf8_lossy(body).into_owned());
        Some(serde_json::from_slice(body).unwrap_or_else(|_| text()))
    }
}

/// A body that is not too long to be remembered, or how long it is.
fn bounded(body: Value) -> Value {
    let length = body.to_string().len();
    if length > LONGEST_BODY { Value::String(format!("({length} bytes)")) } else { body }
}

/// Masks what looks like a secret of this API, and the token that came with a request, whatever it looks like.
struct Mask<'a> {
    token: Option<&'a str>,
}

impl<'a> Mask<'a> {
    fn of(parts: &'a Parts) -> Self {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|header| header.to_str().ok());
        let token = header.map(|header| header.rsplit(' ').next().unwrap_or(header));
        Self { token: token.filter(|token| token.len() >= 6) }
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, member)| (self.text(&name), self.member(&name, member)))
                .collect(),
            other => other,
        }
    }

    fn member(&self, name: &str, value: Value) -> Value {
        if value.is_string() && SECRET_MEMBERS.contains(&name) {
            return Value::String(MASK.to_owned());
        }
        self.value(value)
    }

    fn text(&self, text: &str) -> String {
        let mut masked = match self.token {
            Some(token) => text.replace(token, MASK),
            None => text.to_owned(),
        };
        for prefix in SECRET_PREFIXES {
            masked = without(prefix, &masked);
        }
        masked
    }
}

/// The text with every word that begins with `prefix` masked.
fn without(prefix: &str, text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(prefix) {
        let after = &rest[start + prefix.len()..];
        let end = after.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(after.len());
        masked.push_str(&rest[..start]);
        masked.push_str(MASK);
        rest = &after[end..];
    }
    masked + rest
}

fn to_text<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let mask = Mask { token: Some("my-own-token") };
        let body = json!({
            "key": "napi_abc123",
            "connection_uri": "postgresql://neondb_owner:npg_Ab3x@ep-1.aws.neon.tech/neondb",
            "note": ["it is my-own-token", "napi_"],
            "password": "of a server of mail",
            "client_secret": "of a client",
            "name": "plain",
        });
        assert_eq!(
            mask.value(body),
            json!({
                "key": MASK,
                "connection_uri": "postgresql://neondb_owner:<secret>@ep-1.aws.neon.tech/neondb",
                "note": ["it is <secret>", MASK],
                "password": MASK,
                "client_secret": MASK,
                "name": "plain",
            })
        );
    }

    #[test]
    fn a_body_that_is_not_json_is_remembered_as_a_text() {
        assert_eq!(request_body(b""), None);
        assert_eq!(request_body(b"{\"a\": 1}"), Some(json!({"a": 1})));
        assert_eq!(request_body(b"{"), Some(json!("{")));
        assert_eq!(request_body(&vec![b'a'; LONGEST_BODY + 1]), Some(json!("(65537 bytes)")));
    }
}
