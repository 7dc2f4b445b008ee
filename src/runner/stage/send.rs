//! Sending a request: only what may be sent, at the pace of the endpoint, and again where that is asked for.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::prepare::{Prepared, fill_path};
use super::{Halt, Stage};
use crate::exchange::{Exchange, Response, TransportFault};
use crate::json::plain;
use crate::result::{Retry, RetryCause};
use crate::runner::census::{Reader, collections};
use crate::runner::guard::{Permit, Write, permit};
use crate::runner::heavy::Heavy;
use crate::runner::ownership::{NotOwned, Owned, is_before};
use crate::runner::retry::again;
use crate::spec::case::{Body, Call, StatusRange, Step};
use crate::spec::case_file::Effect;
use crate::spec::contract::effect_of;
use crate::target::{Ledger, LedgerError, Undo, Unreachable, is_plain, stays_in_place};

/// What an endpoint does that lets no request through, whatever it is for.
const ANY_REQUEST: &str = "the endpoint kept returning 429";

impl Stage<'_> {
    /// Sends a request, and again where that is safe and the endpoint asks for it or the network failed.
    pub(super) async fn send(&mut self, step: &Step, prepared: &mut Prepared) -> Result<Response, Halt> {
        let route = &prepared.route;
        let put_off = format!("{route} was put off with 423 or 503");
        let refused = format!("{route} kept returning 429");
        self.is_worth_sending(route, &put_off, &refused)?;
        let permit = self.permit(step, prepared).await?;
        // A step that names the very status it waits for decides itself what to do about others.
        let awaited =
            step.until.as_ref().and_then(|until| until.status.as_ref()).or(step.expect.status.as_ref());
        let is_awaited =
            |status: u16| awaited.is_some_and(|awaited| awaited.0.contains(&StatusRange::Code(status)));
        let mut was_left_open = false;
        let mut times = 0;
        loop {
            let answer = self.send_once(prepared, &permit).await?;
            if let Ok(Response { fault: Some(TransportFault::Timeout(_)), .. }) = &answer {
                self.breaker.waited_in_vain(&prepared.route);
            }
            // A server that fails, or a gateway that has not waited for it, does not say what has become of the request.
            was_left_open |=
                answer.as_ref().is_ok_and(|response| response.status == 0 || response.status >= 500);
            let is_in_vain = prepared.entry.is_some() && self.breaker.is_open(&put_off)
                || self.is_undoing && self.is_over();
            let may_retry = self.target.is_patient()
                && !is_in_vain
                && !answer.as_ref().is_ok_and(|response| is_awaited(response.status))
                && (answer.is_ok() || self.is_reached.load(Ordering::Relaxed));
            let again = if may_retry { again(&prepared.request, &answer, times) } else { None };
            let Some((cause, waited)) = again else {
                self.is_reached.store(answer.is_ok(), Ordering::Relaxed);
                // It may have been done each time, all the same.
                if times > 0 && prepared.entry.is_some() && answer.as_ref().is_ok_and(is_put_off) {
                    self.breaker.waited_in_vain(&put_off);
                }
                // What never left, or was refused, has made nothing.
                if !was_left_open && answer.as_ref().map_or(true, |response| !response.is_success()) {
                    self.settle(prepared.entry.take());
                }
                let response = answer.map_err(|error| Halt::Errored(error.to_string()))?;
                self.make_room(&prepared.request.method, &response).await?;
                let is_limited = self.target.is_patient() && !is_awaited(response.status);
                for what in [ANY_REQUEST, &refused] {
                    match response.status {
                        429 if is_limited => self.breaker.waited_in_vain(what),
                        429 => {}
                        _ => self.breaker.came(what),
                    }
                }
                return match response.status {
                    // 429 says that there were too many requests, 423 that work is under way: neither says that anything is wrong.
                    status @ (423 | 429) if is_limited => {
                        let route = &prepared.route;
                        Err(Halt::Untested(format!("{route} kept returning {status}")))
                    }
                    422 if is_limited && let Some(limit) = plan_limit(&response) => {
                        let route = &prepared.route;
                        Err(Halt::Untested(format!(
                            "{route}: the limit of the account's plan is reached ({limit})"
                        )))
                    }
                    _ => Ok(response),
                };
            };
            if cause == RetryCause::Status(429) {
                self.target.hold(waited);
            }
            self.wait(tokio::time::sleep(waited)).await?;
            self.retries.push(Retry { route: prepared.route.clone(), cause, waited });
            times += 1;
        }
    }

    /// Whether a request to this route may have another outcome than those before it, which were put off or refused, as these words say.
    fn is_worth_sending(&self, route: &str, put_off: &str, refused: &str) -> Result<(), Halt> {
        if self.breaker.is_open(route) {
            return Err(Halt::Untested(format!("{route} got no response three times")));
        }
        if self.breaker.is_open(put_off) {
            return Err(Halt::Untested(format!("{put_off} three times, however often it was repeated")));
        }
        let mut refused = [ANY_REQUEST, refused].into_iter().filter(|what| self.breaker.is_open(what));
        refused.next().map_or(Ok(()), |what| {
            Err(Halt::Untested(format!("{what} to three requests in a row, each sent several times")))
        })
    }

    /// Waits until there is room for a large answer. A trial that has room has it for all its answers, so that none waits for another.
    async fn make_room(&mut self, method: &str, response: &Response) -> Result<(), Halt> {
        if self.weight.is_some() || !Heavy::counts(response) {
            return Ok(());
        }
        match self.within_run(self.heavy.take(response)).await {
            Ok(weight) => self.weight = weight,
            Err(halt) if effect_of(method) == Effect::Reads => return Err(halt),
            // What a write has made is known only from its answer.
            Err(_) => {}
        }
        Ok(())
    }

    async fn send_once(
        &self,
        prepared: &Prepared,
        _permit: &Permitted,
    ) -> Result<Result<Response, Unreachable>, Halt> {
        let Prepared { route, request, .. } = prepared;
        if effect_of(&request.method) > Effect::Reads {
            self.wait(self.target.ready(route)).await?;
            // What a write has made is known only from its answer, and could not be undone without.
            return Ok(self.target.send(request).await);
        }
        let sent = async {
            self.target.ready(route).await;
            self.target.send(request).await
        };
        self.within_run(sent).await
    }

    /// Whether the run is stopped, or its time is over.
    fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits before a request is sent; what undoes is sent at once where the run is stopped or its time is over.
    async fn wait(&self, pause: impl Future<Output = ()>) -> Result<(), Halt> {
        if !self.is_undoing {
            return self.within_run(pause).await;
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            () = over(self.deadline) => {}
            () = pause => {}
        }
        Ok(())
    }

    /// Waits for something, unless the run is stopped or its time is over; what undoes goes on.
    pub(super) async fn within_run<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        if self.is_undoing {
            return Ok(work.await);
        }
        let done = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = over(self.deadline) => None,
            done = work => Some(done),
        };
        // A timer does not tell while other trials keep its thread busy.
        match done {
            Some(done) if !self.is_over() => Ok(done),
            _ if self.stop.is_cancelled() => Err(Halt::Errored("the run was stopped".to_owned())),
            _ => Err(Halt::Untested("the time budget of the run is exhausted".to_owned())),
        }
    }

    /// The one place that every write to an account that is not the run's own passes: what may not be touched is not, and what may be
    /// made is in the ledger before it is.
    async fn permit(&mut self, step: &Step, prepared: &mut Prepared) -> Result<Permitted, Halt> {
        if effect_of(&prepared.request.method) == Effect::Reads {
            return Ok(Permitted::Read);
        }
        if self.session.exclusive {
            return Ok(Permitted::OnItsOwnAccount);
        }
        let Some(ledger) = self.ledger else {
            return Err(Halt::Untested("writes are not allowed".to_owned()));
        };
        let path = prepared.request.target.split('?').next().unwrap_or_default();
        let is_as_written = Url::parse("http://localhost")
            .and_then(|origin| origin.join(&prepared.request.target))
            .is_ok_and(|url| url.path() == path && url.fragment().is_none());
        if !is_as_written {
            let asked = &prepared.request.target;
            return Err(Halt::Untested(format!(
                "refused to send `{asked}`: its path resolves to a different resource"
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
        // The end of the run removes all that lists show under its name.
        let is_listed = operation.is_some_and(|operation| {
            collections(self.suite).any(|collection| collection.list.path == operation.path)
        });
        let mut values = params.iter().flatten().map(|(_, value)| *value);
        if let Some(value) = values.find(|value| !stays_in_place(value)) {
            return Err(Halt::Untested(format!(
                "refused to send `{value}` in the path of a write: it may lead to a different resource"
            )));
        }
        let write = Write {
            params,
            path,
            body: prepared.request.body.as_deref(),
            credential: prepared.credential,
            is_taken_back: step.undo.is_some() || is_listed,
        };
        let reader =
            Reader { target: self.target, key: &self.session.key, suite: self.suite, breaker: self.breaker };
        let begun = self.ownership.begin(&reader, ledger);
        self.within_run(begun).await?.map_err(halt)?;
        // What the account had is known by now.
        let permit = permit(&write, ledger).map_err(Halt::Untested)?;
        let permitted = match permit {
            Permit::Nothing => Permitted::ToNothing,
            Permit::Makes => {
                let made = step.undo.as_ref().and_then(|undo| self.first_parameter(undo));
                self.ownership.knows_what_was_there(made).map_err(Halt::Untested)?;
                Permitted::Making
            }
            Permit::Within { parameter, id } => {
                let named = (parameter, id);
                match self.ownership.prove(&reader, ledger, named).await {
                    Ok(owned) => Permitted::Within(owned),
                    Err(not_owned) => {
                        let id = id.to_owned();
                        if let NotOwned::Foreign(reason) = &not_owned {
                            self.disown(&id, reason);
                        }
                        return Err(halt(not_owned));
                    }
                }
            }
        };
        if makes && !self.is_undoing {
            prepared.entry = Some(ledger.intend(&prepared.route).map_err(unwritten)?);
        }
        Ok(permitted)
    }

    /// Why what a response shows is not in what its request names first, or has made, but in something else: nothing may be done with it then,
    /// as it may be the user's.
    pub(super) fn elsewhere(&self, step: &Step, prepared: &Prepared, response: &Response) -> Option<String> {
        if self.session.exclusive || self.trial.effect == Effect::Reads {
            return None;
        }
        let operation = self.suite.operation(prepared.operation.as_ref()?);
        let named = operation.path_parameters().next();
        let (parameter, own) = self.within(step, prepared, named)?;
        let members = response.json().filter(|_| response.is_success())?.as_object()?;
        let objects = || {
            members.values().flat_map(|member| match member {
                Value::Array(items) => items.iter().collect(),
                member => vec![member],
            })
        };
        if operation.method == "POST" && named.is_some() {
            // What was asked for by a name is there under that name, and is new.
            let asked =
                prepared.request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
            let other = members.iter().find_map(|(member, object)| {
                let (asked, shown) = (asked.as_ref()?[member]["name"].as_str()?, object["name"].as_str()?);
                (asked != shown).then(|| format!("it is named `{shown}`, not `{asked}`"))
            });
            let began = self.ledger.and_then(Ledger::began);
            let mut created = objects().filter_map(|object| object["created_at"].as_str()?.parse().ok());
            let old = created.find(|created| began.is_some_and(|began| is_before(*created, began)));
            let old = old.map(|created| format!("it was created at {created}, long before the run"));
            if let Some(reason) = other.or(old) {
                return Some(reason);
            }
        }
        let named =
            objects().filter_map(|object| object.get(parameter).filter(|id| !id.is_null()).map(plain));
        let other = named.into_iter().find(|id| *id != own)?;
        Some(format!("it is in `{other}`, not in `{own}`"))
    }

    /// The parameter and the id of what a request names first; where it names nothing, of what it has made, which what takes it back names.
    fn within<'s>(
        &'s self,
        step: &'s Step,
        prepared: &Prepared,
        named: Option<&'s str>,
    ) -> Option<(&'s str, String)> {
        if let Some(parameter) = named {
            return Some((parameter, prepared.params.get(parameter)?.clone()));
        }
        let undo = step.undo.as_ref()?;
        let parameter = self.first_parameter(undo)?;
        Some((parameter, self.undo_of(undo).ok()??.params.remove(parameter)?))
    }

    /// Notes in the exchange that claims to have made a thing that the thing is not the run's.
    fn disown(&mut self, id: &str, reason: &str) {
        let claims = |exchange: &&mut Exchange| {
            effect_of(&exchange.request.method) > Effect::Reads
                && exchange.captured.iter().any(|captured| plain(&captured.value) == id)
        };
        if let Some(exchange) = self.exchanges.iter_mut().find(claims) {
            exchange.foreign = Some(reason.to_owned());
        }
    }

    /// The parameter that names what an undo removes, or what that is in.
    fn first_parameter(&self, undo: &Step) -> Option<&str> {
        let Call::Operation(id) = &undo.call else { return None };
        self.suite.operation(id).path_parameters().next()
    }

    /// Enters what a step has made, with what takes it back. The reason, where the account had it before: then nothing is ever taken back.
    pub(super) fn made(&self, entry: Option<u64>, undo: &Step) -> Result<Option<String>, Halt> {
        let (Some(ledger), Some(entry)) = (self.ledger, entry) else { return Ok(None) };
        // What the answer does not name is found by the name of the run.
        let Ok(Some(takes_back)) = self.undo_of(undo) else { return Ok(None) };
        let first = self.first_parameter(undo).and_then(|name| Some((name, takes_back.params.get(name)?)));
        // An id that leads elsewhere, or holds a secret, is written nowhere.
        if first.is_some_and(|(_, id)| !is_plain(id))
            || takes_back.params.values().any(|id| !stays_in_place(id) || self.secrets.hides_in(id))
        {
            return Ok(None);
        }
        if let Some((parameter, id)) = first
            && ledger.was_present(parameter, id)
        {
            return Ok(Some(format!("`{id}` existed before the run")));
        }
        ledger.made(entry, takes_back).map_err(unwritten)?;
        Ok(None)
    }

    /// Enters that a step has made nothing. What cannot be written is looked for again by a sweep, which harms nothing.
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

/// Waits until a moment has come; for ever, where there is none.
async fn over(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Whether a response says that a request is to be sent again later.
fn is_put_off(response: &Response) -> bool {
    matches!(response.status, 423 | 503) && response.fault.is_none()
}

/// The limit of the account's plan that a 422 names: by its code, or in its message.
fn plan_limit(response: &Response) -> Option<String> {
    let body = response.json()?;
    let code = body["code"].as_str().filter(|code| code.ends_with("_LIMIT_EXCEEDED"));
    let message = body["message"].as_str().filter(|message| {
        let message = message.to_ascii_lowercase();
        message.contains("limit") && ["exceeded", "reached"].iter().any(|word| message.contains(word))
    });
    code.or(message).map(str::to_owned)
}

/// Why a request may be sent. A write to an account that is not the run's own needs to have come by one.
#[derive(Debug)]
enum Permitted {
    /// The request changes nothing.
    Read,
    /// Nobody else has anything on the account.
    OnItsOwnAccount,
    /// The resource that the request names does not exist.
    ToNothing,
    /// The created resource carries the name of the run.
    Making,
    /// The target of the request is proven to belong to the run.
    Within(#[expect(dead_code, reason = "the proof is the point: there is no permit without it")] Owned),
}

fn halt(not_owned: NotOwned) -> Halt {
    match not_owned {
        NotOwned::Foreign(reason) | NotOwned::Unseen(reason) => {
            Halt::Untested(format!("{reason}; a run touches only resources that are shown to be its own"))
        }
        NotOwned::Unreachable(reason) => Halt::Errored(reason),
    }
}

fn unwritten(error: LedgerError) -> Halt {
    Halt::Errored(format!("a run creates nothing that it cannot record first: {error}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::by_code(r#"{"code":"PROJECTS_LIMIT_EXCEEDED","message":"no"}"#, Some("PROJECTS_LIMIT_EXCEEDED"))]
    #[case::by_message(r#"{"code":"","message":"project limit reached"}"#, Some("project limit reached"))]
    #[case::a_limit_of_a_list(r#"{"code":"","message":"limit must be at most 400"}"#, None)]
    #[case::another_reason(r#"{"code":"INVALID","message":"the name is too long"}"#, None)]
    #[case::no_json("limit exceeded", None)]
    fn a_limit_of_the_plan_is_known_by_its_words(#[case] body: &str, #[case] expected: Option<&str>) {
        let response = Response::new(422, Vec::new(), body.as_bytes().to_vec());
        assert_eq!(plan_limit(&response).as_deref(), expected);
    }
}
