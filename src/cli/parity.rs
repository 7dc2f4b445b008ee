//! `neon-contract parity`.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::parity::{Parity, Side, compare};
use neon_contract::plan::{Trial, plan};
use neon_contract::report;
use neon_contract::result::RunReport;
use neon_contract::runner::{self, Event, Options, Setup, SetupError, SnapshotMode};
use neon_contract::secret::Secrets;
use neon_contract::spec::Suite;
use neon_contract::target::host;
use neon_contract::text;
use tokio_util::sync::CancellationToken;

use super::endpoint::EndpointArgs;
use super::interrupt::stop_on_ctrl_c;
use super::progress::progress;
use super::{SelectionArgs, SpecsArgs, block_on, complain, heading, log, refuse, tell};

#[derive(Debug, Args)]
#[command(after_help = "\
Runs the same cases on both sides and classifies each difference:
  API drift         The service violates the contract; the other side does not
  Mock drift        The mock violates the contract, or differs from the service
  Document drift    Both sides violate the contract

Resources that a case only reads are compared by structure; errors and resources that a case created are compared by value \
as well. Responses in a recording are compared by operation and status, because a recording does not identify cases. \
`known-failures/NAME.yaml` of the suite lists accepted differences, by the name of the check that found them or as `parity`.

Examples:
  neon-contract parity --right https://console.neon.tech
  neon-contract parity --right https://console.neon.tech --allow writes projects/
  neon-contract parity --left embedded --right recorded.har --json
  neon-contract parity --left yesterday.har --right https://console.neon.tech")]
pub(super) struct ParityArgs {
    /// First side: `embedded` (the mock), a URL or a HAR file
    #[arg(long, value_name = "embedded|URL|FILE", default_value = "embedded", help_heading = heading::TARGET)]
    left: Place,
    /// Second side: `embedded` (the mock), a URL or a HAR file
    #[arg(long, value_name = "embedded|URL|FILE", help_heading = heading::TARGET)]
    right: Place,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    specs: SpecsArgs,
    #[command(flatten)]
    endpoint: EndpointArgs,
    /// Accept the known failures in `known-failures/NAME.yaml` of the suite [default: the host of the URL, or the name of the recording]
    #[arg(long = "known-failures", value_name = "NAME", help_heading = heading::GATE)]
    known_as: Option<String>,
    /// Number of trials to run in parallel [default: depends on the target]
    #[arg(long, short, value_name = "N", help_heading = heading::EXECUTION, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Print JSON
    #[arg(long, help_heading = heading::OUTPUT)]
    json: bool,
}

/// Something that answers, or has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Embedded,
    Url(String),
    Recording(PathBuf),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "embedded" => Ok(Self::Embedded),
            url if url.starts_with("http://") || url.starts_with("https://") => Ok(Self::Url(url.to_owned())),
            file if PathBuf::from(file).is_file() => Ok(Self::Recording(file.into())),
            _ => Err("expected `embedded`, a URL (https://…) or an existing HAR file".to_owned()),
        }
    }
}

