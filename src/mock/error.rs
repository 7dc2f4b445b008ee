//! The general error: what every 4xx answers (ERR-SHAPE).

use axum::http::StatusCode;
use serde_json::Value;

/// A request that was not done, and what the answer says.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The methods a resource has, where the request's is none of them (RFC 9110 §15.5.6).
    pub(super) allow: Option<String>,
    /// After how many seconds to come again (RFC 9110 §10.2.3).
    pub(super) retry_after: Option<i64>,
    /// A member that some errors have beside the general ones.
    pub(super) more: Option<Box<(&'static str, Value)>>,
}

impl ApiError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: "", message: message.into(), allow: None, retry_after: None, more: None }
    }

    /// 401, in the service's own words, whatever the reason (AUTH-UNIFORM).
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "supplied credentials do not pass authentication")
    }

    /// 400 for what no request may be.
    pub(super) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 for what is no request.
    pub(super) fn unreadable() -> Self {
        Self::bad_request("the request line or a header line is malformed")
    }

    /// 501 for a transfer coding that the mock does not know.
    pub(super) fn no_such_coding(coding: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, format!("the transfer coding {coding} is not supported"))
    }

    /// 404 for an object.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found: {id}"))
    }

    /// 404 for a key that is an organization's, where only a user can be meant.
    pub(super) fn not_for_organizations() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not allowed for organization API keys")
    }

    /// 404 for a key that reaches one project only, anywhere else.
    pub(super) fn outside_scope(project: &str) -> Self {
        let message = format!(
            "not allowed to perform actions outside the project this key is scoped to; subject_project_id:\"{project}\""
        );
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 404 for a feature that is off.
    pub(super) fn feature_off(operation: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{operation}: the feature is not enabled"))
    }

    /// 403.
    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 406 for what a plan does not allow, with the reasons under the name that the operation gives them.
    pub(super) fn not_acceptable(message: &str, reasons: &'static str, list: Value) -> Self {
        Self { more: Some(Box::new((reasons, list))), ..Self::new(StatusCode::NOT_ACCEPTABLE, message) }
    }

    /// 406 for a span of time that is not kept.
    pub(super) fn outside_history(message: &str) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, message)
    }

    /// 404 for a service of a branch, with the reason in a word.
    pub(super) fn not_enabled(code: &'static str, reason: &'static str, message: &str) -> Self {
        Self {
            code,
            more: Some(Box::new(("reason", Value::from(reason)))),
            ..Self::new(StatusCode::NOT_FOUND, message)
        }
    }

    /// 409.
    pub(super) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 409 for a name that is taken.
    pub(super) fn exists(what: &str, name: &str) -> Self {
        Self::new(StatusCode::CONFLICT, format!("{what} already exists: {name}"))
    }

    /// 412.
    pub(super) fn precondition(message: &str) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, message)
    }

    /// 422 for what the state of things does not allow.
    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// 423, in the service's own words.
    pub(super) fn locked() -> Self {
        Self::new(
            StatusCode::LOCKED,
            "project already has running conflicting operations, scheduling of new ones is prohibited",
        )
    }

    /// 429.
    pub(super) fn too_many(retry_after: i64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests: the rate limit is exceeded")
        }
    }

    /// 501 for an operation that the mock does not do.
    pub(super) fn not_implemented(operation: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, format!("{operation} is not supported by this mock"))
    }

    /// 501 for an operation of a contract to which no answer can be generated.
    pub(super) fn not_generated(operation: &str, why: &str) -> Self {
        let message =
            format!("{operation} is not supported by this mock, and no answer can be generated: {why}");
        Self::new(StatusCode::NOT_IMPLEMENTED, message)
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

    /// 414.
    pub(super) fn target_too_long() -> Self {
        Self::new(StatusCode::URI_TOO_LONG, "the target of the request is too long")
    }

    /// 431.
    pub(super) fn headers_too_large() -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "the request has too many header lines, or too long ones",
        )
    }

    /// 400 for a body, in the form the service was seen to use.
    pub(super) fn body(detail: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("invalid request: decode application/json: {detail}"))
    }

    /// 400 for a parameter.
    pub(super) fn parameter(name: &str, detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("invalid request: decode params: {name} ({detail})"))
    }

    /// 400 for an account whose projects all are an organization's.
    pub(super) fn without_organization() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "org_id is required: the account works in organizations only")
    }

    /// 500: what was done could not be kept.
    pub(super) fn not_kept(reason: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the change is not on disk: {reason}"))
    }

    /// 500: what real data would have to be like cannot be had.
    pub(super) fn not_done(reason: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the change is undone: {reason}"))
    }

    /// What a rule has answered, in the service's words where they are known.
    pub(super) fn demanded(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::unauthorized(),
            StatusCode::LOCKED => Self::locked(),
            StatusCode::TOO_MANY_REQUESTS => Self { retry_after: None, ..Self::too_many(0) },
            StatusCode::INTERNAL_SERVER_ERROR => Self::internal(),
            other => {
                Self::new(other, other.canonical_reason().unwrap_or("an answer on demand").to_lowercase())
            }
        }
    }

    /// 500, which only a fault asks for.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong")
    }
}
