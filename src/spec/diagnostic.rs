//! What the author of a spec file did wrong: what, where, and what to do about it.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity};

use super::source::Location;
use crate::secret::likeness;
use crate::text;

/// One mistake in one spec file, with the place it was made and a hint.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    message: String,
    label: Option<String>,
    help: Option<String>,
    location: Location,
}

impl Diagnostic {
    /// A mistake at `location`; `message` is one lowercase sentence without a full stop. What it quotes is shown without what looks like
    /// a secret.
    pub fn new(location: Location, message: impl Into<String>) -> Self {
        Self { message: text::message(&message.into()), label: None, help: None, location }
    }

    /// What to write under the offending text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(text::message(&label.into()));
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(text::message(&help.into()));
        self
    }

    /// Adds "did you mean …", when one of `known` looks like `word`; otherwise says what is known.
    #[must_use]
    pub fn suggest<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match closest(word, &known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => self.help("the suite defines none"),
            None if known.len() <= 24 => self.help(format!("known: {}", known.join(", "))),
            None => self.help(format!("{} are known; none is similar", known.len())),
        }
    }

    /// Where the mistake stands.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// The known word most like `word`, if one is like it at all.
#[must_use]
pub fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| {
            let distance =
                strsim::damerau_levenshtein(&word.to_ascii_lowercase(), &candidate.to_ascii_lowercase());
            (distance, *candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().max(word.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// So many lines around a mistake are shown, and looked through for secrets.
const AROUND: usize = 1;

/// The text of a file as it is shown around a place: what looks like a secret is hidden, and everything stays where it is.
fn shown(location: &Location) -> String {
    let mut text = location.text().to_owned();
    let span = location.span();
    let bytes = text.as_bytes();
    // One line more: what a word is may be said on the line before.
    let before = memchr::memrchr_iter(b'\n', &bytes[..span.start.min(bytes.len())]).nth(AROUND + 1);
    let after = memchr::memchr_iter(b'\n', &bytes[span.end.min(bytes.len())..]).nth(AROUND + 1);
    let start = before.map_or(0, |at| at + 1);
    let end = after.map_or(bytes.len(), |at| span.end + at);
    for found in likeness::likely(&text[start..end]) {
        let found = start + found.start..start + found.end;
        let hidden = "*".repeat(found.len());
        text.replace_range(found, &hidden);
    }
    text
}

/// So many mistakes are shown: whoever makes more has made one again and again.
const MOST_DRAWN: usize = 100;

/// The longest line that is shown, in bytes.
const LONGEST_DRAWN: usize = 1000;

/// [`Diagnostic`] as `miette` draws it: the source line with the mistake underlined.
#[derive(Debug)]
struct Drawn<'a> {
    diagnostic: &'a Diagnostic,
    severity: Severity,
    source: NamedSource<String>,
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)?;
        if self.is_drawn() { Ok(()) } else { write!(f, " ({})", self.diagnostic.location) }
    }
}

impl Drawn<'_> {
    /// A line that fills a screen helps nobody.
    fn is_drawn(&self) -> bool {
        self.diagnostic.location.line_text().len() <= LONGEST_DRAWN
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.diagnostic.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.is_drawn().then_some(&self.source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if !self.is_drawn() {
            return None;
        }
        let span = self.diagnostic.location.span();
        Some(Box::new(std::iter::once(LabeledSpan::new(
            Some(self.diagnostic.label.clone().unwrap_or_else(|| "here".to_owned())),
            span.start,
            span.len().max(1),
        ))))
    }
}

