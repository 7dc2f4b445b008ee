//! What is wrong with a text that is no YAML, in words: a scanner tells only where it has stumbled.

use std::borrow::Cow;

/// Why a text is not one YAML document that JSON can hold.
#[derive(Debug)]
pub(super) struct Mistake {
    /// One lowercase sentence.
    pub(super) message: String,
    pub(super) help: Cow<'static, str>,
    /// The byte of the text.
    pub(super) at: usize,
}

/// What the scanner says, at a byte of the text, as an author may understand it.
pub(super) fn explain(text: &str, at: usize, said: &str) -> Mistake {
    let page = Page::new(text, at);
    let known = match () {
        () if said.contains("trailing content after") => page.after_a_quote(),
        () if said.contains("expect ':'") || said.contains("simple key expected") => page.colon_missing(),
        () if said.contains("mapping values are not allowed") => page.value_in_a_value(),
        () if said.contains("tab") => page.tab(),
        () if said.contains("quoted scalar") => page.open_quote(said),
        () if said.contains("expected '-'") || said.contains("expected key") => {
            page.unclosed().or_else(|| page.misplaced())
        }
        () if ["flow", "placement of ':'", "eof", "parsing a node"]
            .iter()
            .any(|word| said.contains(word)) =>
        {
            page.unclosed()
        }
        () if said.contains("unexpected character") => page.first_character(),
        () => None,
    };
    known.unwrap_or_else(|| Mistake {
        message: format!("the file is not valid YAML: {said}"),
        help: "check indentation, tabs and quotes; a value with `: `, `#`, `{` or `*` needs quotes".into(),
        at,
    })
}

/// A line, without what ends it.
#[derive(Debug, Clone, Copy)]
struct Line<'t> {
    /// The byte of the text that it begins with.
    start: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    fn content(self) -> &'t str {
        self.text.trim()
    }

    fn indentation(self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// The byte that its content begins with.
    fn begin(self) -> usize {
        self.start + self.indentation()
    }

    /// What comes after the dashes of lists.
    fn entry(self) -> &'t str {
        self.content().trim_start_matches("- ").trim_start()
    }

    fn is_entry(self) -> bool {
        self.content().starts_with("- ") || self.content() == "-"
    }

    fn says_something(self) -> bool {
        !self.content().is_empty() && !self.content().starts_with('#')
    }

    /// A key and the rest, where there is a colon that ends a key.
    fn key(self) -> Option<(&'t str, &'t str)> {
        let (key, rest) = self.entry().split_once(':')?;
        (rest.is_empty() || rest.starts_with([' ', '\t'])).then_some((key, rest.trim()))
    }
}

struct Page<'t> {
    text: &'t str,
    at: usize,
    lines: Vec<Line<'t>>,
    /// The line at which the scanner has stumbled.
    here: usize,
}

