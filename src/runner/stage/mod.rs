//! One trial on its way: the steps are sent in order, what they capture is handed on, and what they made is undone.

mod expect;
mod pages;
mod prepare;
mod send;
mod supply;
mod witness;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::prepare::Prepared;
pub(super) use self::prepare::{fill_path, target};
pub(super) use self::supply::{Shared, Supplied};
use super::breaker::Breaker;
use super::census::collections;
use super::heavy::{Heavy, Weight};
use super::looks::{Looks, fresh};
use super::ownership::Ownership;
use super::suspicion::learn;
use crate::exchange::{Captured, Exchange, Expected, Response, Role};
use crate::json::plain;
use crate::json_path::{find, located};
use crate::plan::Trial;
use crate::result::Retry;
use crate::secret::Secrets;
use crate::spec::absent::Absent;
use crate::spec::case::{Expectation, Step, Until};
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;
use crate::spec::credential::Credential;
use crate::spec::template::{self, Scope};
use crate::spec::{Suite, unescape};
use crate::target::{Ledger, Session, Target};

/// The maximum number of replacements for resources that other clients removed.
const TRIES_OF_WHAT_IS_FOUND: usize = 4;

/// The reason why a trial cannot continue.
#[derive(Debug)]
pub(super) enum Halt {
    /// A precondition could not be met.
    Untested(String),
    /// The endpoint could not be reached, or the run was stopped.
    Errored(String),
    /// A step did not come out as expected, and later ones build on it.
    Unexpected,
}

/// A trial on its way.
pub(super) struct Stage<'a> {
    pub(super) suite: &'a Suite,
    pub(super) target: &'a dyn Target,
    pub(super) trial: &'a Trial,
    pub(super) session: &'a Session,
    pub(super) absent: &'a Absent,
    pub(super) secrets: &'a Secrets,
    pub(super) stop: &'a CancellationToken,
    /// When the time of the run is over.
    pub(super) deadline: Option<Instant>,
    /// What is not waited for again.
    pub(super) breaker: &'a Breaker,
    /// The room for large answers, and this trial's part of it.
    pub(super) heavy: &'a Heavy,
    pub(super) weight: Option<Weight>,
    /// The variables of templates.
    pub(super) scope: Scope,
    /// The exchanges so far.
    pub(super) exchanges: Vec<Exchange>,
    /// The values that the suite has supplied so far.
    pub(super) supplied: Supplied,
    /// The pending undo requests, the latest last.
    pub(super) undos: Vec<Taken>,
    /// The ledger of created resources, if the account does not belong to the run.
    pub(super) ledger: Option<&'a Ledger>,
    /// The resources that are proven to belong to the run.
    pub(super) ownership: &'a Ownership,
    /// The resources that trials share, if the account does not belong to the run.
    pub(super) shared: &'a tokio::sync::Mutex<Shared>,
    /// There is room for a project that trials share.
    pub(super) has_room: bool,
    /// What is made now is for all trials.
    pub(super) is_sharing: bool,
    /// A key that was minted and revoked.
    pub(super) revoked: BTreeMap<Credential, SecretString>,
    /// Requests that were sent again.
    pub(super) retries: Vec<Retry>,
    /// Whether the last attempt to reach the endpoint succeeded.
    pub(super) is_reached: &'a AtomicBool,
    /// The steps are over.
    pub(super) is_undoing: bool,
    /// What trials look at together, if the account does not belong to the run.
    pub(super) looks: &'a Looks,
    /// Around a write on what it was looked last.
    pub(super) witnessed: Option<BTreeMap<String, String>>,
}

/// A step that has been taken, and can be taken back.
pub(super) struct Taken {
    /// The request that undoes it.
    undo: Step,
    /// The variables of its templates.
    scope: Scope,
}

