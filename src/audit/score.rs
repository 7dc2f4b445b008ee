//! What the verdicts come to: by class, severity, requirement and check, and what the suite could do without.

use std::collections::BTreeMap;

use super::{Audit, GENERATED, Verdict};
use crate::judge::CHECKS;
use crate::mock::{Fault, Severity};

/// The check of what cases expect. Nothing that other clients exchange feeds it.
const EXPECTATION: &str = "expectation";

/// Checks that notice nothing alone, and why they are there.
const KEPT: [(&str, &str); 2] = [
    (
        "no-redirect",
        "others see only that the answer is not as documented; it tells where a key would have been sent",
    ),
    (
        "error-shape",
        "where a contract describes no error, or describes it loosely, it is the only one that looks at it",
    ),
];

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
    /// Why it is there although others notice the same.
    pub kept_because: Option<&'static str>,
}

/// What a case is good for.
#[derive(Debug)]
pub struct CaseScore {
    /// Its name.
    pub name: String,
    /// How many faults it notices.
    pub kills: usize,
    /// The faults that no other case notices; what requests made from the contract happen to notice says nothing of a case.
    pub alone: Vec<Fault>,
    /// The faults that no other case notices where nothing may be written.
    pub alone_reading: Vec<Fault>,
    /// The requirements that no other case proves.
    pub only_proof_of: Vec<String>,
    /// Why it is there although others notice the same.
    pub kept_because: Option<String>,
}

impl CheckScore {
    /// Nothing would be missed without it, and nothing says why it is there.
    #[must_use]
    pub fn is_spare(&self) -> bool {
        self.alone.is_empty() && self.alone_unaided.is_empty() && self.kept_because.is_none()
    }
}

impl CaseScore {
    /// Nothing would be missed without it, and it does not say why it is there.
    #[must_use]
    pub fn is_spare(&self) -> bool {
        self.alone.is_empty()
            && self.alone_reading.is_empty()
            && self.only_proof_of.is_empty()
            && self.kept_because.is_none()
    }
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
                kept_because: KEPT.iter().find(|(id, _)| *id == check.id).map(|(_, because)| *because),
            });
        }
        let mut proofs: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.cases.iter().flat_map(|case| &case.requirements) {
            *proofs.entry(id).or_default() += 1;
        }
        let readers: Vec<&String> = self
            .cases
            .iter()
            .filter(|case| case.only_reads && case.name != GENERATED)
            .map(|case| &case.name)
            .collect();
        for case in &self.cases {
            let notices = |verdict: &Verdict| verdict.is_killed() && verdict.cases.contains(&case.name);
            score.cases.push(CaseScore {
                name: case.name.clone(),
                kills: self.verdicts.iter().filter(|verdict| notices(verdict)).count(),
                alone: alone(&|verdict| {
                    let others =
                        verdict.cases.iter().filter(|name| **name != case.name && *name != GENERATED);
                    notices(verdict) && others.count() == 0
                }),
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
                kept_because: case.kept_because.clone(),
            });
        }
        score
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::{Audit, CaseScore, GENERATED, Verdict};
    use crate::audit::AuditedCase;
    use crate::mock::Fault;

    /// What one case is good for, where a fault is noticed by these cases, and both prove a requirement.
    fn first(noticed_by: &[&str], kept_because: Option<&str>) -> CaseScore {
        let case = |name: &str, kept_because: Option<&str>| AuditedCase {
            name: name.to_owned(),
            requirements: vec!["REGIONS".to_owned()],
            kept_because: kept_because.map(str::to_owned),
            only_reads: false,
        };
        let verdict = Verdict {
            fault: Fault::all().next().expect("there are faults"),
            tried: 1,
            fired: 1,
            checks: ["expectation"].into(),
            cases: noticed_by.iter().map(ToString::to_string).collect(),
            requirements: [].into(),
            elapsed: Duration::ZERO,
        };
        let audit = Audit {
            verdicts: vec![verdict],
            cases: vec![case("first", kept_because), case("second", None)],
            trials: 2,
            is_whole: true,
            is_fast: false,
            elapsed: Duration::ZERO,
        };
        audit.score().cases.remove(0)
    }

    #[rstest]
    #[case::it_alone(&["first"], None, false)]
    #[case::it_and_chance(&["first", GENERATED], None, false)]
    #[case::another_as_well(&["first", "second"], None, true)]
    #[case::another(&["second"], None, true)]
    #[case::with_a_reason(&["first", "second"], Some("it reads better"), false)]
    fn a_case_is_spare_where_nothing_would_be_missed(
        #[case] noticed_by: &[&str],
        #[case] kept_because: Option<&str>,
        #[case] is_spare: bool,
    ) {
        assert_eq!(first(noticed_by, kept_because).is_spare(), is_spare);
    }
}
