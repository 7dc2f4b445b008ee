//! What `neon-contract run` is asked for.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use neon_contract::mock::Fault;
use neon_contract::plan::Part;
use neon_contract::runner::{Setup, SetupError, SnapshotMode};
use neon_contract::spec::{Home, closest};
use neon_contract::target::Limits;

use super::endpoint::EndpointArgs;
use super::gate::GateArgs;
use super::report::ReportsArgs;
use super::{SelectionArgs, SpecsArgs, heading};

#[derive(Debug, Args)]
#[command(after_help = "\
Keys are never passed on the command line. With --url, these environment variables provide them:
  NEON_API_KEY            Key of the account to test with (or use --key-file or --key-command)
  NEON_API_KEY_OTHER      Key of another user, to test that accounts are isolated
  NEON_REVOKED_API_KEY    Revoked key (with `--allow writes`, the run creates and revokes one)

Examples:
  neon-contract run
  neon-contract run authentication --jobs 1 --fail-fast
  neon-contract run --tag v1 --requirement KEY-REVOKE-IMMEDIATE
  neon-contract run --update
  neon-contract run projects/ --watch                 Run again whenever a spec file changes
  neon-contract run --fault revoked-key-accepted
  neon-contract run --profile v2 --absent 'tag:Snapshot' --absent 'deleteProject'
  neon-contract run generated/ --generate 5000 --save-failures specs/cases/kept
  neon-contract run --contract api-client.yaml        Judge by another OpenAPI document
  NEON_API_KEY=… neon-contract run --url https://console.neon.tech --allow writes --record live.har
  neon-contract run --gate gate.yaml --retries 2 --baseline last.json --report json=this.json
  neon-contract run --recorded live.har               Judge a recording, offline
  neon-contract run --url https://console.neon.tech --key-command 'pass show neon/api-key'")]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// Run one shard of the trials: 3/8 is the third of eight; index/8 takes the number from `JOB_COMPLETION_INDEX`
    #[arg(long, value_name = "N/TOTAL", help_heading = heading::SELECTION)]
    pub(super) shard: Option<Part>,
    #[command(flatten)]
    pub(super) specs: SpecsArgs,
    /// Endpoint to test [default: the embedded mock]
    #[arg(long, value_name = "URL", env = "NEON_API_URL", help_heading = heading::TARGET)]
    pub(super) url: Option<String>,
    /// Test the embedded mock, even if the environment names a URL, or an endpoint [default: an endpoint if a URL is given]
    #[arg(long, value_enum, value_name = "WHICH", help_heading = heading::TARGET)]
    target: Option<Which>,
    /// Judge the exchanges in this HAR file instead of sending requests; may be repeated
    #[arg(long, value_name = "FILE", help_heading = heading::TARGET, conflicts_with_all = ["url", "faults", "record", "dry_run"])]
    pub(super) recorded: Vec<PathBuf>,
    /// Inject a fault into the embedded mock (see `list --of faults`); may be repeated
    #[arg(long = "fault", value_name = "FAULT", help_heading = heading::TARGET, conflicts_with = "url", value_parser = parse_fault)]
    pub(super) faults: Vec<Fault>,
    #[command(flatten)]
    pub(super) endpoint: EndpointArgs,
    /// Number of trials to run in parallel [default: depends on the target]
    #[arg(long, short, value_name = "N", help_heading = heading::EXECUTION, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Retry failed trials up to N times; report trials that then pass as flaky
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = heading::EXECUTION)]
    pub(super) retries: u32,
    /// Start no further trials after the first failure
    #[arg(long, help_heading = heading::EXECUTION)]
    pub(super) fail_fast: bool,
    /// Maximum time to wait for a response, such as 500ms or 30s
    #[arg(long, value_name = "TIME", default_value = "30s", help_heading = heading::EXECUTION, value_parser = humantime::parse_duration)]
    pub(super) timeout: Duration,
    /// Stop the run after this time, such as 20m, and report the results so far
    #[arg(long, value_name = "TIME", help_heading = heading::EXECUTION, value_parser = humantime::parse_duration)]
    pub(super) time_budget: Option<Duration>,
    /// Preview the requests, in order and with counts, without sending them
    #[arg(long, help_heading = heading::EXECUTION)]
    pub(super) dry_run: bool,
    /// Run changed cases again whenever a spec file changes, until Ctrl-C
    #[arg(long, help_heading = heading::EXECUTION, conflicts_with_all = ["record", "recorded", "dry_run", "shard"])]
    pub(super) watch: bool,
    /// Use of snapshots [default: review on the mock (strict if CI is set), ignore elsewhere]
    #[arg(long, value_enum, value_name = "MODE", help_heading = heading::SNAPSHOTS)]
    snapshots: Option<Snapshots>,
    /// Directory of the snapshots [default: the one next to the suite]
    #[arg(long, value_name = "DIR", help_heading = heading::SNAPSHOTS)]
    pub(super) snapshot_dir: Option<PathBuf>,
    /// Overwrite snapshots with the responses; short for --snapshots update
    #[arg(long, help_heading = heading::SNAPSHOTS, conflicts_with = "snapshots")]
    pub(super) update: bool,
    #[command(flatten)]
    pub(super) reports: ReportsArgs,
    /// Record all exchanges to this HAR file, with secrets replaced by placeholders
    #[arg(long, value_name = "FILE", help_heading = heading::REPORTS)]
    pub(super) record: Option<PathBuf>,
    /// Write failed generated trials to this directory as case files
    #[arg(long, value_name = "DIR", help_heading = heading::REPORTS)]
    pub(super) save_failures: Option<PathBuf>,
    #[command(flatten)]
    pub(super) gate: GateArgs,
    /// Accept the known failures in `known-failures/NAME.yaml` of the suite [default: the host of --url, or `embedded`]
    #[arg(long = "known-failures", value_name = "NAME", help_heading = heading::GATE)]
    pub(super) known_as: Option<String>,
    /// Print findings and the verdict only
    #[arg(long, short, help_heading = heading::OUTPUT, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print a line for every trial instead of one per case; -vv also prints the exchanges
    #[arg(long, short, help_heading = heading::OUTPUT, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// What is tested.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// The mock in this program
    Embedded,
    /// The endpoint at the URL
    Live,
}

