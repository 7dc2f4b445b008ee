//! The general error: what every 4xx answers (ERR-SHAPE).

use axum::http::StatusCode;

/// A request that was not done, and what the answer says.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The methods a resource has, where the request's is none of them (RFC 9110 §15.5.6).
    pub(super) allow: Option<String>,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: "", message: message.into(), allow: None }
    }

    /// 401, in the service's own words, whatever the reason (AUTH-UNIFORM).
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "supplied credentials do not pass authentication")
    }

    /// 403.
    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "this is forbidden")
    }

    /// 404 for an object.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found: {id}"))
    }

    /// 404 for a path that no operation has.
    pub(super) fn no_such_path(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("the path {path} does not exist"))
    }

    /// 405, with the methods that the path has.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "the path does not have this method")
        }
    }

    /// 413.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the request body is too large")
    }

    /// 400 for a body, in the form the service was seen to use.
    pub(super) fn body(detail: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("invalid request: decode application/json: {detail}"))
    }

    /// 400 for a parameter.
    pub(super) fn parameter(name: &str, detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("invalid request: decode params: {name} ({detail})"))
    }

    /// 500, which only a fault asks for.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong")
    }
}
