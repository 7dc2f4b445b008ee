//! What came out of a run, as data: the one form that every report is made from, and that is written, read back and merged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advice::{AdviceResult, advice};
use super::baseline::Comparison;
use super::exposure;
use super::gate::GateResult;
use super::standing::{Seen, Standing, standings};
use crate::json;
use crate::judge::{Finding, Severity};
use crate::plan::Shard;
use crate::runner::{Counts, Coverage, Exposed, Judged, NewSnapshot, Outcome, RunReport, TrialReport};
use crate::secret::Secrets;
use crate::spec::Suite;
use crate::spec::contract::{Operation, OperationId};
use crate::spec::requirement::{Evidence, Level, Requirement, RequirementId, Subject};
use crate::text;

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

/// The verdict on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every tested requirement holds.
    Conforms,
    /// Every tested requirement holds, except for known failures.
    ConformsButForKnown,
    /// A requirement does not hold.
    DoesNotConform,
    /// The run was stopped before its end, without a finding.
    Stopped,
    /// The endpoint was unreachable, or created resources could not be removed.
    CouldNotBeTested,
    /// Nothing was tested.
    NotTested,
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

/// The outcome of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// Every expectation was met.
    Passed,
    /// At least one expectation was not met.
    Failed,
    /// The trial failed and passed on a retry.
    Flaky,
    /// All findings are known failures.
    KnownFailure,
    /// The endpoint is declared without the operation.
    NotApplicable,
    /// The trial was not allowed, or is impossible on this target.
    Skipped,
    /// A precondition could not be met.
    Untested,
    /// The endpoint was unreachable, or the run was stopped during the trial.
    Errored,
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

/// The context of a run.
#[derive(Debug, Clone)]
pub struct Context {
    /// The tested endpoint.
    pub target: String,
    /// The time at which the run started.
    pub began: Timestamp,
    /// The shard, if the run is split into shards.
    pub shard: Option<Shard>,
}

impl RunResult {
    /// Creates the result of a run.
    #[must_use]
    pub fn new(report: RunReport, suite: &Suite, context: Context) -> Self {
        let verdict = Verdict::of(&report);
        let counts = report.counts();
        let profiles = profiles(&report, suite);
        let requirements = requirements(&report, suite);
        let retries = report.retries().into_iter().map(|((cause, route), (times, waited))| RetryResult {
            route: route.to_owned(),
            cause: cause.to_string(),
            times,
            waited_ms: waited.as_secs_f64() * 1000.0,
        });
        let retries = retries.collect();
        let (mut offered, mut written) = (BTreeSet::new(), BTreeSet::new());
        for new in report.new_snapshots() {
            match new {
                NewSnapshot::Offered(path) => offered.insert(path.clone()),
                NewSnapshot::Written(path) => written.insert(path.clone()),
            };
        }
        let unchecked = unchecked(&report.coverage, suite);
        let mut result = Self {
            version: VERSION,
            tool: format!("neon-contract {}", env!("CARGO_PKG_VERSION")),
            target: context.target,
            began: context.began,
            elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
            verdict,
            suite: SuiteResult {
                digest: suite.digest.clone(),
                contracts: suite.contracts.clone(),
                profiles,
                absent: report.absent,
            },
            shard: context.shard,
            counts,
            not_begun: report.not_begun,
            interrupted: report.interrupted,
            requirements,
            checks: report.coverage.checks.iter().map(|(id, judged)| ((*id).to_owned(), *judged)).collect(),
            operations: operations(report.coverage, suite),
            advice: Vec::new(),
            trials: report.trials.into_iter().map(TrialResult::from).collect(),
            retries,
            orphans: report.orphans,
            orphans_fail: report.orphans_fail,
            offered_snapshots: offered,
            written_snapshots: written,
            left_behind: report.left_behind.iter().map(|left| text::line(left)).collect(),
            appeared: report.appeared.iter().map(|one| text::line(one)).collect(),
            unchecked,
            comparison: None,
            gate: None,
        };
        result.advice = advice(&result.trials);
        exposure::limit(&mut result);
        result
    }
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

    /// The same without the secrets that have become known since its parts were made.
    #[must_use]
    pub fn masked(&self, secrets: &Secrets) -> Self {
        // A word of the form itself may be someone's secret.
        self.with(|text| secrets.mask(text)).unwrap_or_else(|_| self.clone())
    }

    /// The same with other texts.
    fn with(&self, change: impl Fn(&str) -> String) -> serde_json::Result<Self> {
        let mut value = serde_json::to_value(self)?;
        json::each_string(&mut value, &|text| *text = change(text));
        serde_json::from_value(value)
    }
}

