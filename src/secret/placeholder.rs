//! Whether a text is a secret itself, or what somebody has put in its place.

/// A token of fewer characters may be any word.
pub(crate) const SHORTEST_TOKEN: usize = 12;

/// Words that stand where a secret was.
const WORDS: [&str; 16] = [
    "anonymi",
    "censored",
    "elided",
    "filtered",
    "hidden",
    "masked",
    "obfuscated",
    "omitted",
    "placeholder",
    "redacted",
    "removed",
    "sanitised",
    "sanitized",
    "scrubbed",
    "stripped",
    "xxxxxx",
];

/// Whether a text is certainly no secret, but stands where one was put out.
pub(crate) fn is_crossed_out(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let first = text.chars().next();
    text.chars().all(|character| Some(character) == first || !character.is_alphanumeric())
        || WORDS.iter().any(|word| text.contains(word))
}

/// Whether a text may stand in the place of a secret that was put out.
pub(crate) fn stands_for_secret(text: &str) -> bool {
    is_crossed_out(text)
        || text.contains(['*', '<', '>', '[', ']', '{', '}', '$', '…', '•', '█', '●'])
        || text.contains("...")
}

/// Whether a text can hardly be anything but a token itself. What cannot be told is none.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() >= SHORTEST_TOKEN
        && text.bytes().any(|byte| byte.is_ascii_digit())
        // RFC 6750 §2.1.
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte))
        && !stands_for_secret(text)
        && !stands_for_secret(text.split_once('_').map_or(text, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_key("napi_a1a1a1a1a1a1a1a1a1a1a1a1a1a1")]
    #[case::of_another_form("0f9e8d7c-0000-4000-8000-000000000001")]
    #[case::a_json_web_token("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN")]
    #[case::in_base64("bmFwaV8wMTIzNDU2Nzg5YWI=")]
    fn a_token_is_told(#[case] text: &str) {
        assert!(is_token(text));
    }

    #[rstest]
    #[case::a_word("redacted")]
    #[case::a_numbered_word("redacted-12345678")]
    #[case::in_capitals("napi_REDACTED0123456789")]
    #[case::stars("***")]
    #[case::stars_at_the_end("napi_0123456789********")]
    #[case::in_angle_brackets("<hidden-by-0123456789>")]
    #[case::in_brackets("[Filtered0123]")]
    #[case::a_variable("${NEON_API_KEY_0123}")]
    #[case::a_template("{{ token_0123456 }}")]
    #[case::cut("napi_0123456789...")]
    #[case::cut_with_one_character("napi_0123456789…")]
    #[case::crossed_out("napi_xxxxxxxxxxxx1234")]
    #[case::zeros("napi_0000000000000000")]
    #[case::dots("••••••••••••")]
    #[case::short("napi_1")]
    #[case::words("MY_NEON_API_KEY")]
    #[case::nothing("")]
    fn what_stands_for_a_secret_is_no_token(#[case] text: &str) {
        assert!(!is_token(text));
    }
}