/// Every mistake found in a suite, in the order of files and lines. Never empty as an error.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// The number of mistakes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes, sorted by file and line.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Hands on the mistakes from `first` on.
    pub(crate) fn move_from(&mut self, first: usize, other: &mut Self) {
        other.0.extend(self.0.drain(first..));
    }

    /// The mistakes by file and line, without repetition.
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort_by_cached_key(|mistake| {
            let location = &mistake.location;
            (location.path().to_path_buf(), location.span().start, mistake.message.clone())
        });
        self.0.dedup_by(|a, b| a.location == b.location && a.message == b.message);
        self
    }

    /// `Ok(value)` when nothing is wrong, else all that is, sorted and without repetition.
    pub(crate) fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self.sorted()) }
    }

    /// The mistakes, each on a line with its place in the document, for those who do not see the text as a file.
    #[must_use]
    pub fn lines(&self) -> String {
        let lines = self.0.iter().take(MOST_DRAWN).map(|mistake| {
            let help = mistake.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
            format!("{}: {}{help}", mistake.location.place(), mistake.message)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The mistakes, each with its source line; `theme` decides on colours and box characters.
    #[must_use]
    pub fn render(&self, theme: GraphicalTheme) -> String {
        let mut drawn = self.draw(theme, Severity::Error, MOST_DRAWN);
        if let Some(more) = self.len().checked_sub(MOST_DRAWN).filter(|more| *more > 0) {
            drawn.push_str(&format!("… and {more} more errors\n"));
        }
        drawn
    }

    /// The first of them, as warnings.
    #[must_use]
    pub fn render_warnings(&self, theme: GraphicalTheme, at_most: usize) -> String {
        self.draw(theme, Severity::Warning, at_most)
    }

    fn draw(&self, theme: GraphicalTheme, severity: Severity, at_most: usize) -> String {
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_context_lines(AROUND)
            .with_width(100)
            .with_links(false);
        let mut out = String::new();
        for diagnostic in self.0.iter().take(at_most) {
            let location = &diagnostic.location;
            let drawn = Drawn {
                diagnostic,
                severity,
                source: NamedSource::new(location.path().display().to_string(), shown(location)),
            };
            // Writing to a String cannot fail.
            let _ = handler.render_report(&mut out, &drawn);
            out.push('\n');
        }
        out
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, iter: I) {
        self.0.extend(iter);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(GraphicalTheme::unicode_nocolor()))
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use std::path::Path;

    use super::super::source::SourceText;
    use super::*;

    #[test]
    fn a_mistake_made_again_and_again_is_told_often_enough() {
        let text = "a: b\n".repeat(MOST_DRAWN + 7);
        let source = SourceText::new(Path::new("a.yaml"), text);
        let mistake = |line: usize| Diagnostic::new(source.at_bytes(line * 5..line * 5 + 1), "it is wrong");
        let all: Diagnostics = (0..MOST_DRAWN + 7).map(mistake).collect();
        let told = all.render(GraphicalTheme::none());
        assert_eq!(told.matches("it is wrong").count(), MOST_DRAWN);
        assert!(told.ends_with("… and 7 more errors\n"));
    }

    #[rstest]
    #[case::a_key("napi_0123456789abcdef\n", "napi_")]
    #[case::in_a_mapping("a: 1\nkey: napi_0123456789abcdef # é\nb: 2\n", "napi_")]
    #[case::on_the_line_before("napi_0123456789abcdef\nkey: x\n", "key")]
    #[case::on_the_line_after("key: x\nnapi_0123456789abcdef\n", "key")]
    #[case::of_another("key: ghp_0123456789abcdefghij\n", "key")]
    #[case::a_header("authorization: Bearer 0123456789abcdef\n", "auth")]
    #[case::in_a_url("url: postgres://me:0123456789abcdef@host/db\n", "url")]
    fn a_key_in_the_file_is_not_quoted(#[case] text: &str, #[case] at: &str) {
        let start = text.find(at).expect("it is there");
        let location = SourceText::new(Path::new("a.yaml"), text).at_bytes(start..start + 3);
        let mistake = Diagnostic::new(location, format!("`{}` is wrong", text.trim()))
            .label(format!("is {text}"))
            .help(format!("not {text}"));
        let told = Diagnostics::from_iter([mistake]).render(GraphicalTheme::none());
        assert!(!told.contains("0123456789abcdef"), "{told}");
        assert!(told.contains("****") && told.contains("<secret>") && told.contains("a.yaml"), "{told}");
    }

    #[rstest]
    #[case::swapped("lsitProjects", Some("listProjects"))]
    #[case::case_only("listprojects", Some("listProjects"))]
    #[case::nothing_like_it("zebra", None)]
    fn the_closest_word_is_suggested(#[case] word: &str, #[case] expected: Option<&str>) {
        assert_eq!(closest(word, &["listProjects", "createApiKey"]), expected);
    }
}
