//! Files that a run leaves behind: secrets in them are replaced before they are written, and they are written whole or not at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::secret::Secrets;

/// A file is not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtefactError {
    /// The file system refuses.
    #[error("cannot write {path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// Why.
        cause: io::Error,
    },
}

/// Writes a file; what was there is replaced whole, or not at all. What a link leads to is replaced, not the link; a device or a pipe
/// is written to.
///
/// A secret that is left in it is replaced by its placeholder, which breaks no form of file.
///
/// # Errors
/// When it cannot be written; then what was there is there still.
pub fn write(path: &Path, text: &str, secrets: &Secrets) -> Result<(), ArtefactError> {
    write_parts(path, [Ok(text)], secrets)
}

/// The same for a text that comes in parts, with no secret across two of them, because the whole would be large.
///
/// # Errors
/// When a part cannot be had, or the file cannot be written; then what was there is there still.
pub(crate) fn write_parts<T: AsRef<str>>(
    path: &Path,
    parts: impl IntoIterator<Item = io::Result<T>>,
    secrets: &Secrets,
) -> Result<(), ArtefactError> {
    let failed = |cause| ArtefactError::File { path: path.display().to_string(), cause };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let masked = parts.into_iter().map(|part| part.map(|part| secrets.replace(part.as_ref())));
    replace_parts(path, masked, Readers::AsUsual).map_err(failed)
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Those who may read any new file.
    AsUsual,
    /// Its owner; it is on disk, for good, when it is written.
    Owner,
}

/// Puts a new file in the place of an old one, at once: whoever looks sees one or the other. What a link leads to is replaced, not the
/// link; a device or a pipe is written to.
///
/// The new file is made under a name that nobody knows beforehand, and only where there is nothing: no link that waits there is
/// followed.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    replace_parts(path, [Ok(bytes)], readers)
}

fn replace_parts<T: AsRef<[u8]>>(
    path: &Path,
    parts: impl IntoIterator<Item = io::Result<T>>,
    readers: Readers,
) -> io::Result<()> {
    let write = |file: &mut File| parts.into_iter().try_for_each(|part| file.write_all(part?.as_ref()));
    let Some(path) = replaced(path) else { return write(&mut File::create(path)?) };
    let mut file = beside(&path, readers)?;
    write(file.as_file_mut())?;
    if readers == Readers::Owner {
        file.as_file().sync_all()?;
    }
    file.persist(&path)?;
    // The new name itself is on disk once the folder is.
    #[cfg(unix)]
    if readers == Readers::Owner {
        File::open(folder(&path))?.sync_all()?;
    }
    Ok(())
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
    beside(&path, Readers::AsUsual).and_then(NamedTempFile::close).map_err(failed)
}

/// The file whose place a new one takes. `None` where none can: for a device, a pipe, or what `/dev/stdout` leads to.
fn replaced(path: &Path) -> Option<PathBuf> {
    let is_no_file = std::fs::metadata(path).is_ok_and(|there| !there.is_file());
    let is_open_already = path.starts_with("/dev") && path.is_symlink();
    let is_replaced = !(is_no_file || is_open_already);
    is_replaced.then(|| path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
}

/// A new file in the same folder; it is removed where it is not put in the place of another.
fn beside(path: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".neon-contract-").suffix(".part").rand_bytes(16);
    #[cfg(unix)]
    if readers == Readers::AsUsual {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder(path))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const KEY: &str = "napi_0123456789+abcdef";

    /// Names under which a new file used to be made, and which others could know.
    #[cfg(unix)]
    #[rstest]
    #[case::of_a_report(".report.part", Readers::AsUsual)]
    #[case::of_a_state(".report.tmp", Readers::Owner)]
    fn a_link_that_waits_is_not_followed(#[case] name: &str, #[case] readers: Readers) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [path, waiting, victim] = ["report", name, "victim"].map(|name| folder.path().join(name));
        std::fs::write(&victim, "precious").expect("it can be written");
        std::os::unix::fs::symlink(&victim, &waiting).expect("it can be made");
        check_writable(&path).expect("there is room");
        replace(&path, b"new", readers).expect("it is written");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "new");
        assert_eq!(std::fs::read_to_string(&victim).expect("it is there"), "precious");
        assert!(waiting.is_symlink());
        let permissions = path.metadata().expect("it is there").permissions().mode();
        let others = if readers == Readers::Owner { 0 } else { permissions & 0o077 };
        assert_eq!(permissions & 0o777, 0o600 | others, "{permissions:o}");
    }

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
    #[case::percent_encoded_throughout("%6E%61%70%69%5F%30%31%32%33%34%35%36%37%38%39%2B%61%62%63%64%65%66".to_owned())]
    #[case::in_base64("bmFwaV8wMTIzNDU2Nzg5K2FiY2RlZg".to_owned())]
    fn a_secret_is_never_written(#[case] text: String) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("report");
        std::fs::write(&path, "old").expect("it can be written");
        let secrets = Secrets::default();
        secrets.add(KEY);
        write(&path, &format!("a {text} b"), &secrets).expect("it is written");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "a redacted-1 b");
        let left = std::fs::read_dir(folder.path()).expect("it is there").count();
        assert_eq!(left, 1, "nothing is left beside it");
    }
}
