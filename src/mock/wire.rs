//! Answers as they go over the wire: status, headers, bytes.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::fault::{Asked, Faults};
use super::handlers::Reply;

/// The header in which the service tells a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-neon-ret-request-id");

/// Most bodies are no longer, in bytes.
const USUAL_LENGTH: usize = 4096;

/// An answer before it becomes bytes.
pub(super) struct Message {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// None: there is no body, and so no content type either. Clients that find one try to read it.
    pub(super) body: Option<Value>,
}

impl Message {
    /// What an operation answered, or why it did not.
    pub(super) fn new(outcome: Result<Reply, ApiError>, told_id: &str, id: Uuid) -> Self {
        let mut headers = HeaderMap::new();
        let (status, body) = match outcome {
            Ok(Reply { status, body }) => (status, body),
            Err(error) => {
                if let Some(seconds) = error.retry_after {
                    headers.insert(header::RETRY_AFTER, seconds.into());
                }
                if let Some(Ok(allow)) = error.allow.as_deref().map(HeaderValue::from_str) {
                    headers.insert(header::ALLOW, allow);
                }
                (error.status, Some(error_body(&error, told_id)))
            }
        };
        if body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())) {
            headers.insert(REQUEST_ID, id);
        }
        Self { status, headers, body }
    }

    /// The headers and the body, as they are written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let body = self.body.map(|body| body.to_string()).unwrap_or_default();
        let mut bytes = format!("content-length: {}\r\n", body.len()).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        bytes.extend([b"\r\n", body.as_bytes()].concat());
        bytes
    }

    pub(super) fn into_response(self, asked: &Asked<'_>, faults: &Faults) -> Response {
        let mut bytes = Vec::new();
        if let Some(body) = self.body {
            bytes.reserve(USUAL_LENGTH);
            // A value can always be written.
            let _ = serde_json::to_writer(&mut bytes, &body);
        }
        let is_watched = !faults.is_empty() || asked.chosen().is_some();
        let spoilt = is_watched.then(|| String::from_utf8_lossy(&bytes).into_owned());
        let mut response = Response::new(Body::from(bytes));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        match spoilt {
            Some(text) => faults.spoil(asked, response, &text),
            None => response,
        }
    }
}

/// The general error (ERR-SHAPE).
pub(super) fn error_body(error: &ApiError, told_id: &str) -> Value {
    let mut body = json!({ "request_id": told_id, "code": error.code, "message": error.message });
    if let Some((name, value)) = error.more.as_deref() {
        body[*name] = value.clone();
    }
    body
}
