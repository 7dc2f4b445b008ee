//! What each trial asks of a mock that breaks nothing: a trial that does not ask for what a fault breaks cannot notice it.

use std::sync::Arc;

use axum::http::Method;
use futures::{StreamExt, stream};

use super::done;
use super::harness;
use super::{AuditError, AuditedCase, TRIALS_AT_ONCE};
use crate::judge::Finding;
use crate::mock::{Fault, Traffic};
use crate::plan::Trial;
use crate::result::{Coverage, OperationCoverage, Outcome, TrialReport};
use crate::spec::Suite;
use crate::spec::case::{Call, Step};
use crate::spec::case_file::Effect;

/// What the trials ask for.
pub(super) struct Survey {
    /// Those that can be run here, in the order of the plan.
    pub(super) trials: Vec<Asking>,
}

/// A trial, and what it asks for.
pub(super) struct Asking {
    pub(super) trial: Trial,
    asked: Vec<Traffic>,
}

impl Survey {
    /// Runs all trials against a mock without faults.
    pub(super) async fn make(suite: &Arc<Suite>, trials: Vec<Trial>) -> Result<Self, AuditError> {
        let (harness, _) = harness(suite, None).await?;
        let mut running = stream::iter(trials)
            .map(|trial| {
                let harness = harness.clone();
                tokio::spawn(async move {
                    let mut coverage = Coverage::default();
                    let report = harness.run(&trial, &mut coverage).await;
                    (trial, report, coverage)
                })
            })
            .buffered(TRIALS_AT_ONCE);
        let (mut surveyed, mut unhealthy) = (Vec::new(), Vec::new());
        while let Some(ended) = running.next().await {
            let (trial, report, coverage) = done(ended);
            match report.outcome {
                Outcome::Passed => {
                    surveyed.push(Asking { asked: asked(suite, &trial, report.exchanges, &coverage), trial });
                }
                Outcome::Skipped(_) | Outcome::NotApplicable(_) => {}
                _ => unhealthy.push((report.name.to_string(), why(&report))),
            }
        }
        match unhealthy.pop() {
            Some((name, reason)) => Err(AuditError::Unhealthy { name, reason, others: unhealthy.len() }),
            None => Ok(Self { trials: surveyed }),
        }
    }

    /// The trials that could notice a fault.
    pub(super) fn could_notice(&self, fault: Fault) -> impl Iterator<Item = &Trial> {
        let could = move |asking: &&Asking| asking.asked.iter().any(|traffic| fault.could_show_in(traffic));
        self.trials.iter().filter(could).map(|asking| &asking.trial)
    }

    /// The cases of the trials.
    pub(super) fn cases(&self) -> Vec<AuditedCase> {
        let mut cases: Vec<AuditedCase> = Vec::new();
        for Asking { trial, .. } in &self.trials {
            let (name, only_reads) = (case_of(trial), trial.effect == Effect::Reads);
            if let Some(case) = cases.iter_mut().find(|case| case.name == name) {
                case.only_reads &= only_reads;
                continue;
            }
            let requirements = trial.case.requirements.iter().map(ToString::to_string).collect();
            let kept_because = trial.case.kept_because.clone();
            cases.push(AuditedCase { name: name.to_owned(), requirements, kept_because, only_reads });
        }
        cases
    }
}

/// Why a trial did not pass.
fn why(report: &TrialReport) -> String {
    let finding = || {
        let Finding { check, subject, expected, actual, .. } = report.findings.first()?;
        Some(format!("{check}: {subject}: expected {expected}, got {actual}"))
    };
    report
        .outcome
        .reason()
        .map(str::to_owned)
        .or_else(finding)
        .unwrap_or_else(|| "no reason was given".into())
}

/// What stands for the case of all requests that are made from the contract.
pub(super) const GENERATED: &str = "generated";

/// The case of a trial; what is made from the contract counts as one.
pub(super) fn case_of(trial: &Trial) -> &str {
    if trial.is_generated() { GENERATED } else { &trial.case.name }
}

fn asked(suite: &Suite, trial: &Trial, exchanges: usize, coverage: &Coverage) -> Vec<Traffic> {
    let operations = &coverage.operations;
    let known: usize = operations.values().map(|covered| covered.requests).sum();
    // What a request that is spelled out has in its query, is not told by parameters.
    let is_spelled_out = trial.case.steps.iter().any(|step| matches!(step.call, Call::Raw { .. }));
    let may_be_key = |name: &String| {
        ["authorization", "x-api-key", "api_key"].iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    let spells_out_keys = |step: &Step| step.headers.keys().chain(step.query.keys()).any(may_be_key);
    let are_keys_known = !is_spelled_out && !trial.case.steps.iter().any(spells_out_keys);
    // Where more was refused than credentials tell of, it was sent with keys that a step has got hold of.
    let credentials = |covered: &OperationCoverage| {
        let refused = covered.statuses.get(&401).copied().unwrap_or_default();
        let is_known = are_keys_known && covered.refused.values().sum::<usize>() == refused;
        is_known.then(|| covered.refused.keys().copied().collect())
    };
    let mut asked: Vec<Traffic> = operations
        .iter()
        .map(|(id, covered)| Traffic {
            operation: id.to_string(),
            method: suite.operation(id).method.as_str().parse().unwrap_or(Method::GET),
            statuses: Some(covered.statuses.keys().copied().collect()),
            parameters: (!is_spelled_out).then(|| covered.parameters.clone()),
            credentials: credentials(covered),
        })
        .collect();
    // What is no operation of a contract.
    if known < exchanges {
        let (operation, method) = (String::new(), Method::GET);
        asked.push(Traffic { operation, method, statuses: None, parameters: None, credentials: None });
    }
    asked
}
