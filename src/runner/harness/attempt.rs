//! One attempt at a trial: it is run, judged, compared with its snapshot, and told.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Zoned;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::judge::{self, Finding, Record};
use crate::plan::{Trial, projects};
use crate::result::{Coverage, Exposed, NewSnapshot, Outcome, TrialReport};
use crate::runner::SnapshotMode;
use crate::runner::room::Room;
use crate::runner::stage::{Halt, Stage, Supplied};
use crate::snapshot::{self, Comparison};
use crate::spec::case::Case;
use crate::spec::credential::Credential;
use crate::spec::template::Scope;
use crate::sync::lock;
use crate::text;

use super::Harness;

impl Harness {
    pub(super) async fn attempt(&self, trial: &Trial, number: u32, coverage: &mut Coverage) -> TrialReport {
        let started = Instant::now();
        let Case { title, requirements, .. } = &*trial.case;
        let mut report = TrialReport::new(trial.name.clone(), title.clone(), requirements.clone());
        report.number = trial.number;
        report.file = trial.case.source.shown().clone();
        report.operation = trial.variant.operation().cloned();
        report.credential = trial.variant.credential().map(Credential::word);
        let session = match self.admit(trial) {
            Ok(session) => session,
            Err(outcome) => {
                report.outcome = outcome;
                return report;
            }
        };
        let _taken = match &self.room {
            Some(room) if !session.exclusive => match room.take(projects(&self.suite, trial)).await {
                Ok(taken) => Some(taken),
                Err(reason) => {
                    report.outcome = Outcome::Untested(reason);
                    return report;
                }
            },
            _ => None,
        };
        for key in std::iter::once(&session.key).chain(&session.other_user).chain(&session.revoked) {
            self.secrets.add(key.expose_secret());
        }
        let prefix = match number {
            1 => format!("{}-{:03}", self.prefix, trial.number),
            again => format!("{}-{:03}-{again}", self.prefix, trial.number),
        };
        let mut stage = Stage {
            suite: &self.suite,
            target: &*self.target,
            trial,
            session: &session,
            absent: &self.absent,
            secrets: &self.secrets,
            stop: &self.stop,
            deadline: self.deadline.get().copied().map(Into::into),
            breaker: &self.breaker,
            heavy: &self.heavy,
            weight: None,
            scope: scope(trial, &prefix),
            exchanges: Vec::new(),
            supplied: Supplied::default(),
            undos: Vec::new(),
            revoked: BTreeMap::new(),
            retries: Vec::new(),
            is_reached: &self.is_reached,
            is_undoing: false,
            ledger: self.ledger.as_ref(),
            ownership: &self.ownership,
            shared: &self.shared,
            looks: &self.looks,
            is_sharing: false,
            has_room: self.room.as_ref().is_none_or(Room::has_a_shared_one),
            witnessed: None,
        };
        let halted = stage.perform().await.err();
        let left = stage.undo_all().await;
        report.notes.extend(left.into_iter().map(|left| format!("cleanup failed: {left}")));
        report.retries = std::mem::take(&mut stage.retries);
        // Until its answers are judged and gone.
        let _weight = stage.weight.take();
        let record =
            Record::new(&self.suite, trial, stage.exchanges, &self.secrets).of_run(prefix, session.exclusive);
        report.exchanges = record.exchanges.iter().filter(|exchange| !exchange.is_borrowed).count();
        let (mut findings, judgements) = judge::judge(&record);
        if let Some(answers) = &self.answers {
            lock(answers).add(&record, &findings);
        }
        findings.extend(judge::foreign_findings(&record));
        coverage.see(&record, &judgements);
        let halted = match halted {
            None => self.compare(&record, &mut report, &mut findings).err(),
            halted => halted,
        };
        let is_clean = findings.is_empty();
        let mut accepted = self.known.accept(&mut findings);
        report.find(findings);
        report.outcome = match outcome(halted, &report.findings) {
            Outcome::Passed | Outcome::Untested(_) if !accepted.is_empty() && report.findings.is_empty() => {
                Outcome::KnownFailure(accepted.join("; "))
            }
            outcome => {
                report.notes.append(&mut accepted);
                outcome
            }
        };
        if self.exposes_all || !is_clean {
            let exchanges = record.exchanges.iter();
            report.exposed = exchanges.map(|exchange| Exposed::new(exchange, &self.secrets)).collect();
        }
        report.elapsed = started.elapsed();
        self.mask(&mut report);
        self.keep(&record);
        report
    }

    fn compare(
        &self,
        record: &Record<'_>,
        report: &mut TrialReport,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Halt> {
        if self.mode == SnapshotMode::Ignore || record.trial.case.snapshot.omit {
            return Ok(());
        }
        let text = self.secrets.mask(&snapshot::render(record));
        match self.store.compare(record.trial, &text, self.mode, &self.secrets) {
            Err(error) => return Err(Halt::Errored(error.to_string())),
            Ok(Comparison::Same(path)) if self.mode == SnapshotMode::Confirm => {
                let today = Zoned::now().date();
                lock(&self.confirmed).confirm(&self.store.name(&path), &text, today, &self.target.describe());
            }
            Ok(Comparison::Same(_) | Comparison::Ignored) => {}
            Ok(Comparison::Written(path)) => report.new_snapshot = Some(NewSnapshot::Written(path)),
            Ok(Comparison::Pending(path)) => report.new_snapshot = Some(NewSnapshot::Offered(path)),
            Ok(Comparison::Differs { path, difference, fails: true }) => {
                findings.push(judge::snapshot_finding(record, &path, &difference));
            }
            Ok(Comparison::Differs { path, difference, fails: false }) => {
                report.notes.push(format!("differs from the snapshot {}:\n{difference}", path.display()));
            }
            Ok(Comparison::Missing(path)) => {
                findings.push(judge::missing_snapshot_finding(record, &path));
            }
        }
        Ok(())
    }

    /// Adds the exchanges to the recording, if there is one: what several trials look at was sent once.
    fn keep(&self, record: &Record<'_>) {
        if let Some(recorder) = lock(&self.recorder).as_mut() {
            let sent = record.exchanges.iter().filter(|exchange| !exchange.is_borrowed);
            sent.for_each(|exchange| recorder.add(exchange, &self.secrets));
        }
    }

    /// The last gate before anything is shown.
    fn mask(&self, report: &mut TrialReport) {
        for finding in report.findings.iter_mut().chain(&mut report.advice) {
            finding.mask(&self.secrets);
        }
        for note in &mut report.notes {
            *note = text::lines(&self.secrets.mask(note));
        }
        if let Outcome::KnownFailure(reason) | Outcome::Untested(reason) | Outcome::Errored(reason) =
            &mut report.outcome
        {
            *reason = text::line(&self.secrets.mask(reason));
        }
    }
}

fn scope(trial: &Trial, prefix: &str) -> Scope {
    let mut scope = trial.variant.scope();
    scope.insert("run".to_owned(), Value::Object(Scope::from_iter([("prefix".to_owned(), json!(prefix))])));
    scope
}

fn outcome(halted: Option<Halt>, findings: &[Finding]) -> Outcome {
    match halted {
        // What was found before the end came is found.
        _ if !findings.is_empty() => Outcome::Failed,
        Some(Halt::Errored(reason)) => Outcome::Errored(reason),
        Some(Halt::Untested(reason)) => Outcome::Untested(reason),
        Some(Halt::Unexpected) => {
            Outcome::Untested("an earlier step returned an unexpected response".to_owned())
        }
        None => Outcome::Passed,
    }
}
