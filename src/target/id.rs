//! Ids as endpoints write them: which of them mean the same, and which can be asked for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use sha2::Digest as _;

/// An id is decoded so often, as software on the way may do.
const DECODED: usize = 3;

/// No id that is longer is asked for.
const LONGEST: usize = 200;

/// An id without what some endpoint may not tell apart: letters of either case, encoded or not, with blanks, signs, hyphens of any kind or zeros before a
/// number. What differs in nothing else is taken for the same thing: better to leave alone what is one's own than to touch what is not.
pub(super) fn folded(id: &str) -> String {
    let mut text = Cow::Borrowed(id);
    for _ in 0..DECODED {
        match percent_decode_str(&text).decode_utf8_lossy().into_owned() {
            decoded if decoded == *text => break,
            decoded => text = decoded.into(),
        }
    }
    let text: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.trim_start_matches('0').to_owned()
    } else {
        text
    }
}

/// What stands for an id in a file: an id may hold what no file should.
pub(super) fn digest(id: &str) -> String {
    let hash = sha2::Sha256::digest(folded(id));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a path with this id in it leads to one thing, whoever reads it.
pub(crate) fn is_plain(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    id.len() <= LONGEST && id.chars().all(is_plain) && id.contains(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::case("Calm-Sea-1", "calm-sea-1")]
    #[case::encoded("calm%2Dsea-1", "calm-sea-1")]
    #[case::encoded_twice("calm%252dsea-1", "calm-sea-1")]
    #[case::a_blank(" calm-sea-1 ", "calm-sea-1")]
    #[case::another_hyphen("calm\u{2010}sea-1", "calm-sea-1")]
    #[case::zeros("001000003", "1000003")]
    #[case::a_sign("+1000003", "1000003")]
    fn what_may_be_the_same_is_taken_for_the_same(#[case] one: &str, #[case] other: &str) {
        assert_eq!(digest(one), digest(other));
        assert_ne!(digest(one), digest("calm-sea-2"));
    }

    #[rstest]
    #[case("calm-sea-12345678", true)]
    #[case("1000003", true)]
    #[case("7b1f0000-0000-4000-8000-000000000001", true)]
    #[case("", false)]
    #[case(".", false)]
    #[case("..", false)]
    #[case("x/../y", false)]
    #[case("x?y", false)]
    #[case("x%2fy", false)]
    #[case("*", false)]
    #[case("a,b", false)]
    #[case("calm\u{2010}sea", false)]
    fn what_leads_elsewhere_is_not_plain(#[case] id: &str, #[case] expected: bool) {
        assert_eq!(is_plain(id), expected);
    }
}
