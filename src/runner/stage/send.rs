//! Sending a request: only what may be sent, at the pace of the endpoint, and again where that is asked for.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use url::Url;

use super::prepare::{Prepared, fill_path};
use super::{Halt, Stage};
use crate::exchange::Response;
use crate::json::plain;
use crate::runner::guard::{Write, permit};
use crate::runner::retry::{Cause, Retry, again};
use crate::spec::case::{Body, Call, StatusRange, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;
use crate::target::{LedgerError, Undo, Unreachable};

impl Stage<'_> {
    /// Sends a request, and again where that is safe and the endpoint asks for it or the network failed.
    pub(super) async fn send(&mut self, step: &Step, prepared: &mut Prepared) -> Result<Response, Halt> {
        self.permit(step, prepared)?;
        // A step that names the very status it waits for decides itself what to do about others.
        let awaited =
            step.until.as_ref().and_then(|until| until.status.as_ref()).or(step.expect.status.as_ref());
        let is_awaited =
            |status: u16| awaited.is_some_and(|awaited| awaited.0.contains(&StatusRange::Code(status)));
        let mut was_left_open = false;
        let mut times = 0;
        loop {
            let answer = self.send_once(prepared).await?;
            // A server that fails, or a gateway that has not waited for it, does not say what has become of the request.
            was_left_open |=
                answer.as_ref().is_ok_and(|response| response.status == 0 || response.status >= 500);
            let may_retry = self.target.is_patient()
                && !answer.as_ref().is_ok_and(|response| is_awaited(response.status))
                && (answer.is_ok() || self.is_reached.load(Ordering::Relaxed));
            let again = if may_retry { again(&prepared.request, &answer, times) } else { None };
            let Some((cause, waited)) = again else {
                self.is_reached.store(answer.is_ok(), Ordering::Relaxed);
                // What never left, or was refused, has made nothing.
                if !was_left_open && answer.as_ref().map_or(true, |response| !response.is_success()) {
                    self.settle(prepared.entry.take());
                }
                let response = answer.map_err(|error| Halt::Errored(error.to_string()))?;
                let is_limited = self.target.is_patient() && !is_awaited(response.status);
                return match response.status {
                    429 if is_limited => {
                        let route = &prepared.route;
                        Err(Halt::Untested(format!("{route} was answered with 429 again and again")))
                    }
                    _ => Ok(response),
                };
            };
            if cause == Cause::Status(429) {
                self.target.hold(waited);
            }
            self.within_run(tokio::time::sleep(waited)).await?;
            self.retries.push(Retry { route: prepared.route.clone(), cause, waited });
            times += 1;
        }
    }

    async fn send_once(&self, prepared: &Prepared) -> Result<Result<Response, Unreachable>, Halt> {
        let Prepared { route, request, .. } = prepared;
        if effect_of(&request.method) > Effect::Reads {
            self.within_run(self.target.ready(route)).await?;
            // What a write has made is known only from its answer, and could not be undone without.
            return Ok(self.target.send(request).await);
        }
        let sent = async {
            self.target.ready(route).await;
            self.target.send(request).await
        };
        self.within_run(sent).await
    }

    /// Waits for something, unless the run is stopped; what undoes goes on.
    pub(super) async fn within_run<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        if self.is_undoing {
            return Ok(work.await);
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Halt::Errored("the run was stopped".to_owned())),
            done = work => Ok(done),
        }
    }

    /// The one place that every write to an account that is not the run's own passes: what may not be touched is not, and what may be
    /// made is in the ledger before it is.
    fn permit(&self, step: &Step, prepared: &mut Prepared) -> Result<(), Halt> {
        if self.session.exclusive || effect_of(&prepared.request.method) == Effect::Reads {
            return Ok(());
        }
        let Some(ledger) = self.ledger else {
            return Err(Halt::Untested("nothing may be written here".to_owned()));
        };
        let path = prepared.request.target.split('?').next().unwrap_or_default();
        let is_as_written = Url::parse("http://localhost")
            .and_then(|origin| origin.join(&prepared.request.target))
            .is_ok_and(|url| url.path() == path && url.fragment().is_none());
        if !is_as_written {
            let asked = &prepared.request.target;
            return Err(Halt::Untested(format!(
                "`{asked}` would lead elsewhere than it says, and is not sent"
            )));
        }
        // A method that the contract does not know goes to the same things as those that it does.
        let known = prepared.operation.as_ref().map(|id| self.suite.operation(id));
        let operation = known.or_else(|| self.suite.operations_on(path).next());
        let in_path = operation.and_then(|operation| operation.parameters_in(path));
        let values = if known.is_some() { Some(&prepared.params) } else { in_path.as_ref() };
        let params: Option<Vec<(&str, &str)>> = operation.zip(values).map(|(operation, values)| {
            operation.path_parameters().filter_map(|name| Some((name, values.get(name)?.as_str()))).collect()
        });
        let makes = params.as_ref().is_some_and(Vec::is_empty) || step.undo.is_some();
        let write = Write {
            params,
            path,
            body: prepared.request.body.as_deref(),
            credential: prepared.credential,
            has_undo: step.undo.is_some(),
        };
        permit(&write, ledger).map_err(Halt::Untested)?;
        if makes && !self.is_undoing {
            prepared.entry = Some(ledger.intend(&prepared.route).map_err(unwritten)?);
        }
        Ok(())
    }

    /// Enters what a step has made, with what takes it back.
    pub(super) fn made(&self, entry: Option<u64>, undo: &Step) -> Result<(), Halt> {
        let (Some(ledger), Some(entry)) = (self.ledger, entry) else { return Ok(()) };
        // What the answer does not name is found by the name of the run.
        let Ok(Some(undo)) = self.undo_of(undo) else { return Ok(()) };
        ledger.made(entry, undo).map_err(unwritten)
    }

    /// Enters that a step has made nothing, or that it is gone. What cannot be written is looked for again by a sweep, which harms nothing.
    pub(super) fn settle(&self, entry: Option<u64>) {
        if let (Some(ledger), Some(entry)) = (self.ledger, entry) {
            let _ = ledger.settle(entry);
        }
    }

    /// The request that takes a step back, where the step itself says all that it takes.
    fn undo_of(&self, undo: &Step) -> Result<Option<Undo>, Halt> {
        let Call::Operation(id) = &undo.call else { return Ok(None) };
        let operation = self.suite.operation(id);
        let mut params = BTreeMap::new();
        for name in operation.path_parameters() {
            let Some(value) = undo.params.get(name) else { return Ok(None) };
            params.insert(name.to_owned(), plain(&self.value(value)?));
        }
        let body = match &undo.body {
            Body::Json(body) => Some(self.value(body)?.to_string()),
            _ => None,
        };
        let target = fill_path(&operation.path, &params);
        Ok(Some(Undo { method: operation.method.clone(), target, params, body }))
    }
}

fn unwritten(error: LedgerError) -> Halt {
    Halt::Errored(format!("nothing is made that cannot be written down first: {error}"))
}
