//! Errors in a file that is named on the command line and is not part of the suite.

use std::io;
use std::path::Path;

use super::diagnostic::{Diagnostic, Diagnostics};
use crate::input;

/// A gate file or an endpoint file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputFileError {
    /// The file cannot be read.
    #[error("cannot read the {kind} file `{path}`: {cause}. See `neon-contract schema {kind}`")]
    Unreadable {
        /// The kind of file, which is also the name of its schema.
        kind: &'static str,
        /// The path of the file.
        path: String,
        /// Why it cannot be read.
        cause: String,
    },
    /// The contents of the file are wrong.
    #[error("{diagnostics}")]
    Invalid {
        /// The kind of file.
        kind: &'static str,
        /// Every error in the file.
        diagnostics: Diagnostics,
    },
}

impl InputFileError {
    /// The error for a file that cannot be read.
    pub(super) fn unreadable(kind: &'static str, path: &Path, error: &io::Error) -> Self {
        Self::Unreadable { kind, path: path.display().to_string(), cause: input::cause(error) }
    }

    /// Returns a function that turns diagnostics into the error for a file of this kind.
    pub(super) fn invalid(kind: &'static str) -> impl Fn(Diagnostics) -> Self {
        move |diagnostics| Self::Invalid { kind, diagnostics }
    }

    /// Returns a function that turns one diagnostic into the error for a file of this kind.
    pub(super) fn invalid_by(kind: &'static str) -> impl Fn(Diagnostic) -> Self {
        move |diagnostic| Self::Invalid { kind, diagnostics: Diagnostics::from_iter([diagnostic]) }
    }
}
