//! The recordings of the real service, where they are at hand: each is judged, and what it shows is in the contract or known; and the
//! mock is like them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use neon_contract::parity::{Side, compare};
use neon_contract::plan::{Selection, plan};
use neon_contract::report;
use neon_contract::result::Outcome;
use neon_contract::runner::{Options, Setup, SnapshotMode, judge_recordings, recorded_answers, run};
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
    let mut tests = Vec::new();
    for file in files {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let judged = file.clone();
        tests.push(Trial::test(format!("recording_{name}"), move || judge(&judged)));
        tests.push(Trial::test(format!("parity_{name}"), move || compare_with_the_mock(&file, &name)));
    }
    if tests.is_empty() {
        let name = "recordings (there are none: set NEON_DATA to the folder that has `recordings`)";
        tests.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    }
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn judge(file: &Path) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let suite = Suite::load(&root.join("specs")).map_err(|_| Failed::from("the suite is not sound"))?;
    let (report, _) = judge_recordings(&suite, &[file])?;
    let [trial] = &report.trials[..] else { return Err(Failed::from("one trial for a file")) };
    assert!(trial.exchanges > 0, "there is nothing in it");
    assert!(trial.notes.iter().all(|note| !note.contains("no contract describes")), "{:?}", trial.notes);
    match trial.outcome {
        Outcome::Passed | Outcome::KnownFailure(_) => Ok(()),
        _ => Err(Failed::from(report::failure(trial))),
    }
}

/// The cases that send what the recordings hold.
const ALIKE: [&str; 5] = ["api-keys/", "bearer_key_opens_every_read", "general/", "projects/", "users/"];

fn compare_with_the_mock(file: &Path, name: &str) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let setup = Setup { snapshot_mode: Some(SnapshotMode::Ignore), ..Setup::embedded(root.join("specs")) };
    tokio::runtime::Runtime::new()?.block_on(async {
        let suite = setup.suite().await?;
        let selection = Selection { filters: ALIKE.map(str::to_owned).to_vec(), ..Selection::default() };
        let harness = Arc::new(setup.harness(suite.clone()).await?.for_comparison());
        let options = Options { jobs: 2, fail_fast: false, budget: None, is_everything: false };
        run(&harness, &plan(&suite, &selection).into(), options, |_| {}).await;
        let mock = Side { name: "mock".to_owned(), is_mock: true, answers: harness.take_answers() };
        let (answers, _) = recorded_answers(&suite, file)?;
        let service = Side { name: name.to_owned(), is_mock: false, answers };
        let mut parity = compare(&mock, &service);
        assert!(!parity.operations.is_empty(), "nothing was compared");
        parity.accept(suite.known_failures.get(name).map(Vec::as_slice).unwrap_or_default(), true);
        if parity.differences.is_empty() && parity.outdated.is_empty() {
            return Ok(());
        }
        let told = report::parity(&parity, [&mock, &service], &[]);
        Err(Failed::from(anstream::adapter::strip_str(&told).to_string()))
    })
}