impl Verdict {
    /// The verdict on a run.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        let has_orphans = report.orphans_fail && !report.orphans.is_empty();
        Self::new(&report.counts(), has_orphans, report.interrupted, !report.left_behind.is_empty())
    }

    /// The verdict where trials came out so.
    pub(super) fn new(counts: &Counts, has_orphans: bool, is_interrupted: bool, has_left: bool) -> Self {
        if counts.failed > 0 || has_orphans {
            Self::DoesNotConform
        } else if is_interrupted {
            Self::Stopped
        } else if counts.errored > 0 || has_left {
            Self::CouldNotBeTested
        } else if counts.passed + counts.flaky + counts.known_failures == 0 {
            Self::NotTested
        } else if counts.known_failures > 0 {
            Self::ConformsButForKnown
        } else {
            Self::Conforms
        }
    }

    /// The verdict as the end of a sentence: `https://… conforms`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::ConformsButForKnown => "conforms, except for known failures",
            Self::DoesNotConform => "does not conform",
            Self::Stopped => "stopped before the end",
            Self::CouldNotBeTested => "could not be fully tested",
            Self::NotTested => "was not tested",
        }
    }
}

impl From<TrialReport> for TrialResult {
    fn from(trial: TrialReport) -> Self {
        Self {
            number: trial.number,
            name: trial.name,
            title: trial.title,
            file: trial.file,
            requirements: trial.requirements,
            operation: trial.operation,
            credential: trial.credential.map(str::to_owned),
            outcome: OutcomeWord::from(&trial.outcome),
            exchanges: if trial.outcome == Outcome::Passed { Vec::new() } else { trial.exposed },
            reason: trial.outcome.reason().map(str::to_owned),
            elapsed_ms: milliseconds(trial.elapsed),
            requests: trial.exchanges,
            attempts: trial.attempts,
            findings: trial.findings.into_iter().map(FindingResult::from).collect(),
            advice: trial.advice.into_iter().map(FindingResult::from).collect(),
            notes: trial.notes,
            exchanges_left_out: false,
        }
    }
}

impl OutcomeWord {
    /// The count that it belongs to.
    pub(super) fn count(self, counts: &mut Counts) -> &mut usize {
        match self {
            Self::Passed => &mut counts.passed,
            Self::Failed => &mut counts.failed,
            Self::Flaky => &mut counts.flaky,
            Self::KnownFailure => &mut counts.known_failures,
            Self::NotApplicable => &mut counts.not_applicable,
            Self::Skipped => &mut counts.skipped,
            Self::Untested => &mut counts.untested,
            Self::Errored => &mut counts.errored,
        }
    }
}

impl From<&Outcome> for OutcomeWord {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed => Self::Passed,
            Outcome::Failed => Self::Failed,
            Outcome::Flaky(_) => Self::Flaky,
            Outcome::KnownFailure(_) => Self::KnownFailure,
            Outcome::NotApplicable(_) => Self::NotApplicable,
            Outcome::Skipped(_) => Self::Skipped,
            Outcome::Untested(_) => Self::Untested,
            Outcome::Errored(_) => Self::Errored,
        }
    }
}

impl From<Finding> for FindingResult {
    fn from(finding: Finding) -> Self {
        Self {
            check: finding.check.to_owned(),
            critical: finding.severity == Severity::Critical,
            requirements: finding.requirements,
            operation: finding.operation,
            step: finding.step,
            exchange: finding.exchange,
            location: finding.location,
            subject: finding.subject,
            expected: finding.expected,
            actual: finding.actual,
            reproduce: finding.reproduce,
        }
    }
}

/// Reads a result file.
///
/// # Errors
/// In one line, when it is none, or of another version.
pub fn read_result(text: &str) -> Result<RunResult, String> {
    version_of(text)?;
    let result: RunResult = serde_json::from_str(text).map_err(|error| no_result(&error))?;
    // Whoever has made the file may have written into it what a run spells out.
    let is_suspect = text.contains("\\u")
        || text.chars().any(|character| text::is_spelled_out(character) && character != '\n');
    if !is_suspect {
        return Ok(result);
    }
    result.with(text::lines).map_err(|error| no_result(&error))
}

/// Whether a file is of the version that is read here.
pub(super) fn version_of(text: &str) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    match serde_json::from_str(text) {
        Ok(Version { version: VERSION }) => Ok(()),
        Ok(Version { version }) => {
            Err(format!("it has version {version}, but this program reads {VERSION}; create it again"))
        }
        Err(error) => Err(no_result(&error)),
    }
}

fn no_result(error: &serde_json::Error) -> String {
    format!(
        "line {}: not a neon-contract result file: {error}; create one with `run --report json=FILE`",
        error.line()
    )
}

