//! Everything one trial needs, put together once: suite, target, secrets, snapshots.

mod attempt;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::artefact::ArtefactError;
use crate::judge::{Known, PARITY};
use crate::parity::Answers;
use crate::plan::Trial;
use crate::result::{Coverage, OperationCoverage, Outcome, TrialReport};
use crate::runner::breaker::Breaker;
use crate::runner::census::Reader;
use crate::runner::cleanup::{Cleaned, LONGEST_CLEANING, USUAL_GRACE, clean_as, unended};
use crate::runner::heavy::Heavy;
use crate::runner::looks::Looks;
use crate::runner::ownership::Ownership;
use crate::runner::probe::{Hindrance, probe};
use crate::runner::room::Room;
use crate::runner::stage::Shared;
use crate::secret::Secrets;
use crate::snapshot::{Confirmed, ConfirmedError, Store};
use crate::spec::Suite;
use crate::spec::absent::Absent;
use crate::spec::known_failure::KnownFailure;
use crate::sync::lock;
use crate::target::{Ledger, LedgerError, Refusal, RunName, Session, Target};
use crate::traffic::Recorder;

pub use crate::snapshot::Mode as SnapshotMode;

/// A run that is told to stop takes this long at least to remove what it has made.
const LAST_WORD: Duration = Duration::from_secs(2);

/// Runs single trials; share one for a whole run.
pub struct Harness {
    suite: Arc<Suite>,
    target: Arc<dyn Target>,
    secrets: Arc<Secrets>,
    store: Store,
    mode: SnapshotMode,
    absent: Absent,
    prefix: RunName,
    stop: CancellationToken,
    /// When the time of the run is over, where it has a budget.
    deadline: OnceLock<Instant>,
    breaker: Breaker,
    /// The room for large answers.
    heavy: Heavy,
    is_reached: AtomicBool,
    ledger: Option<Ledger>,
    ownership: Ownership,
    /// The time to look for resources of requests without a usable response, at the end of a run.
    grace: Duration,
    room: Option<Room>,
    /// The maximum number of retries of a failed trial.
    retries: u32,
    /// Whether to keep the exchanges of passing trials (`-vv`).
    exposes_all: bool,
    known: Known,
    /// The responses, if they are compared with those of another target.
    answers: Option<Mutex<Answers>>,
    /// The snapshots that were seen to hold, where they are to be noted down.
    confirmed: Mutex<Confirmed>,
    /// The recording of all exchanges, if requested.
    recorder: Mutex<Option<Recorder>>,
    shared: tokio::sync::Mutex<Shared>,
    looks: Looks,
}

impl Harness {
    /// A harness for the trials of `suite` against `target`, with snapshots in `store`.
    #[must_use]
    pub fn new(suite: Arc<Suite>, target: Arc<dyn Target>, store: Store, mode: SnapshotMode) -> Self {
        let mut absent = suite.undocumented.clone();
        absent.extend(target.absent());
        Self {
            suite,
            target,
            absent,
            secrets: Arc::default(),
            store,
            mode,
            prefix: RunName::random(),
            stop: CancellationToken::new(),
            deadline: OnceLock::new(),
            breaker: Breaker::default(),
            heavy: Heavy::default(),
            is_reached: AtomicBool::new(false),
            ledger: None,
            ownership: Ownership::default(),
            grace: USUAL_GRACE,
            room: None,
            retries: 0,
            exposes_all: false,
            known: Known::default(),
            answers: None,
            confirmed: Mutex::default(),
            recorder: Mutex::default(),
            shared: tokio::sync::Mutex::default(),
            looks: Looks::default(),
        }
    }

    /// Declares these operations absent.
    #[must_use]
    pub fn without(mut self, absent: Absent) -> Self {
        self.absent.extend(absent);
        self
    }

