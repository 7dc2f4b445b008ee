//! What is wrong with a path, where, and what was probably meant.

use serde_json_path::JsonPath;

/// Why a text is no path that can find anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The byte of the path at which it shows.
    pub(crate) at: usize,
    /// What is wrong there.
    pub(crate) message: String,
    /// What to write instead.
    pub(crate) help: String,
}

impl Mistake {
    pub(super) fn new(at: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: help.into() }
    }

    /// The character of the path, counted from 1.
    pub(crate) fn column(&self, path: &str) -> usize {
        path.char_indices().take_while(|(start, _)| *start < self.at).count() + 1
    }
}

/// What is wrong with a path that the parser does not take.
pub(super) fn explain(path: &str, error: &serde_json_path::ParseError) -> Mistake {
    // So many bytes were understood.
    let at = error.position().min(path.len());
    let at = (0..=at).rev().find(|at| path.is_char_boundary(*at)).unwrap_or(0);
    meant(path).unwrap_or_else(|| {
        let help = "JSONPath (RFC 9535) begins with `$`: `$.projects[*].id`";
        let message = match error.message() {
            "parser error" if path[at..].trim_end_matches(['[', '(', '.']).is_empty() => "it ends too early",
            "parser error" => "what stands there cannot stand there",
            other => other,
        };
        Mistake::new(at, message, help)
    })
}

/// What other dialects write, and what RFC 9535 writes for it; the first in the path.
fn meant(path: &str) -> Option<Mistake> {
    if !path.starts_with('$') {
        let trimmed = path.trim();
        let rest = trimmed.strip_prefix('.').unwrap_or(trimmed);
        let whole = if trimmed.starts_with('$') { trimmed.to_owned() } else { format!("$.{rest}") };
        let help = if JsonPath::parse(&whole).is_ok() { whole } else { "$.projects[*].id".to_owned() };
        return Some(Mistake::new(0, "a path begins with `$`", format!("write `{help}`")));
    }
    let mut in_filter = 0_usize;
    let mut places = outside_of_quotes(path).peekable();
    while let Some((at, character)) = places.next() {
        let rest = &path[at..];
        match character {
            '[' if rest.starts_with("[?") || in_filter > 0 => in_filter += 1,
            ']' => in_filter = in_filter.saturating_sub(1),
            _ => {}
        }
        let mistake = if in_filter > 0 { in_a_filter(path, at) } else { None };
        if let Some(mistake) = mistake.or_else(|| in_a_segment(path, at)) {
            return Some(mistake);
        }
        // `==`, `!=`, `<=`, `>=`, `&&` and `||` are taken whole.
        let is_pair = ["==", "!=", "<=", ">=", "&&", "||"].iter().any(|pair| rest.starts_with(pair));
        if is_pair {
            places.next();
        }
    }
    None
}

/// A mistake that begins at a place within a filter.
fn in_a_filter(path: &str, at: usize) -> Option<Mistake> {
    let rest = &path[at..];
    let is_word = |word: &str| {
        let ends = rest.strip_prefix(word).is_some_and(|after| !after.starts_with(is_of_a_name));
        ends && !path[..at].ends_with(|c| is_of_a_name(c) || matches!(c, '.' | '@' | '$'))
    };
    let written = |wrong: &str, right: &str| {
        Some(Mistake::new(at, format!("`{wrong}` is not of JSONPath"), format!("write `{right}`")))
    };
    match () {
        () if rest.starts_with("=~") => written("=~", "search(@.name, 'expression')"),
        () if rest.starts_with("!~") => written("!~", "!search(@.name, 'expression')"),
        () if rest.starts_with("===") => written("===", "=="),
        () if rest.starts_with("!==") => written("!==", "!="),
        () if rest.starts_with("<>") => written("<>", "!="),
        () if rest.starts_with('=') && !rest.starts_with("==") => written("=", "=="),
        () if rest.starts_with('&') && !rest.starts_with("&&") => written("&", "&&"),
        () if rest.starts_with('|') && !rest.starts_with("||") => written("|", "||"),
        () if is_word("and") => written("and", "&&"),
        () if is_word("or") => written("or", "||"),
        () if is_word("not") => written("not", "!"),
        () if is_word("in") => written("in", "@.name == 'a' || @.name == 'b'"),
        () => None,
    }
}

