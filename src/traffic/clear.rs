//! Where a recording shows how a request was authenticated, and where that was put out.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::observer::{Trust, bearer};
use crate::secret::headers;
use crate::secret::placeholder::{is_token, stands_for_secret};

/// What of a request says how it was authenticated.
#[derive(Debug)]
pub(super) struct Shown<'e> {
    pub(super) origin: &'e str,
    /// The headers, and the cookies that stand beside them.
    pub(super) headers: &'e [(String, String)],
    /// The URL names a user, or a secret.
    pub(super) url_authenticates: bool,
    /// The answer came out of a cache.
    pub(super) is_cached: bool,
}

/// What the recorder kept, by origin.
#[derive(Debug, Default)]
pub(super) struct Kept {
    keys: BTreeSet<String>,
    cookies: BTreeSet<String>,
}

impl Shown<'_> {
    fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let is_it = move |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
        self.headers.iter().filter(is_it).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Whether something else than `Authorization` or a cookie may have let it in.
    fn has_another_key(&self) -> bool {
        let is_key = |(name, _): &(String, String)| {
            let is_other = !["authorization", "cookie", "proxy-authorization"]
                .iter()
                .any(|other| name.eq_ignore_ascii_case(other));
            is_other && headers::is_secret(name) && !headers::is_no_key(name)
        };
        self.url_authenticates || self.headers.iter().any(is_key)
    }

    /// Whether a session of the console may have let it in: not where a key says who asks.
    fn has_a_session(&self, authorization: &str) -> bool {
        bearer(authorization).is_none() && self.all("cookie").any(headers::has_session)
    }

    /// Whether a browser sent it, which adds cookies that a recorder may not see.
    fn is_of_a_browser(&self) -> bool {
        self.has("sec-fetch-mode") || self.all("user-agent").any(|agent| agent.starts_with("Mozilla/"))
    }
}

impl Kept {
    /// Takes note of what is kept of a request.
    pub(super) fn see(&mut self, shown: &Shown<'_>) {
        if shown.all("authorization").any(is_clear) {
            self.keys.insert(shown.origin.to_owned());
        }
        if shown.all("cookie").any(|cookie| !cookie.is_empty() && !stands_for_secret(cookie)) {
            self.cookies.insert(shown.origin.to_owned());
        }
    }

    /// How far what a request shows can be believed. That a header is missing tells only where others have it.
    pub(super) fn trust(&self, shown: &Shown<'_>) -> Trust {
        let mut authorization = shown.all("authorization");
        let is_whole = match (authorization.next(), authorization.next()) {
            (Some(header), None) => {
                is_clear(header) && !shown.has_another_key() && !shown.has_a_session(header)
            }
            (Some(_), Some(_)) => false,
            (None, _) => {
                self.keys.contains(shown.origin)
                    && !shown.has_another_key()
                    && !shown.has("cookie")
                    && (!shown.is_of_a_browser() || self.cookies.contains(shown.origin))
            }
        };
        if is_whole && !shown.is_cached { Trust::Whole } else { Trust::Redacted }
    }
}

/// Whether a header holds the key itself.
fn is_clear(header: &str) -> bool {
    let header = header.trim();
    if let Some(token) = bearer(header) {
        return is_token(token);
    }
    match header.split_once(' ') {
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
            let pair = STANDARD.decode(pair.trim()).ok().and_then(|pair| String::from_utf8(pair).ok());
            pair.is_some_and(|pair| pair.contains(':') && pair.len() > 2 && !stands_for_secret(&pair))
        }
        Some((_, token)) => is_token(token.trim()),
        None => is_token(header),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const KEY: &str = "authorization: Bearer napi_0123456789abcdef";

    fn shown(headers: &[&str]) -> Vec<(String, String)> {
        let pair = |header: &&str| header.split_once(": ").map(|(name, value)| (name.into(), value.into()));
        headers.iter().filter_map(pair).collect()
    }

    fn of<'e>(origin: &'e str, headers: &'e [(String, String)]) -> Shown<'e> {
        Shown { origin, headers, url_authenticates: false, is_cached: false }
    }

    #[rstest]
    #[case::a_key(&[KEY], Trust::Whole)]
    #[case::put_out(&["authorization: Bearer redacted-1"], Trust::Redacted)]
    #[case::emptied(&["authorization: Bearer "], Trust::Redacted)]
    #[case::stars(&["authorization: ***"], Trust::Redacted)]
    #[case::basic(&["authorization: Basic bWU6bmFwaV8wMTIz"], Trust::Whole)]
    #[case::basic_put_out(&["authorization: Basic UkVEQUNURUQ="], Trust::Redacted)]
    #[case::no_scheme(&["authorization: napi_0123456789abcdef"], Trust::Whole)]
    #[case::a_session_as_well(&[KEY, "cookie: zenith=0123456789"], Trust::Whole)]
    #[case::a_session_beside_another_scheme(
        &["authorization: Basic bWU6bmFwaV8wMTIz", "cookie: zenith=0123456789"],
        Trust::Redacted
    )]
    #[case::a_number_used_once(&[KEY, "x-nonce: 0123456789ab", "sec-websocket-key: 0123456789ab"], Trust::Whole)]
    #[case::a_cookie_of_anything(&[KEY, "cookie: theme=dark"], Trust::Whole)]
    #[case::an_api_key_as_well(&[KEY, "x-api-key: 0123456789ab"], Trust::Redacted)]
    #[case::missing(&["accept: */*"], Trust::Whole)]
    #[case::missing_with_a_cookie(&["cookie: a=b"], Trust::Redacted)]
    #[case::missing_in_a_browser(&["user-agent: Mozilla/5.0"], Trust::Redacted)]
    fn beside_a_key_in_clear(#[case] headers: &[&str], #[case] expected: Trust) {
        let mut kept = Kept::default();
        kept.see(&of("https://a", &shown(&[KEY])));
        assert_eq!(kept.trust(&of("https://a", &shown(headers))), expected);
    }

    #[test]
    fn a_missing_header_tells_nothing_where_none_has_one() {
        let mut kept = Kept::default();
        let (key, none) = (shown(&[KEY]), shown(&["accept: */*"]));
        kept.see(&of("https://a", &none));
        kept.see(&of("https://b", &key));
        assert_eq!(kept.trust(&of("https://a", &none)), Trust::Redacted);
        assert_eq!(kept.trust(&of("https://b", &none)), Trust::Whole);
        let cached = Shown { is_cached: true, ..of("https://b", &none) };
        assert_eq!(kept.trust(&cached), Trust::Redacted);
    }

    #[test]
    fn a_browser_whose_cookies_are_kept_shows_that_none_was_sent() {
        let mut kept = Kept::default();
        kept.see(&of("https://a", &shown(&[KEY, "cookie: a=b"])));
        assert_eq!(kept.trust(&of("https://a", &shown(&["user-agent: Mozilla/5.0"]))), Trust::Whole);
    }
}
