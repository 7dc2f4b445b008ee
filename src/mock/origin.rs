//! Pages of other sites are kept out: a browser on this machine reaches the mock, and so would they.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Who may ask a mock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It listens for this machine only.
    Machine,
    /// It listens for others as well, and they may know it by a name without a dot, as containers do.
    Network,
}

impl Reach {
    /// Of a mock that listens on this address.
    pub(super) fn of(address: IpAddr) -> Self {
        if address.is_loopback() { Self::Machine } else { Self::Network }
    }
}

/// Refuses what asks for another host, and what a page of another origin sends, with any method: what can only be read is not for
/// others either.
pub(super) async fn same_origin(State(reach): State<Reach>, request: Request, next: Next) -> Response {
    let reason = if is_another_host(request.headers(), reach) {
        "this is not the host that is asked for; ask for the mock by its address\n"
    } else if is_foreign(request.headers()) {
        "a page of another origin asks for this\n"
    } else {
        return next.run(request).await;
    };
    (StatusCode::FORBIDDEN, reason).into_response()
}

/// Whether `Host` names another host. A browser always sends it, and a program that sends none is no page.
fn is_another_host(headers: &HeaderMap, reach: Reach) -> bool {
    headers.get_all(header::HOST).iter().any(|host| !host.to_str().is_ok_and(|host| is_own(host, reach)))
}

/// `Origin`, where there is one, names the host that is asked (RFC 6454 §7).
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    headers.contains_key(header::ORIGIN) && (host.is_none() || host != text(header::HOST))
}

/// Whether a host is told by its address or as this machine: another name may lead here today and elsewhere tomorrow, so that a
/// page of that name would be let in (DNS rebinding).
fn is_own(host: &str, reach: Reach) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
        // Nobody can have such a name lead here from elsewhere.
        || reach == Reach::Network && !name.is_empty() && !name.contains(['.', ':'])
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::an_address("127.0.0.1:8080", true, true)]
    #[case::another_address("192.168.0.7", true, true)]
    #[case::an_address_of_version_6("[::1]:8080", true, true)]
    #[case::this_machine("localhost:80", true, true)]
    #[case::without_a_port("LocalHost", true, true)]
    #[case::of_a_container("mock:8080", false, true)]
    #[case::of_a_site("evil.example:8080", false, false)]
    #[case::that_looks_like_an_address("127.0.0.1.evil.example", false, false)]
    #[case::that_looks_like_this_machine("localhost.evil.example", false, false)]
    #[case::nothing("", false, false)]
    fn a_name_that_may_lead_elsewhere_is_not_ones_own(
        #[case] host: &'static str,
        #[case] on_the_machine: bool,
        #[case] on_the_network: bool,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        assert_eq!(is_another_host(&headers, Reach::Machine), !on_the_machine);
        assert_eq!(is_another_host(&headers, Reach::Network), !on_the_network);
    }

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
