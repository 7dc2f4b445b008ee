//! The files of a suite, read whole before anything is made of them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use sha2::Digest as _;

use super::built_in;
use super::diagnostic::Diagnostic;
use super::document::Document;
use super::source::SourceText;
use crate::input;

/// A suite's files, by path relative to the suite, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub struct Files {
    root: PathBuf,
    entries: BTreeMap<String, File>,
}

/// A file as it was read.
#[derive(Debug, Clone)]
pub(crate) enum File {
    Text(Arc<SourceText>),
    /// It is not UTF-8. The path is the one it is shown by.
    Bytes(PathBuf, Vec<u8>),
}

impl File {
    fn new(shown: &Path, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(SourceText::new(shown, text)),
            Err(error) => Self::Bytes(shown.to_path_buf(), error.into_bytes()),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(source) => source.text().as_bytes(),
            Self::Bytes(_, bytes) => bytes,
        }
    }

    /// What is in it.
    pub(crate) fn document(&self) -> Result<Document, Diagnostic> {
        match self {
            Self::Text(source) => Document::of(source.clone()),
            Self::Bytes(shown, bytes) => Document::parse(shown, bytes),
        }
    }
}

/// A file or a folder of the suite cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {cause}", path.display())]
pub struct Unreadable {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system says.
    pub cause: io::Error,
}

fn of<T>(path: &Path, result: io::Result<T>) -> Result<T, Unreadable> {
    result.map_err(|cause| Unreadable { path: path.to_path_buf(), cause })
}

impl Files {
    /// Reads everything under `root`, and the fixture accounts in `fixtures/accounts/` beside it. No link is followed that leads out of
    /// these two: it may lead to a key, and mistakes quote what they are made in.
    ///
    /// # Errors
    /// When a folder or a file cannot be read, or is such a link; `fixtures/accounts/` may be missing.
    pub fn read(root: &Path) -> Result<Self, Unreadable> {
        Self::read_where(root, |_| true)
    }

    /// The same, but for files whose path `is_wanted` refuses.
    pub(crate) fn read_where(
        root: &Path,
        is_wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<Self, Unreadable> {
        let mut files = Self { root: root.to_path_buf(), entries: BTreeMap::new() };
        // The suite itself may be a link: that is where whoever names it wants to go.
        let suite = of(root, root.canonicalize())?;
        let beside = suite.parent().unwrap_or(&suite).join(ACCOUNTS.trim_start_matches("../"));
        let own = Own([suite, beside]);
        let mut entries = files.read_folder(root, "", &own, &is_wanted)?;
        let accounts = root.join(ACCOUNTS);
        if accounts.is_dir() {
            own.check(&accounts)?;
            entries.extend(files.read_folder(&accounts, &format!("{ACCOUNTS}/"), &own, &is_wanted)?);
        }
        files.entries = entries.into_iter().collect();
        Ok(files)
    }

    /// The files of the suite in the binary whose path `is_wanted` does not refuse.
    pub(crate) fn built_in(is_wanted: impl Fn(&str) -> bool) -> Self {
        let mut files = Self { root: Path::new(built_in::NAME).join("specs"), entries: BTreeMap::new() };
        for (path, bytes) in built_in::files() {
            let name = match (path.strip_prefix("specs/"), path.strip_prefix("fixtures/")) {
                (Some(name), _) => name.to_owned(),
                (_, Some(_)) => format!("../{path}"),
                _ => continue,
            };
            if is_wanted(&name) {
                let file = File::new(&files.shown(&name), bytes.clone());
                files.entries.insert(name, file);
            }
        }
        files
    }

    /// Whether the suite says that it extends the one in the binary. Its `suite.yaml` says nothing else then.
    ///
    /// # Errors
    /// When it extends something else, or says more.
    pub(crate) fn extends_built_in(&self) -> Result<bool, Diagnostic> {
        let Some(document) = self.get(SUITE).and_then(|file| file.document().ok()) else { return Ok(false) };
        let Some(extended) = document.value().get(EXTENDS) else { return Ok(false) };
        if extended != built_in::NAME {
            let message = format!("`{extended}` is no suite that can be extended");
            let at = document.at(&format!("/{EXTENDS}"));
            return Err(Diagnostic::new(at, message).help(format!("write `{EXTENDS}: {}`", built_in::NAME)));
        }
        let others = document.value().as_object().into_iter().flatten();
        if let Some((key, _)) = others.into_iter().find(|(key, _)| *key != EXTENDS) {
            let at = document.at_key(&format!("/{}", super::escape(key)));
            let message = format!("`{key}` stands beside `{EXTENDS}`");
            let help = "a suite that extends another takes its contracts, what it supplies and its profiles";
            return Err(Diagnostic::new(at, message).help(help));
        }
        Ok(true)
    }

    /// These files, and those of `base` that they do not have; what they extend it by is said in `base`.
    pub(crate) fn over(mut self, base: Self) -> Self {
        self.entries.remove(SUITE);
        for (path, file) in base.entries {
            self.entries.entry(path).or_insert(file);
        }
        self
    }

    /// The same files with one more, or with another content for one.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let file = File::new(&self.shown(path), bytes.into());
        self.entries.insert(path.to_owned(), file);
        self
    }

