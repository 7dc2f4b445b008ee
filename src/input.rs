//! Files that are read whole: none takes all of the memory, whatever its name leads to.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// The largest document: a contract, a spec file, a fixture, a gate.
pub const DOCUMENT: u64 = 64 << 20;

/// The largest file of what runs have left: a recording, a result.
pub const RECORD: u64 = 1 << 30;

/// Reads a file of at most so many bytes. What is no file, such as a pipe, may have as many as a document.
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let most = if metadata.is_file() { most } else { most.min(DOCUMENT) };
    let mut bytes = Vec::new();
    if metadata.len() <= most {
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    if metadata.len() > most || bytes.len() as u64 > most {
        let message = format!("it is larger than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Reads the text of a file, as [`read()`] does.
///
/// # Errors
/// When it cannot be read, is larger, or is no text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The cause of a failed read, as a phrase for an error message.
#[must_use]
pub fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether a link among the parts of a path below a folder leads out of the folder: to what somebody else may have there.
pub(crate) fn leads_out(path: &Path, folder: &Path) -> io::Result<bool> {
    let below = path.ancestors().take_while(|part| *part != folder && part.starts_with(folder));
    if !below.into_iter().any(Path::is_symlink) {
        return Ok(false);
    }
    Ok(!path.canonicalize()?.starts_with(folder.canonicalize()?))
}

/// What is said of such a link.
pub(crate) const LEADS_OUT: &str =
    "it is a link to a file outside its directory, which is not followed; replace the link with the file";

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_end_is_too_large() {
        let error = read(Path::new("/dev/zero"), RECORD).expect_err("it has no end");
        assert_eq!(error.to_string(), "it is larger than 64 MiB");
    }

    #[rstest]
    #[case::at_the_limit(1 << 20, true)]
    #[case::beyond_it((1 << 20) + 1, false)]
    fn a_file_is_read_up_to_the_limit(#[case] size: u64, #[case] is_read: bool) {
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        file.as_file().set_len(size).expect("there is room");
        let read = read(file.path(), 1 << 20);
        assert_eq!(read.map(|bytes| bytes.len() as u64).ok(), is_read.then_some(size));
    }
}
