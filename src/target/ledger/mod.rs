//! What a run has made on an endpoint, on disk before it is asked for: whatever becomes of the run, it can be found and removed.
//!
//! A file of JSON lines for each run, each line on disk before what it speaks of is sent. It holds no key.

mod event;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use event::{Event, VERSION, WITH_DIGESTS};
pub use event::{Outstanding, Undo};

use crate::sync::lock;
use crate::target::id;
use crate::target::run_name::RunName;

/// Where earlier versions kept ledgers, in the working folder: a checkout can bring such a folder along.
pub const OLD_LEDGERS: &str = ".neon-contract";

/// The ending of a ledger that does not have its first line yet.
const UNNAMED: &str = "tmp";

/// A ledger of more bytes than this is none.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The folder for ledgers unless someone names another: in the user's own state folder (`XDG_STATE_HOME`, or what the system has in its
/// place), where no checkout can put files.
#[must_use]
pub fn default_ledgers() -> PathBuf {
    match dirs::state_dir().or_else(dirs::data_local_dir) {
        Some(folder) => folder.join("neon-contract").join("ledgers"),
        None => OLD_LEDGERS.into(),
    }
}

/// The ledger of one run.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    origin: String,
    prefix: RunName,
    began: Option<Timestamp>,
    organization: Option<String>,
    /// When its last line was written, where an earlier run has left it behind.
    written: Option<SystemTime>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    next: u64,
    outstanding: Outstanding,
    claimed: BTreeSet<(String, String)>,
    present: BTreeMap<String, BTreeSet<String>>,
    foreign: BTreeSet<(String, String)>,
    /// What this program has asked to be removed, or has seen to be gone; the file does not say.
    gone: BTreeSet<(String, String)>,
}

/// A ledger cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[error("the ledger {path}: {cause}")]
pub struct LedgerError {
    path: String,
    cause: String,
    is_in_use: bool,
}

impl LedgerError {
    fn new(path: &Path, cause: impl ToString) -> Self {
        Self { path: path.display().to_string(), cause: cause.to_string(), is_in_use: false }
    }

    /// Whether a run is under way that writes it.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.is_in_use
    }
}

