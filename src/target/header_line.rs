//! Header lines that are none, by the parser that the client reads answers with.

use crate::text;

/// As much of a malformed line as is shown.
const SHOWN: usize = 60;

/// The first line of a header that is malformed, by its number and its name: of what follows the name nothing is shown, since it may be secret.
pub(super) fn first_malformed(head: &[u8]) -> Option<String> {
    let lines = head.split_inclusive(|&byte| byte == b'\n').zip(1..).skip(1);
    let (line, number) = lines
        // What is cut off may go on as it should.
        .filter_map(|(line, number)| Some((line.strip_suffix(b"\n")?, number)))
        .map(|(line, number)| (line.strip_suffix(b"\r").unwrap_or(line), number))
        .take_while(|(line, _)| !line.is_empty())
        .find(|(line, _)| is_malformed(line))?;
    let name = String::from_utf8_lossy(line.split(|&byte| byte == b':').next()?);
    let shown: String = name.chars().take(SHOWN).collect();
    let rest = if shown.len() < name.len() || line.contains(&b':') { "…" } else { "" };
    Some(format!("line {number}, `{}{rest}`", text::line(&shown)))
}

fn is_malformed(line: &[u8]) -> bool {
    let line = [line, b"\r\n\r\n"].concat();
    httparse::parse_headers(&line, &mut [httparse::EMPTY_HEADER; 2]).is_err()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_blank_in_the_name("x a: 1\r\n", Some("line 3, `x a…`"))]
    #[case::no_colon("nothing\r\n", Some("line 3, `nothing`"))]
    #[case::no_name(": 1\r\n", Some("line 3, `…`"))]
    #[case::a_control_character("x-a: 1\u{1}\r\n", Some("line 3, `x-a…`"))]
    #[case::sound("x-a: 1\r\n", None)]
    #[case::the_body("\r\nno header: 1\r\n", None)]
    #[case::cut_short("x-a", None)]
    fn the_first_line_that_is_none_is_named(#[case] lines: &str, #[case] expected: Option<&str>) {
        let head = format!("HTTP/1.1 200 OK\r\nx-b: 1\r\n{lines}");
        assert_eq!(first_malformed(head.as_bytes()).as_deref(), expected);
    }
}
