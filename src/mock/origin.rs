//! Pages of other sites are kept out: a browser on this machine reaches the mock, and so would they.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses what a page of another origin sends.
pub(super) async fn same_origin(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        return (StatusCode::FORBIDDEN, "a page of another origin asks for this\n").into_response();
    }
    next.run(request).await
}

/// `Origin`, where there is one, names the host that is asked (RFC 6454 §7).
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    headers.contains_key(header::ORIGIN) && (host != text(header::HOST) || !host.is_some_and(is_own))
}

/// Whether a host is told by its address or as this machine: another name may lead here today and elsewhere tomorrow, so that a
/// page of that name would be let in (DNS rebinding).
fn is_own(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn a_name_that_may_lead_elsewhere_is_not_ones_own() {
        for host in ["127.0.0.1:8080", "localhost:80", "localhost", "[::1]:8080", "192.168.0.7"] {
            assert!(is_own(host), "{host}");
        }
        for host in ["evil.example:8080", "evil.example", "127.0.0.1.evil.example"] {
            assert!(!is_own(host), "{host}");
        }
    }

    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, false)]
    #[case(Some("http://127.0.0.1:8080"), false)]
    #[case(Some("http://127.0.0.1:8081"), true)]
    #[case(Some("https://example.com"), true)]
    #[case(Some("null"), true)]
    fn only_the_own_origin_is_let_in(#[case] origin: Option<&'static str>, #[case] expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        assert_eq!(is_foreign(&headers), expected);
    }
}
