//! Text from elsewhere, made fit to be shown: in a terminal, in every form of report, and in messages.

use crate::secret::likeness;

/// A text on one line, without characters that would move a terminal's cursor, change its colours, or turn the direction in which a
/// line is read.
#[must_use]
pub fn line(text: &str) -> String {
    if !text.chars().any(is_spelled_out) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_spelled_out(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The same for each line of a text.
#[must_use]
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The lines of a message that may tell of what somebody else has written: also without what looks like a secret.
#[must_use]
pub fn message(text: &str) -> String {
    lines(&likeness::mask(text))
}

/// A text with styles of a terminal, as they are, and with nothing else that would do more there than be read.
#[must_use]
pub fn styled(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|character| is_spelled_out(character) && !matches!(character, '\n' | '\t'))
    {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if let Some(length) = style(rest) {
            shown.push_str(&rest[..length]);
            length
        } else {
            let character = rest.chars().next().unwrap_or_default();
            shown.extend(character.escape_default());
            character.len_utf8()
        };
        rest = &rest[length..];
    }
    shown + rest
}

/// What the sequence that sets a style begins with (ECMA-48 §8.3.117).
const STYLE: &str = "\u{1b}[";

/// The length of the sequence that sets a style, where a text begins with one.
fn style(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix(STYLE)?;
    let length = parameters.find(|character: char| !matches!(character, '0'..='9' | ';' | ':'))?;
    parameters[length..].starts_with('m').then_some(STYLE.len() + length + 1)
}

/// A JSON text of the same meaning, in which what is spelled out elsewhere is so by escapes (RFC 8259 §7).
#[must_use]
pub fn json(text: &str) -> String {
    if !text.chars().any(is_escaped) {
        return text.to_owned();
    }
    let escaped = |character: char| match character {
        character if is_escaped(character) => format!("\\u{:04x}", u32::from(character)),
        character => character.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// All that JSON lets stand in a string as it is, though it is spelled out; none of it needs a pair of escapes.
fn is_escaped(character: char) -> bool {
    is_spelled_out(character) && character >= '\u{7f}'
}

/// `1 trial`, `2 trials`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Whether a character is spelled out: controls (C0, C1), what changes the direction of a text (UAX #9), and what ends a line elsewhere.
pub(crate) fn is_spelled_out(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case("two\nlines", "two\nlines")]
    #[case("\u{1b}[31mred", "\\u{1b}[31mred")]
    #[case("back\r\u{8}", "back\\r\\u{8}")]
    #[case("\u{7f}\u{85}\u{9b}31m", "\\u{7f}\\u{85}\\u{9b}31m")]
    #[case("a\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}", "a\\u{202a}\\u{202b}\\u{202c}\\u{202d}\\u{202e}")]
    #[case("a\u{2066}\u{2067}\u{2068}\u{2069}", "a\\u{2066}\\u{2067}\\u{2068}\\u{2069}")]
    #[case("a\u{200e}\u{200f}\u{61c}", "a\\u{200e}\\u{200f}\\u{61c}")]
    #[case("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}")]
    #[case("hügel 👩‍💻 עברית", "hügel 👩‍💻 עברית")]
    fn what_moves_a_cursor_or_turns_a_line_is_spelled_out(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(super::lines(text), expected);
    }

    #[rstest]
    #[case::a_style("\u{1b}[1;31merror\u{1b}[0m: no\n\tx", "\u{1b}[1;31merror\u{1b}[0m: no\n\tx")]
    #[case::a_cursor("\u{1b}[2Ja\u{1b}]0;b\u{7}\u{1b}", "\\u{1b}[2Ja\\u{1b}]0;b\\u{7}\\u{1b}")]
    #[case::a_direction("\u{1b}[31ma\u{202e}b\u{1b}[0m", "\u{1b}[31ma\\u{202e}b\u{1b}[0m")]
    fn styles_stay_and_nothing_else_that_acts(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(super::styled(text), expected);
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a\u{202e}": ["\u{85}\u{7f}\u{1b}é😀\u{2069}"]});
        let text = super::json(&format!("{value:#}"));
        assert!(
            !text.chars().any(|character| super::is_spelled_out(character) && character != '\n'),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON"), value);
    }

    #[test]
    fn a_message_holds_nothing_that_looks_like_a_secret() {
        let message = super::message("line 1:\n`napi_0123456789abcdef`\u{202e} is no mapping");
        assert_eq!(message, "line 1:\n`<secret>`\\u{202e} is no mapping");
    }
}