impl Ledger {
    /// The ledger of a run that begins now, in a folder that is made where it is not there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(
        folder: &Path,
        origin: &str,
        organization: Option<&str>,
        prefix: &RunName,
    ) -> Result<Self, LedgerError> {
        make_private(folder).map_err(|error| LedgerError::new(folder, error))?;
        let path = folder.join(format!("{prefix}.jsonl"));
        let failed = |error| LedgerError::new(&path, error);
        // It takes its name with its first line in it: there is never one that does not say which run it is of.
        let unnamed = folder.join(format!("{prefix}.{UNNAMED}"));
        let file = OpenOptions::new().create_new(true).append(true).open(&unnamed).map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        let mut state = State {
            file,
            next: 0,
            outstanding: Outstanding::default(),
            claimed: BTreeSet::new(),
            present: BTreeMap::new(),
            foreign: BTreeSet::new(),
            gone: BTreeSet::new(),
        };
        let (origin, prefix) = (origin.to_owned(), prefix.clone());
        let (at, organization) = (Some(Timestamp::now()), organization.map(str::to_owned));
        let began = Event::Began {
            version: VERSION,
            origin: origin.clone(),
            prefix: prefix.clone(),
            at,
            organization: organization.clone(),
        };
        state.write(&began).map_err(failed)?;
        fs::rename(&unnamed, &path).map_err(failed)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Self { path, origin, prefix, began: at, organization, written: None, state: Mutex::new(state) })
    }

    /// A ledger that an earlier run has left behind. A last line that was cut off by its end is left out: a ledger never says all, so that
    /// what bears the run's name is looked for as well.
    ///
    /// # Errors
    /// When it cannot be read, or is no ledger: its first line must give the name of a run, `nc-` and six hexadecimal digits.
    pub fn resume(path: &Path) -> Result<Self, LedgerError> {
        let failed = |error| LedgerError::new(path, error);
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => {
                let reason = "its run is still active; wait until it ends";
                return Err(LedgerError { is_in_use: true, ..LedgerError::new(path, reason) });
            }
            locked => locked.map_err(|error| failed(error.into()))?,
        }
        let about = file.metadata().map_err(failed)?;
        if !about.is_file() || about.len() > LARGEST {
            return Err(LedgerError::new(path, "the file is not a ledger; inspect it and remove it"));
        }
        let written = about.modified().ok();
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let (whole, _) = text.rsplit_once('\n').unwrap_or_default();
        let mut events = Vec::new();
        for (index, line) in whole.lines().enumerate() {
            let event = serde_json::from_str(line);
            events
                .push(event.map_err(|error| LedgerError::new(path, format!("line {}: {error}", index + 1)))?);
        }
        let Some(Event::Began { version, origin, prefix, at, organization }) = events.first().cloned() else {
            return Err(LedgerError::new(path, "it does not name its run; inspect it and remove it"));
        };
        if version > VERSION {
            let reason = format!(
                "it has version {version}, but this program reads up to {VERSION}; use a newer neon-contract"
            );
            return Err(LedgerError::new(path, reason));
        }
        if events.iter().skip(1).any(|event| matches!(event, Event::Began { .. })) {
            return Err(LedgerError::new(path, "it names two runs; inspect it and remove it"));
        }
        if !text.ends_with('\n') {
            file.set_len(whole.len() as u64 + 1).map_err(failed)?;
        }
        let mut outstanding = Outstanding::default();
        let mut present: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut foreign = BTreeSet::new();
        let next = events.len() as u64;
        for event in events {
            match event {
                Event::Present { parameter, ids } if version < WITH_DIGESTS => {
                    present.entry(parameter).or_default().extend(ids.iter().map(|id| id::digest(id)));
                }
                Event::Present { parameter, ids } => present.entry(parameter).or_default().extend(ids),
                Event::Foreign { parameter, id } => {
                    foreign.insert((parameter, id));
                }
                event => outstanding.note(event),
            }
        }
        let (claimed, gone) = (BTreeSet::new(), BTreeSet::new());
        let state = State { file, next, outstanding, claimed, present, foreign, gone };
        let (path, state) = (path.to_owned(), Mutex::new(state));
        Ok(Self { path, origin, prefix, began: at, organization, written, state })
    }

    /// The ledgers in a folder, by name; none where it is not there.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn all_in(folder: &Path) -> Result<Vec<PathBuf>, LedgerError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(LedgerError::new(folder, error)),
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> =
            paths.collect::<io::Result<_>>().map_err(|error| LedgerError::new(folder, error))?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        paths.sort();
        Ok(paths)
    }

    /// Removes what runs have left that were killed before their ledger had its name: they have asked for nothing yet.
    pub fn clear_unnamed(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_ours = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .is_some_and(|stem| RunName::parse(stem).is_some());
            // One that is locked is of a run that begins now.
            let is_left = |path: &Path| File::open(path).is_ok_and(|file| file.try_lock().is_ok());
            if is_ours && path.extension().is_some_and(|ending| ending == UNNAMED) && is_left(&path) {
                // What cannot be removed harms nobody.
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// Where it is kept.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run sends its requests.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What the names of all that the run makes begin with.
    #[must_use]
    pub fn prefix(&self) -> &RunName {
        &self.prefix
    }

    /// When the run began, where that is known.
    #[must_use]
    pub fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// The organization that the run works in.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    /// How long ago an earlier run wrote its last line; none for a run under way.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.written.map(|written| written.elapsed().unwrap_or_default())
    }

    /// Whether an answer has ever claimed that the run made what a path parameter names. A claim alone gives no right to touch it.
    #[must_use]
    pub fn is_claimed(&self, parameter: &str, value: &str) -> bool {
        lock(&self.state).claimed.contains(&(parameter.to_owned(), value.to_owned()))
    }

    /// Whether the account listed this before the run's first write, however it is spelled.
    #[must_use]
    pub fn was_present(&self, parameter: &str, value: &str) -> bool {
        let state = lock(&self.state);
        let listed = state.present.get(parameter).filter(|ids| !ids.is_empty());
        listed.is_some_and(|ids| id::digests_of_readings(value).any(|reading| ids.contains(&reading)))
    }

    /// Whether a value names, or may name, what is there: the account listed it before, or an answer has claimed that the run made it.
    #[must_use]
    pub fn has_met(&self, value: &str) -> bool {
        let (state, digest) = (lock(&self.state), id::digest(value));
        let mut claimed = state.claimed.iter();
        state.present.values().any(|ids| ids.contains(&digest))
            || claimed.any(|(_, known)| id::digest(known) == digest)
    }

    /// Remembers that there is a reason why a list may no longer show what a path parameter names: it was asked to be removed, or is gone.
    pub fn expect_gone(&self, parameter: &str, value: &str) {
        lock(&self.state).gone.insert((parameter.to_owned(), value.to_owned()));
    }

    /// Whether there is such a reason.
    #[must_use]
    pub fn expects_gone(&self, parameter: &str, value: &str) -> bool {
        lock(&self.state).gone.contains(&(parameter.to_owned(), value.to_owned()))
    }

    /// Whether it is known what the account had of what this parameter names.
    #[must_use]
    pub fn knows(&self, parameter: &str) -> bool {
        lock(&self.state).present.contains_key(parameter)
    }

    /// How much the account of the run had of what this parameter names.
    #[must_use]
    pub fn had(&self, parameter: &str) -> usize {
        lock(&self.state).present.get(parameter).map_or(0, BTreeSet::len)
    }

    /// Whether the run has ever asked for something to be made.
    #[must_use]
    pub fn has_asked(&self) -> bool {
        let state = lock(&self.state);
        state.next > 0
    }

    /// How often the run, as far as this program knows, has asked for something to be made.
    #[must_use]
    pub fn asked(&self) -> usize {
        usize::try_from(lock(&self.state).next).unwrap_or(usize::MAX)
    }

    /// Notes what the account lists before the run's first write.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub fn note_present(&self, parameter: &str, ids: BTreeSet<String>) -> Result<(), LedgerError> {
        let mut state = lock(&self.state);
        let ids: BTreeSet<String> = ids.iter().map(|id| id::digest(id)).collect();
        state.present.entry(parameter.to_owned()).or_default().extend(ids.iter().cloned());
        let event = Event::Present { parameter: parameter.to_owned(), ids };
        state.write(&event).map_err(|error| LedgerError::new(&self.path, error))
    }

    /// Notes that a read has shown something under a name that is not the run's. What cannot be written is known all the same.
    pub fn note_foreign(&self, parameter: &str, value: &str) {
        let mut state = lock(&self.state);
        let (parameter, id) = (parameter.to_owned(), id::digest(value));
        if state.foreign.insert((parameter.clone(), id.clone())) {
            let _ = state.write(&Event::Foreign { parameter, id });
        }
    }

    /// Whether a read has ever shown this under a name that is not the run's.
    #[must_use]
    pub fn is_foreign(&self, parameter: &str, value: &str) -> bool {
        let state = lock(&self.state);
        // Most runs meet nothing of the kind.
        !state.foreign.is_empty()
            && id::digests_of_readings(value)
                .any(|reading| state.foreign.contains(&(parameter.to_owned(), reading)))
    }

    /// What is not settled yet.
    #[must_use]
    pub fn outstanding(&self) -> Outstanding {
        lock(&self.state).outstanding.clone()
    }

    /// Notes that a request is about to be sent that makes something. It may be sent once this has returned.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub fn intend(&self, route: &str) -> Result<u64, LedgerError> {
        let mut state = lock(&self.state);
        let number = state.next;
        state.next += 1;
        self.note(&mut state, Event::Intends { number, route: route.to_owned() })?;
        Ok(number)
    }

    /// Notes what has been made, and what takes it back.
    ///
    /// # Errors
    /// When it cannot be written; it is known all the same.
    pub fn made(&self, number: u64, undo: Undo) -> Result<(), LedgerError> {
        let mut state = lock(&self.state);
        state.claimed.extend(undo.params.clone());
        self.note(&mut state, Event::Made { number, undo })
    }

    /// Notes that nothing was made, or that it is gone.
    ///
    /// # Errors
    /// When it cannot be written; it is known all the same.
    pub fn settle(&self, number: u64) -> Result<(), LedgerError> {
        self.note(&mut lock(&self.state), Event::Settled { number })
    }

    /// Removes the ledger from the disk: there is nothing left that it speaks of.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn close(&self) -> Result<(), LedgerError> {
        fs::remove_file(&self.path).map_err(|error| LedgerError::new(&self.path, error))?;
        // An empty folder is of no use to anyone; one that is not stays.
        let _ = self.path.parent().map(fs::remove_dir);
        Ok(())
    }

    fn note(&self, state: &mut State, event: Event) -> Result<(), LedgerError> {
        let written = state.write(&event);
        state.outstanding.note(event);
        written.map_err(|error| LedgerError::new(&self.path, error))
    }
}

/// Makes a folder that only the user may look into, where it is not there.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl State {
    fn write(&mut self, event: &Event) -> io::Result<()> {
        let line = serde_json::to_string(event).map_err(io::Error::from)? + "\n";
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}
