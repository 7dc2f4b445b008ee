//! One fault: the trials that could notice it, against a mock that has it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};

use super::done;
use super::harness;
use super::survey::{Survey, case_of};
use super::{AuditError, TRIALS_AT_ONCE};
use crate::mock::{Fault, Severity};
use crate::result::{Coverage, Outcome};
use crate::spec::Suite;
use crate::sync::lock;

/// What came of a fault.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The fault.
    pub fault: Fault,
    /// How many trials could have noticed it and were run.
    pub tried: usize,
    /// How often it made a difference; without any, it was never put to the test.
    pub fired: usize,
    /// The checks that noticed it.
    pub checks: BTreeSet<&'static str>,
    /// The cases that noticed it.
    pub cases: BTreeSet<String>,
    /// The requirements that are said to be broken.
    pub requirements: BTreeSet<String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Verdict {
    /// Whether the suite fails because of it. What has made no difference cannot be why.
    #[must_use]
    pub fn is_killed(&self) -> bool {
        self.fired > 0 && !self.checks.is_empty()
    }
}

/// Runs the trials that could notice a fault.
pub(super) async fn attempt(
    fault: Fault,
    suite: &Arc<Suite>,
    survey: &Survey,
    is_fast: bool,
) -> Result<Verdict, AuditError> {
    let began = Instant::now();
    let (harness, mock) = harness(suite, Some(fault)).await?;
    let noticed: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut running = stream::iter(survey.could_notice(fault).cloned())
        .map(|trial| {
            let (harness, noticed) = (harness.clone(), noticed.clone());
            tokio::spawn(async move {
                if is_fast && lock(&noticed).contains(case_of(&trial)) {
                    return None;
                }
                let report = harness.run(&trial, &mut Coverage::default()).await;
                // Advice is all that can be given where no must is broken.
                let advice = if fault.severity() == Severity::Advice { report.advice } else { Vec::new() };
                if report.outcome != Outcome::Failed && advice.is_empty() {
                    return Some(Vec::new());
                }
                lock(&noticed).insert(case_of(&trial).to_owned());
                Some(report.findings.into_iter().chain(advice).collect())
            })
        })
        .buffer_unordered(TRIALS_AT_ONCE);
    let mut verdict = Verdict {
        fault,
        tried: 0,
        fired: 0,
        checks: BTreeSet::new(),
        cases: BTreeSet::new(),
        requirements: BTreeSet::new(),
        elapsed: Duration::ZERO,
    };
    while let Some(ended) = running.next().await {
        let Some(findings) = done(ended) else { continue };
        verdict.tried += 1;
        for finding in findings {
            verdict.checks.insert(finding.check);
            verdict.requirements.extend(finding.requirements);
        }
    }
    drop(running);
    verdict.cases = std::mem::take(&mut *lock(&noticed));
    verdict.fired = mock.times_broken();
    verdict.elapsed = began.elapsed();
    Ok(verdict)
}
