//! The conditions that a run must meet.

use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::result::{RunResult, compare, decide};
use neon_contract::spec::Suite;
use neon_contract::spec::gate::{self, Failures, Gate};

use super::result_file::read;
use super::{complain, heading, refuse};

/// The conditions that a run must meet.
#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// File with the conditions of the gate (see `schema gate`); options add to it
    #[arg(long, value_name = "FILE", help_heading = heading::GATE)]
    gate: Option<PathBuf>,
    /// Exit with 4 if this requirement is not proven; `all-musts` requires every `must`; may be repeated
    #[arg(long = "require", value_name = "ID|all-musts", help_heading = heading::GATE)]
    required: Vec<String>,
    /// Exit with 4 if any trial is untested
    #[arg(long, help_heading = heading::GATE)]
    demand_all: bool,
    /// Exit with 1 if more than N trials are flaky
    #[arg(long, value_name = "N", help_heading = heading::GATE)]
    max_flaky: Option<usize>,
    /// Exit with 1 if more than N trials are known failures
    #[arg(long, value_name = "N", help_heading = heading::GATE)]
    max_known_failures: Option<usize>,
    /// Exit with 1 if a `should` requirement fails
    #[arg(long, help_heading = heading::GATE)]
    strict: bool,
    /// Result file of an earlier run (`--report json=FILE`) to compare with: report new, fixed and unchanged failures
    #[arg(long, value_name = "FILE", help_heading = heading::GATE)]
    baseline: Option<PathBuf>,
    /// Ignore failures that the baseline has as well
    #[arg(long, requires = "baseline", help_heading = heading::GATE)]
    only_new: bool,
}

/// The conditions that a run must meet, read and checked.
pub(super) struct Demands {
    gate: Gate,
    baseline: Option<RunResult>,
}

impl GateArgs {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        let Self { gate, required, demand_all, max_flaky, max_known_failures, strict, baseline, only_new } =
            self;
        gate.is_none()
            && required.is_empty()
            && max_flaky.is_none()
            && max_known_failures.is_none()
            && baseline.is_none()
            && !(*demand_all || *strict || *only_new)
    }

    /// Reads the conditions. Called before anything is sent.
    pub(super) fn read(&self, suite: Option<&Suite>) -> Result<Demands, ExitCode> {
        let mut gate = match &self.gate {
            Some(path) => gate::read(path, suite).map_err(|mistakes| refuse(&mistakes.into()))?,
            None => Gate::default(),
        };
        let wrong = |message: String| {
            complain(&message);
            ExitCode::Usage
        };
        gate.require.extend(self.required.iter().cloned());
        gate.max_untested = if self.demand_all { Some(0) } else { gate.max_untested };
        gate.max_flaky = self.max_flaky.or(gate.max_flaky);
        gate.max_known_failures = self.max_known_failures.or(gate.max_known_failures);
        gate.strict |= self.strict;
        if self.only_new {
            gate.failures = Failures::New;
        }
        if let Some(suite) = suite {
            let known: Vec<&str> = suite.requirements.keys().map(|id| id.0.as_str()).collect();
            gate.check(&known).map_err(wrong)?;
        }
        if gate.failures == Failures::New && self.baseline.is_none() {
            return Err(wrong("a gate that only fails on new failures requires --baseline FILE".to_owned()));
        }
        let baseline = self.baseline.as_deref().map(read).transpose().map_err(wrong)?;
        Ok(Demands { gate, baseline })
    }
}

impl Demands {
    /// The earlier run.
    pub(super) fn baseline(&self) -> Option<&RunResult> {
        self.baseline.as_ref()
    }

    /// Decides whether a run meets the conditions, and records the decision in its result.
    pub(super) fn decide(&self, result: &mut RunResult) -> ExitCode {
        result.comparison = self.baseline.as_ref().map(|baseline| compare(result, baseline));
        let (decision, code) = decide(result, &self.gate);
        result.gate = self.gate.demands().then_some(decision);
        code
    }
}
