//! `JUnit` XML: one case a trial, what is wrong in the failure.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestRerun, TestSuite};

use crate::result::{FindingResult, OutcomeWord, RunResult, TrialResult};

/// A suite for each folder of cases, a case for each trial, as the schema `junit-10.xsd` of Jenkins' xUnit plugin has it.
pub(super) fn junit(result: &RunResult) -> String {
    let mut report = Report::new(format!("{} against {}", result.tool, result.target));
    report.set_time(Duration::from_millis(result.elapsed_ms));
    let mut suites: Vec<TestSuite> = Vec::new();
    for trial in &result.trials {
        let name = trial.name.split(['/', '[']).next().unwrap_or_default();
        if !suites.iter().any(|suite| suite.name.as_str() == name) {
            suites.push(TestSuite::new(name));
        }
        if let Some(suite) = suites.iter_mut().find(|suite| suite.name.as_str() == name) {
            suite.add_test_case(case(trial));
        }
    }
    for suite in &mut suites {
        suite.set_time(suite.test_cases.iter().filter_map(|case| case.time).sum());
    }
    report.add_test_suites(suites);
    let all_skipped = format!(" skipped=\"{}\"", report.skipped);
    // The writer writes to memory. Jenkins' schema knows a count of the skipped in suites alone, and not at the root.
    let xml = report.to_string().unwrap_or_default().replacen(&all_skipped, "", 1);
    well_formed(xml)
}

/// A text without the two characters that the writer lets pass and XML does not have (XML 1.0, section 2.2).
fn well_formed(xml: String) -> String {
    const NONE: [char; 2] = ['\u{fffe}', '\u{ffff}'];
    if !xml.contains(NONE) {
        return xml;
    }
    NONE.iter().fold(xml, |xml, none| xml.replace(*none, &none.escape_unicode().to_string()))
}

fn case(trial: &TrialResult) -> TestCase {
    let status = match trial.outcome {
        OutcomeWord::Passed => TestCaseStatus::success(),
        // As pytest writes what is expected to fail: neither passed nor failed for whoever reads it.
        OutcomeWord::KnownFailure => {
            let mut status = TestCaseStatus::skipped();
            status.set_type("pytest.xfail");
            status.set_message(trial.reason.clone().unwrap_or_default());
            status
        }
        OutcomeWord::Flaky => {
            let mut status = TestCaseStatus::success();
            let mut failure = TestRerun::new(NonSuccessKind::Failure);
            failure.set_type(trial.findings.first().map_or("", |first| &first.check));
            failure.set_message(trial.findings.first().map(headline).unwrap_or_default());
            failure.set_stack_trace(findings(trial));
            status.add_rerun(failure);
            status
        }
        OutcomeWord::NotApplicable | OutcomeWord::Skipped | OutcomeWord::Untested => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(trial.reason.clone().unwrap_or_default());
            status
        }
        OutcomeWord::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            if let Some(first) = trial.findings.first() {
                status.set_type(first.check.clone());
                status.set_message(headline(first));
            }
            status.set_description(findings(trial));
            status
        }
        OutcomeWord::Errored => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(trial.reason.clone().unwrap_or_default());
            status
        }
    };
    let mut case = TestCase::new(trial.name.clone(), status);
    case.set_classname(trial.name.split('[').next().unwrap_or_default());
    case.set_time(Duration::from_secs_f64(trial.elapsed_ms / 1000.0));
    let mut out = Vec::new();
    if matches!(trial.outcome, OutcomeWord::Flaky | OutcomeWord::KnownFailure) {
        out.extend(trial.reason.clone());
    }
    if !trial.advice.is_empty() {
        out.push("advice (`should` requirements that do not hold; does not fail the run):".to_owned());
        out.extend(trial.advice.iter().map(finding));
    }
    out.extend(trial.notes.iter().cloned());
    for exchange in &trial.exchanges {
        out.push(super::text::exchange(exchange));
    }
    if trial.exchanges_left_out {
        out.push(format!(
            "(to see the exchanges: neon-contract run '{}' --exact -vv, with the same options)",
            trial.name
        ));
    }
    if !out.is_empty() {
        case.set_system_out(out.join("\n"));
    }
    case
}

fn findings(trial: &TrialResult) -> String {
    trial.findings.iter().map(finding).collect::<Vec<_>>().join("\n")
}

fn headline(finding: &FindingResult) -> String {
    format!("{}: expected {}, was {}", finding.subject, finding.expected, finding.actual)
}

fn finding(finding: &FindingResult) -> String {
    let mut out = format!("{} ({})\n", finding.check, finding.requirements.join(", "));
    for (word, text) in [
        ("at", &finding.location),
        ("step", &finding.step),
        ("in", &finding.subject),
        ("expected", &finding.expected),
        ("actual", &finding.actual),
    ] {
        if !text.is_empty() {
            let _ = writeln!(out, "  {word:<8} {text}");
        }
    }
    if !finding.reproduce.is_empty() {
        let _ = writeln!(out, "  to reproduce (set NEON_API_KEY):\n{}", finding.reproduce);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::junit;
    use crate::result::OutcomeWord::{KnownFailure, Passed};
    use crate::result::testing;

    #[test]
    fn what_is_known_to_fail_neither_passes_nor_fails() {
        let mut result = testing::result(&[("a/known", KnownFailure, ""), ("a/well", Passed, "")]);
        result.trials[0].reason = Some("known since 2026-01-01".to_owned());
        let xml = junit(&result);
        assert!(xml.contains(r#"<skipped message="known since 2026-01-01" type="pytest.xfail"/>"#), "{xml}");
        assert!(xml.contains(r#"tests="2" skipped="1""#), "{xml}");
    }

    #[test]
    fn characters_that_xml_does_not_have_are_spelled_out() {
        let mut result = testing::result(&[("a/b", Passed, "")]);
        result.trials[0].notes = vec!["a\u{fffe}b\u{ffff}c\u{1}".to_owned()];
        let xml = junit(&result);
        assert!(xml.contains("a\\u{fffe}b\\u{ffff}c"), "{xml}");
        assert!(!xml.contains(['\u{fffe}', '\u{ffff}', '\u{1}']), "{xml}");
    }
}
