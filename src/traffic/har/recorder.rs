//! A recording that is being made. What is exchanged waits on disk, not in memory.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::write;
use crate::artefact::{self, ArtefactError};
use crate::exchange::Exchange;
use crate::secret::Secrets;

/// A HAR file to be, of the exchanges with one origin.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    origin: String,
    /// The entries as they will be written, one after the other, in a file without a name: nobody else can open it, and none is left.
    spool: File,
    entries: Vec<Spooled>,
    /// Why something is missing.
    lost: Option<io::Error>,
}

/// An entry in the spool.
#[derive(Debug, Clone, Copy)]
struct Spooled {
    began: Timestamp,
    start: u64,
    length: u64,
}

impl Recorder {
    /// A recording that will be this file.
    ///
    /// # Errors
    /// When there can be no such file, or none to keep exchanges in until then.
    pub fn begin(path: &Path, origin: &str) -> Result<Self, ArtefactError> {
        artefact::check_writable(path)?;
        let spool = tempfile::tempfile().map_err(|cause| ArtefactError::File {
            path: std::env::temp_dir().display().to_string(),
            cause,
        })?;
        Ok(Self { path: path.into(), origin: origin.into(), spool, entries: Vec::new(), lost: None })
    }

    /// Keeps an exchange, with placeholders for the secrets known so far. What goes wrong is told at the end.
    pub fn add(&mut self, exchange: &Exchange, secrets: &Secrets) {
        if self.lost.is_none() {
            self.lost = self.keep(exchange, secrets).err();
        }
    }

    fn keep(&mut self, exchange: &Exchange, secrets: &Secrets) -> io::Result<()> {
        let entry = secrets.replace(&write::entry(exchange, &self.origin, secrets));
        let start = self.spool.stream_position()?;
        self.spool.write_all(entry.as_bytes())?;
        self.entries.push(Spooled { began: exchange.began, start, length: entry.len() as u64 });
        Ok(())
    }

    /// Writes the file, in the order in which the requests were sent; each secret is replaced by a placeholder of its own, which stands
    /// for it wherever it was. Returns how many exchanges there are.
    ///
    /// # Errors
    /// When it cannot be written, or not all was kept.
    pub fn finish(mut self, secrets: &Secrets) -> Result<usize, ArtefactError> {
        let path = std::mem::take(&mut self.path);
        if let Some(cause) = self.lost.take() {
            return Err(ArtefactError::File { path: path.display().to_string(), cause });
        }
        self.entries.sort_by_key(|entry| entry.began);
        let (head, foot) = write::frame();
        let parts = [Ok(head)].into_iter().chain(self.entries.iter().enumerate().map(|(place, entry)| {
            Ok(if place == 0 { "" } else { "," }.to_owned() + &read(&self.spool, *entry)?)
        }));
        artefact::write_parts(&path, parts.chain([Ok(foot.to_owned())]), secrets)?;
        Ok(self.entries.len())
    }
}

fn read(mut spool: &File, entry: Spooled) -> io::Result<String> {
    spool.seek(SeekFrom::Start(entry.start))?;
    let mut text = String::new();
    spool.take(entry.length).read_to_string(&mut text)?;
    Ok(text)
}
