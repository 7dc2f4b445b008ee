//! The recordings of the real service, where they are at hand: each is judged, and what it shows is in the contract or known.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use neon_contract::report;
use neon_contract::runner::{Outcome, judge_recordings};
use neon_contract::spec::Suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = std::env::var_os("NEON_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/neon"), PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("recordings"))
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "har"));
    files.sort();
    let mut tests: Vec<Trial> = files
        .into_iter()
        .map(|file| {
            let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            Trial::test(format!("recording_{name}"), move || judge(&file))
        })
        .collect();
    if tests.is_empty() {
        let name = "recordings (there are none: set NEON_DATA to the folder that has `recordings`)";
        tests.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    }
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn judge(file: &Path) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = Suite::load(&root.join("specs")).map_err(|_| Failed::from("the suite is not sound"))?;
    let report = judge_recordings(&suite, &[file])?;
    let [trial] = &report.trials[..] else { return Err(Failed::from("one trial for a file")) };
    assert!(trial.exchanges > 0, "there is nothing in it");
    assert!(trial.notes.iter().all(|note| !note.contains("no contract knows")), "{:?}", trial.notes);
    match trial.outcome {
        Outcome::Passed => Ok(()),
        _ => Err(Failed::from(report::failure(trial))),
    }
}
