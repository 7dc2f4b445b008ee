//! Failed trials that stand in no file, kept as case files.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::artefact;
use crate::plan::Trial;
use crate::result::{OutcomeWord, RunResult};
use crate::secret::Secrets;

/// Writes the case of each generated trial that has failed to `folder`, as it would stand in `cases/`. Returns the files that hold
/// them, those included that were there already.
///
/// # Errors
/// When a file cannot be written, or one is there that reads otherwise.
pub fn save_failures(
    result: &RunResult,
    trials: &[Trial],
    folder: &Path,
    secrets: &Secrets,
) -> io::Result<Vec<PathBuf>> {
    let failed: BTreeSet<&str> = result
        .trials
        .iter()
        .filter(|trial| trial.outcome == OutcomeWord::Failed)
        .map(|trial| &*trial.name)
        .collect();
    let failed = trials.iter().filter(|trial| trial.is_generated() && failed.contains(&*trial.name));
    failed.map(|trial| save_failure(trial, folder, secrets)).collect()
}

/// Writes the case of a trial that stands in no file to `folder`, as it would stand in `cases/`. Returns the file that holds it.
///
/// # Errors
/// When it cannot be written, or one is there that reads otherwise.
pub fn save_failure(trial: &Trial, folder: &Path, secrets: &Secrets) -> io::Result<PathBuf> {
    let path = folder.join(trial.case.source.path());
    let text = trial.case.source.text();
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(path);
    }
    if path.exists() {
        return Err(named(io::ErrorKind::AlreadyExists.into()));
    }
    artefact::write(&path, text, secrets).map_err(io::Error::other)?;
    Ok(path)
}
