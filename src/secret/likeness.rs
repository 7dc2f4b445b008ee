//! What looks like a secret, though nobody has said that it is one.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER_PERMISSIVE;
use regex::Regex;

use super::{MASK, is_placeholder};

/// What the tokens and the passwords of the API look like; JSON Web Tokens (RFC 7519), passwords in URLs, and the cookies of its console.
static CERTAIN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?P<a>n(?:api|pg)_[A-Za-z0-9_]{12,})|(?P<b>\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*)|[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/?#@"'<>\\]*:(?P<c>[^\s:/?#@"'<>\\{}$]{6,})@|\b(?:zenith|keycloak_token)=(?P<d>[^;\s"'\\&]{8,})"#,
    )
});

/// What the tokens of others look like, and what follows the name of a scheme.
static LIKELY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(?P<a>[A-Za-z]{2,10}_(?:[a-z]{2,8}_)?[A-Za-z0-9]{20,})|(?i:\b(?:bearer|basic)[ \t]+)(?P<b>[A-Za-z0-9._~+/=-]{8,})",
    )
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("it is a regular expression")
}

/// Where in a text there is what is hardly anything else: tokens of the API and passwords in URLs.
pub(crate) fn certain(text: &str) -> Vec<Range<usize>> {
    groups(&CERTAIN, text).collect()
}

/// The same, and what is most likely a secret: for texts that are shown as they are nowhere else.
pub(crate) fn likely(text: &str) -> Vec<Range<usize>> {
    let is_random = |range: &Range<usize>| {
        let text = &text[range.clone()];
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        digits >= 3 || (text.len() >= 12 && digits >= 1)
    };
    let mut found: Vec<Range<usize>> = groups(&LIKELY, text).filter(is_random).chain(certain(text)).collect();
    found.sort_by_key(|range| range.start);
    found
}

/// So often base64 and digits are undone that are wrapped in each other.
const DEEPEST: usize = 3;

/// Fewer characters of base64 or hexadecimal digits hold no token.
const SHORTEST_WRAPPED: usize = 20;

/// What stands for the unused bits at the end of base64 says nothing.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// What a text holds in base64 or in hexadecimal digits, whatever stands around it, and is [`certain`]ly a secret.
pub(crate) fn wrapped(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    unwrap(text, 0, &mut found);
    found
}

fn unwrap(text: &str, depth: usize, found: &mut BTreeSet<String>) {
    if depth == DEEPEST {
        return;
    }
    let is_of_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    // It may stand in lines.
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let texts = [text, joined.as_str()];
    let runs = texts.iter().take(if joined.len() == text.len() { 1 } else { 2 });
    let runs = runs.flat_map(|text| text.split(|c| !is_of_base64(c)));
    for run in runs.filter(|run| run.len() >= SHORTEST_WRAPPED) {
        for decoded in decoded(run) {
            found.extend(certain(&decoded).into_iter().map(|place| decoded[place].to_owned()));
            unwrap(&decoded, depth + 1, found);
        }
    }
}

/// What characters of base64 stand for, wherever in a group of them the first one is; and digits, wherever in a pair.
fn decoded(run: &str) -> Vec<String> {
    let alphabet = if run.contains(['-', '_']) { alphabet::URL_SAFE } else { alphabet::STANDARD };
    let base64 = GeneralPurpose::new(&alphabet, LENIENT);
    let from_base64 = |start: usize| {
        let group = &run[start..];
        // One character of a group stands for no byte.
        let end = if group.len() % 4 == 1 { group.len() - 1 } else { group.len() };
        base64.decode(&group[..end]).ok()
    };
    let mut decoded: Vec<Vec<u8>> = (0..4).filter_map(from_base64).collect();
    for digits in run.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() >= SHORTEST_WRAPPED) {
        let from_hex = |start: usize| {
            let length = (digits.len() - start) / 2 * 2;
            HEXLOWER_PERMISSIVE.decode(&digits.as_bytes()[start..start + length]).ok()
        };
        decoded.extend((0..2).filter_map(from_hex));
    }
    decoded.into_iter().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// A text with what looks like a secret replaced by [`MASK`].
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for found in likely(text) {
        if found.start >= end {
            masked.push_str(&text[end..found.start]);
            masked.push_str(MASK);
        }
        end = end.max(found.end);
    }
    masked + &text[end..]
}