impl Place {
    /// Under which name what is known of it stands in the suite.
    fn known_as(&self) -> String {
        match self {
            Self::Embedded => "embedded".to_owned(),
            Self::Url(url) => host(url).to_owned(),
            Self::Recording(file) => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }
}

/// A side that has answered.
struct Answered {
    side: Side,
    secrets: Arc<Secrets>,
    /// What came of the trials, where some were run.
    report: Option<RunReport>,
}

pub(super) fn parity(args: ParityArgs) -> ExitCode {
    match (&args.left, &args.right) {
        (left, right) if left == right => {
            complain("both sides are the same");
            return ExitCode::Usage;
        }
        (Place::Url(left), Place::Url(_)) => {
            complain(&format!(
                "only one side can be a URL, because a run has the key of one endpoint: record one side with `neon-contract run --url {left} --record left.har`, \
                 and compare the other with the recording"
            ));
            return ExitCode::Usage;
        }
        _ => {}
    }
    block_on(async {
        let suite = match args.specs.load().await {
            Ok(suite) => Arc::new(suite),
            Err(code) => return code,
        };
        let stop = CancellationToken::new();
        stop_on_ctrl_c(stop.clone());
        // Whether a recording can be read is known at once.
        let is_left_first = !matches!(args.right, Place::Recording(_));
        let (first, second) =
            if is_left_first { (&args.left, &args.right) } else { (&args.right, &args.left) };
        let first = match answers(&args, first, &suite, &stop).await {
            Ok(side) => side,
            Err(code) => return code,
        };
        let second = match answers(&args, second, &suite, &stop).await {
            Ok(side) => side,
            Err(code) => return code,
        };
        let (left, right) = if is_left_first { (first, second) } else { (second, first) };
        conclude(&args, &suite, &left, &right)
    })
}

/// Has one side answer, or says why it does not.
async fn answers(
    args: &ParityArgs,
    place: &Place,
    suite: &Arc<Suite>,
    stop: &CancellationToken,
) -> Result<Answered, ExitCode> {
    let (url, is_mock) = match place {
        Place::Recording(file) => {
            let (answers, secrets) = runner::recorded_answers(suite, file).map_err(|error| {
                complain(&error.to_string());
                ExitCode::Usage
            })?;
            let side = Side { name: file.display().to_string(), is_mock: false, answers };
            return Ok(Answered { side, secrets: Arc::new(secrets), report: None });
        }
        Place::Url(url) => (Some(url.as_str()), false),
        Place::Embedded => (None, true),
    };
    let setup = args.setup(url).map_err(|error| refuse(&error))?;
    let harness = setup.harness(suite.clone()).await.map_err(|error| refuse(&error))?;
    let harness = Arc::new(harness.stopped_by(stop.clone()).for_comparison());
    // What is generated goes beyond the contract, of which a service need not say the same.
    let selection = args.selection.selection(false, harness.absent());
    let trials: Arc<[Trial]> = plan(suite, &selection).into();
    if trials.is_empty() {
        harness.finish().await;
        complain("no trial is selected; run `neon-contract list` for a list");
        return Err(ExitCode::Usage);
    }
    if let Err(reason) = harness.probe().await {
        harness.finish().await;
        complain(&reason);
        return Err(ExitCode::Usage);
    }
    let name = harness.target().describe();
    let progress = progress(trials.len(), "trials").with_message(name.clone());
    let options = Options {
        jobs: args.jobs.map_or_else(|| harness.target().default_jobs(), usize::from),
        fail_fast: false,
        budget: None,
        is_everything: false,
    };
    let report = runner::run(&harness, &trials, options, |Event::Ended(_)| progress.inc(1)).await;
    progress.finish_and_clear();
    let side = Side { name, is_mock, answers: harness.take_answers() };
    Ok(Answered { side, secrets: harness.secrets().clone(), report: Some(report) })
}

impl ParityArgs {
    fn setup(&self, url: Option<&str>) -> Result<Setup, SetupError> {
        let endpoint = url.map(|url| self.endpoint.at(Some(url))).transpose()?.flatten();
        Ok(Setup {
            contract: self.specs.contract().map(str::to_owned),
            snapshot_mode: Some(SnapshotMode::Ignore),
            declaration: self.endpoint.declaration(),
            ledgers: self.endpoint.ledger.folder(),
            grace: self.endpoint.ledger.grace,
            max_projects: self.endpoint.max_projects,
            endpoint,
            ..Setup::embedded(self.specs.home())
        })
    }

    fn has_url(&self) -> bool {
        [&self.left, &self.right].into_iter().any(|place| matches!(place, Place::Url(_)))
    }

    /// Under which name what is accepted stands in the suite: of the side that is no mock, and of the right one where neither is.
    fn known_as(&self) -> String {
        let other = if self.right == Place::Embedded { &self.left } else { &self.right };
        self.known_as.clone().unwrap_or_else(|| other.known_as())
    }
}

/// Tells how the sides compare.
fn conclude(args: &ParityArgs, suite: &Suite, left: &Answered, right: &Answered) -> ExitCode {
    let mut parity = compare(&left.side, &right.side);
    let known_as = args.known_as();
    let known = match suite.known_failures_named(&known_as) {
        Err(message) if args.known_as.is_some() => {
            complain(&message);
            return ExitCode::Usage;
        }
        known => known.unwrap_or_default(),
    };
    let reports: Vec<&RunReport> =
        [left, right].into_iter().filter_map(|side| side.report.as_ref()).collect();
    let selection = args.selection.selection(false, &suite.undocumented);
    let was_stopped = reports.iter().any(|report| report.interrupted);
    let accepted = parity.accept(known, selection.is_everything() && !was_stopped);
    let mask = |text: &str| left.secrets.mask(&right.secrets.mask(text));
    if args.json {
        let json = report::parity_json(&parity, [&left.side, &right.side], &accepted);
        tell(&text::json(&mask(&format!("{json:#}\n"))));
    } else {
        for Answered { side, report, .. } in [left, right] {
            tell(&report::answered(side, report.as_ref()));
        }
        tell(&mask(&report::parity(&parity, [&left.side, &right.side], &accepted)));
    }
    for report in &reports {
        for left in &report.left_behind {
            complain(&format!("left behind (remove with `neon-contract sweep`): {left}"));
        }
    }
    if args.has_url() && parity.trials == 0 && !args.json {
        log("no trial ran on both sides; `--allow writes` allows more trials");
    }
    verdict(&parity, &reports, was_stopped)
}

fn verdict(parity: &Parity, reports: &[&RunReport], was_stopped: bool) -> ExitCode {
    if !(parity.differences.is_empty() && parity.outdated.is_empty()) {
        ExitCode::Findings
    } else if was_stopped {
        ExitCode::Interrupted
    } else if reports.iter().any(|report| report.counts().errored > 0 || !report.left_behind.is_empty()) {
        ExitCode::Unreachable
    } else if parity.operations.is_empty() {
        ExitCode::Untested
    } else {
        ExitCode::Conformant
    }
}
