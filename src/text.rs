//! Text from elsewhere, made fit to be shown.

/// A text on one line, without characters that would move a terminal's cursor or change its colours.
pub(crate) fn line(text: &str) -> String {
    let shown = |character: char| {
        if character.is_control() { character.escape_default().to_string() } else { character.to_string() }
    };
    text.chars().map(shown).collect()
}

/// The same for each line of a text.
pub(crate) fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case("two\nlines", "two\nlines")]
    #[case("\u{1b}[31mred", "\\u{1b}[31mred")]
    #[case("back\r\u{8}", "back\\r\\u{8}")]
    #[case("hügel", "hügel")]
    fn what_moves_a_cursor_is_spelled_out(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(super::lines(text), expected);
    }
}
