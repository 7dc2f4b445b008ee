//! One line on what must hold: how much of it is proven, and what to give a run so that it proves more.

use super::model::{RequirementResult, RunResult};
use crate::spec::requirement::{Level, Subject};

/// How many of the requirements that an endpoint must meet came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Musts {
    pub(crate) proven: usize,
    pub(crate) failed: usize,
    pub(crate) untested: usize,
}

impl Musts {
    /// Those of the requirements of a run. What the endpoint is said to lack is not counted.
    pub(crate) fn of(requirements: &[RequirementResult]) -> Self {
        let mut musts = Self::default();
        let bind = |requirement: &&RequirementResult| {
            requirement.level == Level::Must
                && requirement.subject == Subject::Endpoint
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
    let Musts { proven, failed, untested } = Musts::of(&result.requirements);
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
