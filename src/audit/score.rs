//! What the verdicts come to: by class, severity, requirement and check, and what the suite could do without.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::GENERATED;
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
        self.alone_unaided.is_empty() && self.kept_because.is_none()
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
                    notices(verdict) && verdict.checks.iter().all(|id| *id == check.id || *id == EXPECTATION)
                }),
                kept_because: check.kept_because,
            });
        }
        let mut proofs: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.cases.iter().flat_map(|case| &case.requirements) {
            *proofs.entry(id).or_default() += 1;
        }
        let readers: BTreeSet<&String> =
            self.cases.iter().filter(|case| case.only_reads).map(|case| &case.name).collect();
        // What is made from the contract happens to notice what it does; a case is there on purpose.
        for case in self.cases.iter().filter(|case| case.name != GENERATED) {
            let notices = |verdict: &Verdict| verdict.is_killed() && verdict.cases.contains(&case.name);
            let others = |verdict: &Verdict, is_meant: &dyn Fn(&String) -> bool| {
                let others = verdict.cases.iter().filter(|name| **name != case.name && *name != GENERATED);
                others.into_iter().any(is_meant)
            };
            score.cases.push(CaseScore {
                name: case.name.clone(),
                kills: self.verdicts.iter().filter(|verdict| notices(verdict)).count(),
                alone: alone(&|verdict| notices(verdict) && !others(verdict, &|_| true)),
                alone_reading: alone(&|verdict| {
                    case.only_reads && notices(verdict) && !others(verdict, &|name| readers.contains(name))
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

    use super::{Audit, GENERATED, Verdict};
    use crate::audit::AuditedCase;
    use crate::mock::Fault;

    /// An audit in which a fault is noticed by these cases and checks. All cases prove the same; one of them writes.
    fn audit(cases: &[&str], checks: &[&'static str], kept_because: Option<&str>) -> Audit {
        let case = |name: &str, kept_because: Option<&str>| AuditedCase {
            name: name.to_owned(),
            requirements: vec!["REGIONS".to_owned()],
            kept_because: kept_because.map(str::to_owned),
            only_reads: name != "writer",
        };
        let verdict = Verdict {
            fault: Fault::all().next().expect("there are faults"),
            tried: 1,
            fired: 1,
            checks: checks.iter().copied().collect(),
            cases: cases.iter().map(ToString::to_string).collect(),
            requirements: [].into(),
            elapsed: Duration::ZERO,
        };
        let cases = vec![
            case("first", kept_because),
            case("second", None),
            case("writer", None),
            case(GENERATED, None),
        ];
        let (is_whole, is_fast, elapsed) = (true, false, Duration::ZERO);
        Audit { verdicts: vec![verdict], cases, trials: 4, is_whole, is_fast, elapsed }
    }

    #[rstest]
    #[case::it_alone(&["first"], None, false)]
    #[case::it_and_chance(&["first", GENERATED], None, false)]
    #[case::another_as_well(&["first", "second"], None, true)]
    #[case::one_that_writes_as_well(&["first", "writer", GENERATED], None, false)]
    #[case::another(&["second"], None, true)]
    #[case::with_a_reason(&["first", "second"], Some("it reads better"), false)]
    fn a_case_is_spare_where_nothing_would_be_missed(
        #[case] noticed_by: &[&str],
        #[case] kept_because: Option<&str>,
        #[case] is_spare: bool,
    ) {
        let score = audit(noticed_by, &["expectation"], kept_because).score();
        assert_eq!(score.cases[0].is_spare(), is_spare);
        assert!(score.cases.iter().all(|case| case.name != GENERATED));
    }

    #[rstest]
    #[case::it_alone(&["paging"], "paging", false)]
    #[case::what_a_case_expects_as_well(&["expectation", "paging"], "paging", false)]
    #[case::another_as_well(&["paging", "unique-ids"], "paging", true)]
    #[case::others_for_what_a_case_expects(&["expectation", "paging"], "expectation", true)]
    #[case::with_a_reason(&[], "no-redirect", false)]
    fn so_is_a_check(#[case] noticed_by: &[&'static str], #[case] check: &str, #[case] is_spare: bool) {
        let score = audit(&["first"], noticed_by, None).score();
        let found = score.checks.iter().find(|score| score.id == check).expect("there is such a check");
        assert_eq!(found.is_spare(), is_spare);
    }
}
