//! `neon-contract explore`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use neon_contract::exit_code::ExitCode;
use neon_contract::explore::{self, Explored, Wishes};
use neon_contract::mock::Fault;
use neon_contract::report;
use neon_contract::result::{Context, RunResult};
use neon_contract::runner::{Setup, SetupError, SnapshotMode};
use neon_contract::secret::Secrets;
use neon_contract::spec::case_file::Effect;
use neon_contract::target::Limits;
use neon_contract::text;
use tokio_util::sync::CancellationToken;

use super::endpoint::EndpointArgs;
use super::interrupt::stop_on_ctrl_c;
use super::progress::progress;
use super::run_args::parse_fault;
use super::{SpecsArgs, block_on, complain, complain_of, heading, log, refuse, tell};

/// What the embedded mock has not done within this time, it does not do.
const PATIENCE: Duration = Duration::from_millis(300);

#[derive(Debug, Args)]
#[command(after_help = "\
Creates, changes, removes and reads resources of its own in random order, on the endpoint and on the mock as its model. A walk \
fails if a response breaks a requirement, such as a removed branch that is still listed. It is then shrunk to the steps that it \
takes. What merely differs from the model is reported too, and does not change the exit code.

Examples:
  neon-contract explore
  neon-contract explore --fault branch-not-removed --save-failures specs/cases/kept
  neon-contract explore --walks 100 --seed 7 --time-budget 10m
  NEON_API_KEY=… neon-contract explore --url https://console.neon.tech --allow writes --walks 3")]
pub(super) struct ExploreArgs {
    #[command(flatten)]
    specs: SpecsArgs,
    /// Endpoint to test [default: the embedded mock]
    #[arg(long, value_name = "URL", env = "NEON_API_URL", help_heading = heading::TARGET)]
    url: Option<String>,
    /// Inject a fault into the embedded mock (see `list --of faults`); may be repeated
    #[arg(long = "fault", value_name = "FAULT", help_heading = heading::TARGET, conflicts_with = "url", value_parser = parse_fault)]
    faults: Vec<Fault>,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// Number of walks
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = heading::EXECUTION, value_parser = clap::value_parser!(u32).range(1..))]
    walks: u32,
    /// Number of random steps in a walk, from 5 to 40; reads of all that it made follow
    #[arg(long, value_name = "N", default_value_t = 30, help_heading = heading::EXECUTION, value_parser = clap::value_parser!(u32).range(5..=40))]
    steps: u32,
    /// Seed of the walks; the same seed takes the same walks
    #[arg(long, value_name = "SEED", default_value_t = 0, help_heading = heading::EXECUTION)]
    seed: u64,
    /// Stop after this time, such as 10m, and report the walks until then
    #[arg(long, value_name = "TIME", help_heading = heading::EXECUTION, value_parser = humantime::parse_duration)]
    time_budget: Option<Duration>,
    /// Maximum time to wait for a response, such as 500ms or 30s
    #[arg(long, value_name = "TIME", default_value = "30s", help_heading = heading::EXECUTION, value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Write each shrunk walk to this directory as a case file
    #[arg(long, value_name = "DIR", help_heading = heading::REPORTS)]
    save_failures: Option<PathBuf>,
    /// Print JSON
    #[arg(long, help_heading = heading::OUTPUT)]
    json: bool,
}

impl ExploreArgs {
    fn setup(&self) -> Result<Setup, SetupError> {
        let url = self.url.as_deref().filter(|url| !url.is_empty());
        let endpoint = self.endpoint.at(url)?;
        if endpoint.as_ref().is_some_and(|endpoint| endpoint.allowed == Effect::Reads) {
            let message = "explore creates and removes resources of its own; add `--allow writes`";
            return Err(SetupError::Environment(message.to_owned()));
        }
        Ok(Setup {
            endpoint,
            declaration: self.endpoint.declaration(),
            ledgers: self.endpoint.ledger.folder(),
            grace: self.endpoint.ledger.grace,
            max_projects: self.endpoint.max_projects,
            faults: self.faults.clone(),
            ..self.model()
        })
    }

    fn model(&self) -> Setup {
        Setup {
            contract: self.specs.contract().map(str::to_owned),
            snapshot_mode: Some(SnapshotMode::Ignore),
            patience: Some(PATIENCE),
            limits: Limits { timeout: self.timeout, ..Limits::default() },
            ..Setup::embedded(self.specs.home())
        }
    }

    fn wishes(&self) -> Wishes {
        Wishes {
            walks: self.walks as usize,
            steps: self.steps as usize,
            seed: self.seed,
            budget: self.time_budget,
        }
    }
}

pub(super) fn explore(args: ExploreArgs) -> ExitCode {
    block_on(async move {
        let setup = match args.setup() {
            Ok(setup) => setup,
            Err(error) => return refuse(&error),
        };
        let suite = match setup.suite().await {
            Ok(suite) => suite,
            Err(error) => return refuse(&error),
        };
        let model = match args.model().harness(suite.clone()).await {
            Ok(model) => model.for_comparison(),
            Err(error) => return refuse(&error),
        };
        let stop = CancellationToken::new();
        stop_on_ctrl_c(stop.clone());
        let endpoint = match setup.harness(suite.clone()).await {
            Ok(endpoint) => endpoint.stopped_by(stop).for_comparison(),
            Err(error) => return refuse(&error),
        };
        if let Err(reason) = endpoint.probe().await {
            endpoint.finish().await;
            complain(&reason);
            return ExitCode::Usage;
        }
        let began = Timestamp::now();
        let progress = progress(args.walks as usize, "walks");
        let explored = explore::explore(&endpoint, &model, args.wishes(), |_| progress.inc(1)).await;
        progress.finish_and_clear();
        let mut explored = match explored {
            Ok(explored) => explored,
            Err(mistakes) => {
                complain_of(&mistakes, "the case of a walk");
                return ExitCode::Usage;
            }
        };
        let target = endpoint.target().describe();
        let report = std::mem::take(&mut explored.report);
        let result = RunResult::new(report, &suite, Context { target, began, shard: None });
        let secrets = endpoint.secrets();
        let mask = |text: &str| model.secrets().mask(&secrets.mask(text));
        if args.json {
            let json = report::explored_json(&explored, &result, args.seed);
            tell(&text::json(&mask(&format!("{json:#}\n"))));
        } else {
            tell(&mask(&report::explored(&explored, &result)));
        }
        save(&args, &explored, secrets);
        ExitCode::from(result.verdict)
    })
}

/// Writes the walks that failed, or says how to.
fn save(args: &ExploreArgs, explored: &Explored, secrets: &Secrets) {
    let Some(folder) = &args.save_failures else {
        if !explored.failures.is_empty() {
            log("walks failed; add `--save-failures DIR` to write them as case files");
        }
        return;
    };
    for failure in &explored.failures {
        match report::save_failure(&failure.trial, folder, secrets) {
            Ok(file) => log(&format!("case file: {}", file.display())),
            Err(error) => {
                complain(&format!("cannot write a failed walk: {error}; choose an empty directory"));
            }
        }
    }
}
