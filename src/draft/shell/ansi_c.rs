//! ANSI-C quoting of bash: `$'…'`.

/// What stands up to the closing quote, without its escapes (ANSI-C quoting of bash), and what comes after.
pub(super) fn quoted(text: &str) -> Option<(String, &str)> {
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