    /// The files in one folder of the suite, its subfolders included.
    pub(crate) fn under(&self, folder: &str) -> impl Iterator<Item = (&str, &File)> {
        self.entries
            .iter()
            .filter(move |(path, _)| path.starts_with(folder))
            .map(|(path, file)| (path.as_str(), file))
    }

    /// One file.
    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.entries.get(path)
    }

    /// The beginning of the SHA-256 of all files, with their paths.
    pub(crate) fn digest(&self) -> String {
        let mut hash = sha2::Sha256::new();
        for (path, file) in &self.entries {
            let bytes = file.bytes();
            hash.update(format!("{path}\0{}\0", bytes.len()));
            hash.update(bytes);
        }
        beginning(&hash.finalize())
    }

    /// All files under a folder, each with its name among the files of the suite.
    fn read_folder(
        &self,
        folder: &Path,
        prefix: &str,
        own: &Own,
        is_wanted: &(impl Fn(&str) -> bool + Sync),
    ) -> Result<Vec<(String, File)>, Unreadable> {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in of(folder, std::fs::read_dir(folder))? {
            let entry = of(folder, entry)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = entry.path();
            let mut kind = of(&path, entry.file_type())?;
            if kind.is_symlink() {
                own.check(&path)?;
                // What it leads to counts.
                kind = of(&path, std::fs::metadata(&path))?.file_type();
            }
            if kind.is_dir() {
                folders.push((format!("{prefix}{name}/"), path));
            } else if kind.is_file() {
                let name = format!("{prefix}{name}");
                if is_wanted(&name) {
                    files.push((name, path));
                }
            } else {
                // A pipe would be waited for.
                return of(&path, Err(io::Error::other("it is not a file")));
            }
        }
        let contents = |(name, path): (String, PathBuf)| {
            let file = File::new(&self.shown(&name), of(&path, input::read(&path, input::DOCUMENT))?);
            Ok((name, file))
        };
        let (files, below) = rayon::join(
            || files.into_par_iter().map(contents).collect::<Result<Vec<_>, _>>(),
            || {
                folders
                    .into_par_iter()
                    .map(|(prefix, path)| self.read_folder(&path, &prefix, own, is_wanted))
                    .collect::<Result<Vec<_>, _>>()
            },
        );
        let mut all = files?;
        all.extend(below?.into_iter().flatten());
        Ok(all)
    }

    /// How a file should be shown: as it can be opened from where the command runs.
    pub(crate) fn shown(&self, path: &str) -> PathBuf {
        match path.strip_prefix("../") {
            Some(beside) => self.root.parent().unwrap_or(Path::new("")).join(beside),
            None => self.root.join(path),
        }
    }
}

/// The folders that are the suite's own, without links.
struct Own([PathBuf; 2]);

impl Own {
    /// Whether a link stays in them.
    fn check(&self, link: &Path) -> Result<(), Unreadable> {
        let target = of(link, link.canonicalize())?;
        if self.0.iter().any(|folder| target.starts_with(folder)) {
            return Ok(());
        }
        of(link, Err(io::Error::other(LEADS_OUT)))
    }
}

/// What is said of a link that does not.
const LEADS_OUT: &str =
    "it is a link to a file outside the suite, which is not followed; replace the link with the file";

