//! One line on what must hold: how much of it is proven, and what to give a run so that it proves more.

use super::model::{RequirementResult, RunResult};
use crate::spec::requirement::{Level, Subject};

/// How many of the requirements that a party must meet came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Musts {
    pub(crate) proven: usize,
    pub(crate) failed: usize,
    pub(crate) untested: usize,
}

impl Musts {
    /// Those of the requirements of a run on a party. What the endpoint is said to lack is not counted.
    pub(crate) fn of(requirements: &[RequirementResult], subject: Subject) -> Self {
        let mut musts = Self::default();
        let bind = |requirement: &&RequirementResult| {
            requirement.level == Level::Must
                && requirement.subject == subject
                && !requirement.counts.is_not_applicable()
        };
        for requirement in requirements.iter().filter(bind) {
            let count = match requirement {
                RequirementResult { proven: true, .. } => &mut musts.proven,
                _ if requirement.counts.failed > 0 => &mut musts.failed,
                _ => &mut musts.untested,
            };
            *count += 1;
        }
        musts
    }

    pub(crate) fn all(self) -> usize {
        self.proven + self.failed + self.untested
    }
}

/// What makes a run prove more, where the reasons of its trials ask for it: as they write it, and as it is told.
const GIFTS: [(&str, &str); 6] = [
    ("--allow destroys", "--allow destroys"),
    ("--allow writes", "--allow writes"),
    ("NEON_API_KEY_OTHER", "another user's key (NEON_API_KEY_OTHER)"),
    ("NEON_REVOKED_API_KEY", "a revoked key (NEON_REVOKED_API_KEY)"),
    ("--org-id", "an organization (--org-id)"),
    ("--max-projects", "room for more projects (--max-projects)"),
];

/// `Musts: 70 proven, 20 untested, 0 failed; 2 pieces of advice. To prove more: …`.
pub(crate) fn line(result: &RunResult) -> String {
    let Musts { proven, failed, untested } = Musts::of(&result.requirements, result.judged);
    let advice = match result.advice.len() {
        1 => "1 piece of advice".to_owned(),
        count => format!("{count} pieces of advice"),
    };
    let mut line = format!("Musts: {proven} proven, {untested} untested, {failed} failed; {advice}.");
    let asks = |(written, _): &&(&str, &str)| {
        let mut reasons = result.trials.iter().filter_map(|trial| trial.reason.as_deref());
        reasons.any(|reason| reason.contains(written))
    };
    let mut gifts: Vec<&str> = GIFTS.iter().filter(asks).map(|(_, told)| *told).collect();
    // Who may remove may write as well.
    if gifts.contains(&"--allow destroys") {
        gifts.retain(|gift| *gift != "--allow writes");
    }
    if untested > 0 && !gifts.is_empty() {
        line.push_str(&format!(" To prove more, add {}.", gifts.join(", ")));
    }
    line
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing;
    use super::*;
    use crate::result::Counts;
    use crate::result::OutcomeWord;

    const ASKS_FOR_WRITES: &str = "it writes; add --allow writes";

    #[rstest]
    #[case::nothing(&[], "")]
    #[case::writes(&[ASKS_FOR_WRITES], " To prove more, add --allow writes.")]
    #[case::who_removes_writes_as_well(
        &["it removes; add --allow destroys", ASKS_FOR_WRITES],
        " To prove more, add --allow destroys."
    )]
    #[case::keys(
        &["no key of another user: set NEON_API_KEY_OTHER", "no revoked key: set NEON_REVOKED_API_KEY"],
        " To prove more, add another user's key (NEON_API_KEY_OTHER), a revoked key (NEON_REVOKED_API_KEY)."
    )]
    #[case::an_organization(
        &["there is no organization: add --org-id", "the same: add --org-id"],
        " To prove more, add an organization (--org-id)."
    )]
    #[case::room_for_projects(&["raise --max-projects"], " To prove more, add room for more projects (--max-projects).")]
    #[case::nothing_that_can_be_given(&["the account has no data of this kind"], "")]
    fn a_run_says_what_makes_it_prove_more(#[case] reasons: &[&str], #[case] expected: &str) {
        let mut result = testing::result(&vec![("a/b", OutcomeWord::Skipped, ""); reasons.len()]);
        for (trial, reason) in result.trials.iter_mut().zip(reasons) {
            trial.reason = Some((*reason).to_owned());
        }
        result.requirements = vec![testing::requirement("A", Counts { skipped: 1, ..Counts::default() })];
        assert_eq!(
            line(&result),
            format!("Musts: 0 proven, 1 untested, 0 failed; 0 pieces of advice.{expected}")
        );
        result.requirements[0].proven = true;
        assert_eq!(line(&result), "Musts: 1 proven, 0 untested, 0 failed; 0 pieces of advice.");
    }

    #[test]
    fn only_what_binds_the_party_is_counted() {
        let failed = Counts { failed: 1, ..Counts::default() };
        let mut requirements = vec![testing::requirement("A", failed); 4];
        requirements[0].subject = Subject::Client;
        requirements[1].level = Level::Should;
        requirements[2].counts = Counts { not_applicable: 1, ..Counts::default() };
        for subject in [Subject::Endpoint, Subject::Client] {
            assert_eq!(Musts::of(&requirements, subject), Musts { failed: 1, ..Musts::default() });
        }
    }
}
