//! The state on disk: written whole or not at all, and before the answer that tells of a change.
//!
//! Many changes share one write: those that come while a version is being written wait for the next.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::model::State;
use crate::artefact::{self, Readers};

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

/// A file that follows the state. For nobody else to read: it holds the passwords of roles.
#[derive(Debug)]
pub(super) struct Persistence {
    path: PathBuf,
    /// How many changes there have been.
    changes: AtomicU64,
    wake: Notify,
    /// How many changes the file has, and why the last attempt to write it failed.
    written: watch::Sender<(u64, Option<String>)>,
}

impl Persistence {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, changes: AtomicU64::new(0), wake: Notify::new(), written: watch::Sender::new((0, None)) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What an earlier run has kept; `None` where there is no file yet.
    pub(super) fn load(&self) -> Result<Option<State>, String> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if kept.version != VERSION {
            return Err(format!("it is of version {}, and this program knows {VERSION}", kept.version));
        }
        Ok(Some(kept.state))
    }

    /// There has been a change.
    pub(super) fn touch(&self) -> u64 {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        self.wake.notify_one();
        change
    }

    /// Waits until a change that has just been made is on disk.
    pub(super) async fn commit(&self) -> Result<(), String> {
        let change = self.touch();
        let mut written = self.written.subscribe();
        match written.wait_for(|(changes, _)| *changes >= change).await {
            Ok(written) => written.1.clone().map_or(Ok(()), Err),
            Err(_) => Err("the mock is stopping".to_owned()),
        }
    }

    /// Writes whenever there has been a change, until told to stop; a last time then.
    pub(super) async fn follow(&self, state: impl Fn(&mut Vec<u8>), stop: CancellationToken) {
        loop {
            tokio::select! {
                () = self.wake.notified() => {}
                () = stop.cancelled() => {}
            }
            let is_last = stop.is_cancelled();
            // Counted before the state is looked at: it has all of these, and perhaps more.
            let changes = self.changes.load(Ordering::SeqCst);
            let mut bytes = Vec::new();
            state(&mut bytes);
            let path = self.path.clone();
            let written =
                tokio::task::spawn_blocking(move || artefact::replace(&path, &bytes, Readers::Owner)).await;
            let failure = match written {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(format!("{} cannot be written: {error}", self.path.display())),
                Err(error) => Some(error.to_string()),
            };
            self.written.send_replace((changes, failure));
            if is_last {
                return;
            }
        }
    }
}

/// The state as it is kept.
pub(super) fn render(state: &State, into: &mut Vec<u8>) {
    serde_json::to_writer(into, &Keeping { version: VERSION, state }).expect("the state has a form in JSON");
}
