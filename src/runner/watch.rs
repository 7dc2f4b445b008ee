//! The verdict on traffic while it passes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::traffic::{judge_record, trial};
use crate::artefact::ArtefactError;
use crate::exchange::Exchange;
use crate::judge::{Finding, Judgement, Known, Record, checks_of, is_for_the_end, is_kept, judge_by};
use crate::plan::Trial;
use crate::reproduce;
use crate::result::{Judged, Outcome, RunReport, TrialReport};
use crate::secret::Secrets;
use crate::spec::known_failure::KnownFailure;
use crate::spec::requirement::Subject;
use crate::spec::{Location, Suite};
use crate::text;
use crate::traffic::{Missed, Observed, Observer, Passed, Recorder, Trust, of_the_api};

/// What is judged together with an exchange: so many that came before it, and with so many bytes of answers.
const MEMORY: usize = 50;
const MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// The maximum number of exchanges that are kept until the end.
const KEPT: usize = 2000;

/// Judges exchanges one by one, as they pass, each with those before it.
pub struct Watch<'s> {
    suite: &'s Suite,
    secrets: &'s Secrets,
    observer: Observer<'s>,
    trial: Trial,
    location: Location,
    /// Who is judged.
    subject: Subject,
    known: Known,
    recent: Vec<Seen>,
    /// Those before them that are judged at the end.
    kept: Vec<Seen>,
    recorder: Option<Recorder>,
    report: RunReport,
    checks: BTreeMap<&'static str, Judged>,
    began: Instant,
}

/// An exchange, and the place of its report.
struct Seen {
    exchange: Exchange,
    report: usize,
    /// Whether it is judged at the end as well.
    is_kept: bool,
}

impl<'s> Watch<'s> {
    /// A watch on the traffic with `upstream`, which keeps what passes for a recording where there is to be one.
    #[must_use]
    pub fn new(suite: &'s Suite, secrets: &'s Secrets, upstream: &str, recorder: Option<Recorder>) -> Self {
        Self {
            suite,
            secrets,
            observer: Observer::new(suite, secrets, Trust::Whole),
            trial: trial("proxy"),
            location: Location::of_file(Path::new(upstream), ""),
            subject: Subject::Endpoint,
            known: Known::default(),
            recent: Vec::new(),
            kept: Vec::new(),
            recorder,
            report: RunReport::default(),
            checks: BTreeMap::new(),
            began: Instant::now(),
        }
    }

    /// The same on whoever is on this side.
    #[must_use]
    pub fn of(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }

    /// The same that accepts known failures.
    #[must_use]
    pub fn accepting(self, known: &[KnownFailure]) -> Self {
        Self { known: Known::today(known), ..self }
    }

    /// The verdict on the next exchange; `None` where it is not of the API, or there is nothing to judge.
    pub fn see(&mut self, passed: Passed) -> Option<&TrialReport> {
        let Passed { began, mut request, authorization, response } = passed;
        request.target = of_the_api(self.suite, &request.target)?;
        let response = match (response, self.subject) {
            (Err(Missed::Abandoned), Subject::Endpoint) => return None,
            // What has not come says something of the client all the same.
            (Err(missed), Subject::Client) => Ok(missed.response()),
            (response, _) => response,
        };
        let path = request.target.split('?').next().unwrap_or_default();
        let name = format!("{} {path}", request.method);
        self.observer.learn(&request, authorization.as_deref());
        let shown = text::line(&self.secrets.mask(&name));
        let title = match self.subject {
            Subject::Endpoint => self.trial.case.title.clone(),
            Subject::Client => "The request conforms to the contract, and comes at the right time".into(),
        };
        let mut report = TrialReport::new(shown.into(), title, Arc::default());
        report.number = self.report.trials.len();
        report.exchanges = 1;
        match response {
            Err(missed) => {
                report.outcome = Outcome::Untested(text::line(&self.secrets.mask(&missed.to_string())));
            }
            Ok(response) => {
                report.elapsed = response.elapsed;
                let name = match self.subject {
                    Subject::Endpoint => name,
                    Subject::Client => format!("{name} at {began:.3}"),
                };
                let exchange = self.observer.observe(Observed {
                    trust: Trust::Whole,
                    origin: String::new(),
                    began: Some(began),
                    ended: Some(began + response.elapsed),
                    name,
                    location: self.location.clone(),
                    request,
                    authorization,
                    response,
                });
                self.judge(exchange, &mut report);
            }
        }
        self.report.trials.push(report);
        self.report.trials.last()
    }

