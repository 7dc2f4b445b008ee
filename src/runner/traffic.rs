//! The verdict on what someone else has exchanged with an endpoint.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::exchange::{Exchange, Response, Unseen};
use crate::judge::{CHECKS, Finding, Judgement, Known, PARITY, Record, judge_by, unfit_for_traffic};
use crate::parity::Answers;
use crate::plan::{Trial, Variant};
use crate::result::{Coverage, Outcome, RunReport, TrialReport};
use crate::secret::Secrets;
use crate::spec::case::{Case, SnapshotRule};
use crate::spec::case_file::Effect;
use crate::spec::{SourceText, Suite};
use crate::traffic::{self, HarError, Recording, Trust};

/// Judges recordings, each by itself: a file is told as one trial, named after it. Returns how far all of them can be believed as well.
///
/// # Errors
/// When a file cannot be read, or is no recording.
pub fn judge_recordings(suite: &Suite, files: &[impl AsRef<Path>]) -> Result<(RunReport, Trust), HarError> {
    let started = Instant::now();
    let (mut report, mut trust) = (RunReport::default(), Trust::Whole);
    for file in files {
        let file = file.as_ref();
        let secrets = Secrets::default();
        let recording = traffic::read(file, suite, &secrets)?;
        if recording.trust() == Trust::Redacted {
            trust = Trust::Redacted;
        }
        report.trials.push(judge_recording(suite, file, recording, &secrets, &mut report.coverage));
    }
    report.elapsed = started.elapsed();
    Ok((report, trust))
}

/// Judges what a recording holds, and adds what it covers; it is told as one trial, named after the file.
pub fn judge_recording(
    suite: &Suite,
    file: &Path,
    recording: Recording,
    secrets: &Secrets,
    coverage: &mut Coverage,
) -> TrialReport {
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let notes = notes_on(&recording);
    let untested = not_judged(&recording.exchanges);
    let mut trial = judge_traffic(suite, &name, recording, secrets, coverage);
    trial.notes.extend(notes.iter().map(|note| crate::text::line(&secrets.mask(note))));
    if let (Outcome::Passed, Some(reason)) = (&trial.outcome, untested) {
        trial.outcome = Outcome::Untested(reason);
    }
    trial
}

/// Why a recording in which nothing is wrong does not conform all the same: what would have shown it cannot be read.
fn not_judged(exchanges: &[Exchange]) -> Option<String> {
    let unseen = || exchanges.iter().filter_map(|exchange| exchange.response.unseen.as_ref());
    if unseen().any(|unseen| matches!(unseen, Unseen::Undecodable(_))) {
        return Some("some bodies cannot be read".to_owned());
    }
    let is_seen = |exchange: &Exchange| !exchange.response.body.is_empty();
    (unseen().next().is_some() && !exchanges.iter().any(is_seen))
        .then(|| "no response bodies were recorded".to_owned())
}

/// The parts of a recording that were ignored or not checked.
fn notes_on(recording: &Recording) -> Vec<String> {
    let Recording { exchanges, put_out, unknown_keys, .. } = recording;
    let mut notes = Vec::new();
    for (count, what) in [
        (recording.others, "not requests to the API"),
        (recording.unanswered.len(), "without a response"),
        (recording.unreadable, "not exchanges, or unreadable"),
    ] {
        if count > 0 {
            let entries = if count == 1 { "entry is" } else { "entries are" };
            notes.push(format!("{count} {entries} ignored: {what}"));
        }
    }
    notes.extend(notes_on_bodies(exchanges));
    if *put_out > 0 {
        let of = if *put_out == exchanges.len() {
            "its".to_owned()
        } else {
            format!("{put_out} of its {}", exchanges.len())
        };
        notes.push(format!(
            "{of} requests do not show their key, which may have been redacted: whether they had to be rejected, for a missing, \
             malformed or revoked key, was not checked"
        ));
    }
    if *unknown_keys > 0 {
        notes.push(format!(
            "{} created or revoked without a visible token or time: whether a revoked one is rejected was not checked",
            if *unknown_keys == 1 { "1 key was".to_owned() } else { format!("{unknown_keys} keys were") }
        ));
    }
    notes
}

