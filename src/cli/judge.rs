//! Whom `proxy` and `mock` judge, and what becomes of the verdict.

use clap::{Args, ValueEnum};
use neon_contract::exit_code::ExitCode;
use neon_contract::report;
use neon_contract::result::{Outcome, RunResult, TrialReport};
use neon_contract::secret::Secrets;
use neon_contract::spec::known_failure::KnownFailure;
use neon_contract::spec::requirement::Subject;
use neon_contract::spec::{Suite, closest};

use super::gate::{Demands, GateArgs};
use super::report::ReportsArgs;
use super::{complain, heading, tell};

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
        let known = self.known_as.map_or(Ok(Vec::new()), |name| known(suite, &name));
        let known = known.and_then(|known| self.reports.check().map(|()| known)).map_err(|message| {
            complain(&message);
            ExitCode::Usage
        })?;
        Ok(Verdict { known, demands, reports: self.reports })
    }
}

fn known(suite: &Suite, name: &str) -> Result<Vec<KnownFailure>, String> {
    suite.known_failures.get(name).cloned().ok_or_else(|| {
        let names: Vec<&str> = suite.known_failures.keys().map(String::as_str).collect();
        let hint = closest(name, &names).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        format!("the suite has no `known-failures/{name}.yaml`{hint}")
    })
}

impl Verdict {
    /// Prints the verdict and makes the reports.
    pub(super) fn tell(&self, mut result: RunResult, party: Party, secrets: &Secrets) -> ExitCode {
        let code = self.demands.decide(&mut result);
        tell(&match party {
            Party::Endpoint => report::traffic(&result, true),
            Party::Client => report::client(&result),
        });
        self.reports.make(&result, secrets).unwrap_or(code)
    }
}

/// Prints what is to be said of an exchange; of one in which nothing is wrong nothing, if `quiet`.
pub(super) fn tell_of(trial: &TrialReport, quiet: bool) {
    if !(quiet && trial.outcome == Outcome::Passed) {
        tell(&format!("{}\n{}", report::trial_line(trial), report::failure(trial)));
    }
}
