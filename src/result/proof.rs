//! What a run has proven, small enough to be published beside a release.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::file::version_of;
use super::model::{AdviceResult, GateResult, RequirementResult, RunResult, SuiteResult};
use super::verdict::Verdict;

/// What a run has proven: of which target, when, by which suite and contracts. Its members are those of a result, without the trials,
/// so that a result file is a proof as well.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "neon-contract proof")]
pub struct Proof {
    /// The form of this file.
    pub version: u32,
    /// The program that made it, with its version.
    pub tool: String,
    /// What was tested: a URL, or `the embedded mock`.
    pub target: String,
    /// When the run began.
    #[schemars(with = "String")]
    pub began: Timestamp,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// What came out, in a word.
    pub verdict: Verdict,
    /// What was demanded of the run, and whether it comes to it.
    #[serde(default)]
    pub gate: Option<GateResult>,
    /// What was run: the digests of spec files and contracts, and the profiles.
    pub suite: SuiteResult,
    /// How many trials came out how.
    pub counts: Counts,
    /// How many trials were planned and not begun.
    pub not_begun: usize,
    /// What came of each requirement.
    pub requirements: Vec<RequirementResult>,
    /// Rules that should hold and are broken; they fail nothing.
    #[serde(default)]
    pub advice: Vec<AdviceResult>,
}

impl Proof {
    /// What a run has proven.
    #[must_use]
    pub fn of(result: &RunResult) -> Self {
        Self {
            version: result.version,
            tool: result.tool.clone(),
            target: result.target.clone(),
            began: result.began,
            elapsed_ms: result.elapsed_ms,
            verdict: result.verdict,
            gate: result.gate.clone(),
            suite: result.suite.clone(),
            counts: result.counts,
            not_begun: result.not_begun,
            requirements: result.requirements.clone(),
            advice: result.advice.clone(),
        }
    }
}

/// Reads what a run has proven, from a proof or a result file.
///
/// # Errors
/// In one line, when it is none, or of another version.
pub fn read_proof(text: &str) -> Result<Proof, String> {
    version_of(text)?;
    serde_json::from_str(text).map_err(|error| {
        format!(
            "line {}: not a neon-contract proof file: {error}; create one with `run --report proof=FILE`",
            error.line()
        )
    })
}
