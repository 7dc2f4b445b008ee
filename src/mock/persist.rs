//! The state on disk: written whole or not at all, and before the answer that tells of a change.
//!
//! Many changes share one write: those that come while a version is being written wait for the next.

use std::cell::Cell;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::model::State;
use crate::artefact::{self, Readers};
use crate::input;

/// The form of the file. Another one is refused, not guessed at.
const VERSION: u32 = 2;

#[derive(Deserialize)]
struct Kept {
    version: u32,
    state: State,
}

#[derive(Serialize)]
struct Keeping<'a> {
    version: u32,
    state: &'a State,
}

/// The numbers of the first and of the last change that a request has made.
type Made = Option<(u64, u64)>;

tokio::task_local! {
    static MADE: Cell<Made>;
}

/// Does what a request asks for; with it, what it has changed.
pub(super) fn noting<T>(work: impl FnOnce() -> T) -> (T, Made) {
    MADE.sync_scope(Cell::new(None), || (work(), MADE.with(Cell::get)))
}

/// The same, where it is waited for.
pub(super) async fn noting_later<T>(work: impl Future<Output = T>) -> (T, Made) {
    MADE.scope(Cell::new(None), async { (work.await, MADE.with(Cell::get)) }).await
}

/// A file that follows the state. For nobody else to read: it holds the passwords of roles.
#[derive(Debug)]
pub(super) struct Persistence {
    path: PathBuf,
    /// How many changes there have been. Counted by whoever holds the state to change it.
    changes: AtomicU64,
    /// The last one that a request has made.
    asked: AtomicU64,
    wake: Notify,
    written: watch::Sender<Written>,
}

/// How far the file has come.
#[derive(Debug, Default)]
struct Written {
    /// So many changes are in it, but for those that were undone.
    changes: u64,
    /// From which change to which one, and why; the last ones.
    undone: Vec<(RangeInclusive<u64>, String)>,
}

impl Written {
    /// So many ranges are remembered: those who wait look at once.
    const REMEMBERED: usize = 64;

    fn undo(&mut self, changes: RangeInclusive<u64>, reason: String) {
        self.changes = *changes.end();
        if self.undone.len() == Self::REMEMBERED {
            self.undone.remove(0);
        }
        match self.undone.last_mut() {
            Some((last, told)) if last.end() + 1 == *changes.start() => {
                (*last, *told) = (*last.start()..=*changes.end(), reason);
            }
            _ => self.undone.push((changes, reason)),
        }
    }
}

/// What is kept of the state at one moment.
pub(super) struct Version {
    bytes: Vec<u8>,
    changes: u64,
    asked: u64,
}

impl Persistence {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            changes: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            wake: Notify::new(),
            written: watch::Sender::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What an earlier run has kept; `None` where there is no file yet.
    pub(super) fn load(&self) -> Result<Option<State>, String> {
        match input::read(&self.path, u64::MAX) {
            Ok(bytes) => parse(&bytes).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The state is about to be changed by the one who holds it.
    pub(super) fn count(&self) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        // Where no request is under way, nobody will ask whether it is on disk.
        let _ = MADE.try_with(|made| {
            self.asked.store(change, Ordering::SeqCst);
            made.set(Some((made.get().map_or(change, |(first, _)| first), change)));
        });
    }

    /// There has been a change.
    pub(super) fn touch(&self) {
        self.wake.notify_one();
    }

    /// Waits until what a request has changed is on disk, or undone.
    pub(super) async fn commit(&self, made: Made) -> Result<(), String> {
        let Some((first, last)) = made else { return Ok(()) };
        self.touch();
        let mut written = self.written.subscribe();
        let Ok(written) = written.wait_for(|written| written.changes >= last).await else {
            return Err("the mock is stopping".to_owned());
        };
        let undone = written.undone.iter().find(|(range, _)| *range.start() <= last && first <= *range.end());
        undone.map_or(Ok(()), |(_, reason)| Err(reason.clone()))
    }

    /// The state as the one who holds it sees it.
    pub(super) fn version(&self, state: &State) -> Version {
        let mut bytes = Vec::new();
        render(state, &mut bytes);
        let (changes, asked) = (self.changes.load(Ordering::SeqCst), self.asked.load(Ordering::SeqCst));
        Version { bytes, changes, asked }
    }

    /// Puts a state in the place of one that cannot be kept; how many changes there have been by then.
    pub(super) fn undo(&self, state: &mut State, kept: State) -> u64 {
        state.return_to(kept);
        self.changes.load(Ordering::SeqCst)
    }

    /// Writes whenever there has been a change, until told to stop; a last time then. Where that cannot be done, what requests have
    /// changed since the last time is undone: nobody sees what they were told is not there.
    pub(super) async fn follow(
        &self,
        version: impl Fn() -> Version,
        undo: impl Fn(State) -> u64,
        stop: CancellationToken,
    ) {
        let mut kept = version();
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                () = stop.cancelled() => {}
            }
            let is_last = stop.is_cancelled();
            let next = Arc::new(version());
            let (path, writing) = (self.path.clone(), next.clone());
            let written =
                tokio::task::spawn_blocking(move || artefact::replace(&path, &writing.bytes, Readers::Owner));
            let failure = match written.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("{} cannot be written: {error}", self.path.display())),
                Err(error) => Some(error.to_string()),
            };
            // What no request has asked for has nobody who could be told: it stays, and is written with the next change.
            let reason = failure.filter(|_| next.asked > kept.changes);
            if let Some((reason, state)) = reason.and_then(|reason| Some((reason, parse(&kept.bytes).ok()?)))
            {
                let changes = undo(state);
                let undone = kept.changes + 1..=changes;
                kept.changes = changes;
                self.written.send_modify(|written| written.undo(undone, reason));
            } else {
                kept = Arc::into_inner(next).unwrap_or_else(&version);
                self.written.send_modify(|written| written.changes = kept.changes);
            }
            if is_last {
                return;
            }
        }
    }
}

/// What was kept.
fn parse(bytes: &[u8]) -> Result<State, String> {
    let kept: Kept = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if kept.version != VERSION {
        return Err(format!("it is of version {}, and this program knows {VERSION}", kept.version));
    }
    Ok(kept.state)
}

/// The state as it is kept.
fn render(state: &State, into: &mut Vec<u8>) {
    serde_json::to_writer(into, &Keeping { version: VERSION, state }).expect("the state has a form in JSON");
}
