//! Headers that authenticate or carry a session, in requests and in answers: the one list of them.

use std::ops::Range;

/// Their names, where no word in them tells.
const NAMES: [&str; 19] = [
    "api-key",
    "apikey",
    "authentication-info",
    "authorization",
    "dpop",
    "jwt",
    "neon-connection-string",
    "ocp-apim-subscription-key",
    "private-key",
    "proxy-authentication-info",
    "proxy-authorization",
    "sec-websocket-key",
    "x-access-key",
    "x-api-key",
    "x-apikey",
    "x-auth",
    "x-auth-key",
    "x-functions-key",
    "x-jwt",
];

/// Words that make a name that of a secret.
const WORDS: [&str; 22] = [
    "assertion",
    "authtoken",
    "cookie",
    "cookie2",
    "credential",
    "csrf",
    "csrftoken",
    "nonce",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "token",
    "xcsrf",
    "xsrf",
    "xsrftoken",
];

/// Names of which one of these is the last part are those of secrets.
const ENDINGS: [&str; 4] = ["api-key", "access-key", "secret-key", "auth-key"];

/// Cookies in which the API's console keeps who has signed in.
const SESSIONS: [&str; 2] = ["keycloak_token", "zenith"];

/// The schemes of an `Authorization` header that a token may follow, in lower case.
const SCHEMES: [&str; 8] = ["apikey", "basic", "bearer", "digest", "dpop", "hmac", "negotiate", "token"];

/// A value that is masked wherever it stands has as many characters; one of letters alone, or of a cookie that may be of anything, more.
const SHORT: usize = 8;
const LONG: usize = 12;

/// Whether a header, a parameter or a member of this name authenticates or carries a session.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase().replace(['_', '.'], "-");
    let has_word = |word: &str| name.split('-').any(|part| part == word);
    // Where a page begins is no secret.
    NAMES.contains(&name.as_str())
        || ENDINGS.iter().any(|ending| {
            name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('-'))
        })
        || (WORDS.iter().any(|word| has_word(word))
            && !["page", "next", "continuation"].iter().any(|word| has_word(word)))
}

/// Whether a header that [`is_secret`] lets nobody in by itself: a proof that a page of one's own sends the request, or what is used once.
pub(crate) fn is_no_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["csrf", "xsrf", "nonce", "sec-websocket-key"].iter().any(|word| name.contains(word))
}

/// Whether a `Cookie` header carries a session, as far as the names of its cookies tell.
pub(crate) fn has_session(value: &str) -> bool {
    value.split(';').filter_map(|cookie| cookie.split_once('=')).any(|(name, _)| {
        let name = name.trim();
        (is_secret(name) && !is_no_key(name)) || SESSIONS.contains(&name.to_ascii_lowercase().as_str())
    })
}

/// The value of a header with something else in the place of each secret in it; as it is, where the header is none of these.
pub(crate) fn hide(name: &str, value: &str, mut shown: impl FnMut(&str) -> String) -> String {
    if !is_secret(name) {
        return value.to_owned();
    }
    let mut hidden = String::with_capacity(value.len());
    let mut end = 0;
    for part in parts(name, value) {
        hidden.push_str(&value[end..part.start]);
        hidden.push_str(&shown(&value[part.clone()]));
        end = part.end;
    }
    hidden + &value[end..]
}

/// What is secret in the header of a name that [`is_secret`], as far as it can be told from ordinary words elsewhere.
pub(crate) fn tokens<'v>(name: &'v str, value: &'v str) -> impl Iterator<Item = &'v str> {
    let is_cookie = is_cookie(name) || is_set_cookie(name);
    let is_token = move |part: &Range<usize>| {
        let text = &value[part.clone()];
        let cookie =
            value[..part.start].trim_end_matches(['=', '"']).rsplit([';', ' ']).next().unwrap_or_default();
        let may_be_anything =
            is_cookie && !is_secret(cookie) && !SESSIONS.contains(&cookie.to_ascii_lowercase().as_str());
        if may_be_anything {
            text.len() >= LONG && text.bytes().any(|byte| byte.is_ascii_digit())
        } else {
            text.len() >= LONG
                || (text.len() >= SHORT && text.bytes().any(|byte| !byte.is_ascii_alphabetic()))
        }
    };
    let parts = if is_secret(name) { parts(name, value) } else { Vec::new() };
    parts.into_iter().filter(is_token).map(|part| &value[part])
}

fn is_cookie(name: &str) -> bool {
    ["cookie", "cookie2"].iter().any(|cookie| name.eq_ignore_ascii_case(cookie))
}

fn is_set_cookie(name: &str) -> bool {
    ["set-cookie", "set-cookie2"].iter().any(|cookie| name.eq_ignore_ascii_case(cookie))
}

