//! Ids as endpoints write them: which of them mean the same, and which can be asked for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use sha2::Digest as _;

/// An id is decoded so often, as software on the way may do.
const DECODED: usize = 3;

/// No id that is longer is asked for.
const LONGEST: usize = 200;

/// An id as software on the way may leave it, which decodes it more than once.
fn decoded(id: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(id);
    for _ in 0..DECODED {
        match percent_decode_str(&text).decode_utf8_lossy().into_owned() {
            decoded if decoded == *text => break,
            decoded => text = decoded.into(),
        }
    }
    text
}

/// An id without what some endpoint may not tell apart: letters of either case, encoded or not, with blanks, signs, hyphens of any kind or zeros before a
/// number. What differs in nothing else is taken for the same thing: better to leave alone what is one's own than to touch what is not.
fn folded(id: &str) -> String {
    let text = decoded(id);
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

/// What stands for all that some endpoint may take an id for: the id itself, an integer that it spells otherwise, what stands before an ending,
/// and the digits that it begins with.
pub(super) fn digests_of_readings(id: &str) -> impl Iterator<Item = String> {
    let text = decoded(id).trim().to_owned();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let before_ending = text.split(['.', '~', ';']).next().unwrap_or_default().to_owned();
    let mut readings = vec![id.to_owned(), before_ending, digits];
    readings.extend(integer(&text));
    // What is made of signs only names nothing but itself.
    let is_told_apart = move |(place, reading): &(usize, String)| *place == 0 || !folded(reading).is_empty();
    readings.into_iter().enumerate().filter(is_told_apart).map(|(_, reading)| digest(&reading))
}

/// The integer that a text spells as a program may: with a base before it, an exponent or a fraction of zeros.
fn integer(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let based = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(before, base)| u64::from_str_radix(lower.strip_prefix(before)?, base).ok());
    if let Some(number) = based {
        return Some(number.to_string());
    }
    let number: f64 = lower.parse().ok()?;
    (number.is_finite() && number.fract() == 0.0).then(|| format!("{number:.0}"))
}

/// Whether this value stays where it stands in a path, whoever reads that: no part of it leads up or away.
pub(crate) fn stays_in_place(value: &str) -> bool {
    let text = decoded(value);
    let leads_up = |part: &str| {
        let part = part.split(';').next().unwrap_or_default().trim();
        !part.is_empty() && part.chars().all(|c| c == '.')
    };
    !text.contains(|c: char| c.is_control() || matches!(c, '?' | '#'))
        && !text.split(['/', '\\']).any(leads_up)
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
    #[case::itself("1000003")]
    #[case::in_hexadecimal_digits("0xF4243")]
    #[case::in_octal_digits("0o3641103")]
    #[case::with_an_exponent("1.000003e6")]
    #[case::with_a_fraction_of_zeros("1000003.0")]
    #[case::with_an_ending("1000003.json")]
    #[case::with_a_parameter("1000003;v=1")]
    #[case::with_letters_after_it("1000003abc")]
    #[case::encoded("%31000003.json")]
    fn what_may_be_read_as_an_id_is(#[case] id: &str) {
        assert!(digests_of_readings(id).any(|reading| reading == digest("1000003")));
    }

    #[rstest]
    #[case::another("1000004")]
    #[case::longer("10000031")]
    #[case::in_another_base("0x1000003")]
    #[case::a_fraction("10000035e-1")]
    #[case::signs("-.-")]
    fn what_may_not_is_told_apart(#[case] id: &str) {
        assert!(digests_of_readings(id).all(|reading| reading != digest("1000003")));
    }

    #[rstest]
    #[case("br-main-1", true)]
    #[case("my role", true)]
    #[case("a/b", true)]
    #[case("a..b", true)]
    #[case("", true)]
    #[case("..", false)]
    #[case("x/../../theirs", false)]
    #[case("x%2f..%2ftheirs", false)]
    #[case("%252e%252e", false)]
    #[case("x\\..\\theirs", false)]
    #[case("..;a=b/theirs", false)]
    #[case("x?force=true", false)]
    #[case("x#y", false)]
    #[case("x\ny", false)]
    fn what_leads_up_or_away_does_not_stay_in_place(#[case] value: &str, #[case] expected: bool) {
        assert_eq!(stays_in_place(value), expected);
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