    /// Sets the token that cancels the run.
    #[must_use]
    pub fn stopped_by(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// The same harness for an account that is not the run's own: what it makes there is in a ledger in this folder until it is
    /// removed, and nothing else is touched.
    ///
    /// # Errors
    /// When there can be no ledger.
    pub fn with_ledger(mut self, folder: &Path) -> Result<Self, LedgerError> {
        self.ledger =
            Some(Ledger::begin(folder, &self.target.describe(), self.target.organization(), &self.prefix)?);
        Ok(self)
    }

    /// Sets the time to look for resources of requests without a usable response.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sets the maximum number of projects to keep on the account at once.
    #[must_use]
    pub fn with_room_for(mut self, projects: u32) -> Self {
        self.room = Some(Room::new(projects));
        self
    }

    /// Sets the maximum number of retries of a failed trial.
    #[must_use]
    pub fn retrying(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Keeps the exchanges of passing trials.
    #[must_use]
    pub fn exposing_all(mut self) -> Self {
        self.exposes_all = true;
        self
    }

    /// Accepts these known failures.
    #[must_use]
    pub fn accepting(mut self, known: &[KnownFailure]) -> Self {
        self.known = Known::today(known);
        self
    }

    /// Keeps the responses for a comparison with another target.
    #[must_use]
    pub fn for_comparison(mut self) -> Self {
        self.answers = Some(Mutex::default());
        self
    }

    /// Takes the responses so far, if they are kept.
    #[must_use]
    pub fn take_answers(&self) -> Answers {
        self.answers.as_ref().map(|answers| std::mem::take(&mut *lock(answers))).unwrap_or_default()
    }

    /// The operations that the endpoint is said to lack.
    #[must_use]
    pub fn absent(&self) -> &Absent {
        &self.absent
    }

    /// The secrets this run has come to know: nothing is written without masking them.
    #[must_use]
    pub fn secrets(&self) -> &Arc<Secrets> {
        &self.secrets
    }

    /// Cancel this to stop: trials under way send nothing more but what undoes their steps.
    #[must_use]
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Ends the run at a moment: trials under way send nothing more then but what undoes their steps. The first moment that is given counts.
    pub(crate) fn end_at(&self, deadline: Instant) {
        // A run has one budget.
        let _ = self.deadline.set(deadline);
    }

    /// Returns `true` if the time of the run is over.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.get().is_some_and(|deadline| *deadline <= Instant::now())
    }

    /// The suite.
    #[must_use]
    pub fn suite(&self) -> &Suite {
        &self.suite
    }

    /// The target of the trials.
    #[must_use]
    pub fn target(&self) -> &dyn Target {
        &*self.target
    }

    /// Snapshots that none of `trials` has, sorted. Ask only when all trials were planned.
    #[must_use]
    pub fn orphans(&self, trials: &[Trial]) -> Vec<PathBuf> {
        self.store.orphans(trials)
    }

    /// The use of snapshots.
    #[must_use]
    pub fn snapshot_mode(&self) -> SnapshotMode {
        self.mode
    }

    /// Keeps what is exchanged from now on, for a HAR file.
    ///
    /// # Errors
    /// When there can be no such file.
    pub fn record_to(&self, path: &Path) -> Result<(), ArtefactError> {
        *lock(&self.recorder) = Some(Recorder::begin(path, &self.target.origin())?);
        Ok(())
    }

    /// Writes down what was exchanged, as [`record_to`](Self::record_to) has asked for. Returns how many exchanges there were.
    ///
    /// # Errors
    /// When the file cannot be written, or would hold a secret: then it is not.
    pub fn write_record(&self) -> Result<usize, ArtefactError> {
        let recorder = lock(&self.recorder).take();
        recorder.map_or(Ok(0), |recorder| recorder.finish(&self.secrets))
    }

    /// Notes down which snapshots were seen to hold. Returns how many they are.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn write_confirmed(&self) -> Result<usize, ConfirmedError> {
        let confirmed = std::mem::take(&mut *lock(&self.confirmed));
        let count = confirmed.len();
        if count > 0 {
            self.store.keep(confirmed, &self.secrets)?;
        }
        Ok(count)
    }

    /// Asks an endpoint for what any good key opens, so that a run does not begin where no trial could tell anything. One that cannot be
    /// reached is asked for nothing more.
    ///
    /// # Errors
    /// Why no trial could: the key is refused, or the account must be told an organization.
    pub async fn probe(&self) -> Result<(), String> {
        tokio::select! {
            probed = probe(&*self.target, &self.suite, &self.absent) => match probed {
                Err(Hindrance::Unfit(reason)) => Err(reason),
                Err(Hindrance::Unreachable(error)) => {
                    self.breaker.cut_off(error.to_string());
                    Ok(())
                }
                Ok(()) => Ok(()),
            },
            () = self.stop.cancelled() => Ok(()),
        }
    }

