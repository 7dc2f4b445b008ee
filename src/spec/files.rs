//! The files of a suite, read whole before anything is made of them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use sha2::Digest as _;

/// The bytes of a suite's files, by path relative to the suite, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub struct Files {
    root: PathBuf,
    entries: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Reads everything under `root`, and the fixture accounts in `fixtures/accounts/` beside it.
    ///
    /// # Errors
    /// When a folder or a file cannot be read; `fixtures/accounts/` may be missing.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut files = Self { root: root.to_path_buf(), entries: BTreeMap::new() };
        files.read_folder(root, "")?;
        let accounts = root.join(ACCOUNTS);
        if accounts.is_dir() {
            files.read_folder(&accounts, &format!("{ACCOUNTS}/"))?;
        }
        Ok(files)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                self.read_folder(&path, &format!("{prefix}{name}/"))?;
            } else {
                self.entries.insert(format!("{prefix}{name}"), std::fs::read(&path)?);
            }
        }
        Ok(())
    }

    /// The same files with one more, or with another content for one.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.entries.insert(path.to_owned(), bytes.into());
        self
    }

    /// The files in one folder of the suite, its subfolders included.
    pub(crate) fn under(&self, folder: &str) -> impl Iterator<Item = (&str, &[u8])> {
        self.entries
            .iter()
            .filter(move |(path, _)| path.starts_with(folder))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// One file.
    pub(crate) fn get(&self, path: &str) -> Option<&[u8]> {
        self.entries.get(path).map(Vec::as_slice)
    }

    /// The beginning of the SHA-256 of all files, with their paths.
    pub(crate) fn digest(&self) -> String {
        let mut hash = sha2::Sha256::new();
        for (path, bytes) in &self.entries {
            hash.update(format!("{path}\0{}\0", bytes.len()));
            hash.update(bytes);
        }
        beginning(&hash.finalize())
    }

    /// How a file should be shown: as it can be opened from where the command runs.
    pub(crate) fn shown(&self, path: &str) -> PathBuf {
        match path.strip_prefix("../") {
            Some(beside) => self.root.parent().unwrap_or(Path::new("")).join(beside),
            None => self.root.join(path),
        }
    }
}

/// The beginning of the SHA-256 of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    beginning(&sha2::Sha256::digest(bytes))
}

fn beginning(hash: &[u8]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Where fixture accounts are, from the suite's folder.
pub(crate) const ACCOUNTS: &str = "../fixtures/accounts";