/// The bodies that could not be read, and those that cannot have come.
fn notes_on_bodies(exchanges: &[Exchange]) -> Vec<String> {
    let mut odd: BTreeMap<String, Vec<&Exchange>> = BTreeMap::new();
    for exchange in exchanges {
        let Response { status, body, unseen, .. } = &exchange.response;
        let is_impossible = exchange.request.method == "HEAD" || Response::has_no_content(*status);
        let why = match unseen {
            Some(why) => format!("{why}; checks of bodies are untested there"),
            None if is_impossible && !body.is_empty() => match exchange.request.method.as_str() {
                "HEAD" => "cannot have been sent: the response to HEAD has none".to_owned(),
                _ => format!("cannot have been sent: a response {status} has none"),
            },
            None => continue,
        };
        odd.entry(why).or_default().push(exchange);
    }
    let note = |(why, exchanges): (String, Vec<&Exchange>)| {
        let of = match exchanges.len() {
            1 => "the body of 1 response".to_owned(),
            all => format!("the bodies of {all} responses"),
        };
        format!("{of} {why} ({}, {})", exchanges[0].step, exchanges[0].location)
    };
    odd.into_iter().map(note).collect()
}

/// The responses of a recording for a comparison with another target, and its secrets.
///
/// # Errors
/// When the file cannot be read, or is no recording.
pub fn recorded_answers(suite: &Suite, file: &Path) -> Result<(Answers, Secrets), HarError> {
    let secrets = Secrets::default();
    let recording = traffic::read(file, suite, &secrets)?;
    let trust = recording.trust();
    let trial = trial(&file.display().to_string());
    let record = Record::new(suite, &trial, recording.exchanges, &secrets);
    let (findings, _) = judge_record(&record, trust);
    let mut answers = Answers::default();
    answers.add(&record, &findings);
    drop(record);
    Ok((answers, secrets))
}

/// Judges exchanges in the order they were made, by every check that they can feed. What `known-failures/<name>.yaml` accepts fails nothing.
fn judge_traffic(
    suite: &Suite,
    name: &str,
    recording: Recording,
    secrets: &Secrets,
    coverage: &mut Coverage,
) -> TrialReport {
    let (trial, trust) = (trial(name), recording.trust());
    let record = Record::new(suite, &trial, recording.exchanges, secrets);
    let (mut findings, judgements) = judge_record(&record, trust);
    let known = suite.known_failures.get(name).map(Vec::as_slice).unwrap_or_default();
    let known = Known::today(known);
    let mut accepted = known.accept(&mut findings);
    findings.extend(known.outdated(|known| known.check != PARITY));
    for finding in &mut findings {
        finding.mask(secrets);
    }
    let strange = record.exchanges.iter().filter(|exchange| exchange.operation.is_none());
    let strange = strange.map(|exchange| {
        let Exchange { request, response, .. } = exchange;
        let path = request.target.split('?').next().unwrap_or_default();
        format!("no contract describes {} {path}, which returned {}", request.method, response.status)
    });
    let mut notes: Vec<String> = strange.collect();
    for note in accepted.iter_mut().chain(&mut notes) {
        *note = crate::text::line(&secrets.mask(note));
    }
    let mut report = TrialReport::new(trial.name.clone(), trial.case.title.clone(), Arc::default());
    report.find(findings);
    report.outcome = match (report.findings.is_empty(), record.exchanges.is_empty()) {
        (false, _) => Outcome::Failed,
        (true, true) => Outcome::Untested("it contains no exchange with the API".to_owned()),
        (true, false) if accepted.is_empty() => Outcome::Passed,
        (true, false) => Outcome::KnownFailure(std::mem::take(&mut accepted).join("; ")),
    };
    report.notes = accepted;
    report.notes.append(&mut notes);
    coverage.see(&record, &judgements);
    report.exchanges = record.exchanges.len();
    report
}

/// The findings of the checks that apply to traffic.
pub(crate) fn judge_record(record: &Record<'_>, trust: Trust) -> (Vec<Finding>, Vec<Judgement>) {
    let fit = CHECKS.iter().filter(|check| unfit_for_traffic(check, trust == Trust::Whole).is_none());
    judge_by(fit, record)
}

/// Traffic is judged as if it were one trial.
pub(crate) fn trial(name: &str) -> Trial {
    let case = Case {
        name: format!("recorded/{name}"),
        title: "The exchanges conform to the contract".into(),
        kept_because: None,
        requirements: Arc::default(),
        tags: Vec::new(),
        effect: Effect::Reads,
        account: None,
        axes: Vec::new(),
        steps: Vec::new(),
        snapshot: SnapshotRule::default(),
        source: SourceText::new(Path::new(""), ""),
    };
    Trial {
        number: 0,
        name: case.name.as_str().into(),
        case: Arc::new(case),
        variant: Variant::default(),
        account: None,
        effect: Effect::Reads,
        needs: Arc::default(),
    }
}
