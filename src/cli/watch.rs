//! `neon-contract run --watch`: the run again whenever a file of the suite changes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use neon_contract::exit_code::ExitCode;
use notify::{Event, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::interrupt::when_interrupted;
use super::run::run_once;
use super::run_args::RunArgs;
use super::{block_on, complain, log};

/// Editors write a file in several steps.
const SETTLES_IN: Duration = Duration::from_millis(200);

/// What does not settle is run all the same.
const AT_THE_LATEST: Duration = Duration::from_secs(2);

/// Runs, and runs again what has changed, until someone says stop: a case that has changed by itself, everything where something else
/// has.
pub(super) fn watch(mut args: RunArgs) -> ExitCode {
    let (told, mut changes) = mpsc::unbounded_channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // A run reads every file of the suite, which changes none.
        if !event.as_ref().is_ok_and(|event| event.kind.is_access()) {
            // Whoever listens no more has stopped.
            let _ = told.send(event);
        }
    });
    let home = args.home();
    let Some(specs) = home.folder() else {
        return cannot(
            "the suite is in the binary, and never changes: `neon-contract init` makes one of your own",
        );
    };
    let folders: Vec<PathBuf> = [specs, Path::new("fixtures")]
        .into_iter()
        .filter(|folder| folder.is_dir())
        .map(Path::to_path_buf)
        .collect();
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => return cannot(&error.to_string()),
    };
    for folder in &folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::Recursive) {
            return cannot(&error.to_string());
        }
    }
    let cases = specs.join("cases");
    let asked = args.filters().to_vec();
    block_on(async {
        let end = CancellationToken::new();
        let asked_to_end = end.clone();
        let _listening = AbortOnDropHandle::new(when_interrupted(async move { asked_to_end.cancel() }));
        let mut code = run_once(&args, end.child_token()).await;
        // What was run last; empty where it was all that is asked for.
        let mut last: Vec<String> = Vec::new();
        loop {
            if end.is_cancelled() {
                return ExitCode::Interrupted;
            }
            let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
            log(&format!("waiting for changes in {}; press Ctrl-C to stop", folders.join(" and ")));
            let names = tokio::select! {
                () = end.cancelled() => return ExitCode::Interrupted,
                names = next_change(&mut changes, &cases) => names,
            };
            let Some(mut names) = names else { return code };
            if code == ExitCode::Usage {
                // It came to nothing, as where there are mistakes in the suite: it is still to be run.
                let is_everything = last.is_empty() || names.is_empty();
                let both: BTreeSet<String> = last.into_iter().chain(names).collect();
                names = if is_everything { Vec::new() } else { both.into_iter().collect() };
            }
            args.set_filters(if names.is_empty() { asked.clone() } else { names.clone() });
            last = names;
            code = run_once(&args, end.child_token()).await;
        }
    })
}

fn cannot(reason: &str) -> ExitCode {
    complain(&format!("cannot watch files: {reason}"));
    ExitCode::Usage
}

/// The names of the cases that have changed; empty where something else has, which every case may depend on. `None`: nobody watches.
async fn next_change(
    changes: &mut mpsc::UnboundedReceiver<notify::Result<Event>>,
    cases: &Path,
) -> Option<Vec<String>> {
    let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
    let mut is_everything = false;
    // When the first change was seen, and when nothing more is waited for.
    let mut seen: Option<(Instant, Instant)> = None;
    loop {
        let change = match seen {
            None => changes.recv().await?,
            Some((_, settled)) => match tokio::time::timeout_at(settled, changes.recv()).await {
                Ok(change) => change?,
                Err(_) => break,
            },
        };
        let event = match change {
            Ok(event) => event,
            Err(error) => {
                complain(&format!("a change may have been missed: {error}"));
                continue;
            }
        };
        let is_missed = event.need_rescan();
        let files: Vec<PathBuf> = event.paths.into_iter().filter(|path| matters(path)).collect();
        if is_missed || !files.is_empty() {
            is_everything |= is_missed;
            paths.extend(files);
            let now = Instant::now();
            let first = seen.map_or(now, |(first, _)| first);
            seen = Some((first, (now + SETTLES_IN).min(first + AT_THE_LATEST)));
        }
    }
    let names: Option<Vec<String>> = paths.iter().map(|path| case_name(path, cases)).collect();
    Some(names.filter(|_| !is_everything).unwrap_or_default())
}

/// Whether it is a file that a suite may be read from: editors put others beside it.
fn matters(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let known = ["yaml", "yml", "json"];
    !is_hidden && path.extension().is_some_and(|extension| known.iter().any(|known| extension == *known))
}

/// The name of the case in a file, where that is one of a case and still there.
fn case_name(path: &Path, cases: &Path) -> Option<String> {
    let (path, cases) = (path.canonicalize().ok()?, cases.canonicalize().ok()?);
    let name = path.strip_prefix(cases).ok()?.with_extension("");
    let words: Vec<String> = name.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    Some(words.join("/"))
}
