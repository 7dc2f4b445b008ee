//! Every trial of the suite as a test, under `cargo test` and `cargo nextest`.
//!
//! `NEON_API_URL` and `NEON_API_KEY` send the same trials to another endpoint; see `Setup::from_environment`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use neon_contract::plan::{self, Generation, Selection};
use neon_contract::report;
use neon_contract::runner::{Coverage, Harness, Outcome, Setup, SnapshotMode};
use neon_contract::spec::Suite;
use neon_contract::target::Embedded;
use tokio::runtime::Runtime;

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The test that is no trial.
const ORPHANS: &str = "snapshots_have_no_orphans";

/// What all trials of this process share: one runtime, one harness, one server.
struct Shared {
    runtime: Arc<Runtime>,
    harness: Harness,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // `cargo nextest` starts a process for each test: no other case is read there, and no other trial planned.
    let only = arguments.filter.clone().filter(|name| arguments.exact && name != ORPHANS);
    let (runtime, suite, selection) = match load(only) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(&error),
    };
    let planned: Arc<Vec<plan::Trial>> = Arc::new(plan::plan(&suite, &selection));
    if planned.is_empty() && selection.filters.is_empty() {
        return refuse("the suite has no trials; add a case to specs/cases/");
    }
    let shared: Arc<OnceLock<Result<Shared, String>>> = Arc::default();
    // The process ends with the last test: what they share need not be taken apart first.
    std::mem::forget((shared.clone(), suite.clone()));
    let mut tests: Vec<Trial> = (0..planned.len())
        .map(|number| {
            let (shared, planned) = (shared.clone(), planned.clone());
            let (runtime, suite) = (runtime.clone(), suite.clone());
            Trial::ignorable_test(planned[number].name.to_string(), move || {
                let shared = shared.get_or_init(|| start(runtime, suite)).as_ref().map_err(Failed::from)?;
                run(shared, &planned[number])
            })
        })
        .collect();
    tests.push(Trial::test(ORPHANS, move || {
        let shared = shared.get_or_init(|| start(runtime, suite)).as_ref().map_err(Failed::from)?;
        orphans(shared, &planned)
    }));
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn setup() -> Result<Setup, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Relative paths make messages that can be clicked; `cargo test` runs in the package's folder.
    let folder = |name: &str| {
        let relative = Path::new(name);
        if relative.is_dir() { relative.to_path_buf() } else { root.join(name) }
    };
    Setup::from_environment(folder("specs"), folder("snapshots")).map_err(|error| error.to_string())
}

fn load(only: Option<String>) -> Result<(Arc<Runtime>, Arc<Suite>, Selection), String> {
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let setup = setup()?;
    let suite = match &only {
        Some(name) => runtime.block_on(setup.suite_for(name)),
        None => runtime.block_on(setup.suite()),
    };
    let suite = suite.map_err(|error| error.to_string())?;
    let at_most = if setup.endpoint.is_none() { Generation::DEFAULT } else { 0 };
    let absent = Embedded::lacking().into_keys().collect();
    let generation = Generation { at_most, absent, ..Generation::default() };
    let filters = only.into_iter().collect();
    Ok((Arc::new(runtime), suite, Selection { filters, exact: true, generation, ..Selection::default() }))
}

fn start(runtime: Arc<Runtime>, suite: Arc<Suite>) -> Result<Shared, String> {
    let harness = runtime.block_on(setup()?.harness(suite)).map_err(|error| error.to_string())?;
    runtime.block_on(harness.probe())?;
    Ok(Shared { runtime, harness })
}

fn run(shared: &Shared, trial: &plan::Trial) -> Result<Completion, Failed> {
    let report = shared.runtime.block_on(shared.harness.run(trial, &mut Coverage::default()));
    match &report.outcome {
        Outcome::Passed | Outcome::Flaky(_) | Outcome::KnownFailure(_) => Ok(Completion::Completed),
        Outcome::NotApplicable(reason) | Outcome::Skipped(reason) => Ok(Completion::ignored_with(reason)),
        Outcome::Untested(reason) if shared.harness.target().holds_snapshots() => {
            Err(format!("untested, though the mock has all it takes: {reason}").into())
        }
        Outcome::Untested(reason) => Ok(Completion::ignored_with(format!("untested: {reason}"))),
        Outcome::Errored(reason) => Err(reason.into()),
        Outcome::Failed => Err(anstream::adapter::strip_str(&report::failure(&report)).to_string().into()),
    }
}

fn orphans(shared: &Shared, planned: &[plan::Trial]) -> Result<(), Failed> {
    let orphans = shared.harness.orphans(planned);
    if orphans.is_empty() || shared.harness.snapshot_mode() == SnapshotMode::Ignore {
        return Ok(());
    }
    let paths: Vec<String> = orphans.iter().map(|path| path.display().to_string()).collect();
    Err(format!("no trial has these snapshots; remove them:\n{}", paths.join("\n")).into())
}

#[expect(clippy::print_stderr, reason = "a test binary speaks to whoever started it")]
fn refuse(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(2)
}
