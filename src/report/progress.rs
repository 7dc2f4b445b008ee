//! What is told of trials as they end: what went wrong at once, what passed a line a group.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::terminal::{DIM, GREEN, trial_line};
use crate::plan::Trial;
use crate::result::{Outcome, TrialReport};

/// Gathers the trials of a matrix, and those that are generated for one operation, until the last one of them has ended.
#[derive(Debug)]
pub struct Progress {
    groups: HashMap<String, Group>,
}

#[derive(Debug, Default)]
struct Group {
    trials: usize,
    ended: usize,
    passed: usize,
    elapsed: Duration,
}

impl Progress {
    /// For the trials of a run.
    #[must_use]
    pub fn new(trials: &[Trial]) -> Self {
        let mut groups: HashMap<String, Group> = HashMap::new();
        for trial in trials {
            groups.entry(group_of(&trial.name).to_owned()).or_default().trials += 1;
        }
        Self { groups }
    }

    /// The lines to tell now that a trial has ended; often none.
    pub fn ended(&mut self, trial: &TrialReport) -> String {
        let mut lines = String::new();
        let name = group_of(&trial.name);
        let Some(group) = self.groups.get_mut(name) else { return lines };
        group.ended += 1;
        group.elapsed += trial.elapsed;
        if trial.outcome == Outcome::Passed {
            group.passed += 1;
        }
        let is_told = match trial.outcome {
            Outcome::Passed => group.trials == 1,
            Outcome::Failed | Outcome::Flaky(_) | Outcome::KnownFailure(_) => true,
            // At the end, by their reasons.
            Outcome::NotApplicable(_) | Outcome::Skipped(_) | Outcome::Untested(_) | Outcome::Errored(_) => {
                false
            }
        };
        if is_told {
            let _ = writeln!(lines, "{}", trial_line(trial));
        }
        if group.trials > 1 && group.ended == group.trials && group.passed > 0 {
            let passed =
                if group.passed == group.trials { String::new() } else { format!("{} of ", group.passed) };
            let _ = writeln!(
                lines,
                "{GREEN}    pass{GREEN:#} {DIM}[{:>7.3}s]{DIM:#} {name} {DIM}({passed}{} trials){DIM:#}",
                group.elapsed.as_secs_f64(),
                group.trials
            );
        }
        lines
    }
}

/// What a trial is told with: its case; where it is generated, its operation.
fn group_of(name: &str) -> &str {
    match name.strip_prefix("generated/") {
        Some(rest) => &name[..name.len() - rest.len() + rest.find('/').unwrap_or(rest.len())],
        None => name.split('[').next().unwrap_or(name),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::group_of;

    #[rstest]
    #[case("api-keys/list", "api-keys/list")]
    #[case("authentication/refused[listProjects,missing]", "authentication/refused")]
    #[case("generated/listProjects/query.limit-zero", "generated/listProjects")]
    fn a_trial_is_told_with_its_like(#[case] name: &str, #[case] group: &str) {
        assert_eq!(group_of(name), group);
    }
}