/// The beginning of the SHA-256 of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    beginning(&sha2::Sha256::digest(bytes))
}

fn beginning(hash: &[u8]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The file that says what a suite is.
const SUITE: &str = "suite.yaml";

/// The key in it that names a suite to build on.
const EXTENDS: &str = "extends";

/// Where fixture accounts are, from the suite's folder.
pub(crate) const ACCOUNTS: &str = "../fixtures/accounts";

#[cfg(all(test, unix))]
mod tests {
    use rstest::rstest;

    use super::Files;

    #[test]
    fn the_suite_in_the_binary_is_that_of_the_package() {
        let own = Files::read(std::path::Path::new("specs")).expect("the suite can be read");
        let built_in = Files::built_in(|_| true);
        assert_eq!(own.digest(), built_in.digest());
        assert_eq!(built_in.digest(), super::built_in::DIGEST);
        assert_eq!(Files::built_in(|path| !path.starts_with("cases/")).under("cases/").count(), 0);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_path() {
        let folder = tempfile::tempdir().expect("there is room");
        let link = folder.path().join("case.yaml");
        std::os::unix::fs::symlink("/nowhere", &link).expect("it can be made");
        let error = Files::read(folder.path()).expect_err("it leads nowhere");
        assert_eq!(error.path, link);
    }

    /// A suite `a/specs` with its fixtures, and a file outside it.
    fn suite() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("there is room");
        for name in ["a/specs/cases", "a/fixtures/accounts", "b/accounts"] {
            std::fs::create_dir_all(folder.path().join(name)).expect("it can be made");
        }
        for name in ["a/specs/suite.yaml", "a/fixtures/accounts/seed.yaml", "b/key", "b/accounts/key.yaml"] {
            std::fs::write(folder.path().join(name), "napi_0123456789abcdef").expect("it can be written");
        }
        folder
    }

    #[rstest]
    #[case::of_a_file("a/specs/cases/key.yaml", "b/key")]
    #[case::that_is_relative("a/specs/cases/key.yaml", "../../../b/key")]
    #[case::of_a_folder("a/specs/cases/more", "../../../b")]
    #[case::to_beside_the_suite("a/specs/cases/more.yaml", "../../more.yaml")]
    #[case::of_an_account("a/fixtures/accounts/more.yaml", "../../../b/key")]
    #[case::of_all_accounts("a/fixtures/accounts", "../../b/accounts")]
    fn a_link_out_of_the_suite_is_not_followed(#[case] link: &str, #[case] target: &str) {
        let folder = suite();
        std::fs::write(folder.path().join("a/more.yaml"), "").expect("it can be written");
        let link = folder.path().join(link);
        if link.is_dir() {
            std::fs::remove_dir_all(&link).expect("it can be removed");
        }
        let target = if target.starts_with('.') { target.into() } else { folder.path().join(target) };
        std::os::unix::fs::symlink(target, &link).expect("it can be made");
        let error = Files::read(&folder.path().join("a/specs")).expect_err("it leads out");
        let told = error.to_string();
        assert!(told.contains(super::LEADS_OUT) && !told.contains("napi_"), "{told}");
        assert_eq!(error.path.canonicalize().ok(), link.canonicalize().ok());
    }

    #[test]
    fn a_link_within_the_suite_is_followed() {
        let folder = suite();
        let path = |name: &str| folder.path().join(name);
        for (link, target) in [
            ("a/specs/cases/again.yaml", "../suite.yaml"),
            ("a/specs/more", "cases"),
            ("a/specs/cases/seed.yaml", "../../fixtures/accounts/seed.yaml"),
            ("named", "a/specs"),
        ] {
            std::os::unix::fs::symlink(target, path(link)).expect("it can be made");
        }
        let files = Files::read(&path("named")).expect("it can be read");
        for name in ["cases/again.yaml", "more/again.yaml", "cases/seed.yaml", "suite.yaml"] {
            assert!(files.get(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_would_be_waited_for_is_not_read() {
        let folder = tempfile::tempdir().expect("there is room");
        let socket = folder.path().join("case.yaml");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("it can be made");
        let error = Files::read(folder.path()).expect_err("it is not a file");
        assert_eq!((error.path, error.cause.to_string()), (socket, "it is not a file".to_owned()));
    }
}
