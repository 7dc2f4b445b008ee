//! What the verdicts come to: by class, severity, requirement and check, and what the suite could do without.

use std::collections::BTreeMap;

use super::{Audit, Verdict};
use crate::judge::CHECKS;
use crate::mock::{Fault, Severity};

/// The check of what cases expect. Nothing that other clients exchange feeds it.
const EXPECTATION: &str = "expectation";

/// What an audit comes to.
#[derive(Debug)]
pub struct Score {
    /// Of all faults.
    pub all: Share,
    /// By how bad they are, the worst first.
    pub severities: BTreeMap<std::cmp::Reverse<Severity>, Share>,
    /// By the names of their classes.
    pub classes: BTreeMap<&'static str, Share>,
    /// By the requirements they break.
    pub requirements: BTreeMap<&'static str, Share>,
    /// What each check is good for, in the order findings are told.
    pub checks: Vec<CheckScore>,
    /// What each case is good for, in the order of the plan.
    pub cases: Vec<CaseScore>,
}

/// How many of how many faults are noticed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Noticed.
    pub killed: usize,
    /// There are.
    pub of: usize,
}

/// What a check is good for.
#[derive(Debug)]
pub struct CheckScore {
    /// The check.
    pub id: &'static str,
    /// How many faults it notices.
    pub kills: usize,
    /// The faults that no other check notices.
    pub alone: Vec<Fault>,
    /// The faults that no other check notices where no case expects anything: in what other clients exchange.
    pub alone_unaided: Vec<Fault>,
}

/// What a case is good for.
#[derive(Debug)]
pub struct CaseScore {
    /// Its name.
    pub name: String,
    /// How many faults it notices.
    pub kills: usize,
    /// The faults that no other case notices.
    pub alone: Vec<Fault>,
    /// The faults that no other case notices where nothing may be written.
    pub alone_reading: Vec<Fault>,
    /// The requirements that no other case proves.
    pub only_proof_of: Vec<String>,
}

impl Share {
    /// In percent.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are not so many faults")]
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.killed as f64 * 100.0 / self.of as f64 }
    }

    fn add(&mut self, is_killed: bool) {
        self.of += 1;
        self.killed += usize::from(is_killed);
    }
}

impl Audit {
    /// What it comes to.
    #[must_use]
    pub fn score(&self) -> Score {
        let mut score = Score {
            all: Share::default(),
            severities: BTreeMap::new(),
            classes: BTreeMap::new(),
            requirements: BTreeMap::new(),
            checks: Vec::new(),
            cases: Vec::new(),
        };
        for verdict in &self.verdicts {
            let (fault, is_killed) = (verdict.fault, verdict.is_killed());
            score.all.add(is_killed);
            score.severities.entry(std::cmp::Reverse(fault.severity())).or_default().add(is_killed);
            score.classes.entry(fault.class().word()).or_default().add(is_killed);
            score.requirements.entry(fault.requirement()).or_default().add(is_killed);
        }
        let alone = |is_only: &dyn Fn(&Verdict) -> bool| -> Vec<Fault> {
            self.verdicts.iter().filter(|verdict| is_only(verdict)).map(|verdict| verdict.fault).collect()
        };
        for check in CHECKS {
            let notices = |verdict: &Verdict| verdict.is_killed() && verdict.checks.contains(check.id);
            score.checks.push(CheckScore {
                id: check.id,
                kills: self.verdicts.iter().filter(|verdict| notices(verdict)).count(),
                alone: alone(&|verdict| notices(verdict) && verdict.checks.len() == 1),
                alone_unaided: alone(&|verdict| {
                    notices(verdict) && verdict.checks.iter().filter(|id| **id != EXPECTATION).count() == 1
                }),
            });
        }
        let mut proofs: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.cases.iter().flat_map(|case| &case.requirements) {
            *proofs.entry(id).or_default() += 1;
        }
        let readers: Vec<&String> =
            self.cases.iter().filter(|case| case.only_reads).map(|case| &case.name).collect();
        for case in &self.cases {
            let notices = |verdict: &Verdict| verdict.is_killed() && verdict.cases.contains(&case.name);
            score.cases.push(CaseScore {
                name: case.name.clone(),
                kills: self.verdicts.iter().filter(|verdict| notices(verdict)).count(),
                alone: alone(&|verdict| notices(verdict) && verdict.cases.len() == 1),
                alone_reading: alone(&|verdict| {
                    case.only_reads
                        && notices(verdict)
                        && readers.iter().filter(|reader| verdict.cases.contains(**reader)).count() == 1
                }),
                only_proof_of: case
                    .requirements
                    .iter()
                    .filter(|id| proofs[id.as_str()] == 1)
                    .cloned()
                    .collect(),
            });
        }
        score
    }
}
