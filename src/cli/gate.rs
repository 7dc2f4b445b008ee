//! What is demanded of a run.

use std::path::PathBuf;

use clap::Args;
use neon_contract::exit_code::ExitCode;
use neon_contract::report::{self, RunResult};
use neon_contract::spec::Suite;
use neon_contract::spec::gate::{self, Failures, Gate};

use super::{complain, refuse};

/// What is demanded of a run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gate")]
pub(super) struct GateArgs {
    /// What the run must come to, in a file (see `schema gate`); flags are added to it
    #[arg(long, value_name = "FILE")]
    gate: Option<PathBuf>,
    /// Exit with 4 if this requirement is not proven; `all-musts` for all that must hold (may be repeated)
    #[arg(long = "require", value_name = "ID|all-musts")]
    required: Vec<String>,
    /// Exit with 4 if anything could not be tested
    #[arg(long)]
    demand_all: bool,
    /// Exit with 1 if more trials than this pass only when they are run again
    #[arg(long, value_name = "N")]
    max_flaky: Option<usize>,
    /// Exit with 1 if more trials than this fail as it is known of the endpoint
    #[arg(long, value_name = "N")]
    max_known_failures: Option<usize>,
    /// Exit with 1 if anything is not as it should be, not only where it must
    #[arg(long)]
    strict: bool,
    /// The result of an earlier run (`--report json=FILE`): tell what is new, fixed and unchanged
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Only failures that the baseline does not have fail the run
    #[arg(long, requires = "baseline")]
    only_new: bool,
}

/// What is demanded of a run, read and checked.
pub(super) struct Demands {
    gate: Gate,
    baseline: Option<RunResult>,
}

impl GateArgs {
    /// Reads what is demanded, before anything is sent.
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
            return Err(wrong("a gate for new failures needs an earlier run: --baseline FILE".to_owned()));
        }
        let baseline = self.baseline.as_deref().map(super::report::read).transpose().map_err(wrong)?;
        Ok(Demands { gate, baseline })
    }
}

impl Demands {
    /// The earlier run.
    pub(super) fn baseline(&self) -> Option<&RunResult> {
        self.baseline.as_ref()
    }

    /// Holds a run against what is demanded of it, and notes down in its result what comes of that.
    pub(super) fn decide(&self, result: &mut RunResult) -> ExitCode {
        result.comparison = self.baseline.as_ref().map(|baseline| report::compare(result, baseline));
        let (decision, code) = report::decide(result, &self.gate);
        result.gate = self.gate.demands().then_some(decision);
        code
    }
}
