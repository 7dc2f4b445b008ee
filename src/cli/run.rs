//! `neon-contract run`.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use neon_contract::exit_code::ExitCode;
use neon_contract::plan::{Selection, Trial, plan};
use neon_contract::report;
use neon_contract::result::{Context, Outcome, OutcomeWord, RunReport, RunResult, TrialResult};
use neon_contract::runner::{self, Event, Harness};
use neon_contract::secret::Secrets;
use neon_contract::spec::{Suite, closest};
use neon_contract::text;
use neon_contract::traffic::Trust;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::gate::Demands;
use super::interrupt::stop_on_ctrl_c;
use super::progress::progress;
use super::run_args::RunArgs;
use super::{block_on, complain, leave, log, refuse, tell, warn_of};

/// So many warnings about a contract are told before a run.
const WARNINGS_SHOWN: usize = 3;

/// What is told of a run in place of its trials and its summary.
type Telling = dyn Fn(&RunReport, &Suite, &str) -> String;

pub(super) fn run(args: &RunArgs) -> ExitCode {
    block_on(run_once(args, CancellationToken::new()))
}

/// Runs the trials and tells of them, until `stop` or Ctrl-C ends the run in order.
pub(super) async fn run_once(args: &RunArgs, stop: CancellationToken) -> ExitCode {
    conduct(args, None, stop).await
}

/// Runs the trials without a word on any of them, and tells what `telling` makes of the run and its target.
pub(super) fn run_quietly(
    args: RunArgs,
    telling: impl Fn(&RunReport, &Suite, &str) -> String + 'static,
) -> ExitCode {
    block_on(conduct(&args, Some(&telling), CancellationToken::new()))
}

/// Runs the trials, and tells of the run when it has ended.
async fn conduct(args: &RunArgs, telling: Option<&Telling>, stop: CancellationToken) -> ExitCode {
    let setup = match args.setup() {
        Ok(setup) => setup,
        Err(error) => return refuse(&error),
    };
    let suite = tokio::select! {
        suite = setup.suite() => suite,
        () = stop.cancelled() => return ExitCode::Interrupted,
    };
    let suite = match suite {
        Ok(suite) => suite,
        Err(error) => return refuse(&error),
    };
    warn_of(&suite.warnings, WARNINGS_SHOWN);
    let demands = match args.gate.read(Some(&suite)) {
        Ok(demands) => demands,
        Err(code) => return code,
    };
    if let Err(message) = args.reports.check() {
        complain(&message);
        return ExitCode::Usage;
    }
    if !args.recorded.is_empty() {
        return judge_recordings(args, &suite, &demands);
    }
    let is_embedded = setup.endpoint.is_none();
    if !is_embedded {
        warn_of_old_ledgers(args);
    }
    let _listening = AbortOnDropHandle::new(stop_on_ctrl_c(stop.clone()));
    let harness = match setup.harness(suite.clone()).await {
        Ok(harness) => {
            let harness = harness.stopped_by(stop).retrying(args.retries);
            Arc::new(if args.verbose > 1 { harness.exposing_all() } else { harness })
        }
        Err(error) => return refuse(&error),
    };
    let selection = args.selection.selection(is_embedded, harness.absent());
    let mut trials = plan(&suite, &selection);
    let planned = trials.len();
    if let Some(shard) = args.shard {
        shard.keep(&mut trials, &demands.baseline().map(durations).unwrap_or_default());
    }
    let trials: Arc<[Trial]> = trials.into();
    if planned == 0 {
        harness.finish().await;
        complain(&nothing_selected(&suite, &selection));
        return ExitCode::Usage;
    }
    if args.dry_run {
        tell(&report::rehearsal(&harness.rehearse(&trials), &harness.target().describe()));
        return ExitCode::Conformant;
    }
    if let Err(reason) = harness.probe().await {
        harness.finish().await;
        complain(&reason);
        return ExitCode::Usage;
    }
    if let Some(path) = &args.record
        && let Err(error) = harness.record_to(path)
    {
        complain(&error.to_string());
        harness.finish().await;
        return ExitCode::Usage;
    }
    if telling.is_none() {
        log(&format!("testing {}: {}", harness.target().describe(), text::counted(trials.len(), "trial")));
    }
    let began = Timestamp::now();
    let report = run_trials(args, &harness, &trials, &selection, telling.is_some()).await;
    let target = harness.target().describe();
    let shard = args.shard.map(|shard| shard.of(planned));
    let told = telling.map(|telling| telling(&report, &suite, &target));
    let mut result = RunResult::new(report, &suite, Context { target, began, shard });
    let code = demands.decide(&mut result);
    print(&result, told, args.quiet, harness.secrets());
    if let Some(code) = args.reports.make(&result, harness.secrets()) {
        return code;
    }
    if let Some(sample) = selection.sample {
        let all = plan(&suite, &Selection { sample: None, ..selection }).len();
        let (taken, seed) = (trials.len(), sample.seed);
        log(&format!("ran a sample of {taken} of {all} trials (--seed {seed}); the others are untested"));
    }
    keep_failures(args, &result, &trials, harness.secrets());
    if let Err(failure) = write_down(&harness) {
        return failure;
    }
    drop(harness);
    if !args.watch() {
        leave((suite, trials, result));
    }
    code
}

/// Prints the result of a run, or the text that replaces it.
fn print(result: &RunResult, told: Option<String>, is_quiet: bool, secrets: &Secrets) {
    let Some(told) = told else {
        let text = if is_quiet { report::conclusion(result) } else { report::summary(result) };
        return tell(&secrets.mask(&text));
    };
    tell(&told);
    for reason in result.gate.iter().filter(|gate| !gate.passed).flat_map(|gate| &gate.reasons) {
        complain(reason);
    }
}