/// Where in the value of such a header its secrets stand: neither the names of cookies nor a scheme is one.
fn parts(name: &str, value: &str) -> Vec<Range<usize>> {
    let after_name = |part: Range<usize>| {
        let name = value[part.clone()].find('=').map_or(0, |equals| equals + 1);
        trimmed(value, part.start + name..part.end, &[' ', '\t', '"'])
    };
    let parts = if is_cookie(name) {
        separated(value, ';').map(after_name).collect()
    } else if is_set_cookie(name) {
        // What follows says how long and for whom.
        separated(value, ';').take(1).map(after_name).collect()
    } else {
        let whole = trimmed(value, 0..value.len(), &[' ', '\t']);
        let text = &value[whole.clone()];
        let scheme = text.find([' ', '\t']).unwrap_or(text.len());
        let is_scheme = SCHEMES.contains(&text[..scheme].to_ascii_lowercase().as_str());
        let start = if is_scheme { whole.start + scheme } else { whole.start };
        vec![trimmed(value, start..whole.end, &[' ', '\t'])]
    };
    let mut parts: Vec<Range<usize>> = parts;
    parts.retain(|part| !part.is_empty());
    parts
}

/// The parts of a text between separators.
fn separated(text: &str, separator: char) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split(separator).map(move |part| {
        let range = start..start + part.len();
        start = range.end + separator.len_utf8();
        range
    })
}

/// A part of a text without these characters around it.
fn trimmed(text: &str, part: Range<usize>, around: &[char]) -> Range<usize> {
    let inner = &text[part.clone()];
    let from_start = inner.trim_start_matches(around);
    let start = part.start + inner.len() - from_start.len();
    start..start + from_start.trim_end_matches(around).len()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::authorization("Authorization", true)]
    #[case::of_a_proxy("Proxy-Authorization", true)]
    #[case::cookie("Cookie", true)]
    #[case::set_cookie("set-cookie", true)]
    #[case::csrf("X-Csrf-Token", true)]
    #[case::csrf_of_django("X-CSRFToken", true)]
    #[case::xsrf("X-XSRF-TOKEN", true)]
    #[case::api_key("x-api-key", true)]
    #[case::auth_token("X-Auth-Token", true)]
    #[case::of_amazon("x-amz-security-token", true)]
    #[case::session("X-Session-Id", true)]
    #[case::of_cloudflare("Cf-Access-Client-Secret", true)]
    #[case::of_the_driver("Neon-Connection-String", true)]
    #[case::a_parameter("access_token", true)]
    #[case::a_signature("X-Hub-Signature-256", true)]
    #[case::a_signed_url("X-Amz-Signature", true)]
    #[case::a_short_signature("sig", true)]
    #[case::used_once("X-Nonce", true)]
    #[case::of_a_socket("Sec-WebSocket-Key", true)]
    #[case::what_is_signed("X-Amz-SignedHeaders", false)]
    #[case::an_algorithm("X-Amz-Algorithm", false)]
    #[case::challenge("www-authenticate", false)]
    #[case::accept("accept", false)]
    #[case::request_id("x-neon-ret-request-id", false)]
    #[case::idempotency("idempotency-key", false)]
    #[case::limit("x-ratelimit-tokens", false)]
    #[case::cross_origin("access-control-allow-credentials", false)]
    #[case::of_a_name("key_name", false)]
    #[case::of_a_member("jwt_audience", false)]
    #[case::of_a_page("next_page_token", false)]
    fn a_header_is_told_by_its_name(#[case] name: &str, #[case] expected: bool) {
        assert_eq!(is_secret(name), expected);
    }

    #[rstest]
    #[case("authorization", "Bearer abc", "Bearer *")]
    #[case("authorization", "bEARER", "bEARER")]
    #[case("authorization", "Bearer ", "Bearer ")]
    #[case("authorization", "abc def", "*")]
    #[case("proxy-authorization", "Basic YTpi", "Basic *")]
    #[case("cookie", "zenith=abc; theme=\"dark\";x;a=", "zenith=*; theme=\"*\";*;a=")]
    #[case("set-cookie", "zenith=abc; Path=/; HttpOnly", "zenith=*; Path=/; HttpOnly")]
    #[case("x-api-key", " abc ", " * ")]
    #[case("x-api-key", "", "")]
    #[case("accept", "abc", "abc")]
    fn what_is_secret_in_a_value_is_hidden(#[case] name: &str, #[case] value: &str, #[case] expected: &str) {
        assert_eq!(hide(name, value, |_| "*".to_owned()), expected);
    }

    #[rstest]
    #[case::of_the_api("cookie", "zenith=secretcookievalue; keycloak_token=0123456a", &["secretcookievalue", "0123456a"])]
    #[case::of_anything("cookie", "zone=Europe/Berlin; ga=GA1.2.345.678; lang=en-US-12", &["GA1.2.345.678"])]
    #[case::that_ends("set-cookie", "zenith=deleted; Max-Age=0", &[])]
    #[case::a_word("x-auth-token", "anonymous", &[])]
    #[case::a_token("x-csrf-token", "secretcsrfvalue1", &["secretcsrfvalue1"])]
    #[case::no_such_header("x-request-id", "0123456789abcdef", &[])]
    fn ordinary_words_are_no_tokens(#[case] name: &str, #[case] value: &str, #[case] expected: &[&str]) {
        assert_eq!(tokens(name, value).collect::<Vec<_>>(), expected);
    }
}
