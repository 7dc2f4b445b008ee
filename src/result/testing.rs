//! Results made by hand, for the tests of reports.

use super::counts::Counts;
use super::model::{FindingResult, RequirementResult, RunResult, SuiteResult, TrialResult, VERSION};
use super::outcome::OutcomeWord;
use super::verdict::Verdict;
use crate::spec::requirement::{Evidence, Level, RequirementId, Subject};

/// A run of trials, each with its name, its outcome, and the checks that have found something, separated by blanks.
pub(crate) fn result(trials: &[(&str, OutcomeWord, &str)]) -> RunResult {
    let mut counts = Counts::default();
    for (_, outcome, _) in trials {
        *outcome.count(&mut counts) += 1;
    }
    RunResult {
        version: VERSION,
        tool: "neon-contract 0.0.0".to_owned(),
        target: "the endpoint".to_owned(),
        judged: Subject::Endpoint,
        began: jiff::Timestamp::UNIX_EPOCH,
        elapsed_ms: 1000,
        verdict: Verdict::new(&counts, false, false, false),
        suite: SuiteResult {
            digest: "0123456789abcdef".to_owned(),
            contracts: [("v1".to_owned(), "fedcba9876543210".to_owned())].into(),
            profiles: vec!["v1".to_owned()],
            absent: [].into(),
        },
        shard: None,
        counts,
        not_begun: 0,
        interrupted: false,
        requirements: Vec::new(),
        advice: Vec::new(),
        operations: Vec::new(),
        checks: [].into(),
        trials: trials.iter().enumerate().map(|(number, trial)| one(number, *trial)).collect(),
        retries: Vec::new(),
        orphans: Vec::new(),
        orphans_fail: false,
        offered_snapshots: [].into(),
        written_snapshots: [].into(),
        left_behind: Vec::new(),
        appeared: Vec::new(),
        unchecked: Vec::new(),
        comparison: None,
        gate: None,
    }
}

/// A requirement that binds the endpoint, not proven.
pub(crate) fn requirement(id: &str, counts: Counts) -> RequirementResult {
    RequirementResult {
        id: RequirementId(id.to_owned()),
        level: Level::Must,
        subject: Subject::Endpoint,
        evidence: Evidence::Documented,
        statement: "It is so.".to_owned(),
        source: "a document".to_owned(),
        counts,
        proven: false,
        reasons: [].into(),
    }
}

fn one(number: usize, (name, outcome, checks): (&str, OutcomeWord, &str)) -> TrialResult {
    let finding = |check: &str| FindingResult {
        check: check.to_owned(),
        critical: false,
        requirements: Vec::new(),
        operation: None,
        step: "step".to_owned(),
        exchange: None,
        location: "cases/case.yaml:1:1".to_owned(),
        subject: "body".to_owned(),
        expected: "this".to_owned(),
        actual: "that".to_owned(),
        reproduce: String::new(),
    };
    TrialResult {
        number,
        name: name.into(),
        title: "A rule".into(),
        file: "cases/case.yaml".into(),
        requirements: std::sync::Arc::default(),
        operation: None,
        credential: None,
        outcome,
        reason: None,
        elapsed_ms: 1.0,
        requests: 1,
        attempts: 1,
        findings: checks.split_whitespace().map(finding).collect(),
        advice: Vec::new(),
        notes: Vec::new(),
        exchanges: Vec::new(),
        exchanges_left_out: false,
    }
}