impl<'t> Page<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        let mut start = 0;
        let lines: Vec<Line<'t>> = text
            .split_inclusive('\n')
            .map(|whole| {
                let line = Line { start, text: whole.trim_end_matches(['\n', '\r']) };
                start += whole.len();
                line
            })
            .collect();
        let here = lines.partition_point(|line| line.start <= at).saturating_sub(1);
        Self { text, at, lines, here }
    }

    /// The last line before this one that says something.
    fn above(&self, line: usize) -> Option<usize> {
        (0..line.min(self.lines.len())).rev().find(|line| self.lines[*line].says_something())
    }

    /// A key without a colon goes on to the next line: it is noticed there, or at the end.
    fn colon_missing(&self) -> Option<Mistake> {
        let candidates = self.above(self.here).into_iter().chain([self.here]);
        let place = candidates.into_iter().find(|place| {
            let content = self.lines.get(*place).map_or("", |line| line.content());
            !content.is_empty() && !content.contains(": ") && !content.ends_with(':')
        })?;
        Some(self.without_colon(place))
    }

    fn without_colon(&self, place: usize) -> Mistake {
        let line = self.lines[place];
        let entry = line.entry();
        let at = line.begin() + line.content().len() - entry.len();
        let (word, rest) = entry.split_once([' ', ':']).unwrap_or((entry, ""));
        if !is_a_key(word) {
            return Mistake {
                message: "this line has no colon".to_owned(),
                help: "write it as `key: value`".into(),
                at,
            };
        }
        let message = if entry.starts_with(&format!("{word}:")) {
            format!("the colon after `{word}` must be followed by a space")
        } else {
            format!("this line has no colon: `{word}` looks like a key")
        };
        let is_deeper = |next: &Line<'_>| next.says_something() && next.indentation() > line.indentation();
        let holds_lines = self.lines.get(place + 1).is_some_and(is_deeper);
        let value = if rest.is_empty() || holds_lines { "" } else { " …" };
        Mistake { message, help: format!("write `{word}:{value}`").into(), at }
    }

    /// A colon in what is a value already.
    fn value_in_a_value(&self) -> Option<Mistake> {
        let line = self.lines.get(self.here)?;
        let colon = line.text.find(": ").map(|colon| line.start + colon);
        if let (Some((key, _)), true) = (line.key(), colon.is_some_and(|colon| colon < self.at)) {
            let key = if is_a_key(key) { key } else { "key" };
            return Some(Mistake {
                message: "a value that contains `: ` must be quoted".to_owned(),
                help: format!("write `{key}: '…'`").into(),
                at: self.at,
            });
        }
        let above = self.above(self.here)?;
        let before = self.lines[above];
        if before.key().is_none() {
            return Some(self.without_colon(above));
        }
        (line.indentation() > before.indentation()).then(|| Mistake {
            message: "this line is indented deeper than the line above, which already has a value".to_owned(),
            help: "indent both lines alike, or remove the value above".into(),
            at: line.begin(),
        })
    }

    fn tab(&self) -> Option<Mistake> {
        let mut near = self.lines.iter().skip(self.here).take(2);
        let line = near.find(|line| line.text[..line.indentation()].contains('\t'))?;
        Some(Mistake {
            message: "this line is indented with a tab".to_owned(),
            help: "indent with spaces; YAML does not allow tabs here".into(),
            at: line.start + line.text.find('\t')?,
        })
    }

    fn open_quote(&self, said: &str) -> Option<Mistake> {
        if !["indentation", "end of stream", "document indicator"].iter().any(|word| said.contains(word)) {
            return None;
        }
        let begun = self.text.get(..(self.at + 1).min(self.text.len()))?;
        let at = begun.rfind(['\'', '"'])?;
        let quote = begun[at..].chars().next()?;
        Some(Mistake {
            message: format!("the quote {quote} that begins here is not closed"),
            help: "close it on the same line; a ' within '…' is written twice".into(),
            at,
        })
    }

    /// The first bracket before the place that nothing closes.
    fn unclosed(&self) -> Option<Mistake> {
        let mut open: Vec<(usize, char)> = Vec::new();
        let mut quote: Option<char> = None;
        let mut before = ' ';
        for (at, character) in self.text.get(..self.at)?.char_indices() {
            match (quote, character) {
                (Some(closing), _) => quote = quote.filter(|_| character != closing),
                (None, '\'' | '"') if matches!(before, ' ' | '[' | '{' | ',' | '\n') => {
                    quote = Some(character);
                }
                (None, '[' | '{') if !open.is_empty() || matches!(before, ' ' | '\n') => {
                    open.push((at, character));
                }
                (None, ']' | '}') => drop(open.pop()),
                _ => {}
            }
            before = character;
        }
        let (at, bracket) = *open.first()?;
        let closing = if bracket == '[' { ']' } else { '}' };
        Some(Mistake {
            message: format!("the `{bracket}` that starts here is not closed"),
            help: format!("close it with `{closing}`, and separate its items with commas").into(),
            at,
        })
    }

    /// A line that stands where none of its kind can.
    fn misplaced(&self) -> Option<Mistake> {
        let line = *self.lines.get(self.here)?;
        let is_near = |above: &Line<'_>| above.is_entry() && above.indentation() <= line.indentation() + 2;
        let item = self.lines[..self.here].iter().rev().find(|above| is_near(above));
        let (message, help) = match (line.is_entry(), item.map(|item| item.indentation())) {
            (true, Some(indentation)) if indentation != line.indentation() => (
                format!(
                    "this `- ` is indented by {}, but the items above by {indentation}",
                    line.indentation()
                ),
                "indent all items of a list alike",
            ),
            (true, _) => (
                "expected a key, found `- `".to_owned(),
                "indent the list below its key, and give that key no other value",
            ),
            (false, Some(indentation)) if indentation == line.indentation() => (
                "expected `- ` of the list, found a key".to_owned(),
                "indent it like the keys of the item above, or start it with `- `",
            ),
            (false, _) => (
                "the indentation of this line matches no line above".to_owned(),
                "indent it exactly like its sibling keys",
            ),
        };
        Some(Mistake { message, help: help.into(), at: line.begin() })
    }

    fn first_character(&self) -> Option<Mistake> {
        let character = self.text.get(self.at..)?.chars().next()?;
        Some(Mistake {
            message: format!("a value cannot start with `{character}`"),
            help: "quote it".into(),
            at: self.at,
        })
    }

    fn after_a_quote(&self) -> Option<Mistake> {
        Some(Mistake {
            message: "unexpected text after the closing quote".to_owned(),
            help: "quote the whole value; write a ' within '…' twice".into(),
            at: self.at,
        })
    }
}

