//! Answers as they go over the wire: status, headers, bytes.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::fault::{Fault, Faults};
use super::handlers::Reply;

/// The header in which the service tells a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-neon-ret-request-id");

/// What an operation answered, or why it did not.
pub(super) fn response(
    outcome: &Result<Reply, ApiError>,
    told_id: &str,
    id: Uuid,
    faults: &Faults,
) -> Response {
    let mut response = match outcome {
        Ok(Reply { status, body: Some(body) }) => json_response(*status, body, faults),
        // No body, and so no content type either: clients that find one try to read it.
        Ok(Reply { status, body: None }) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = *status;
            response
        }
        Err(error) => error_response(error, told_id, faults),
    };
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The general error (ERR-SHAPE).
pub(super) fn error_body(error: &ApiError, told_id: &str) -> Value {
    json!({ "request_id": told_id, "code": error.code, "message": error.message })
}

fn error_response(error: &ApiError, told_id: &str, faults: &Faults) -> Response {
    if faults.has(Fault::ErrorAsHtml) {
        let mut response = Response::new(Body::from(format!("<h1>{}</h1>", error.status)));
        *response.status_mut() = error.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        return response;
    }
    let mut body = error_body(error, told_id);
    if let (true, Value::Object(members)) = (faults.has(Fault::ErrorWithoutCode), &mut body) {
        members.shift_remove("code");
    }
    let mut response = json_response(error.status, &body, faults);
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(Ok(allow)) = error.allow.as_deref().map(HeaderValue::from_str) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

fn json_response(status: StatusCode, body: &Value, faults: &Faults) -> Response {
    let mut text = body.to_string();
    if faults.has(Fault::RepeatedJsonName) && text.starts_with('{') && text.len() > 2 {
        let members = text[1..].to_owned();
        text = format!("{{{},{members}", &text[1..text.len() - 1]);
    }
    let media_type =
        if faults.has(Fault::WrongContentType) { "text/plain" } else { "application/json; charset=utf-8" };
    let length = text.len();
    let body = if faults.has(Fault::TruncatedBody) {
        let half = Bytes::from(text.into_bytes()).slice(..length / 2);
        let broken = std::io::Error::other("broken off on purpose");
        Body::from_stream(futures::stream::iter([Ok(half), Err(broken)]))
    } else {
        Body::from(text)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if status.is_redirection() {
        headers.insert(header::LOCATION, HeaderValue::from_static("/api/v2/elsewhere"));
    }
    response
}