/// To the microsecond: more is noise.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// The profiles of which the endpoint is not said to lack any operation.
fn profiles(report: &RunReport, suite: &Suite) -> Vec<String> {
    let is_demanded = |(_, operations): &(&String, &BTreeSet<OperationId>)| {
        operations.iter().any(|operation| !report.absent.contains_key(operation))
    };
    suite.profiles.iter().filter(is_demanded).map(|(name, _)| name.clone()).collect()
}

fn requirements(report: &RunReport, suite: &Suite) -> Vec<RequirementResult> {
    let mut standings = report.standings(suite);
    let result = |requirement: &Requirement| {
        let Standing { counts, proven, reasons } = standings.remove(&requirement.id).unwrap_or_default();
        RequirementResult {
            id: requirement.id.clone(),
            level: requirement.level,
            subject: requirement.subject,
            evidence: requirement.evidence,
            statement: requirement.statement.clone(),
            source: requirement.source.clone(),
            counts,
            proven,
            reasons,
        }
    };
    suite.requirements.values().map(result).collect()
}

impl RunReport {
    /// What the run says of each requirement.
    pub(super) fn standings<'r>(&'r self, suite: &'r Suite) -> BTreeMap<&'r RequirementId, Standing> {
        let trials = self.trials.iter().map(Seen::from);
        standings(suite.requirements.keys(), trials, |check| self.coverage.checks.get(check))
    }
}

fn operations(mut coverage: Coverage, suite: &Suite) -> Vec<OperationResult> {
    let result = |operation: &Operation| {
        let covered = coverage.operations.remove(&operation.id).unwrap_or_default();
        OperationResult {
            id: operation.id.clone(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            requests: covered.requests,
            times: Times::of(covered.times),
            statuses: covered.statuses,
        }
    };
    suite.operations.values().map(result).collect()
}

fn unchecked(coverage: &Coverage, suite: &Suite) -> Vec<UncheckedResult> {
    let of_operation = |operation: &Operation| -> Vec<UncheckedResult> {
        let Some(covered) = coverage.operations.get(&operation.id) else { return Vec::new() };
        let result = |status: u16, responses: usize, why: Unchecked| UncheckedResult {
            operation: operation.id.clone(),
            status,
            responses,
            why,
        };
        let is_unchecked =
            |status: u16| operation.response(status).is_some_and(|response| response.is_unchecked);
        let by_schema = covered.statuses.iter().filter(|(status, _)| is_unchecked(**status));
        let by_schema = by_schema.map(|(status, count)| result(*status, *count, Unchecked::SchemaUnusable));
        let unseen = covered.unseen.iter();
        by_schema
            .chain(unseen.map(|(status, count)| result(*status, *count, Unchecked::BodyNotRecorded)))
            .collect()
    };
    suite.operations.values().flat_map(of_operation).collect()
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let longest = times.last()?;
        let quantile = |hundredths: usize| milliseconds(times[(times.len() - 1) * hundredths / 100]);
        Some(Self { median: quantile(50), p95: quantile(95), longest: milliseconds(*longest) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::{OutcomeWord, Secrets, read_result};

    #[test]
    fn what_acts_on_a_terminal_is_spelled_out_in_a_result_of_others() {
        let mut result = testing::result(&[("a/b", OutcomeWord::Failed, "refusal")]);
        result.trials[0].notes = vec!["a\n\u{1b}[2Jb\u{202e}".to_owned()];
        for text in [
            serde_json::json!(result).to_string(),
            serde_json::json!(result).to_string().replace('\u{202e}', "\\u202e"),
        ] {
            let read = read_result(&text).expect("it is a result");
            assert_eq!(read.trials[0].notes, ["a\n\\u{1b}[2Jb\\u{202e}"]);
        }
    }

    #[test]
    fn a_secret_that_became_known_later_is_masked() {
        let mut result = testing::result(&[("a/b", OutcomeWord::Failed, "refusal")]);
        result.trials[0].findings[0].actual = "no %6e%61%70i_0123456789abcdef".to_owned();
        let secrets = Secrets::default();
        secrets.add("napi_0123456789abcdef");
        // Words of the form are no secrets, whoever has them as his password.
        secrets.add("does-not-conform");
        assert_eq!(result.masked(&secrets), result);
        let secrets = Secrets::default();
        secrets.add("napi_0123456789abcdef");
        let masked = result.masked(&secrets);
        assert_eq!(masked.trials[0].findings[0].actual, "no <secret>");
        result.trials[0].findings[0].actual.clone_from(&masked.trials[0].findings[0].actual);
        assert_eq!(masked, result);
    }
}