    fn judge(&mut self, exchange: Exchange, report: &mut TrialReport) {
        if exchange.operation.is_none() {
            report.notes.push("no contract describes this request".to_owned());
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.add(&exchange, self.secrets);
        }
        self.recent.push(Seen { exchange, report: report.number, is_kept: false });
        let last = self.recent.len() - 1;
        let (recent, mut places) = apart(std::mem::take(&mut self.recent));
        let mut record = Record::new(self.suite, &self.trial, recent, self.secrets);
        let (findings, judgements) = match self.subject {
            Subject::Endpoint => judge_record(&record, Trust::Whole),
            Subject::Client => {
                let now = checks_of(Subject::Client).iter().filter(|check| !is_for_the_end(check));
                places[last].1 = is_kept(&record, last);
                judge_by(now, &record)
            }
        };
        // What was wrong with those before has been told.
        let findings = findings.into_iter().filter(|finding| finding.exchange == Some(last));
        let findings = self.fresh(findings.collect(), &record.exchanges[last..], report);
        report.find(findings);
        if !report.findings.is_empty() {
            report.outcome = Outcome::Failed;
        }
        count(&mut self.checks, &judgements, |place| place == last);
        self.recent = together(std::mem::take(&mut record.exchanges), places);
        let size =
            |seen: &[Seen]| -> usize { seen.iter().map(|seen| seen.exchange.response.body.len()).sum() };
        while self.recent.len() > MEMORY || size(&self.recent) > MEMORY_BYTES {
            let seen = self.recent.remove(0);
            if seen.is_kept && self.kept.len() < KEPT {
                self.kept.push(seen);
            }
        }
    }

    /// Those of an exchange's findings that are not known, fit to be shown. The others are noted.
    fn fresh(
        &self,
        mut findings: Vec<Finding>,
        exchange: &[Exchange],
        report: &mut TrialReport,
    ) -> Vec<Finding> {
        let accepted = self.known.accept(&mut findings);
        if !accepted.is_empty() {
            report.outcome = Outcome::KnownFailure(text::line(&self.secrets.mask(&accepted.join("; "))));
        }
        for finding in &mut findings {
            finding.reproduce = reproduce::script(exchange, 0);
            finding.mask(self.secrets);
        }
        findings
    }

    /// Judges by the checks that need to have seen everything; what was seen stays.
    fn judge_the_whole(&mut self) {
        let kept = self.kept.len();
        let seen = std::mem::take(&mut self.kept).into_iter().chain(std::mem::take(&mut self.recent));
        let (exchanges, places) = apart(seen.collect());
        let mut record = Record::new(self.suite, &self.trial, exchanges, self.secrets);
        let at_the_end = checks_of(Subject::Client).iter().filter(|check| is_for_the_end(check));
        let (findings, judgements) = judge_by(at_the_end, &record);
        count(&mut self.checks, &judgements, |_| true);
        for finding in findings {
            let Some(place) = finding.exchange else { continue };
            let number = places[place].0;
            let mut report = self.report.trials.remove(number);
            let findings = self.fresh(vec![finding], &record.exchanges[place..=place], &mut report);
            report.find(findings);
            self.report.trials.insert(number, report);
        }
        self.kept = together(std::mem::take(&mut record.exchanges), places);
        self.recent = self.kept.split_off(kept);
    }

    /// Whatever was made is gone, and nothing that comes has to do with what was.
    pub fn forget(&mut self) {
        self.kept.clear();
        self.recent.clear();
    }

    /// Writes the recording, with placeholders for secrets. Returns how many exchanges there were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_record(&mut self) -> Result<usize, ArtefactError> {
        let recorder = self.recorder.take();
        recorder.map_or(Ok(0), |recorder| recorder.finish(self.secrets))
    }

    /// The verdict on all that has passed, if it were the end. What passes later is judged as if nobody had asked.
    #[must_use]
    pub fn so_far(&mut self) -> RunReport {
        let (report, checks) = (self.report.clone(), self.checks.clone());
        if self.subject == Subject::Client {
            self.judge_the_whole();
        }
        let mut told = std::mem::replace(&mut self.report, report);
        told.coverage.checks = std::mem::replace(&mut self.checks, checks);
        told.elapsed = self.began.elapsed();
        told
    }

    /// The verdict on all that has passed.
    #[must_use]
    pub fn end(mut self) -> RunReport {
        self.so_far()
    }
}

/// The exchanges, and of each the place of its report and whether it is kept.
fn apart(seen: Vec<Seen>) -> (Vec<Exchange>, Vec<(usize, bool)>) {
    seen.into_iter().map(|Seen { exchange, report, is_kept }| (exchange, (report, is_kept))).unzip()
}

fn together(exchanges: Vec<Exchange>, places: Vec<(usize, bool)>) -> Vec<Seen> {
    let seen = exchanges.into_iter().zip(places);
    seen.map(|(exchange, (report, is_kept))| Seen { exchange, report, is_kept }).collect()
}

/// Adds what checks have looked at in exchanges that are new.
fn count(
    checks: &mut BTreeMap<&'static str, Judged>,
    judgements: &[Judgement],
    is_new: impl Fn(usize) -> bool,
) {
    for judgement in judgements {
        let judged = checks.entry(judgement.check).or_default();
        judged.examined += judgement.examined.iter().filter(|place| is_new(**place)).count();
        judged.violated += judgement.violated.iter().filter(|place| is_new(**place)).count();
    }
}
