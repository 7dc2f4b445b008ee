//! Annotations of GitHub Actions: what is wrong, at the line of the spec file that says how it should be.

use std::fmt::Write as _;

use crate::result::{AdviceResult, OutcomeWord, RunResult, causes};

/// GitHub shows no more than ten of a step.
const SHOWN: usize = 10;

pub(super) fn github(result: &RunResult) -> String {
    let mut out = String::new();
    for cause in causes(result).iter().take(SHOWN) {
        let finding = cause.finding;
        let (file, line) = finding.location.rsplit_once(':').unwrap_or((&finding.location, "1"));
        let title = format!("{} ({})", finding.check, cause.requirements.join(", "));
        let message = format!(
            "{}: expected {}, was {}\nin {} of {} trials, first in {}\n{}",
            cause.subject,
            finding.expected,
            finding.actual,
            cause.trials.len(),
            result.trials.len(),
            cause.trial.name,
            finding.reproduce,
        );
        let _ = writeln!(
            out,
            "::error file={},line={line},title={}::{}",
            property(file),
            property(&title),
            data(message.trim_end())
        );
    }
    for advice in result.advice.iter().take(SHOWN) {
        let (file, line) = advice.location.rsplit_once(':').unwrap_or((&advice.location, "1"));
        let title = format!("advice: {}", advice.requirements.join(", "));
        let AdviceResult { subject, expected, actual, trials, trial, .. } = advice;
        let message =
            format!("{subject}: expected {expected}, was {actual}\nin {trials} trials, first in {trial}");
        let _ = writeln!(
            out,
            "::notice file={},line={line},title={}::{}",
            property(file),
            property(&title),
            data(&message)
        );
    }
    let flaky = result.trials.iter().filter(|trial| trial.outcome == OutcomeWord::Flaky);
    for trial in flaky.take(SHOWN) {
        let reason = trial.reason.as_deref().unwrap_or_default();
        let _ = writeln!(
            out,
            "::warning file={},title=flaky::{}",
            property(&trial.file),
            data(&format!("{}: {reason}", trial.name))
        );
    }
    let word = match result.counts.failed {
        0 => "notice",
        _ => "error",
    };
    let _ = writeln!(
        out,
        "::{word} title=neon-contract::{}",
        data(&format!("{} {}", result.target, result.verdict_words()))
    );
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
