//! Where a suite is.

use std::path::{Path, PathBuf};

/// Where a suite is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// In the binary.
    BuiltIn,
    /// In a folder, with its snapshots beside it.
    Folder(PathBuf),
}

/// The folder that is looked for where none is named.
const USUAL: &str = "specs";

impl Home {
    /// The folder that is named, or else `specs/` where there is one, or else the suite in the binary.
    #[must_use]
    pub fn found(named: Option<PathBuf>) -> Self {
        match named {
            Some(folder) => Self::Folder(folder),
            None if Path::new(USUAL).is_dir() => Self::Folder(USUAL.into()),
            None => Self::BuiltIn,
        }
    }

    /// The folder; `None` for the suite in the binary.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::BuiltIn => None,
            Self::Folder(folder) => Some(folder),
        }
    }

    /// Where a suite of one's own is, or is to be.
    #[must_use]
    pub fn own_folder(&self) -> &Path {
        self.folder().unwrap_or(Path::new(USUAL))
    }

    /// The folder of its snapshots, beside its own; `None` for the suite in the binary.
    #[must_use]
    pub fn snapshots(&self) -> Option<PathBuf> {
        let folder = self.folder()?;
        // `..` leads beside a folder whatever it is called, but for a link.
        Some(match folder.parent() {
            Some(parent) if folder.file_name().is_some() => parent.join("snapshots"),
            _ => folder.join("../snapshots"),
        })
    }
}

impl From<PathBuf> for Home {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

impl From<&Path> for Home {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_path_buf())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("specs", "snapshots")]
    #[case("a/specs/", "a/snapshots")]
    #[case("/a/suite", "/a/snapshots")]
    #[case("..", "../../snapshots")]
    fn snapshots_are_beside_the_suite(#[case] folder: &str, #[case] expected: &str) {
        assert_eq!(Home::from(Path::new(folder)).snapshots(), Some(PathBuf::from(expected)));
    }

    #[test]
    fn what_is_named_is_taken() {
        assert_eq!(Home::found(Some("x".into())), Home::Folder("x".into()));
        assert_eq!(Home::BuiltIn.snapshots(), None);
    }
}
