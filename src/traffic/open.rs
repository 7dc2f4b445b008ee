//! A request that has not been answered yet.

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::passed::{Missed, Passed};
use crate::exchange::{Request, Response};

/// Headers of a request that say nothing about what it asks for, or that are never told.
const NOT_TOLD: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::ACCEPT_ENCODING,
    header::CONNECTION,
];

/// A request that has not been answered yet. Dropped, it is one whose client did not wait.
pub(crate) struct Open {
    sent: Option<Passed>,
    seen: mpsc::UnboundedSender<Passed>,
}

impl Open {
    /// What was sent at some time, to be told of to `seen` when it is answered.
    pub(crate) fn new(
        began: Timestamp,
        head: &Parts,
        body: &Bytes,
        seen: mpsc::UnboundedSender<Passed>,
    ) -> Self {
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let request = Request {
            method: head.method.to_string(),
            target,
            headers: named(&head.headers, &NOT_TOLD),
            authorization: None,
            body: (!body.is_empty()).then(|| body.to_vec()),
        };
        let authorization = text(&head.headers, &header::AUTHORIZATION);
        let sent = Passed { began, request, authorization, response: Err(Missed::Abandoned) };
        Self { sent: Some(sent), seen }
    }

    pub(crate) fn method(&self) -> &str {
        self.sent.as_ref().map_or("", |sent| &sent.request.method)
    }

    /// When it was sent; none where it is answered.
    pub(crate) fn began(&self) -> Option<Timestamp> {
        self.sent.as_ref().map(|sent| sent.began)
    }

    /// It is answered.
    pub(crate) fn close(&mut self, response: Result<Response, Missed>) {
        let Some(mut sent) = self.sent.take() else { return };
        sent.response = response;
        // Nobody listens any more where the run has ended.
        let _ = self.seen.send(sent);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close(Err(Missed::Abandoned));
    }
}

/// The value of a header as text.
pub(crate) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// All headers but these, as text.
pub(crate) fn named(headers: &HeaderMap, except: &[HeaderName]) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| !except.contains(name))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