/// Says where earlier versions have left ledgers.
fn warn_of_old_ledgers(args: &RunArgs) {
    if let Some(old) = args.endpoint.ledger.old_folder() {
        let old = old.display();
        complain(&format!(
            "{old} contains ledgers of earlier runs; remove their resources with `neon-contract sweep --ledger {old}`"
        ));
    }
}

/// Writes the snapshots that were seen to hold, and what was exchanged, where the run was to.
fn write_down(harness: &Harness) -> Result<(), ExitCode> {
    match harness.write_confirmed() {
        Ok(0) => {}
        Ok(snapshots) => log(&format!("confirmed {snapshots} snapshots")),
        Err(error) => {
            complain(&error.to_string());
            return Err(ExitCode::Usage);
        }
    }
    match harness.write_record() {
        Ok(0) => {}
        Ok(exchanges) => log(&format!("recorded {exchanges} exchanges")),
        Err(error) => {
            complain(&error.to_string());
            return Err(ExitCode::Usage);
        }
    }
    Ok(())
}

/// Judges recordings, and tells what each check had to say.
fn judge_recordings(args: &RunArgs, suite: &Suite, demands: &Demands) -> ExitCode {
    let began = Timestamp::now();
    let (report, trust) = match runner::judge_recordings(suite, &args.recorded) {
        Ok(judged) => judged,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::Usage;
        }
    };
    for trial in &report.trials {
        if !args.quiet || !matches!(trial.outcome, Outcome::Passed) {
            tell(&format!("{}\n{}", report::trial_line(trial), report::notes(trial)));
        }
    }
    let target = "the recording".to_owned();
    let mut result = RunResult::new(report, suite, Context { target, began, shard: None });
    let code = demands.decide(&mut result);
    tell(&if args.quiet {
        report::conclusion(&result)
    } else {
        report::traffic(&result, trust == Trust::Whole)
    });
    args.reports.make(&result, &Secrets::default()).unwrap_or(code)
}

/// How long trials took.
fn durations(result: &RunResult) -> HashMap<String, f64> {
    result.trials.iter().map(|trial| (trial.name.to_string(), trial.elapsed_ms)).collect()
}

/// Keeps the generated cases that have failed, or says how.
fn keep_failures(args: &RunArgs, result: &RunResult, trials: &[Trial], secrets: &Secrets) {
    let failed = |trial: &TrialResult| {
        trial.outcome == OutcomeWord::Failed
            && trials.iter().any(|planned| planned.name == trial.name && planned.is_generated())
    };
    if !result.trials.iter().any(failed) {
        return;
    }
    let Some(folder) = &args.save_failures else {
        log("generated trials failed; add `--save-failures DIR` to write them as case files");
        return;
    };
    match report::save_failures(result, trials, folder, secrets) {
        Ok(files) => {
            for file in files {
                log(&format!("case file: {}", file.display()));
            }
        }
        Err(error) => complain(&format!("cannot write a failed case: {error}; choose an empty directory")),
    }
}

async fn run_trials(
    args: &RunArgs,
    harness: &Arc<Harness>,
    trials: &Arc<[Trial]>,
    selection: &Selection,
    is_silent: bool,
) -> RunReport {
    let progress = progress(trials.len(), "trials");
    let options = runner::Options {
        jobs: args.jobs.map_or_else(|| harness.target().default_jobs(), usize::from),
        fail_fast: args.fail_fast,
        budget: args.time_budget,
        is_everything: selection.is_everything() && args.shard.is_none(),
    };
    let is_verbose = args.verbose > 0;
    let mut groups = (!is_silent && !is_verbose && !args.quiet).then(|| report::Progress::new(trials));
    let report = runner::run(harness, trials, options, |event| {
        let Event::Ended(trial) = event;
        progress.inc(1);
        if is_silent {
            return;
        }
        let is_well = !matches!(trial.outcome, Outcome::Failed | Outcome::Flaky(_));
        // On a terminal the bar tells of what goes well.
        let is_told = !is_well || (!args.quiet && (progress.is_hidden() || is_verbose));
        let mut text = match &mut groups {
            // What is not told counts in its group.
            Some(groups) => Some(groups.ended(trial)).filter(|_| is_told).unwrap_or_default(),
            None if is_told => format!("{}\n", report::trial_line(trial)),
            None => String::new(),
        };
        if args.verbose > 1 {
            text.push_str(&report::exchanges(trial));
        }
        text.push_str(&if is_verbose { report::failure(trial) } else { report::notes(trial) });
        if !text.is_empty() {
            progress.suspend(|| tell(&text));
        }
    })
    .await;
    progress.finish_and_clear();
    report
}

/// Why no trial is left, and what there is.
fn nothing_selected(suite: &Suite, selection: &Selection) -> String {
    if suite.cases.is_empty() {
        return "the suite has no cases; add a file to specs/cases/".to_owned();
    }
    let tags: Vec<&str> = suite.cases.iter().flat_map(|case| &case.tags).map(String::as_str).collect();
    let ids: Vec<&str> = suite.requirements.keys().map(|id| id.0.as_str()).collect();
    let all = plan(suite, &Selection::default());
    let names: Vec<&str> = suite
        .cases
        .iter()
        .map(|case| case.name.as_str())
        .chain(all.iter().map(|trial| &*trial.name))
        .collect();
    for (what, words, known) in [
        ("tag", &selection.tags, &tags),
        ("requirement", &selection.requirements, &ids),
        ("trial", &selection.filters, &names),
    ] {
        for word in words.iter().filter(|word| !known.contains(&word.as_str())) {
            if let Some(near) = closest(word, known) {
                return format!("no trial is selected; did you mean the {what} `{near}`?");
            }
        }
    }
    "no trial is selected; run `neon-contract list` for a list".to_owned()
}
