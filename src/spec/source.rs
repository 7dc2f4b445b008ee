//! The text of a spec file, and places in it.
//!
//! A place is worked out when somebody asks for its line: most are never shown.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::pointer::escape;
use super::yaml::{self, Place};

/// The text of a spec file.
#[derive(Debug)]
pub struct SourceText {
    shown: Arc<str>,
    text: Box<str>,
    /// By JSON Pointer (RFC 6901); found when the first is asked for.
    places: OnceLock<HashMap<Box<str>, Place>>,
}

impl SourceText {
    /// The text of the file shown as `path`.
    #[must_use]
    pub fn new(path: &Path, text: impl Into<Box<str>>) -> Arc<Self> {
        Arc::new(Self { shown: path.to_string_lossy().into(), text: text.into(), places: OnceLock::new() })
    }

    /// The file, as it is shown.
    #[must_use]
    pub fn path(&self) -> &Path {
        Path::new(&*self.shown)
    }

    /// The same as text.
    #[must_use]
    pub fn shown(&self) -> &Arc<str> {
        &self.shown
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the value at `pointer` stands; its nearest ancestor's place if it has none.
    #[must_use]
    pub fn at(self: &Arc<Self>, pointer: impl Into<Box<str>>) -> Location {
        Location { source: self.clone(), part: Part::Value(pointer.into()) }
    }

    /// Where the key that leads to `pointer` stands; the value's place if it is not in a mapping.
    #[must_use]
    pub fn at_key(self: &Arc<Self>, pointer: impl Into<Box<str>>) -> Location {
        Location { source: self.clone(), part: Part::Key(pointer.into()) }
    }

    /// Where the key of one member of the mapping at `mapping` stands.
    #[must_use]
    pub(crate) fn at_member(self: &Arc<Self>, mapping: Arc<str>, key: Arc<str>) -> Location {
        Location { source: self.clone(), part: Part::Member(mapping, key) }
    }

    /// The bytes meant, as they are.
    pub(crate) fn at_bytes(self: &Arc<Self>, span: Range<usize>) -> Location {
        Location { source: self.clone(), part: Part::Bytes(span) }
    }

    fn places(&self) -> &HashMap<Box<str>, Place> {
        self.places.get_or_init(|| yaml::places(&self.text))
    }

    fn span_of_key(&self, pointer: &str) -> Range<usize> {
        let key = self.places().get(pointer).and_then(|place| place.key.clone());
        key.unwrap_or_else(|| self.span_of(pointer))
    }

    fn span_of(&self, mut pointer: &str) -> Range<usize> {
        loop {
            if let Some(place) = self.places().get(pointer) {
                return place.value.clone();
            }
            match pointer.rfind('/') {
                Some(slash) => pointer = &pointer[..slash],
                None => return 0..0,
            }
        }
    }
}

/// A place in a spec file.
#[derive(Debug, Clone)]
pub struct Location {
    source: Arc<SourceText>,
    part: Part,
}

/// What is meant; values and keys by JSON Pointer.
#[derive(Debug, Clone)]
enum Part {
    Bytes(Range<usize>),
    Value(Box<str>),
    Key(Box<str>),
    /// The pointer of a mapping, which its members share, and the key of one of them.
    Member(Arc<str>, Arc<str>),
}

impl Location {
    /// The file with this text, from its beginning.
    #[must_use]
    pub fn of_file(path: &Path, text: &str) -> Self {
        SourceText::new(path, text).at_bytes(0..0)
    }

    /// The file, as it is shown.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    /// The whole text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The bytes meant.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match &self.part {
            Part::Bytes(span) => span.clone(),
            Part::Value(pointer) => self.source.span_of(pointer),
            Part::Key(pointer) => self.source.span_of_key(pointer),
            Part::Member(mapping, key) => self.source.span_of_key(&format!("{mapping}/{}", escape(key))),
        }
    }

    /// The place in it at which `written` goes on after so many bytes, where it stands there as it is.
    pub(super) fn within(self, written: &str, bytes: usize) -> Self {
        let span = self.span();
        let found = self.text().get(span.clone()).and_then(|text| text.find(written));
        let Some(found) = found else { return self };
        let start = span.start + found + bytes;
        let end = self.text()[start..].chars().next().filter(|_| bytes < written.len());
        Self { part: Part::Bytes(start..start + end.map_or(0, char::len_utf8)), ..self }
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        let start = self.span().start.min(self.text().len());
        memchr::memchr_iter(b'\n', &self.text().as_bytes()[..start]).count() + 1
    }

    /// Where it is in the document, as a JSON Pointer; the line, where it is no value.
    pub(super) fn place(&self) -> String {
        match &self.part {
            Part::Value(pointer) | Part::Key(pointer) if !pointer.is_empty() => pointer.to_string(),
            Part::Member(mapping, key) => format!("{mapping}/{}", escape(key)),
            _ => format!("line {}", self.line()),
        }
    }

    /// The line itself.
    pub(super) fn line_text(&self) -> &str {
        self.text().lines().nth(self.line() - 1).unwrap_or_default()
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path() && self.span() == other.span()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path().display(), self.line())
    }
}
