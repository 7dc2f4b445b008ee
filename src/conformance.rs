//! Every trial of a suite as a test of `cargo test` and `cargo nextest`.
//!
//! A package that has `neon-contract` among its dev-dependencies needs a target with `harness = false`:
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! and in `tests/conformance.rs`:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     neon_contract::conformance::main()
//! }
//! ```
//!
//! The suite is the one in `specs/` of the package, or else the one in this library, and it runs against the mock.
//! `NEON_API_URL` and `NEON_API_KEY` send the same trials to another endpoint; see [`Setup::from_environment`]. What cannot be run there is
//! listed as ignored. What turns out to be untestable is a failure or ignored, as `NEON_UNTESTED` says: by default it fails under
//! `cargo nextest`, which takes a test that ignores itself for one that has passed. With `NEON_STRICT=1`, advice fails as well.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use crate::plan::{self, Generation, Selection};
use crate::report;
use crate::result::{Coverage, Outcome};
use crate::runner::{Harness, Setup, SnapshotMode};
use crate::spec::{Home, Suite};
use crate::target::Embedded;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;

/// The test that is no trial.
const ORPHANS: &str = "snapshots_have_no_orphans";

/// What all trials of this process share: one runtime, one harness, one server.
struct Shared {
    runtime: Arc<Runtime>,
    harness: Harness,
}

/// Runs the trials that the command line and the environment ask for.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // `cargo nextest` starts a process for each test: no other case is read there, and no other trial planned.
    let only = arguments.filter.clone().filter(|name| arguments.exact && name != ORPHANS);
    let (runtime, suite, selection) = match load(only) {
        Ok(loaded) => loaded,
        Err(error) => return refuse(&error),
    };
    let planned: Arc<Vec<plan::Trial>> = Arc::new(plan::plan(&suite, &selection));
    let policy = match Policy::from_environment() {
        Ok(policy) => policy,
        Err(error) => return refuse(&error),
    };
    let ignored = match ignored(&runtime, &suite, &planned) {
        Ok(ignored) => ignored,
        Err(error) => return refuse(&error),
    };
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
                run(shared, &planned[number], policy)
            })
            .with_ignored_flag(ignored.contains(&number))
        })
        .collect();
    tests.push(Trial::test(ORPHANS, move || {
        let shared = shared.get_or_init(|| start(runtime, suite)).as_ref().map_err(Failed::from)?;
        orphans(shared, &planned)
    }));
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// What is done with a trial that turns out to be untestable, and with advice.
#[derive(Debug, Clone, Copy)]
struct Policy {
    untested_fails: bool,
    advice_fails: bool,
}

impl Policy {
    fn from_environment() -> Result<Self, String> {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let untested_fails = match get("NEON_UNTESTED").as_deref() {
            None => get("NEXTEST").is_some(),
            Some("fail") => true,
            Some("ignore") => false,
            Some(other) => return Err(format!("NEON_UNTESTED is `{other}`; it may be `fail` or `ignore`")),
        };
        let advice_fails = get("NEON_STRICT").is_some_and(|value| value != "0");
        Ok(Self { untested_fails, advice_fails })
    }

    /// A trial that could not be tested.
    fn untested(self, reason: &str) -> Result<Completion, Failed> {
        if self.untested_fails { Err(reason.into()) } else { Ok(Completion::ignored_with(reason)) }
    }
}

/// The trials of which it is known before anything is sent that they cannot be run.
fn ignored(
    runtime: &Runtime,
    suite: &Arc<Suite>,
    planned: &[plan::Trial],
) -> Result<BTreeSet<usize>, String> {
    let setup = setup()?;
    if setup.endpoint.is_none() && setup.declaration.file.is_none() {
        return Ok(BTreeSet::new());
    }
    let setup = Setup { is_rehearsal: true, ..setup };
    let harness = runtime.block_on(setup.harness(suite.clone())).map_err(|error| error.to_string())?;
    let is_refused = |(_, trial): &(usize, &plan::Trial)| harness.admit(trial).is_err();
    Ok(planned.iter().enumerate().filter(is_refused).map(|(number, _)| number).collect())
}

fn setup() -> Result<Setup, String> {
    Setup::from_environment(Home::found(None)).map_err(|error| error.to_string())
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

fn run(shared: &Shared, trial: &plan::Trial, policy: Policy) -> Result<Completion, Failed> {
    let report = shared.runtime.block_on(shared.harness.run(trial, &mut Coverage::default()));
    match &report.outcome {
        Outcome::Passed if policy.advice_fails && !report.advice.is_empty() => {
            let told = report.advice.iter().map(|advice| {
                format!("{}: expected {}, was {}", advice.subject, advice.expected, advice.actual)
            });
            Err(format!("advice, and NEON_STRICT is set:\n{}", told.collect::<Vec<_>>().join("\n")).into())
        }
        Outcome::Passed | Outcome::Flaky(_) | Outcome::KnownFailure(_) => Ok(Completion::Completed),
        Outcome::NotApplicable(reason) | Outcome::Skipped(reason) => policy.untested(reason),
        Outcome::Untested(reason) if shared.harness.target().holds_snapshots() => {
            Err(format!("untested, though the mock has all it takes: {reason}").into())
        }
        Outcome::Untested(reason) => policy.untested(&format!("untested: {reason}")),
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
