//! Snapshot files: where they are, and how they are written (insta's format, so that `cargo insta review` works).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::Digest as _;

use super::confirmed::{Confirmed, ConfirmedError};
use super::contents::{StoreError, parse, read};
use crate::artefact;
use crate::input;
use crate::plan::Trial;
use crate::secret::Secrets;
use crate::spec::{built_in_snapshot, built_in_snapshots};

/// A suite's snapshots: those in its folder, and, where it builds on the suite in the binary, those of that one.
#[derive(Debug)]
pub struct Store {
    /// `None` where none can be written.
    root: Option<PathBuf>,
    inherits: bool,
}

/// By what folder snapshots in the binary are shown.
const BUILT_IN: &str = "built-in/snapshots";

impl Store {
    /// The snapshots in `root`, a folder that need not exist yet. `inherits`: those in the binary as well, where it lacks one.
    #[must_use]
    pub fn new(root: Option<PathBuf>, inherits: bool) -> Self {
        Self { root, inherits }
    }

    /// Whether snapshots can be written.
    pub(super) fn is_writable(&self) -> bool {
        self.root.is_some()
    }

    fn folder(&self) -> &Path {
        self.root.as_deref().unwrap_or(Path::new(BUILT_IN))
    }

    /// The snapshot of a trial: in the folder of its case, named after the trial, or after its family.
    #[must_use]
    pub fn path(&self, trial: &Trial) -> PathBuf {
        match &trial.case.snapshot.family {
            Some(family) => self.folder().join("families").join(format!("{family}.snap")),
            None => self.folder().join(format!("{}.snap", file_name(&trial.name))),
        }
    }

    /// What a snapshot says, where there is one.
    pub(super) fn find(&self, path: &Path) -> Result<Option<String>, StoreError> {
        if self.root.is_some() && path.exists() {
            return self.read(path).map(Some);
        }
        let inherited = self.inherits.then(|| built_in_snapshot(&self.name(path))).flatten();
        inherited.map(|bytes| parse(path, bytes)).transpose()
    }

    /// What a snapshot says; no link is followed that leads out of the folder, as it may lead to a key, and differences are shown.
    fn read(&self, path: &Path) -> Result<String, StoreError> {
        let leads_out = input::leads_out(path, self.folder());
        let reason = match leads_out {
            Ok(false) => return read(path),
            Ok(true) => input::LEADS_OUT.to_owned(),
            Err(error) => error.to_string(),
        };
        Err(StoreError::Unreadable { path: path.to_path_buf(), reason })
    }

    /// Where a snapshot waits for review.
    pub(super) fn pending(path: &Path) -> PathBuf {
        path.with_extension("snap.new")
    }

    /// What waited for review is settled.
    pub(super) fn settle(path: &Path) {
        // Where there is nothing to remove, nothing needs to be.
        let _ = std::fs::remove_file(Self::pending(path));
    }

    /// Writes a snapshot, whole or not at all.
    pub(super) fn write(path: &Path, trial: &Trial, text: &str, secrets: &Secrets) -> Result<(), StoreError> {
        // A family's snapshot belongs to no single case.
        let header = match &trial.case.snapshot.family {
            Some(family) => format!("expression: {}", serde_json::json!(family)),
            None => format!(
                "source: {}\nexpression: {}",
                serde_json::json!(trial.case.source.path()),
                serde_json::json!(trial.name)
            ),
        };
        let contents = format!("---\n{header}\n---\n{}\n", text.trim_end());
        artefact::write(path, &contents, secrets)?;
        if path.extension().is_some_and(|extension| extension == "snap") {
            Self::settle(path);
        }
        Ok(())
    }

    /// The name of a snapshot: its path below the folder, with `/`.
    #[must_use]
    pub fn name(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.folder()).unwrap_or(path);
        below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// All snapshots that are there, each with what it says, sorted.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn all(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut all = BTreeMap::new();
        if self.inherits {
            for (name, bytes) in built_in_snapshots() {
                all.insert(name.to_owned(), parse(&Path::new(BUILT_IN).join(name), bytes)?);
            }
        }
        for path in self.own() {
            all.insert(self.name(&path), self.read(&path)?);
        }
        Ok(all.into_iter().collect())
    }

    /// Keeps what was confirmed.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn keep(&self, confirmed: Confirmed, secrets: &Secrets) -> Result<(), ConfirmedError> {
        let Some(root) = &self.root else { return Err(ConfirmedError::BuiltIn) };
        confirmed.write_to(root, secrets)
    }

    /// The snapshots that none of `trials` has, sorted.
    #[must_use]
    pub fn orphans(&self, trials: &[Trial]) -> Vec<PathBuf> {
        let wanted: BTreeSet<PathBuf> =
            trials.iter().filter(|trial| !trial.case.snapshot.omit).map(|trial| self.path(trial)).collect();
        let mut orphans = self.own();
        orphans.retain(|path| !wanted.contains(path));
        orphans
    }

    /// The files of the folder, sorted.
    fn own(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        if let Some(root) = &self.root {
            collect(root, &mut paths);
        }
        paths.sort();
        paths
    }
}

/// Writes a text with only what file systems take; `also` is taken besides.
fn encode(text: &str, also: &str, out: &mut String) {
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || "-_,.%=".contains(character) || also.contains(character) {
            out.push(character);
        } else {
            out.push_str(&format!("~{:x}~", u32::from(character)));
        }
    }
}

/// The longest file name, in bytes, that leaves room for `.snap.new` everywhere.
const LONGEST: usize = 200;

/// A trial's name as a file name: `refused[a,b]` becomes `refused@a,b`. Other names make other files.
fn file_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let (case, variant) = name.split_once('[').unwrap_or((name, ""));
    encode(case, "/", &mut out);
    if !variant.is_empty() {
        out.push('@');
        encode(variant.strip_suffix(']').unwrap_or(variant), "", &mut out);
    }
    if out.len() > LONGEST {
        let digest = sha2::Sha256::digest(&out);
        out.truncate(LONGEST - 16);
        out.push_str(&digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
    out
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "snap") {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{LONGEST, file_name};

    #[rstest]
    #[case("api-keys/revoked", "api-keys/revoked")]
    #[case("api-keys/revoked[v1,listProjects]", "api-keys/revoked@v1,listProjects")]
    #[case("a/b[1.5,x y]", "a/b@1.5,x~20~y")]
    #[case("a/b[/../c]", "a/b@~2f~..~2f~c")]
    fn a_name_becomes_a_file_name(#[case] name: &str, #[case] expected: &str) {
        assert_eq!(file_name(name), expected);
    }

    #[test]
    fn long_names_stay_apart() {
        let long = |end: &str| file_name(&format!("a/b[{}{end}]", "x".repeat(300)));
        assert_eq!(long("1").len(), LONGEST);
        assert_ne!(long("1"), long("2"));
    }
}
