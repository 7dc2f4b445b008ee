//! The contents of snapshots.

use std::path::{Path, PathBuf};

use insta::Snapshot;

use crate::artefact::ArtefactError;

/// A snapshot cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It is no snapshot.
    #[error("cannot read the snapshot {path}: {reason}; restore it, or remove it and run with `--update`")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is in the binary.
    #[error("the snapshot {} is in the binary; name a folder of your own with `--snapshot-dir`", .0.display())]
    BuiltIn(PathBuf),
    /// It cannot be written.
    #[error(transparent)]
    Unwritable(#[from] ArtefactError),
}

/// The contents of a snapshot, without the white space around them, which says nothing.
pub(super) fn read(path: &Path) -> Result<String, StoreError> {
    let unreadable = |reason: String| StoreError::Unreadable { path: path.to_path_buf(), reason };
    let snapshot = Snapshot::from_file(path).map_err(|error| unreadable(error.to_string()))?;
    let contents = snapshot.as_text().ok_or_else(|| unreadable("it is not a text snapshot".to_owned()))?;
    Ok(contents.to_string().trim().to_owned())
}

/// The contents of a snapshot in the binary: what follows its head, which begins and ends with a line of dashes.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<String, StoreError> {
    let text = String::from_utf8_lossy(bytes);
    let contents = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n"));
    let reason = || StoreError::Unreadable { path: path.to_path_buf(), reason: "it has no head".to_owned() };
    contents.map(|(_, contents)| contents.trim().to_owned()).ok_or_else(reason)
}