impl Stage<'_> {
    /// Sends all steps of the case.
    pub(super) async fn perform(&mut self) -> Result<(), Halt> {
        for step in &self.trial.case.steps {
            self.step(step, Role::Step).await?;
        }
        Ok(())
    }

    /// Takes back what was done, the latest first, whatever happened. Returns what could not be taken back.
    pub(super) async fn undo_all(&mut self) -> Vec<String> {
        self.is_undoing = true;
        // The ledger takes back what a run that is to end at once has made: all of it together, and in a time of its own.
        if self.stop.is_cancelled() && self.ledger.is_some() {
            self.undos.clear();
        }
        let mut left = Vec::new();
        while let Some(Taken { undo: step, scope }) = self.undos.pop() {
            self.scope = scope;
            let Ok(mut prepared) = self.prepare(&step).await else {
                left.push(step.name.clone());
                continue;
            };
            if self.is_done_already(&prepared) {
                continue;
            }
            let response = match self.send(&step, &mut prepared).await {
                Ok(response) => response,
                Err(Halt::Untested(reason) | Halt::Errored(reason)) => {
                    left.push(format!("{} {}: {reason}", prepared.request.method, prepared.path));
                    continue;
                }
                Err(Halt::Unexpected) => continue,
            };
            // The end of the run looks whether it is gone: until then its line stays in the ledger.
            if !response.is_success() && response.status != 404 {
                left.push(format!(
                    "{} {} answered {}",
                    prepared.request.method, prepared.path, response.status
                ));
            }
            self.record(&step, Role::Undo, prepared, response, None);
        }
        left
    }

    /// Returns `true` if the trial has already sent this request successfully.
    fn is_done_already(&self, prepared: &Prepared) -> bool {
        let is_removal = prepared.request.method == "DELETE";
        is_removal
            && self.exchanges.iter().any(|exchange| {
                exchange.operation == prepared.operation
                    && exchange.params == prepared.params
                    && exchange.response.is_success()
            })
    }

    async fn step(&mut self, step: &Step, role: Role) -> Result<(), Halt> {
        let mut prepared = self.prepare(step).await?;
        // What a trial that only reads looks for is there for others as well.
        if role == Role::Supply && self.trial.effect == Effect::Reads && self.may_borrow(&prepared) {
            prepared.since = fresh();
        }
        let is_refused_write = role == Role::Step
            && prepared.credential.is_refused()
            && effect_of(&prepared.request.method) > Effect::Reads;
        if is_refused_write && !self.has_just_seen(&prepared.params) {
            self.look_before(&prepared.params).await?;
        }
        let params = prepared.params.clone();
        match (&step.until, &step.pages) {
            (Some(until), _) => self.poll(step, role, prepared, until).await?,
            (None, Some(_)) => self.follow(step, role, prepared).await?,
            (None, None) => self.once(step, role, prepared).await?,
        }
        if step.settles {
            self.await_work(step).await?;
        }
        if is_refused_write {
            self.look_after(params).await?;
        }
        Ok(())
    }

    async fn once(&mut self, step: &Step, role: Role, mut prepared: Prepared) -> Result<(), Halt> {
        let mut response = match prepared.since {
            Some(since) => self.look(step, &mut prepared, since).await?,
            None => self.send(step, &mut prepared).await?,
        };
        for tries_left in (0..TRIES_OF_WHAT_IS_FOUND).rev() {
            if response.status != 404 || !self.has_gone(role, &prepared).await? {
                break;
            }
            if tries_left == 0 {
                return Err(Halt::Untested(format!(
                    "a resource that {} requests was removed by another client",
                    prepared.route
                )));
            }
            self.record(step, Role::Poll, prepared, response, None);
            prepared = self.prepare(step).await?;
            response = self.send(step, &mut prepared).await?;
        }
        let status = response.status;
        if let Some(statuses) = step.may_decline.as_ref().filter(|statuses| statuses.contains(status)) {
            let route = prepared.route.clone();
            let declined = Expected {
                proves: step.proves.clone(),
                status: statuses.clone(),
                status_at: step.at("may_decline"),
                schema: None,
                headers: [].into(),
                values: [].into(),
                absent: Vec::new(),
            };
            self.record(step, role, prepared, response, Some(declined));
            return Err(Halt::Untested(format!(
                "{route} was declined with {status}, as the contract allows"
            )));
        }
        let expected = self.expected(step, &prepared)?;
        match role {
            Role::Step => self.conclude_list(step, prepared, response, expected).await,
            _ => self.conclude(step, role, prepared, response, expected),
        }
    }

    /// Repeats a request until its answer is as wanted, or time is up.
    async fn poll(
        &mut self,
        step: &Step,
        role: Role,
        mut prepared: Prepared,
        until: &Until,
    ) -> Result<(), Halt> {
        let awaited = awaited(&prepared.route, until);
        if self.breaker.is_open(&awaited) {
            return Err(Halt::Untested(format!("{awaited} did not occur within three attempts")));
        }
        let wanted = self.expectations(&until.values)?;
        // An impatient target is asked more often, so that it is asked more than once.
        let patience = self.target.patience();
        let (every, limit) = (until.every.min(patience / 2), until.limit.min(patience));
        let started = Instant::now();
        loop {
            let response = self.send(step, &mut prepared).await?;
            let reached = until.status.as_ref().is_none_or(|status| status.contains(response.status))
                && wanted.iter().all(|expectation| holds_everywhere(expectation, &response));
            let mut expected = self.expected(step, &prepared)?;
            if let (true, None, Some(status)) = (reached, &step.expect.status, &until.status) {
                expected.status = status.clone();
            }
            if reached {
                return self.conclude(step, role, prepared, response, expected);
            }
            let is_late = started.elapsed() + every > limit;
            if is_late {
                self.breaker.waited_in_vain(&awaited);
            }
            if is_late || !may_repeat(&prepared.request.method, response.status) {
                // Time is up: what was waited for is now expected, and will be found missing.
                expected.values = expected.values.iter().chain(&*wanted).cloned().collect();
                if let Some(status) = &until.status {
                    expected.status = status.clone();
                    expected.status_at = step.at("until/status");
                }
                return self.conclude(step, role, prepared, response, expected);
            }
            self.record(step, Role::Poll, prepared.again(), response, None);
            self.within_run(tokio::time::sleep(every)).await?;
        }
    }

    // --- after an answer ---

    /// Records the exchange; halts where the answer is unexpected and later steps build on it.
    fn conclude(
        &mut self,
        step: &Step,
        role: Role,
        prepared: Prepared,
        response: Response,
        expected: Expected,
    ) -> Result<(), Halt> {
        let is_expected = expected.status.contains(response.status) && response.fault.is_none();
        let is_broken = response.fault.is_some();
        // What an unexpected success has made must be undone as well.
        let is_told = is_expected || (response.is_success() && !is_broken);
        let captured = if is_told { self.capture(step, &response)? } else { Vec::new() };
        let is_complete = captured.len() == step.captures.len();
        let (entry, is_success) = (prepared.entry, response.is_success());
        let elsewhere = self.elsewhere(step, &prepared, &response);
        self.record(step, role, prepared, response, Some(expected));
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.captured = captured;
        }
        if let Some(reason) = elsewhere {
            if let Some(exchange) = self.exchanges.last_mut() {
                exchange.foreign = Some(reason);
            }
            return Err(Halt::Unexpected);
        }
        if role != Role::Undo
            && is_success
            && let Some(undo) = &step.undo
        {
            if let Some(reason) = self.made(entry, undo)? {
                if let Some(exchange) = self.exchanges.last_mut() {
                    exchange.foreign = Some(reason);
                }
                return Err(Halt::Unexpected);
            }
            self.undos.push(Taken { undo: Step::clone(undo), scope: self.scope.clone() });
        }
        if is_broken || !is_complete || (role == Role::Supply && !is_expected) {
            Err(Halt::Unexpected)
        } else {
            Ok(())
        }
    }

    fn capture(&mut self, step: &Step, response: &Response) -> Result<Vec<Captured>, Halt> {
        let mut captured = Vec::new();
        for capture in &step.captures {
            let path = self.text(&capture.path)?;
            let Some(value) = response.json().and_then(|body| find(&path, body).into_iter().next()) else {
                continue;
            };
            let value = value.clone();
            if capture.secret {
                self.secrets.add(&plain(&value));
            }
            self.scope.insert(capture.name.clone(), value.clone());
            let path = response.json().map_or(path.clone(), |body| plain_path(&path, body));
            captured.push(Captured { name: capture.name.clone(), path, value });
        }
        Ok(captured)
    }

    fn record(
        &mut self,
        step: &Step,
        role: Role,
        prepared: Prepared,
        response: Response,
        expected: Option<Expected>,
    ) {
        let key = self.session.key.expose_secret();
        learn(self.secrets, self.suite, key, prepared.operation.as_ref(), &response);
        if let (Some(ledger), Some(id), Some(body), true) =
            (self.ledger, &prepared.operation, response.json(), response.is_success())
        {
            let asked = (self.suite.operation(id), &prepared.params);
            self.ownership.learn(self.suite, ledger, asked, body);
        }
        let other_key =
            step.key.is_some() || step.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization"));
        if let (Some(ledger), "DELETE", Some(id)) =
            (self.ledger, prepared.request.method.as_str(), &prepared.operation)
            && let Some(collection) = collections(self.suite).find(|collection| collection.removal.id == *id)
            && let Some(removed) = prepared.params.get(collection.parameter)
        {
            if response.is_success() {
                self.ownership.forget(collection.parameter, removed);
            }
            if response.is_success() || !(other_key || prepared.credential.is_refused()) {
                ledger.expect_gone(collection.parameter, removed);
            }
        }
        self.exchanges.push(Exchange {
            began: prepared.borrowed.unwrap_or_else(|| Timestamp::now() - response.elapsed),
            is_borrowed: prepared.borrowed.is_some(),
            role,
            step: self.text(&step.name).unwrap_or_else(|_| step.name.clone()),
            location: step.at(""),
            operation: prepared.operation,
            credential: prepared.credential,
            other_key,
            params: prepared.params,
            query: prepared.query,
            request: prepared.request,
            response,
            expected,
            captured: Vec::new(),
            foreign: None,
        });
    }

    fn text(&self, source: &str) -> Result<String, Halt> {
        template::fill(source, &self.scope).map_err(Halt::Untested)
    }

    fn value(&self, source: &Value) -> Result<Value, Halt> {
        template::fill_value(source, &self.scope).map_err(Halt::Untested)
    }
}

