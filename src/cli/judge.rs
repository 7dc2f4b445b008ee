//! Whom `proxy` and `mock` judge, and what becomes of the verdict.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use neon_contract::exit_code::ExitCode;
use neon_contract::mock::{MockBuilder, VerdictAsked};
use neon_contract::report;
use neon_contract::result::{Context, Outcome, RunResult, TrialReport};
use neon_contract::runner::Watch;
use neon_contract::secret::Secrets;
use neon_contract::spec::Suite;
use neon_contract::spec::known_failure::KnownFailure;
use neon_contract::spec::requirement::Subject;
use neon_contract::traffic::Passed;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::gate::{Demands, GateArgs};
use super::report::{ReportsArgs, for_programs};
use super::{SpecsArgs, complain, heading, tell};

/// What is done with a verdict.
#[derive(Debug, Args)]
pub(super) struct VerdictArgs {
    /// Accept the known failures in `known-failures/NAME.yaml` of the suite
    #[arg(long = "known-failures", value_name = "NAME", help_heading = heading::GATE)]
    known_as: Option<String>,
    #[command(flatten)]
    reports: ReportsArgs,
    #[command(flatten)]
    gate: GateArgs,
}

/// Whoever is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Party {
    /// The endpoint that responds
    Endpoint,
    /// The client that sends the requests
    Client,
}

impl Party {
    pub(super) fn subject(self) -> Subject {
        match self {
            Self::Endpoint => Subject::Endpoint,
            Self::Client => Subject::Client,
        }
    }

    /// How the verdict names whoever is judged, where `origin` responds.
    pub(super) fn named(self, origin: &str) -> String {
        match self {
            Self::Endpoint => origin.to_owned(),
            Self::Client => format!("the client of {origin}"),
        }
    }
}

/// What is done with a verdict, read and checked.
pub(super) struct Verdict {
    pub(super) known: Vec<KnownFailure>,
    demands: Demands,
    reports: ReportsArgs,
}

impl VerdictArgs {
    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.known_as.is_none() && self.reports.is_empty() && self.gate.is_empty()
    }

    /// Called before anything is served.
    pub(super) fn read(self, suite: &Suite) -> Result<Verdict, ExitCode> {
        let demands = self.gate.read(Some(suite))?;
        let known = self.known_as.map_or(Ok(&[][..]), |name| suite.known_failures_named(&name));
        let known = known.and_then(|known| self.reports.check().map(|()| known)).map_err(|message| {
            complain(&message);
            ExitCode::Usage
        })?;
        Ok(Verdict { known: known.to_vec(), demands, reports: self.reports })
    }
}

impl Verdict {
    /// The report for programs.
    fn report(&self, result: RunResult, party: Party, secrets: &Secrets) -> String {
        let mut result = result.on(party.subject());
        self.demands.decide(&mut result);
        for_programs(&result, secrets)
    }

    /// Prints the verdict and makes the reports.
    pub(super) fn tell(&self, result: RunResult, party: Party, secrets: &Secrets) -> ExitCode {
        let mut result = result.on(party.subject());
        let code = self.demands.decide(&mut result);
        tell(&match party {
            Party::Endpoint => report::traffic(&result, true),
            Party::Client => report::client(&result),
        });
        self.reports.make(&result, secrets).unwrap_or(code)
    }
}

/// Whom a mock is to judge, and by what.
#[derive(Debug, Args)]
pub(super) struct JudgingArgs {
    /// Judge a party to all exchanges, and print the verdict when the mock ends
    #[arg(long, value_enum, value_name = "PARTY", help_heading = heading::GATE)]
    judge: Option<Party>,
    /// Directory of the suite that judges [default: specs if it exists, else the built-in suite]
    #[arg(long, value_name = "DIR", help_heading = heading::GATE)]
    specs: Option<PathBuf>,
    /// OpenAPI document: operations that the mock does not know are answered by its schemas, and `--judge` judges by it
    #[arg(long, value_name = "FILE|URL", env = "NEON_CONTRACT")]
    contract: Option<String>,
    #[command(flatten)]
    verdict: VerdictArgs,
}

/// What passes a mock, and whoever is judged by it.
pub(super) struct Judging {
    party: Party,
    suite: Suite,
    verdict: Verdict,
    passed: mpsc::UnboundedReceiver<Passed>,
    resets: mpsc::UnboundedReceiver<()>,
    asked: mpsc::UnboundedReceiver<VerdictAsked>,
    tap: Tap,
}

/// Where the mock reports what passes, and resets, and where it asks for the verdict.
struct Tap {
    seen: mpsc::UnboundedSender<Passed>,
    reset: mpsc::UnboundedSender<()>,
    ask: mpsc::UnboundedSender<VerdictAsked>,
}

impl JudgingArgs {
    /// The document that describes what the mock does not know.
    pub(super) fn contract(&self) -> Option<&str> {
        self.contract.as_deref().filter(|contract| !contract.is_empty())
    }

    /// What there is to judge, if anything.
    pub(super) async fn read(self) -> Result<Option<Judging>, ExitCode> {
        let Some(party) = self.judge else {
            if self.verdict.is_empty() && self.specs.is_none() {
                return Ok(None);
            }
            complain("there is no verdict without `--judge client` or `--judge endpoint`");
            return Err(ExitCode::Usage);
        };
        let suite = SpecsArgs { specs: self.specs, contract: self.contract }.load().await?;
        let verdict = self.verdict.read(&suite)?;
        let (seen, passed) = mpsc::unbounded_channel();
        let (reset, resets) = mpsc::unbounded_channel();
        let (ask, asked) = mpsc::unbounded_channel();
        Ok(Some(Judging { party, suite, verdict, passed, resets, asked, tap: Tap { seen, reset, ask } }))
    }
}

impl Judging {
    /// A mock that reports what passes.
    pub(super) fn watch(&self, mock: MockBuilder) -> MockBuilder {
        let Tap { seen, reset, ask } = &self.tap;
        mock.tap(seen.clone()).tell_of_resets(reset.clone()).verdicts(ask.clone())
    }

    /// Judges what passes until the end.
    pub(super) async fn judge(mut self, origin: &str, end: CancellationToken) -> ExitCode {
        let (secrets, began) = (Secrets::default(), Timestamp::now());
        let watch = Watch::new(&self.suite, &secrets, origin, None);
        let mut watch = watch.of(self.party.subject()).accepting(&self.verdict.known);
        let context = Context { target: self.party.named(origin), began, shard: None };
        loop {
            tokio::select! {
                // What has passed before a reset is judged before it.
                biased;
                Some(passed) = self.passed.recv() => {
                    if let Some(trial) = watch.see(passed) {
                        tell_of(trial, true);
                    }
                }
                Some(()) = self.resets.recv() => watch.forget(),
                Some(asked) = self.asked.recv() => {
                    let result = RunResult::new(watch.so_far(), &self.suite, context.clone());
                    // Who has asked may not wait any more.
                    let _ = asked.send(self.verdict.report(result, self.party, &secrets));
                }
                () = end.cancelled() => break,
            }
        }
        let result = RunResult::new(watch.end(), &self.suite, context);
        self.verdict.tell(result, self.party, &secrets)
    }
}

/// Prints what is to be said of an exchange; of one in which nothing is wrong nothing, if `quiet`.
pub(super) fn tell_of(trial: &TrialReport, quiet: bool) {
    if !(quiet && trial.outcome == Outcome::Passed && trial.advice.is_empty()) {
        tell(&report::exchange_line(trial));
    }
}
