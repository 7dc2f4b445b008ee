//! The result of a run as data: the one form that every report is made from, and that is written, read back and merged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::coverage::Judged;
use super::exposed::Exposed;
use super::outcome::OutcomeWord;
use super::verdict::Verdict;
use crate::plan::Shard;
use crate::spec::contract::OperationId;
use crate::spec::gate::Gate;
use crate::spec::requirement::{Evidence, Level, RequirementId, Subject};

/// The version of the result format. New versions may add members, but do not change the meaning of existing ones.
pub const VERSION: u32 = 1;

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "neon-contract result")]
pub struct RunResult {
    /// The version of the format.
    pub version: u32,
    /// The program that created the file, with its version.
    pub tool: String,
    /// The tested endpoint: a URL, or `the embedded mock`.
    pub target: String,
    /// The party that was judged.
    #[serde(default)]
    pub judged: Subject,
    /// The time at which the run started.
    #[schemars(with = "String")]
    pub began: Timestamp,
    /// The duration in milliseconds.
    pub elapsed_ms: u64,
    /// The verdict.
    pub verdict: Verdict,
    /// The suite.
    pub suite: SuiteResult,
    /// The shard, if the run is split into shards.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// The number of trials by outcome.
    pub counts: Counts,
    /// The number of planned trials that were not started, because the run was stopped.
    pub not_begun: usize,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// The result of each requirement.
    pub requirements: Vec<RequirementResult>,
    /// The result of each operation.
    pub operations: Vec<OperationResult>,
    /// Broken `should` requirements, which do not fail the run.
    #[serde(default)]
    pub advice: Vec<AdviceResult>,
    /// The number of examined and violating items of each check.
    pub checks: BTreeMap<String, Judged>,
    /// The trials, in the order of the plan.
    pub trials: Vec<TrialResult>,
    /// Retried requests.
    pub retries: Vec<RetryResult>,
    /// Snapshots without a trial.
    pub orphans: Vec<PathBuf>,
    /// Whether orphans fail the run.
    pub orphans_fail: bool,
    /// Snapshots that wait for review.
    pub offered_snapshots: BTreeSet<PathBuf>,
    /// Snapshots that were written.
    pub written_snapshots: BTreeSet<PathBuf>,
    /// Created resources that could not be removed.
    pub left_behind: Vec<String>,
    /// Resources that appeared during the run, under other names than its own: they were left alone.
    #[serde(default)]
    pub appeared: Vec<String>,
    /// Responses whose bodies were not fully checked.
    #[serde(default)]
    pub unchecked: Vec<UncheckedResult>,
    /// The comparison with an earlier run.
    #[serde(default)]
    pub comparison: Option<Comparison>,
    /// The gate, and the decision.
    #[serde(default)]
    pub gate: Option<GateResult>,
}

/// The suite of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuiteResult {
    /// The first digits of the SHA-256 of all files of the suite.
    pub digest: String,
    /// The digest of each contract, by name.
    pub contracts: BTreeMap<String, String>,
    /// The profiles that the endpoint had to implement.
    pub profiles: Vec<String>,
    /// The operations that the endpoint is declared without, each with the reason.
    pub absent: BTreeMap<OperationId, String>,
}

/// The result of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementResult {
    /// The requirement.
    pub id: RequirementId,
    /// The level of the requirement.
    pub level: Level,
    /// The party that must meet the requirement.
    #[serde(default)]
    pub subject: Subject,
    /// The evidence for the requirement.
    pub evidence: Evidence,
    /// The statement.
    pub statement: String,
    /// The source of the statement.
    pub source: String,
    /// The number of its trials by outcome; `failed` counts the trials that broke it.
    pub counts: Counts,
    /// Whether the requirement is proven: at least one trial passed, and all others did as well.
    pub proven: bool,
    /// The reasons why it is not proven.
    pub reasons: BTreeSet<String>,
}

/// The result of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationResult {
    /// The operation.
    pub id: OperationId,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The number of requests that got a response.
    pub requests: usize,
    /// The number of responses by status.
    pub statuses: BTreeMap<u16, usize>,
    /// The response times.
    pub times: Option<Times>,
}

/// Responses whose bodies were not fully checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UncheckedResult {
    /// The operation.
    pub operation: OperationId,
    /// The status.
    pub status: u16,
    /// The number of responses.
    pub responses: usize,
    /// The reason.
    pub why: Unchecked,
}

/// The reason why a body was not fully checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unchecked {
    /// Its schema in the given contract cannot be used.
    SchemaUnusable,
    /// The recording does not have it.
    BodyNotRecorded,
}

