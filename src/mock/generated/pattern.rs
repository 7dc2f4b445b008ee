//! Texts that match a regular expression.

use rand::Rng;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// No text of an expression is longer, in bytes.
const LONGEST: usize = 10_000;

/// How deep expressions may be nested.
const DEEPEST: u32 = 100;

/// An expression as texts are made from it.
pub(super) fn parse(pattern: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().nest_limit(DEEPEST).build().parse(pattern).ok()
}

/// A text that matches an expression, as far as what it says of places is met by itself; what has no end is repeated at most
/// `more` times beyond what it must be.
pub(super) fn sample(expression: &Hir, more: u32, random: &mut impl Rng) -> String {
    let mut text = String::new();
    write(expression, more, random, &mut text);
    text
}

fn write(expression: &Hir, more: u32, random: &mut impl Rng, text: &mut String) {
    if text.len() > LONGEST {
        return;
    }
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => text.extend(character(class, random)),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let most = max.unwrap_or(u32::MAX).min(min.saturating_add(more));
            for _ in 0..random.random_range(*min..=most.max(*min)) {
                if text.len() > LONGEST {
                    break;
                }
                write(sub, more, random, text);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, more, random, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, more, random, text)),
        HirKind::Alternation(parts) => {
            write(&parts[random.random_range(0..parts.len())], more, random, text);
        }
    }
}

/// A character of a class: a small letter or a digit, where it has one, else one that can be printed, else any.
fn character(class: &Class, random: &mut impl Rng) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| (range.start(), range.end())).collect(),
        Class::Bytes(class) => {
            class.ranges().iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
        }
    };
    let has = |character: &char| ranges.iter().any(|(start, end)| (start..=end).contains(&character));
    let printed: Vec<char> = (' '..='~').filter(has).collect();
    let is_usual = |character: &&char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let usual: Vec<char> = printed.iter().filter(is_usual).copied().collect();
    let characters = if usual.is_empty() { printed } else { usual };
    match characters.len() {
        0 => ranges.first().map(|(start, _)| *start),
        count => Some(characters[random.random_range(0..count)]),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha12Rng;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::an_id("^[a-z0-9-]{1,60}$")]
    #[case::a_list("^([a-z0-9-]{1,60}(,[a-z0-9-]{1,60}){0,99})?$")]
    #[case::a_version(r"^v\d+\.\d+(-(alpha|beta))?$")]
    #[case::of_capitals("^[A-Z]{3}$")]
    #[case::of_what_is_not_printed(r"^\u0001\p{Greek}$")]
    #[case::anywhere("abc|d+")]
    #[case::anything("^.{5}[^/]*$")]
    fn a_text_matches(#[case] pattern: &str) {
        let expression = parse(pattern).expect("it can be read");
        let known = regex::Regex::new(pattern).expect("it can be read");
        let mut random = ChaCha12Rng::seed_from_u64(0);
        for more in 0..50 {
            let text = sample(&expression, more, &mut random);
            assert!(known.is_match(&text), "{pattern}: {text:?}");
        }
    }

    #[test]
    fn what_looks_around_cannot_be_read() {
        assert!(parse("^(?!admin)[a-z]+$").is_none());
    }
}