    /// Removes what the run has made and not removed yet. Ask for it when all trials have ended.
    pub async fn finish(&self) -> Cleaned {
        match (&self.ledger, self.target.shared_key()) {
            (Some(ledger), Some(key)) => {
                self.breaker.relent();
                let (target, suite, breaker) = (&*self.target, &*self.suite, &self.breaker);
                let reader = Reader { target, key, suite, breaker };
                let cleaned = tokio::time::timeout(self.cleaning(), clean_as(&reader, ledger, self.grace));
                cleaned.await.unwrap_or_else(|_| unended(ledger))
            }
            _ => Cleaned::default(),
        }
    }

    /// How long the removal of what is left may take: little more than the grace after the time of the run is over.
    fn cleaning(&self) -> Duration {
        let after = |deadline: &Instant| {
            deadline.saturating_duration_since(Instant::now()) + self.grace + self.target.timeout()
        };
        self.deadline.get().map_or(LONGEST_CLEANING, after).min(LONGEST_CLEANING)
    }

    /// The same for a run that was told to stop at this moment: it ends when a request that was sent then has had its time, and leaves what is
    /// there still to its ledger.
    pub(in crate::runner) async fn finish_after(&self, stopped: Instant) -> Cleaned {
        let end = stopped.checked_add(self.target.timeout()).unwrap_or_else(Instant::now);
        let end = end.max(Instant::now() + LAST_WORD);
        let Ok(cleaned) = tokio::time::timeout_at(end.into(), self.finish()).await else {
            let ledgers = self.ledger.iter().map(|ledger| ledger.path().display());
            let left = ledgers.map(|path| {
                format!("the run was stopped while it removed its resources; {path} lists what may be left")
            });
            return Cleaned { left: left.collect(), ..Cleaned::default() };
        };
        cleaned
    }

    /// Removes what is left, within a short time where the run was told to stop at a moment.
    pub(crate) async fn conclude(&self, stopped: Option<Instant>) -> Cleaned {
        if let Some(stopped) = stopped {
            return self.finish_after(stopped).await;
        }
        tokio::select! {
            cleaned = self.finish() => cleaned,
            () = self.stop.cancelled() => self.finish_after(Instant::now()).await,
        }
    }

    /// Waits once more for what was waited for in vain: the same trial is to be run again.
    pub(crate) fn wait_again(&self) {
        self.breaker.relent();
    }

    /// An account for a trial, or what comes of it without one.
    ///
    /// # Errors
    /// Returns the outcome of a trial that is not run.
    pub fn admit(&self, trial: &Trial) -> Result<Session, Outcome> {
        if let Some(reason) = trial.needs.iter().find_map(|operation| self.absent.get(operation)) {
            return Err(Outcome::NotApplicable(reason.clone()));
        }
        let session = self.target.open(trial).map_err(|refusal| match refusal {
            Refusal::Skipped(reason) => Outcome::Skipped(reason),
            Refusal::Untested(reason) => Outcome::Untested(reason),
        })?;
        match self.breaker.why_cut_off() {
            Some(reason) => Err(Outcome::Errored(reason.to_owned())),
            None => Ok(session),
        }
    }

    /// Runs one trial and judges it, and adds what it covers; where it fails, as often as is allowed. What is critical has happened, whatever happens the next
    /// time: such a trial is not run again.
    pub async fn run(&self, trial: &Trial, coverage: &mut Coverage) -> TrialReport {
        let mut report = self.attempt(trial, 1, coverage).await;
        while report.may_be_flaky()
            && report.attempts <= self.retries
            && !self.stop.is_cancelled()
            && !self.is_over()
        {
            let again = self.attempt(trial, report.attempts + 1, coverage).await;
            report.followed_by(again);
        }
        report
    }

    /// What is said to be known and does not show any more, or is accepted no more, after a run of all trials.
    pub(in crate::runner) fn outdated(&self, coverage: &Coverage) -> Option<TrialReport> {
        let findings = self.known.outdated(|known| could_show(known, coverage));
        if findings.is_empty() {
            return None;
        }
        let title = "Known failures still occur".into();
        let mut report = TrialReport::new("known-failures".into(), title, Arc::default());
        report.findings = findings;
        report.outcome = Outcome::Failed;
        Some(report)
    }
}

/// Whether a run of all trials has looked for a deviation: its operation was seen to succeed.
fn could_show(known: &KnownFailure, coverage: &Coverage) -> bool {
    known.check != PARITY
        && known.operation.as_ref().is_none_or(|operation| {
            coverage.operations.get(operation).is_some_and(OperationCoverage::has_succeeded)
        })
}
