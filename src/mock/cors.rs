//! Pages of other origins, which a browser only lets use the API where the API allows it (the Fetch standard, CORS).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

/// Where the API is.
const API: &str = "/api/";

/// The methods of the API.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// The headers that clients of the API send. A browser takes `*` for everything but `Authorization`.
const HEADERS: &str = "authorization, content-type, x-request-id";

/// The headers of answers that a page may read, beside those that it always may.
const EXPOSED: HeaderValue = HeaderValue::from_static("allow, retry-after, x-neon-ret-request-id");

/// How long a browser keeps what it was allowed, in seconds.
const KEPT: HeaderValue = HeaderValue::from_static("600");

/// Pages that may use the API: of an origin such as `http://localhost:5173`, or of any (`*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOrigin(HeaderValue);

/// No origin is written so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a scheme, a host and a port, such as http://localhost:5173, or * for any origin")]
pub struct UnknownOrigin;

impl FromStr for PageOrigin {
    type Err = UnknownOrigin;

    fn from_str(text: &str) -> Result<Self, UnknownOrigin> {
        let is_origin = |text: &str| {
            let url = Url::parse(text).ok();
            url.is_some_and(|url| url.has_host() && url.origin().ascii_serialization() == text)
        };
        if text != "*" && text != "null" && !is_origin(text) {
            return Err(UnknownOrigin);
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| UnknownOrigin)
    }
}

impl fmt::Display for PageOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// The pages that may use the API.
#[derive(Debug, Clone)]
pub(super) struct Pages(Arc<[PageOrigin]>);

impl Pages {
    /// None, where there are none.
    pub(super) fn of(origins: Vec<PageOrigin>) -> Option<Self> {
        (!origins.is_empty()).then(|| Self(origins.into()))
    }

    /// What a page is told of the origins that may ask; `None` where it may not.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let allowed = self.0.iter().find(|PageOrigin(known)| known == "*" || known == origin)?;
        Some(allowed.0.clone())
    }
}

/// Answers what a browser asks before a request of a page (a preflight), which bears no key, and lets the page read the answers.
pub(super) async fn let_pages_ask(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(API) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let allowed = pages.allowed(headers);
    let is_preflight =
        request.method() == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &allowed {
        Some(_) if is_preflight => preflight(headers),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

/// What a page may do: all that a client may.
fn preflight(asked: &HeaderMap) -> Response {
    let mut names = HEADERS.to_owned();
    let asked = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(|names| names.to_str().ok());
    for name in asked.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !names.split(", ").any(|known| known.eq_ignore_ascii_case(name)) {
            names.push_str(", ");
            names.push_str(name);
        }
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, KEPT);
    if let Ok(names) = HeaderValue::try_from(names) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    response
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://localhost:5173", true)]
    #[case("https://app.example.com", true)]
    #[case("http://[::1]:3000", true)]
    #[case("*", true)]
    #[case("null", true)]
    #[case("http://localhost:5173/", false)]
    #[case("http://localhost:80", false)]
    #[case("https://app.example.com/path", false)]
    #[case("localhost:5173", false)]
    #[case("app.example.com", false)]
    #[case("", false)]
    fn an_origin_is_written_as_browsers_send_it(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(text.parse::<PageOrigin>().is_ok(), expected);
    }
}
