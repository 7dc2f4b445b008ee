//! When snapshots were last seen to hold at an endpoint: one file beside them, `confirmed.json`.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::artefact::{self, ArtefactError};
use crate::input;
use crate::secret::Secrets;

const FILE: &str = "confirmed.json";

/// Which snapshots were seen to hold at an endpoint, and when last; by their paths below the folder of snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confirmed(BTreeMap<String, Confirmation>);

/// A snapshot that was seen to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The last day on which it did.
    pub on: Date,
    /// The endpoint.
    pub at: String,
    /// What it said then: the beginning of its SHA-256.
    digest: String,
}

/// How a snapshot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'c> {
    /// It was seen to hold as it is.
    Confirmed(&'c Confirmation),
    /// It has changed since it was.
    Changed(&'c Confirmation),
    /// It was never seen to hold.
    Never,
}

impl Confirmed {
    /// What stands in the folder; nothing, where there is no such file.
    ///
    /// # Errors
    /// When the file is there and cannot be read, in one line that names it.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(FILE);
        let text = match input::read_text(&path, input::DOCUMENT) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read.map_err(|error| format!("{}: {error}", path.display()))?,
        };
        serde_json::from_str(&text).map_err(|error| {
            format!("{}:{}: {error}; restore it, or remove it", path.display(), error.line())
        })
    }

    /// Takes note that a snapshot that reads so holds.
    pub(crate) fn confirm(&mut self, snapshot: &str, text: &str, on: Date, at: &str) {
        let confirmation = Confirmation { on, at: at.to_owned(), digest: digest(text) };
        self.0.insert(snapshot.to_owned(), confirmation);
    }

    /// How many snapshots there are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How a snapshot stands that reads so.
    #[must_use]
    pub fn standing(&self, snapshot: &str, text: &str) -> Standing<'_> {
        match self.0.get(snapshot) {
            None => Standing::Never,
            Some(confirmation) if confirmation.digest == digest(text) => Standing::Confirmed(confirmation),
            Some(confirmation) => Standing::Changed(confirmation),
        }
    }

    /// Adds what is new to the file; what is said of snapshots that are there no more is left out.
    pub(crate) fn write_to(self, folder: &Path, secrets: &Secrets) -> Result<(), ConfirmedError> {
        let mut all = Self::read(folder).map_err(ConfirmedError::Unreadable)?;
        all.0.extend(self.0);
        all.0.retain(|snapshot, _| folder.join(snapshot).is_file());
        let text = format!("{:#}\n", serde_json::json!(all));
        Ok(artefact::write(&folder.join(FILE), &text, secrets)?)
    }
}

/// What was confirmed cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmedError {
    /// The file is there and cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The snapshots are in the binary.
    #[error("the snapshots are in the binary: name a folder of your own with `--snapshot-dir`")]
    BuiltIn,
    /// It cannot be written.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
}

fn digest(text: &str) -> String {
    sha2::Sha256::digest(text.trim())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
