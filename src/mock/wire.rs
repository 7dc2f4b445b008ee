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
    /// A string is the body itself, and no JSON.
    is_text: bool,
}

impl Message {
    /// What an operation answered, or why it did not.
    pub(super) fn new(outcome: Result<Reply, ApiError>, told_id: &str, id: Uuid) -> Self {
        let mut headers = HeaderMap::new();
        let mut media = None;
        let (status, body) = match outcome {
            Ok(reply) => {
                media = reply.media;
                (reply.status, reply.body)
            }
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
        let is_text =
            media.as_ref().is_some_and(|media| !String::from_utf8_lossy(media.as_bytes()).contains("json"));
        if body.is_some() {
            let usual = || HeaderValue::from_static("application/json; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, media.unwrap_or_else(usual));
        }
        if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())) {
            headers.insert(REQUEST_ID, id);
        }
        Self { status, headers, body, is_text }
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
        match self.body {
            Some(Value::String(text)) if self.is_text => bytes = text.into_bytes(),
            Some(body) => {
                bytes.reserve(USUAL_LENGTH);
                // A value can always be written.
                let _ = serde_json::to_writer(&mut bytes, &body);
            }
            None => {}
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
