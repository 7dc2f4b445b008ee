//! The verdict on traffic while it passes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::traffic::{judge_record, trial};
use crate::artefact::ArtefactError;
use crate::exchange::Exchange;
use crate::judge::Record;
use crate::plan::Trial;
use crate::reproduce;
use crate::result::{Judged, Outcome, RunReport, TrialReport};
use crate::secret::Secrets;
use crate::spec::{Location, Suite};
use crate::text;
use crate::traffic::{Observed, Observer, Passed, Recorder, Trust, of_the_api};

/// What is judged together with an exchange: so many that came before it, and with so many bytes of answers.
const MEMORY: usize = 50;
const MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// Judges exchanges one by one, as they pass, each with those before it.
pub struct Watch<'s> {
    suite: &'s Suite,
    secrets: &'s Secrets,
    observer: Observer<'s>,
    trial: Trial,
    location: Location,
    recent: Vec<Exchange>,
    recorder: Option<Recorder>,
    report: RunReport,
    checks: BTreeMap<&'static str, Judged>,
    began: Instant,
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
            recent: Vec::new(),
            recorder,
            report: RunReport::default(),
            checks: BTreeMap::new(),
            began: Instant::now(),
        }
    }

    /// The verdict on the next exchange; `None` where it is not of the API.
    pub fn see(&mut self, passed: Passed) -> Option<&TrialReport> {
        let Passed { began, mut request, authorization, response } = passed;
        request.target = of_the_api(self.suite, &request.target)?;
        let path = request.target.split('?').next().unwrap_or_default();
        let name = format!("{} {path}", request.method);
        self.observer.learn(&request, authorization.as_deref());
        let shown = text::line(&self.secrets.mask(&name));
        let mut report = TrialReport::new(shown.into(), self.trial.case.title.clone(), Arc::default());
        report.exchanges = 1;
        match response {
            Err(reason) => report.outcome = Outcome::Untested(text::line(&self.secrets.mask(&reason))),
            Ok(response) => {
                report.elapsed = response.elapsed;
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
        self.recent.push(exchange);
        let last = self.recent.len() - 1;
        let recent = std::mem::take(&mut self.recent);
        let mut record = Record::new(self.suite, &self.trial, recent, self.secrets);
        let (findings, judgements) = judge_record(&record, Trust::Whole);
        // What was wrong with those before has been told.
        report.find(findings.into_iter().filter(|finding| finding.exchange == Some(last)));
        for finding in report.findings.iter_mut().chain(&mut report.advice) {
            finding.reproduce = reproduce::script(&record.exchanges[last..], 0);
            finding.mask(self.secrets);
        }
        if !report.findings.is_empty() {
            report.outcome = Outcome::Failed;
        }
        for judgement in judgements {
            let judged = self.checks.entry(judgement.check).or_default();
            judged.examined += judgement.examined.iter().filter(|place| **place == last).count();
            judged.violated += judgement.violated.iter().filter(|place| **place == last).count();
        }
        self.recent = std::mem::take(&mut record.exchanges);
        let size = |exchanges: &[Exchange]| -> usize {
            exchanges.iter().map(|exchange| exchange.response.body.len()).sum()
        };
        while self.recent.len() > MEMORY || size(&self.recent) > MEMORY_BYTES {
            self.recent.remove(0);
        }
    }

    /// Writes the recording, with placeholders for secrets. Returns how many exchanges there were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_record(&mut self) -> Result<usize, ArtefactError> {
        let recorder = self.recorder.take();
        recorder.map_or(Ok(0), |recorder| recorder.finish(self.secrets))
    }

    /// The verdict on all that has passed.
    #[must_use]
    pub fn end(mut self) -> RunReport {
        self.report.coverage.checks = self.checks;
        self.report.elapsed = self.began.elapsed();
        self.report
    }
}