/// Response times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// The median.
    pub median: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The maximum.
    pub longest: f64,
}

/// The result of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialResult {
    /// The index of the trial in the plan of the whole run.
    pub number: usize,
    /// The name of the trial.
    pub name: Arc<str>,
    /// The rule that the trial proves, in one sentence.
    pub title: Arc<str>,
    /// The spec file.
    pub file: Arc<str>,
    /// The requirements that the trial proves.
    pub requirements: Arc<[RequirementId]>,
    /// The operation on the axis of its matrix, if any.
    #[serde(default)]
    pub operation: Option<OperationId>,
    /// The credential on the axis of its matrix, if any.
    #[serde(default)]
    pub credential: Option<String>,
    /// The outcome.
    pub outcome: OutcomeWord,
    /// The reason for an outcome other than passed or failed.
    #[serde(default)]
    pub reason: Option<String>,
    /// The duration in milliseconds.
    pub elapsed_ms: f64,
    /// The number of requests that got a response.
    pub requests: usize,
    /// The number of attempts; more than one if the first failed.
    pub attempts: u32,
    /// The findings.
    #[serde(default)]
    pub findings: Vec<FindingResult>,
    /// Broken `should` requirements, which do not fail the trial.
    #[serde(default)]
    pub advice: Vec<FindingResult>,
    /// Notes, which do not fail the trial.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The exchanges of a trial with findings, or of one that did not pass in a run with `-vv`; secrets are masked.
    #[serde(default)]
    pub exchanges: Vec<Exposed>,
    /// Whether the exchanges are omitted, because a hundred other trials with findings have theirs.
    #[serde(default)]
    pub exchanges_left_out: bool,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingResult {
    /// The check that found it.
    pub check: String,
    /// Whether a rejected request took effect, or a secret was exposed.
    pub critical: bool,
    /// The violated requirements.
    pub requirements: Vec<String>,
    /// The operation.
    #[serde(default)]
    pub operation: Option<OperationId>,
    /// The step.
    pub step: String,
    /// The index of the exchange in the trial.
    #[serde(default)]
    pub exchange: Option<usize>,
    /// The spec file and the line of the expectation.
    pub location: String,
    /// The part of the response.
    pub subject: String,
    /// The expected value.
    pub expected: String,
    /// The actual value.
    pub actual: String,
    /// Shell commands that reproduce the finding.
    pub reproduce: String,
}

/// Retried requests of one route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetryResult {
    /// The method and the path.
    pub route: String,
    /// The cause of the retries.
    pub cause: String,
    /// The number of retries.
    pub times: usize,
    /// The total waiting time in milliseconds.
    pub waited_ms: f64,
}

/// A rule that should hold and is broken, wherever it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdviceResult {
    /// The check that found it.
    pub check: String,
    /// The requirements that it breaks.
    pub requirements: Vec<String>,
    /// Where in the response; `*` stands for every item.
    pub subject: String,
    /// How it should be.
    pub expected: String,
    /// How it is.
    pub actual: String,
    /// How many trials it shows in.
    pub trials: usize,
    /// The one that needs the fewest requests to show it.
    pub trial: String,
    /// The operations it shows in, the first few by name.
    pub operations: String,
    /// The spec file and the line that say how it should be.
    pub location: String,
    /// Shell commands that show it again.
    pub reproduce: String,
}

/// A run beside an earlier one. Trials are told apart by their names, findings by their check and where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// When the earlier run began.
    #[schemars(with = "String")]
    pub began: Timestamp,
    /// What it has tested.
    pub target: String,
    /// It was made with the same spec files.
    pub same_suite: bool,
    /// Trials that fail of something that they did not fail of.
    pub new: Vec<String>,
    /// Trials that failed, and pass.
    pub fixed: Vec<String>,
    /// Trials that fail as they did.
    pub unchanged: Vec<String>,
    /// Trials that told something, and now could not be tested.
    pub lost: Vec<String>,
    /// How many trials of the earlier run are not in this one.
    pub not_run: usize,
}

/// What a gate has said to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// What was demanded.
    pub gate: Gate,
    /// The run comes to it.
    pub passed: bool,
    /// Why not; where it does, what was let pass.
    pub reasons: Vec<String>,
}

impl RunResult {
    /// The verdict as the end of a sentence. What conforms in part is told so.
    #[must_use]
    pub fn verdict_words(&self) -> &'static str {
        let untested = self.not_begun + self.counts.skipped + self.counts.untested;
        let is_partial = untested > 0 || !self.unchecked.is_empty();
        match self.verdict {
            Verdict::Conforms if is_partial => "conforms where it was tested",
            verdict => verdict.words(),
        }
    }
}
