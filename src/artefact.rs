//! Files that a run leaves behind: each is looked through for secrets before it is written, and written whole or not at all.

use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::secret::Secrets;

/// A file is not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtefactError {
    /// A secret would have been in it.
    #[error(
        "{path} would hold a secret, and is not written; this is a bug in neon-contract, please report it"
    )]
    Secret {
        /// The file.
        path: String,
    },
    /// The file system refuses.
    #[error("{path} cannot be written: {cause}")]
    File {
        /// The file.
        path: String,
        /// Why.
        cause: io::Error,
    },
}

impl ArtefactError {
    /// Whether the harness itself is to blame.
    #[must_use]
    pub fn is_bug(&self) -> bool {
        matches!(self, Self::Secret { .. })
    }
}

/// Writes a file in which no secret is, in any encoding; what was there is replaced whole, or not at all. What a link leads to is
/// replaced, not the link; a device or a pipe is written to.
///
/// # Errors
/// When a secret is in it, or it cannot be written; then what was there is there still.
pub fn write(path: &Path, text: &str, secrets: &Secrets) -> Result<(), ArtefactError> {
    if secrets.leaks_in(text) || secrets.leaks_in(&percent_decode_str(text).decode_utf8_lossy()) {
        return Err(ArtefactError::Secret { path: path.display().to_string() });
    }
    let failed = |cause| ArtefactError::File { path: path.display().to_string(), cause };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let Some(path) = &replaced(path) else { return std::fs::write(path, text).map_err(failed) };
    // Others may write the same file at the same time.
    let beside = beside(path, &uuid::Uuid::new_v4().simple().to_string());
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(|cause| {
        // Where there is nothing to remove, nothing needs to be.
        let _ = std::fs::remove_file(&beside);
        failed(cause)
    })
}

/// Whether [`write()`] will find a place for the file; what is there stays as it is.
///
/// # Errors
/// Why not.
pub fn check_writable(path: &Path) -> Result<(), ArtefactError> {
    let failed = |cause| ArtefactError::File { path: path.display().to_string(), cause };
    if path.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let Some(path) = replaced(path) else { return Ok(()) };
    let beside = beside(&path, "part");
    std::fs::write(&beside, "").and_then(|()| std::fs::remove_file(&beside)).map_err(failed)
}

/// The file whose place a new one takes. `None` where none can: for a device, a pipe, or what `/dev/stdout` leads to.
fn replaced(path: &Path) -> Option<PathBuf> {
    let is_no_file = std::fs::metadata(path).is_ok_and(|there| !there.is_file());
    let is_open_already = path.starts_with("/dev") && path.is_symlink();
    let is_replaced = !(is_no_file || is_open_already);
    is_replaced.then(|| path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
}

fn beside(path: &Path, word: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{word}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const KEY: &str = "napi_0123456789+abcdef";

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_file_is_written_to() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [file, link, device] = ["file", "link", "device"].map(|name| folder.path().join(name));
        std::fs::write(&file, "old").expect("it can be written");
        std::os::unix::fs::symlink(&file, &link).expect("it can be made");
        std::os::unix::fs::symlink("/dev/full", &device).expect("it can be made");
        check_writable(&link).and_then(|()| write(&link, "new", &Secrets::default())).expect("it is written");
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "new");
        let error = write(&device, "new", &Secrets::default()).expect_err("there is no room");
        assert!(matches!(error, ArtefactError::File { .. }), "{error}");
        assert!(device.is_symlink());
        assert_eq!(["/dev/full", "/dev/stdout"].map(|path| replaced(Path::new(path))), [None, None]);
    }

    #[rstest]
    #[case::as_it_is(KEY.to_owned())]
    #[case::percent_encoded("napi%5f0123456789%2Babcdef".to_owned())]
    #[case::in_base64("eyJrIjoibmFwaV8wMTIzNDU2Nzg5K2FiY2RlZiJ9".to_owned())]
    fn a_secret_is_never_written(#[case] text: String) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("report");
        std::fs::write(&path, "old").expect("it can be written");
        let secrets = Secrets::default();
        secrets.add(KEY);
        assert!(write(&path, &format!("a {text} b"), &secrets).is_err_and(|error| error.is_bug()));
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "old");
        assert!(write(&path, "new", &secrets).is_ok());
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "new");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("it is there").count(),
            1,
            "nothing is left beside it"
        );
    }
}
