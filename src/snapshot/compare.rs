//! One comparison for every front end.

use std::path::{Path, PathBuf};

use insta::Snapshot;
use similar::TextDiff;

use super::store::{Store, StoreError};
use crate::plan::Trial;
use crate::secret::Secrets;

/// What to do with snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A difference fails, a missing snapshot is offered for review: for work at a desk.
    Review,
    /// A difference fails, and so does a missing or an orphaned snapshot: for CI.
    Strict,
    /// What is there is overwritten.
    Update,
    /// A difference is told and fails nothing: for endpoints the snapshots were not made for.
    Tell,
    /// Those that hold are noted down as confirmed; a difference is nobody's fault.
    Confirm,
    /// Snapshots are not looked at.
    Ignore,
}

/// How a trial compares with its snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// It reads the same.
    Same(PathBuf),
    /// Whether it does says nothing here.
    Ignored,
    /// It did not, and the snapshot was overwritten.
    Written(PathBuf),
    /// There was none; one was offered for review.
    Pending(PathBuf),
    /// There is none.
    Missing(PathBuf),
    /// It reads otherwise.
    Differs {
        /// The snapshot.
        path: PathBuf,
        /// Lines that were (-) and are (+).
        difference: String,
        /// Whether this fails the trial.
        fails: bool,
    },
}

impl Store {
    /// Compares a trial's text with its snapshot, and writes what the mode wants written.
    ///
    /// # Errors
    /// When a snapshot cannot be read or written, or would hold a secret.
    pub fn compare(
        &self,
        trial: &Trial,
        text: &str,
        mode: Mode,
        secrets: &Secrets,
    ) -> Result<Comparison, StoreError> {
        let path = self.path(trial);
        let new = text.trim();
        let old = if path.exists() { Some(read(&path)?) } else { None };
        if old.as_deref() == Some(new) {
            if !matches!(mode, Mode::Tell | Mode::Confirm) {
                Self::settle(&path);
            }
            return Ok(Comparison::Same(path));
        }
        match (mode, old) {
            (Mode::Update, _) => {
                Self::write(&path, trial, text, secrets)?;
                Ok(Comparison::Written(path))
            }
            (Mode::Ignore | Mode::Confirm, _) | (Mode::Tell, None) => Ok(Comparison::Ignored),
            (Mode::Strict, None) => Ok(Comparison::Missing(path)),
            (Mode::Review, None) => {
                Self::write(&Self::pending(&path), trial, text, secrets)?;
                Ok(Comparison::Pending(path))
            }
            (mode, Some(old)) => {
                if mode == Mode::Review {
                    Self::write(&Self::pending(&path), trial, text, secrets)?;
                }
                let difference = difference(&old, new);
                Ok(Comparison::Differs { path, difference, fails: mode != Mode::Tell })
            }
        }
    }
}

/// The contents of a snapshot, without the white space around them, which says nothing.
pub(super) fn read(path: &Path) -> Result<String, StoreError> {
    let unreadable = |reason: String| StoreError::Unreadable { path: path.to_path_buf(), reason };
    let snapshot = Snapshot::from_file(path).map_err(|error| unreadable(error.to_string()))?;
    let contents = snapshot.as_text().ok_or_else(|| unreadable("it is not a text snapshot".to_owned()))?;
    Ok(contents.to_string().trim().to_owned())
}

/// The lines that differ, with two lines around them.
fn difference(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff().context_radius(2).missing_newline_hint(false).to_string()
}
