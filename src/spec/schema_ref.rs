//! Names of schemas.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::document::Document;
use super::pointer::escape;
use super::source::Location;

/// Names one schema: a file of the suite and a JSON Pointer into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaRef {
    pub(super) file: String,
    pub(super) pointer: String,
}

impl SchemaRef {
    /// The schema at `pointer` (RFC 6901) in `file`, a path relative to the suite.
    #[must_use]
    pub fn new(file: impl Into<String>, pointer: impl Into<String>) -> Self {
        Self { file: file.into(), pointer: pointer.into() }
    }

    /// The file it is in.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Where it stands in its file.
    pub(super) fn location(&self, document: &Document) -> Location {
        document.at(&self.pointer)
    }

    pub(crate) fn child(&self, token: &str) -> Self {
        Self::new(self.file.clone(), format!("{}/{}", self.pointer, escape(token)))
    }

    /// The schema as an absolute URI; the pointer percent-encoded as a fragment (RFC 6901 §6).
    pub(super) fn uri(&self) -> String {
        format!("{}#{}", uri_of(&self.file), utf8_percent_encode(&self.pointer, IN_URI))
    }
}

impl fmt::Display for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.file)
        } else {
            write!(f, "{}#{}", self.file, self.pointer)
        }
    }
}

/// What stands as it is in a path and in a fragment that is a pointer (RFC 3986 §3.3, RFC 6901 §6).
const IN_URI: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'_').remove(b'.');

pub(super) fn uri_of(file: &str) -> String {
    format!("{BASE}{}", utf8_percent_encode(file, IN_URI))
}

pub(super) const BASE: &str = "specs:///";