fn groups<'t>(pattern: &'t Regex, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let group = |found: regex::Captures<'t>| found.iter().skip(1).flatten().map(|group| group.range()).next();
    pattern.captures_iter(text).filter_map(group).filter(|range| !is_placeholder(&text[range.clone()]))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use data_encoding::HEXUPPER;
    use rstest::rstest;

    use super::*;

    const KEY: &str = "napi_0123456789abcdefghij";

    #[rstest]
    #[case::a_key("key: napi_0123456789abcdef.", "key: <secret>.")]
    #[case::a_password("npg_abcDEFghi123", "<secret>")]
    #[case::in_a_url("postgres://me:hunter2hunter2@host/db", "postgres://me:<secret>@host/db")]
    #[case::a_json_web_token(
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
        "<secret>"
    )]
    #[case::a_session("cookie: zenith=0123456789; a=b", "cookie: zenith=<secret>; a=b")]
    #[case::of_another("token: ghp_0123456789abcdefghij", "token: <secret>")]
    #[case::of_another_for_tests("sk_live_0123456789abcdefghijk", "<secret>")]
    #[case::a_header("authorization: Bearer abc123def456", "authorization: Bearer <secret>")]
    #[case::a_basic_header("Basic bWU6aHVudGVyMg==", "Basic <secret>")]
    #[case::some("a napi_0123456789abcdef b napi_zyxwvutsrqpo", "a <secret> b <secret>")]
    fn what_looks_like_a_secret_is_masked(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(mask(text), expected);
    }

    #[rstest]
    #[case::base64(STANDARD.encode(KEY))]
    #[case::within_more(format!("a: {}.", STANDARD.encode(format!("user:{KEY}?"))))]
    #[case::behind_other_characters(format!("ab{}", URL_SAFE_NO_PAD.encode(KEY)))]
    #[case::in_lines(format!("{}\r\n {}", &STANDARD.encode(KEY)[..10], &STANDARD.encode(KEY)[10..]))]
    #[case::twice(STANDARD.encode(STANDARD.encode(KEY)))]
    #[case::digits(format!("a{}", HEXUPPER.encode(KEY.as_bytes())))]
    #[case::digits_in_base64(STANDARD.encode(HEXUPPER.encode(KEY.as_bytes())))]
    fn what_is_wrapped_is_found(#[case] text: String) {
        assert!(wrapped(&text).contains(KEY), "{text}");
    }

    #[rstest]
    #[case::a_text(STANDARD.encode("nothing of the kind stands in here"))]
    #[case::a_digest("9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015".to_owned())]
    #[case::as_it_is(KEY.to_owned())]
    fn what_holds_nothing_has_nothing_wrapped(#[case] text: String) {
        assert_eq!(wrapped(&text), BTreeSet::new());
    }

    #[rstest]
    #[case::a_name("napi_prod is the name of aws_us_east_2")]
    #[case::an_identifier("br-calm-sea-12345678, prj_1234, malformed_basic_authorization_is_refused")]
    #[case::a_word_of_code("operation_of_a_case: getProjectBranchEndpoint")]
    #[case::a_sentence("the basic authentication of a Bearer credential")]
    #[case::a_template("authorization: Bearer {{ token }}, Bearer $NEON_API_KEY")]
    #[case::a_url("postgres://me@host:5432/db https://host:8080/a@b")]
    #[case::a_url_with_a_template(
        "postgres://{{ user }}:{{ password }}@host/db postgres://me:$PASSWORD@host/db"
    )]
    #[case::a_digest("00000000-0000-4000-8000-000000000002 9f86d081884c7d659a2feaa0c55ad015")]
    #[case::a_placeholder("Bearer redacted-123")]
    fn ordinary_text_is_left_alone(#[case] text: &str) {
        assert_eq!(mask(text), text);
    }
}