/// Whether a word may be quoted: no secret looks like it.
fn is_a_key(word: &str) -> bool {
    let is_of_a_key = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-');
    (1..=32).contains(&word.len()) && word.chars().all(is_of_a_key)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::yaml::read;

    #[rstest]
    #[case::no_colon(
        "a: x\noperation list\nb:\n  c: 2\n",
        5,
        "`operation` looks like a key",
        "`operation: …`"
    )]
    #[case::no_colon_before_a_mapping(
        "a: x\nexpect\n  status: 2\n",
        5,
        "`expect` looks like a key",
        "`expect:`"
    )]
    #[case::no_colon_in_a_list(
        "s:\n  - a: 1\n    op list\n    c: 1\n",
        16,
        "`op` looks like a key",
        "`op: …`"
    )]
    #[case::no_colon_at_the_end("a: x\nb", 5, "`b` looks like a key", "`b:`")]
    #[case::no_colon_and_no_key("a: x\nnapi_0123 4\nb: 1\n", 5, "this line has no colon", "key: value")]
    #[case::no_blank(
        "e:\n  status:200\n  a: b\n",
        5,
        "the colon after `status` must be followed by a space",
        "`status: …`"
    )]
    #[case::a_colon_in_a_value(
        "title: it is: so\n",
        12,
        "a value that contains `: ` must be quoted",
        "`title: '…'`"
    )]
    #[case::a_value_and_more("a: 1\n  b: 2\n", 7, "which already has a value", "indent both lines alike")]
    #[case::a_tab("a:\n\tb: 1\n", 3, "indented with a tab", "with spaces")]
    #[case::a_tab_after_blanks("a:\n  b: 1\n\tc: 2\n", 10, "indented with a tab", "with spaces")]
    #[case::an_open_quote("a: 'x\nb:\n  c: 1\n", 3, "the quote ' that begins here", "close it")]
    #[case::an_open_double_quote("a: 1\nb: \"x\nc: 1\n", 8, "the quote \" that begins here", "close it")]
    #[case::a_quote_open_to_the_end("a: 'x", 3, "the quote ' that begins here", "close it")]
    #[case::more_behind_a_quote(
        "a: \"x\" y\n",
        7,
        "unexpected text after the closing quote",
        "quote the whole value"
    )]
    #[case::a_list_beside_keys("a: x\n- b\nc: 1\n", 5, "expected a key, found `- `", "below its key")]
    #[case::a_dash_too_far(
        "s:\n  - a: 1\n    b: 2\n   - c: 1\n",
        24,
        "indented by 3, but the items above by 2",
        "alike"
    )]
    #[case::a_dash_too_near("s:\n  - a: 1\n- b: 1\n", 12, "indented by 0, but the items above by 2", "alike")]
    #[case::a_key_in_a_list("s:\n  - a: 1\n  b: 2\n", 14, "expected `- ` of the list", "start it with `- `")]
    #[case::an_odd_indentation("a:\n    b: 1\n  c: 2\n", 14, "matches no line above", "exactly")]
    #[case::an_open_list("a: [1, 2\nb: 3\n", 3, "the `[` that starts here", "close it with `]`")]
    #[case::an_open_mapping("a: {b: 1\nc: 2\n", 3, "the `{` that starts here", "close it with `}`")]
    #[case::an_open_mapping_and_nothing_else("{", 0, "the `{` that starts here", "close it with `}`")]
    #[case::an_open_list_at_the_end("a: [\n", 3, "the `[` that starts here", "close it with `]`")]
    #[case::an_at_sign("a: @x\n", 3, "a value cannot start with `@`", "quote it")]
    #[case::a_percent_sign("a: %x\n", 3, "a value cannot start with `%`", "quote it")]
    #[case::of_other_letters("ä: x\nb c\nd: 1\n", 6, "`b` looks like a key", "`b: …`")]
    #[case::lines_of_windows("a: x\r\nb c\r\nd: 1\r\n", 6, "`b` looks like a key", "`b: …`")]
    fn a_slip_is_told_in_words(
        #[case] text: &str,
        #[case] at: usize,
        #[case] message: &str,
        #[case] help: &str,
    ) {
        let mistake = read(text).expect_err("it is no YAML");
        assert!(mistake.message.contains(message) && mistake.help.contains(help), "{mistake:?}");
        assert_eq!(mistake.at, at, "{mistake:?}");
    }
}
