//! What is served over HTTP, on the port of the API and, over TLS, on that of the endpoints.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use super::gate::Gate;
use super::{sql_over_http, websocket};

/// The largest request, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;

/// What a page of any origin may do: without a password of a role it gets nowhere.
const ALLOWED: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "*, authorization"),
    (header::ACCESS_CONTROL_MAX_AGE, "86400"),
];

/// Queries and sessions.
pub(super) fn router(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/sql", post(sql_over_http::answer))
        .route("/v2", get(websocket::answer))
        .layer(middleware::from_fn(allow_pages))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(gate)
}

/// Lets pages of other origins ask, as drivers in browsers do.
async fn allow_pages(request: Request, next: Next) -> Response {
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in ALLOWED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