/// The use of snapshots.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Snapshots {
    /// Fail on a difference; write a missing snapshot for review
    Review,
    /// Fail on a difference, a missing snapshot or an orphaned snapshot
    Strict,
    /// Overwrite snapshots with the responses
    Update,
    /// Report differences without failing
    Tell,
    /// Record in `confirmed.json` the snapshots that the endpoint matches, without failing
    Confirm,
    /// Do not compare
    Ignore,
}

pub(super) fn parse_fault(id: &str) -> Result<Fault, String> {
    id.parse().map_err(|error| {
        let known: Vec<&str> = Fault::all().map(Fault::id).collect();
        match closest(id, &known) {
            Some(near) => format!("{error}; did you mean `{near}`?"),
            None => format!("{error}; `neon-contract list --of faults` lists all faults"),
        }
    })
}

impl RunArgs {
    pub(super) fn home(&self) -> Home {
        self.specs.home()
    }

    /// Whether to go on after the first run.
    pub(super) fn watch(&self) -> bool {
        self.watch
    }

    pub(super) fn filters(&self) -> &[String] {
        &self.selection.filters
    }

    pub(super) fn set_filters(&mut self, filters: Vec<String>) {
        self.selection.filters = filters;
    }

    pub(super) fn setup(&self) -> Result<Setup, SetupError> {
        let url = self.url.as_ref().filter(|url| !url.is_empty());
        let url = match self.target {
            Some(Which::Embedded) => None,
            Some(Which::Live) if url.is_none() => {
                let message = "--target live requires --url or NEON_API_URL";
                return Err(SetupError::Environment(message.to_owned()));
            }
            Some(Which::Live) | None => url,
        };
        let chosen = self.snapshots.map(|mode| match mode {
            Snapshots::Review => SnapshotMode::Review,
            Snapshots::Strict => SnapshotMode::Strict,
            Snapshots::Update => SnapshotMode::Update,
            Snapshots::Tell => SnapshotMode::Tell,
            Snapshots::Confirm => SnapshotMode::Confirm,
            Snapshots::Ignore => SnapshotMode::Ignore,
        });
        if url.is_none() && matches!(chosen, Some(SnapshotMode::Confirm)) {
            let message = "--snapshots confirm requires --url";
            return Err(SetupError::Environment(message.to_owned()));
        }
        Ok(Setup {
            contract: self.specs.contract().map(str::to_owned),
            snapshot_mode: if self.update { Some(SnapshotMode::Update) } else { chosen },
            endpoint: self.endpoint.at(url.map(String::as_str))?,
            declaration: self.endpoint.declaration(),
            ledgers: self.endpoint.ledger.folder(),
            grace: self.endpoint.ledger.grace,
            max_projects: self.endpoint.max_projects,
            is_rehearsal: self.dry_run,
            known_as: self.known_as.clone(),
            faults: self.faults.clone(),
            limits: Limits { timeout: self.timeout, ..Limits::default() },
            snapshots: self.snapshot_dir.clone(),
            ..Setup::embedded(self.specs.home())
        })
    }
}
