//! Regular expressions in paths: `match()` and `search()` with one that is none hold for nothing (RFC 9535 §2.4.6), so that `absent` and
//! `count: 0` would always hold.

use regex::Regex;

use super::mistake::{Mistake, outside_of_quotes};

/// The first expression, written out in a path, that is none.
pub(super) fn check(path: &str) -> Result<(), Mistake> {
    let places: Vec<(usize, char)> = outside_of_quotes(path).collect();
    for name in ["match", "search"] {
        let is_there = |(at, _): &&(usize, char)| {
            path[*at..].starts_with(name)
                && !path[..*at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'))
        };
        for (at, _) in places.iter().filter(is_there) {
            let opens = at + name.len();
            let Some(inside) = path[opens..].trim_start().strip_prefix('(') else { continue };
            let begin = path.len() - inside.len();
            let Some((start, written)) = second_literal(path, begin) else { continue };
            if let Err(error) = Regex::new(&format!("({written})")) {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let message = format!("`{written}` is no regular expression: {why}");
                let help = "I-Regexp (RFC 9485) has no look-around, no references to groups and no `[^]`; \
                            in YAML, single quotes keep a backslash";
                return Err(Mistake::new(start, message, help));
            }
        }
    }
    Ok(())
}

/// The second argument of a call whose arguments begin at a byte, where it is a string: where it stands, and what it says.
fn second_literal(path: &str, begin: usize) -> Option<(usize, String)> {
    let mut depth = 0_usize;
    let mut comma = None;
    for (at, character) in outside_of_quotes(&path[begin..]) {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' if depth == 0 => break,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                comma = Some(begin + at + 1);
                break;
            }
            _ => {}
        }
    }
    let rest = path[comma?..].trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let mut is_escaped = false;
    let end = rest[1..].find(|c| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    let raw = &rest[1..=end];
    // A string of JSON, but for the quotes (RFC 9535 §2.3.1.1).
    let json = match quote {
        '\'' => raw.replace("\\'", "'").replace('"', "\\\""),
        _ => raw.to_owned(),
    };
    let written = serde_json::from_str(&format!("\"{json}\"")).ok()?;
    Some((path.len() - rest.len() + 1, written))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::check;

    #[rstest]
    #[case::unclosed("$[?match(@.a, '[')]", 16)]
    #[case::an_empty_class("$[?search(@.a, '[^]')]", 17)]
    #[case::look_ahead("$[?search(@.a, \"(?=x)\")]", 17)]
    #[case::a_reference("$[?@.b && search(@['x(,'], '(a)\\\\1')]", 29)]
    #[case::the_second("$[?match(@.a, 'x') || match(@.a, '*')]", 35)]
    fn what_holds_for_nothing_is_a_mistake(#[case] path: &str, #[case] column: usize) {
        let mistake = check(path).expect_err("it holds for nothing");
        assert!(mistake.message.contains("is no regular expression"), "{mistake:?}");
        assert_eq!(mistake.column(path), column, "{mistake:?}");
    }

    #[rstest]
    #[case("$[?match(@.a, 'x[0-9]+')]")]
    #[case("$[?search(@.a, 'it\\'s \"so\"')]")]
    #[case("$[?search(@.a, @.b)]")]
    #[case("$[?@.match == '[' || @.a == 'match(@.a, \"[\")']")]
    fn what_can_hold_is_none(#[case] path: &str) {
        assert_eq!(check(path), Ok(()));
    }
}
