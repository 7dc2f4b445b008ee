//! Whether a run comes to what a gate demands.

use std::collections::BTreeSet;

use super::counts::Counts;
use super::model::{GateResult, RunResult};
use super::outcome::OutcomeWord;
use super::verdict::Verdict;
use crate::exit_code::ExitCode;
use crate::spec::gate::{Failures, Gate};
use crate::text::counted;

/// So many trials are named in a reason.
const TRIALS_NAMED: usize = 3;

/// Holds a run against what is demanded of it, and says how a program that has run it ends.
#[must_use]
pub fn decide(result: &RunResult, gate: &Gate) -> (GateResult, ExitCode) {
    let mut reasons = Vec::new();
    // Whatever else a run has found: what it has left on an account is what somebody must see to.
    let has_left = !result.left_behind.is_empty();
    let mut code = if has_left { ExitCode::Unreachable } else { ExitCode::from(result.verdict) };
    if code == ExitCode::Findings && gate.failures == Failures::New {
        let new = result.comparison.as_ref().map(|comparison| comparison.new.as_slice());
        let has_orphans = result.orphans_fail && !result.orphans.is_empty();
        if new.is_some_and(<[String]>::is_empty) && !has_orphans {
            reasons.push(format!("{} failed, as in the baseline", counted(result.counts.failed, "trial")));
            // They are as good as known.
            let Counts { failed, known_failures, .. } = result.counts;
            let counts = Counts { failed: 0, known_failures: known_failures + failed, ..result.counts };
            code = ExitCode::from(Verdict::new(&counts, false, result.interrupted, has_left));
        }
    }
    if code != ExitCode::Conformant {
        reasons.push(format!("{} {}", result.target, result.verdict_words()));
    }
    let mut refuse = |with: ExitCode, reason: String| {
        reasons.push(reason);
        if code == ExitCode::Conformant {
            code = with;
        }
    };
    for (what, most, outcome, count) in [
        ("flaky", gate.max_flaky, OutcomeWord::Flaky, result.counts.flaky),
        ("known to fail", gate.max_known_failures, OutcomeWord::KnownFailure, result.counts.known_failures),
    ] {
        if let Some(most) = most.filter(|most| count > *most) {
            let named = named(result, outcome);
            refuse(
                ExitCode::Findings,
                format!("{} {what}, but at most {most} allowed: {named}", counted(count, "trial")),
            );
        }
    }
    if gate.strict && !result.advice.is_empty() {
        let named: Vec<&str> =
            result.advice.iter().flat_map(|advice| &advice.requirements).map(String::as_str).collect();
        let named: BTreeSet<&str> = named.into_iter().collect();
        let named: Vec<&str> = named.into_iter().collect();
        refuse(
            ExitCode::Findings,
            format!("`should` requirements failed, and the gate is strict: {}", named.join(", ")),
        );
    }
    for requirement in &result.requirements {
        // What the endpoint is said to lack is a matter of profiles.
        let is_open = !requirement.proven && !requirement.counts.is_not_applicable();
        if is_open && gate.requires(&requirement.id, requirement.level, requirement.subject) {
            let reasons: Vec<&str> = requirement.reasons.iter().map(String::as_str).collect();
            let why = reasons.join("; ");
            refuse(ExitCode::Untested, format!("{} is required but not proven: {why}", requirement.id.0));
        }
    }
    for profile in gate.profiles.iter().filter(|profile| !result.suite.profiles.contains(profile)) {
        refuse(
            ExitCode::Untested,
            format!("the profile `{profile}` is required, but the endpoint is declared without it"),
        );
    }
    let untested = result.counts.untested + result.not_begun;
    if let Some(most) = gate.max_untested.filter(|most| untested > *most) {
        let named = named(result, OutcomeWord::Untested);
        refuse(
            ExitCode::Untested,
            format!("{} untested, but at most {most} allowed: {named}", counted(untested, "trial")),
        );
    }
    (GateResult { gate: gate.clone(), passed: code == ExitCode::Conformant, reasons }, code)
}

/// The first trials that came out so, by name.
fn named(result: &RunResult, outcome: OutcomeWord) -> String {
    let mut names = result.trials.iter().filter(|trial| trial.outcome == outcome).map(|trial| &*trial.name);
    let first: Vec<&str> = names.by_ref().take(TRIALS_NAMED).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::spec::Document;
    use rstest::rstest;
    use serde::Deserialize as _;

    use super::OutcomeWord::{Errored, Failed, Flaky, KnownFailure, Passed, Untested};
    use super::*;
    use crate::result::{compare, testing};

    #[rstest]
    #[case::nothing_demanded("{}", &[Passed, Flaky, KnownFailure, Untested], 0, "")]
    #[case::a_failure("{}", &[Passed, Failed], 1, "does not conform")]
    #[case::no_flaky_ones("max_flaky: 0", &[Passed, Flaky], 1, "1 trial flaky, but at most 0 allowed: t1")]
    #[case::few_flaky_ones("max_flaky: 1", &[Passed, Flaky], 0, "")]
    #[case::known_ones("max_known_failures: 1", &[KnownFailure, KnownFailure], 1, "2 trials known to fail")]
    #[case::untested_ones("max_untested: 0", &[Passed, Untested], 4, "1 trial untested, but at most 0 allowed")]
    #[case::a_profile_there_is("profiles: [v1]", &[Passed], 0, "")]
    #[case::a_profile_there_is_not("profiles: [v2]", &[Passed], 4, "the profile `v2` is required")]
    #[case::the_worst_counts("{max_flaky: 0, max_untested: 0}", &[Passed, Untested, Flaky], 1, "untested, but")]
    #[case::new_ones_only("failures: new", &[Failed, Passed], 0, "1 trial failed, as in the baseline")]
    #[case::a_new_one("failures: new", &[Failed, Failed], 1, "does not conform")]
    #[case::beside_an_error("failures: new", &[Failed, Errored], 3, "does not conform")]
    fn a_gate_lets_pass_what_it_says(
        #[case] gate: &str,
        #[case] outcomes: &[OutcomeWord],
        #[case] code: u8,
        #[case] reason: &str,
    ) {
        let gate = Document::parse(Path::new("gate.yaml"), gate.as_bytes()).expect("it is YAML");
        let gate = Gate::deserialize(gate.value()).expect("it is a gate");
        let names: Vec<String> = (0..outcomes.len()).map(|number| format!("t{number}")).collect();
        let check = |outcome: OutcomeWord| if outcome == Failed { "status" } else { "" };
        let trials: Vec<_> = names
            .iter()
            .zip(outcomes)
            .map(|(name, outcome)| (name.as_str(), *outcome, check(*outcome)))
            .collect();
        let mut result = testing::result(&trials);
        result.comparison = Some(compare(&result, &testing::result(&[("t0", Failed, "status")])));
        let (decision, ended) = decide(&result, &gate);
        assert_eq!((ended as u8, decision.passed), (code, code == 0), "{decision:?}");
        assert!(decision.reasons.join("; ").contains(reason), "{decision:?}");
        assert_eq!(reason.is_empty(), decision.reasons.is_empty(), "{decision:?}");
    }
}
