//! From what a run has done to its result.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::advice::advice;
use super::coverage::Coverage;
use super::exposure;
use super::model::{
    FindingResult, OperationResult, RequirementResult, RetryResult, RunResult, SuiteResult, Times,
    TrialResult, Unchecked, UncheckedResult, VERSION,
};
use super::outcome::{Outcome, OutcomeWord};
use super::report::{NewSnapshot, RunReport, TrialReport};
use super::standing::{Seen, Standing, standings};
use super::verdict::Verdict;
use crate::judge::{Finding, Severity};
use crate::plan::Shard;
use crate::spec::Suite;
use crate::spec::contract::{Operation, OperationId};
use crate::spec::requirement::{Requirement, RequirementId, Subject};
use crate::text;

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
            judged: Subject::Endpoint,
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
    /// The same on another party.
    #[must_use]
    pub fn on(self, judged: Subject) -> Self {
        Self { judged, ..self }
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
    pub(crate) fn standings<'r>(&'r self, suite: &'r Suite) -> BTreeMap<&'r RequirementId, Standing> {
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