/// A mistake that begins at a place, wherever it is.
fn in_a_segment(path: &str, at: usize) -> Option<Mistake> {
    let rest = &path[at..];
    if let Some(bracket) = rest.strip_prefix(".[") {
        let help = format!("write `[{}`", bracket.split_inclusive(']').next().unwrap_or(bracket));
        return Some(Mistake::new(at, "a dot before a bracket", help));
    }
    if rest.starts_with("[(") {
        let help = "write `[-1]` for the last item, or `[?(…)]` for a filter";
        return Some(Mistake::new(at, "an expression is no index", help));
    }
    if let Some(named) = rest.strip_prefix('.') {
        let named = named.strip_prefix('.').unwrap_or(named);
        let end = named.find(|c| !(is_of_a_name(c) || c == '-')).unwrap_or(named.len());
        let name = &named[..end];
        let after = &named[end..];
        if name.contains('-') && !name.starts_with('-') {
            let dash = at + rest.len() - named.len() + name.find('-').unwrap_or_default();
            let dots = if rest.starts_with("..") { ".." } else { "" };
            let help = format!("write `{dots}['{name}']` for a member of this name");
            return Some(Mistake::new(dash, format!("`{name}` is no name without quotes"), help));
        }
        if matches!(name, "length" | "size" | "count") && after.starts_with("()") {
            let help = "write `length(@.name)` in a filter; `count:` beside the path counts what it finds";
            return Some(Mistake::new(at, format!("`.{name}()` is not of JSONPath"), help));
        }
    }
    if let Some(inside) = rest.strip_prefix('[') {
        let end = inside.find(|c| !(is_of_a_name(c) || c == '-')).unwrap_or(inside.len());
        let (name, after) = inside.split_at(end);
        if after.starts_with(']') && name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let help = format!("write `['{name}']`");
            return Some(Mistake::new(at + 1, format!("`{name}` is a name without quotes"), help));
        }
    }
    None
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The characters of a path that stand in no string.
pub(super) fn outside_of_quotes(path: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut is_escaped = false;
    path.char_indices().filter(move |(_, character)| match quote {
        Some(_) if is_escaped => {
            is_escaped = false;
            false
        }
        Some(open) => {
            is_escaped = *character == '\\';
            if *character == open {
                quote = None;
            }
            false
        }
        None if matches!(character, '\'' | '"') => {
            quote = Some(*character);
            false
        }
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::check;

    #[rstest]
    #[case::a_dash("$.a-b", 4, "write `['a-b']`")]
    #[case::a_dash_further_on("$.x[0].a-b.c", 9, "write `['a-b']`")]
    #[case::a_dash_anywhere_below("$..a-b", 5, "write `..['a-b']`")]
    #[case::another_dialects_match("$[?@.a =~ 'x']", 8, "search(@.name, 'expression')")]
    #[case::one_equals_sign("$[?@.a = 1]", 8, "write `==`")]
    #[case::three_equals_signs("$[?@.a === 1]", 8, "write `==`")]
    #[case::not_equal_as_in_sql("$[?@.a <> 1]", 8, "write `!=`")]
    #[case::a_word_for_both("$[?@.a == 1 and @.b]", 13, "write `&&`")]
    #[case::a_word_for_either("$[?@.a or @.b]", 8, "write `||`")]
    #[case::a_word_for_not("$[?not @.a]", 4, "write `!`")]
    #[case::one_ampersand("$[?@.a & @.b]", 8, "write `&&`")]
    #[case::one_of("$[?@.a in ['x']]", 8, "@.name == 'a' ||")]
    #[case::no_dollar("projects[0].id", 1, "write `$.projects[0].id`")]
    #[case::a_dot_first(".id", 1, "write `$.id`")]
    #[case::a_dot_before_a_bracket("$.a.[0]", 4, "write `[0]`")]
    #[case::a_name_in_brackets("$[a]", 3, "write `['a']`")]
    #[case::an_expression_as_an_index("$.a[(@.length-1)]", 4, "write `[-1]`")]
    #[case::a_method("$.a.length()", 4, "length(@.name)")]
    #[case::something_else("$.é[", 4, "begins with `$`")]
    fn a_mistake_is_told_with_its_column(#[case] path: &str, #[case] column: usize, #[case] help: &str) {
        let mistake = check(path).expect_err("it is no path");
        assert_eq!(mistake.column(path), column, "{mistake:?}");
        assert!(mistake.help.contains(help), "{mistake:?}");
    }

    #[rstest]
    #[case("$['a-b = c and d']")]
    #[case("$[?@.a == 'x =~ y']")]
    #[case("$[?@.and == 1 && @.in]")]
    #[case("$[?@['not'] != \"a\\\" = b\"]")]
    fn what_stands_in_quotes_is_no_mistake(#[case] path: &str) {
        assert_eq!(check(path), Ok(()));
    }
}
