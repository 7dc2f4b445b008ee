//! The words of a shell command, with the quotes that browsers write.

/// The words of a command; `None` where a quote is not closed.
pub(super) fn words(line: &str) -> Option<Vec<String>> {
    shell_words::split(&plain(line)?).ok()
}

/// A command in which each `$'…'` of bash is between ordinary quotes, as what it stands for.
fn plain(line: &str) -> Option<String> {
    let mut plain = String::with_capacity(line.len());
    let mut quote = None;
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let (taken, after) = rest.split_at(character.len_utf8());
        rest = after;
        match (quote, character) {
            (None, '$') if rest.starts_with('\'') => {
                let (text, after) = ansi_c(&rest[1..])?;
                plain.push_str(&format!("'{}'", text.replace('\'', r"'\''")));
                rest = after;
                continue;
            }
            // A text to be translated is one between double quotes.
            (None, '$') if rest.starts_with('"') => continue,
            (None | Some('"'), '\\') => {
                let escaped = rest.chars().next().map_or(0, char::len_utf8);
                plain.push('\\');
                plain.push_str(&rest[..escaped]);
                rest = &rest[escaped..];
                continue;
            }
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        plain.push_str(taken);
    }
    Some(plain)
}

/// What stands up to the closing quote, without its escapes (ANSI-C quoting of bash), and what comes after.
fn ansi_c(text: &str) -> Option<(String, &str)> {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        let character = rest.chars().next()?;
        rest = &rest[character.len_utf8()..];
        match character {
            '\'' => return Some((String::from_utf8_lossy(&bytes).into_owned(), rest)),
            '\\' => rest = escape(rest, &mut bytes)?,
            other => push(other, &mut bytes),
        }
    }
}

/// What follows a backslash; what comes after.
fn escape<'t>(text: &'t str, bytes: &mut Vec<u8>) -> Option<&'t str> {
    let character = text.chars().next()?;
    let rest = &text[character.len_utf8()..];
    let (radix, longest, digits) = match character {
        'x' => (16, 2, rest),
        'u' => (16, 4, rest),
        'U' => (16, 8, rest),
        '0'..='7' => (8, 3, text),
        _ => {
            match character {
                'a' => bytes.push(0x07),
                'b' => bytes.push(0x08),
                'e' | 'E' => bytes.push(0x1b),
                'f' => bytes.push(0x0c),
                'n' => bytes.push(b'\n'),
                'r' => bytes.push(b'\r'),
                't' => bytes.push(b'\t'),
                'v' => bytes.push(0x0b),
                '\\' | '\'' | '"' | '?' => push(character, bytes),
                // What is no escape stays as it is.
                other => {
                    bytes.push(b'\\');
                    push(other, bytes);
                }
            }
            return Some(rest);
        }
    };
    let length = digits.chars().take(longest).take_while(|digit| digit.is_digit(radix)).count();
    let (digits, rest) = digits.split_at(length);
    match (u32::from_str_radix(digits, radix), character) {
        (Ok(code), 'u' | 'U') => push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), bytes),
        (Ok(code), _) => bytes.push(u8::try_from(code & 0xff).unwrap_or_default()),
        (Err(_), _) => {
            bytes.push(b'\\');
            push(character, bytes);
        }
    }
    Some(rest)
}

fn push(character: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::words;

    #[rstest]
    #[case::plain("curl 'a b' \"c d\" e\\ f", &["curl", "a b", "c d", "e f"])]
    #[case::a_quote(r"$'it\'s'", &["it's"])]
    #[case::letters(r"$'\u0041\x42\103\U0001F600 ${x} \t!'", &["ABC😀 ${x} \t!"])]
    #[case::bytes_of_one_letter(r"$'h\xc3\xbcgel'", &["hügel"])]
    #[case::marks(r#"$'\\ \" \? \q \xz'"#, &[r#"\ " ? \q \xz"#])]
    #[case::in_a_word(r"-H$'a: \u0021'b", &["-Ha: !b"])]
    #[case::between_other_quotes(r#""$'a'" '$' \$'b'"#, &["$'a'", "$", "$b"])]
    #[case::to_be_translated("$\"a b\"", &["a b"])]
    #[case::an_escaped_quote(r#""a\"$'" $'b'"#, &["a\"$'", "b"])]
    fn words_are_what_bash_makes_of_them(#[case] line: &str, #[case] expected: &[&str]) {
        assert_eq!(words(line).expect("all quotes are closed"), expected);
    }

    #[rstest]
    #[case("'a")]
    #[case("$'a")]
    #[case(r"$'a\'")]
    #[case(r"$'a\")]
    fn a_quote_must_be_closed(#[case] line: &str) {
        assert_eq!(words(line), None);
    }
}