/// The path itself where it names a place; where it searches, the first place that it has found.
fn plain_path(path: &str, body: &Value) -> String {
    if !path.contains(['?', '*']) && !path.contains("..") {
        return path.to_owned();
    }
    let steps = located(path, body).into_iter().next().map(|(pointer, _)| pointer).unwrap_or_default();
    let written = steps.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{}", unescape(step)),
    });
    format!("${}", written.collect::<String>())
}

/// Whether a request can be sent again after such an answer: one that only reads, that has the same effect twice (RFC 9110 §9.2.2), or
/// that was refused. Any other may have made something each time.
fn may_repeat(method: &str, status: u16) -> bool {
    !matches!(method, "POST" | "PATCH") || (400..500).contains(&status)
}

/// The condition that a step waits for, as written in its file, which makes it the same in every trial.
fn awaited(route: &str, until: &Until) -> String {
    let status = until.status.iter().map(|status| format!("status {status}"));
    let values = until.values.iter().map(|value| format!("{} {}", value.subject, value.matcher.describe()));
    format!("{} of {route}", status.chain(values).collect::<Vec<_>>().join(" and "))
}

fn holds_everywhere(expectation: &Expectation, response: &Response) -> bool {
    let found = find(&expectation.subject, response.json().unwrap_or(&Value::Null));
    expectation.matcher.holds_for(&found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_becomes_the_place_it_found() {
        let body = serde_json::json!({"branches": [{"default": false}, {"default": true, "id": "b"}]});
        assert_eq!(plain_path("$.branches[?@.default == true].id", &body), "$.branches[1].id");
        assert_eq!(plain_path("$.branches[0].id", &body), "$.branches[0].id");
    }
}
