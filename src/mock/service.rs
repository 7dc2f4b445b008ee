//! What every request goes through before and after its operation.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::auth::authenticate;
use super::error::ApiError;
use super::fault::{Admitted, AnswerRule, Asked, Attempt, Chosen, Fault, Faults, Peer, Rules};
use super::fixture::AccountFixture;
use super::framing;
use super::generated::Generated;
use super::handlers::{Call, Reply};
use super::ids::Ids;
use super::journal::{Journal, Seen};
use super::latency::Delays;
use super::limiter::Limiter;
use super::model::{Caller, OperationClock, Project, State};
use super::persist::{self, Persistence};
use super::real::Real;
use super::router::{self, Found, Params, Route};
use super::wire::Message;
use crate::sync::{lock, read, write};

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// Parameters that may be repeated: their values are as good as one with commas.
const LISTS: [&str; 3] = ["branch_ids", "metrics", "project_ids"];

/// Who has asked for a verdict, and is told it as JSON.
pub type VerdictAsked = oneshot::Sender<String>;

/// What a mock was started with, and is again after a reset.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    pub(super) seed: u64,
    pub(super) clock: OperationClock,
    pub(super) faults: Vec<Fault>,
    pub(super) answers: Vec<AnswerRule>,
    /// What answers the operations of a contract that the mock does not know.
    pub(super) generated: Option<Arc<Generated>>,
    /// Where it is told that a reset has been.
    pub(super) resets: Option<mpsc::UnboundedSender<()>>,
    /// Where a verdict is asked for.
    pub(super) verdicts: Option<mpsc::UnboundedSender<VerdictAsked>>,
}

/// How fast a mock answers.
#[derive(Debug, Default)]
pub(super) struct Pace {
    pub(super) limiter: Option<Limiter>,
    pub(super) delays: Option<Delays>,
}

/// The mock without its socket.
#[derive(Debug)]
pub(super) struct Service {
    state: RwLock<State>,
    faults: Mutex<Arc<Faults>>,
    /// The answers on demand, which faults pass on.
    pub(super) rules: Arc<Rules>,
    /// How far the mock's time is ahead of the clock on the wall.
    ahead: Mutex<SignedDuration>,
    pub(super) beginning: Beginning,
    /// What the first account began with.
    pub(super) first: Mutex<Option<AccountFixture>>,
    request_ids: Mutex<Ids>,
    pub(super) persistence: Option<Persistence>,
    pub(super) pace: Pace,
    pub(super) journal: Option<Journal>,
    pub(super) real: Real,
}

impl Service {
    pub(super) fn new(
        mut state: State,
        beginning: Beginning,
        persistence: Option<Persistence>,
        pace: Pace,
        journal: Option<Journal>,
    ) -> Self {
        let request_ids = Ids::new(beginning.seed.wrapping_add(1));
        state.set_clock(beginning.clock);
        let rules: Arc<Rules> = Arc::default();
        rules.set(beginning.seed, beginning.answers.iter().cloned());
        let faults = Faults::new(beginning.faults.iter().copied(), rules.clone());
        state.keep_tokens(faults.need_tokens());
        Self {
            state: RwLock::new(state),
            faults: Mutex::new(Arc::new(faults)),
            rules,
            ahead: Mutex::new(SignedDuration::ZERO),
            beginning,
            first: Mutex::new(None),
            request_ids: Mutex::new(request_ids),
            persistence,
            pace,
            journal,
            real: Real::default(),
        }
    }

    /// The state, for one of many who look.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, State> {
        read(&self.state)
    }

    /// The state, for the one who changes it.
    pub(super) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        let state = write(&self.state);
        if let Some(persistence) = &self.persistence {
            persistence.count();
        }
        state
    }

    /// What time it is in the mock.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::now().saturating_add(*lock(&self.ahead)).unwrap_or(Timestamp::MAX)
    }

    /// Moves the mock's time ahead; whether there is such a time.
    pub(super) fn advance(&self, by: SignedDuration) -> bool {
        let mut ahead = lock(&self.ahead);
        let then = ahead.checked_add(by).filter(|ahead| Timestamp::now().checked_add(*ahead).is_ok());
        *ahead = then.unwrap_or(*ahead);
        then.is_some()
    }

    /// Puts the mock's time back to the clock on the wall.
    pub(super) fn return_to_the_present(&self) {
        *lock(&self.ahead) = SignedDuration::ZERO;
    }

    pub(super) fn faults(&self) -> Arc<Faults> {
        lock(&self.faults).clone()
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        *lock(&self.faults) = Arc::new(faults);
    }

    /// There has been a change that no request of the API has made.
    pub(super) fn touch(&self) {
        if let Some(persistence) = &self.persistence {
            persistence.touch();
        }
    }

    /// Waits until what a request has changed is on disk, where it is kept there. Otherwise it is undone.
    async fn commit(&self, made: Option<(u64, u64)>) -> Result<(), String> {
        match &self.persistence {
            Some(persistence) => persistence.commit(made).await,
            None => Ok(()),
        }
    }

    /// Keeps the state on disk, where that is asked for.
    pub(super) async fn keep(self: Arc<Self>, stop: CancellationToken) {
        if let Some(persistence) = &self.persistence {
            let version = || persistence.version(&self.state());
            // It is no change of its own.
            let undo = |kept| persistence.undo(&mut write(&self.state), kept);
            persistence.follow(version, undo, stop).await;
        }
    }

    /// Answers a request to the API.
    pub(super) async fn answer(&self, peer: Peer, request: Request) -> Response {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let now = self.now();
        let id = lock(&self.request_ids).uuid();
        let told_id = told_request_id(&parts.headers).unwrap_or_else(|| id.to_string());
        let body = to_bytes(body, BODY_LIMIT).await.ok();
        let faults = self.faults();
        let found = router::find(&parts.method, parts.uri.path());
        let (found, described) = match self.beginning.generated.as_deref() {
            Some(generated) => generated.look(&parts.method, parts.uri.path(), found),
            None => (found, None),
        };
        let asked = Asked::new(found.as_ref().map_or("", |(route, _)| route.operation()), &parts);
        let mut known = Known::default();
        let incoming = Incoming { peer: peer.address, found, body: body.as_ref() };
        let framed = framing::check(parts.version, &parts.uri, &parts.headers);
        let operate = || framed.and_then(|()| self.operate(incoming, &asked, &faults, &mut known));
        // What changes something where there are real data, does it before the next one does.
        let turn = if parts.method.is_safe() { None } else { self.real.turn().await };
        // What only reads waits for nothing, whatever faults make of it.
        let (mut outcome, made) =
            if parts.method.is_safe() { (operate(), None) } else { persist::noting(operate) };
        if turn.is_some()
            && let Err(error) = self.follow(known.before.take()).await
        {
            outcome = Err(error);
        }
        drop(turn);
        if let (Err(error), Some(caller)) = (&outcome, known.caller)
            && error.status == StatusCode::NOT_IMPLEMENTED
        {
            let described = described.as_ref().zip(self.beginning.generated.as_deref());
            if let Some(answer) = self.schema(caller, &parts).await {
                outcome = answer;
            } else if let Some((wanted, generated)) = described {
                outcome = generated.answer(wanted, self.state().seed(), &parts, body.as_ref());
            }
        }
        if let Some(chosen) = asked.chosen() {
            outcome = chosen.outcome(outcome);
        }
        if let Err(reason) = self.commit(made).await {
            outcome = Err(ApiError::not_kept(&reason));
        }
        if let Some(journal) = &self.journal {
            journal.record(Seen {
                now,
                peer: peer.address,
                parts: &parts,
                body: body.as_ref(),
                user: known.user,
                outcome: &outcome,
                generated: described.as_ref().map(|wanted| wanted.operation.id.0.as_str()),
                chosen: asked.chosen(),
                told_id: &told_id,
                took: began.elapsed(),
            });
        }
        // A client that does not wait for the answer does not undo what was done, nor what was told of it.
        self.wait(&asked).await;
        if asked.chosen().is_some_and(|chosen| chosen.reset().is_some()) {
            peer.cut_off();
        }
        let mut message = Message::new(outcome, &told_id, id);
        faults.alter(&asked, known.caller, &mut message);
        message.into_response(&asked, &faults)
    }

    /// Waits as long as a rule and the latency say.
    async fn wait(&self, asked: &Asked<'_>) {
        let latency = self.pace.delays.as_ref().map(Delays::draw);
        let demanded = asked.chosen().map(Chosen::delay);
        let wait = latency.unwrap_or_default() + demanded.unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// The headers and the body of an answer to what could not be read.
    pub(super) fn refusal(&self, error: ApiError) -> Vec<u8> {
        let id = lock(&self.request_ids).uuid();
        Message::new(Err(error), &id.to_string(), id).into_bytes()
    }

    /// Authentication before everything else (AUTH-PRECEDENCE), then the operation.
    fn operate(
        &self,
        incoming: Incoming<'_>,
        asked: &Asked<'_>,
        faults: &Faults,
        known: &mut Known,
    ) -> Result<Reply, ApiError> {
        if !asked.path.starts_with("/api/") {
            return Err(ApiError::no_such_path(asked.path));
        }
        let reader = incoming.found.as_ref().ok().and_then(|(route, _)| route.reader());
        // What faults make of an operation may change anything.
        if let Some(reader) = reader.filter(|_| faults.is_empty()) {
            let state = self.state();
            let Entered { call, .. } = self.enter(incoming, asked, faults, known, &state)?;
            return reader(&call, &state);
        }
        let mut state = self.state_mut();
        let Entered { route, call, refused } = self.enter(incoming, asked, faults, known, &state)?;
        let reply = faults.perform(asked, route, &call, &mut state);
        match refused {
            Some(error) => Err(error),
            None => reply,
        }
    }

    /// What becomes of a request before its operation.
    fn enter<'i>(
        &self,
        incoming: Incoming<'i>,
        asked: &Asked<'_>,
        faults: &Faults,
        known: &mut Known,
        state: &State,
    ) -> Result<Entered<'i>, ApiError> {
        let Incoming { peer, found, body } = incoming;
        // Taken when nothing can change any more but by this request: time never runs backwards in what an account holds.
        let now = self.now();
        let no_params = Params::new();
        let attempt = Attempt {
            asked,
            params: found.as_ref().map_or(&no_params, |(_, params)| params),
            state,
            body: body.map(Bytes::as_ref).unwrap_or_default(),
            now,
        };
        let (caller, refused) = match faults.admit(&attempt, authenticate(asked.headers, state))? {
            Admitted::In(caller) => (caller, None),
            Admitted::Secretly(caller, error) => (caller, Some(error)),
        };
        known.caller = Some(caller);
        known.user = self.journal.is_some().then(|| state.account(caller).owner.id());
        if let Some(limiter) = &self.pace.limiter {
            limiter.admit(caller.account, now).map_err(ApiError::too_many)?;
        }
        let (route, params) = found?;
        let body = body.ok_or_else(ApiError::too_large)?;
        if self.real.postgres().is_some()
            && let Some((_, project)) = params.iter().find(|(name, _)| *name == "project_id")
        {
            known.before = state.copy_of(caller, project);
        }
        state.touch(caller, now, peer.ip());
        let call = Call { caller, params, query: form_urlencoded(asked.query), body: body[..].into(), now };
        Ok(Entered { route, call: faults.change(asked, state, call), refused })
    }
}

/// Of what control and console change, nothing is told before it is on disk.
pub(super) async fn keep_first(
    axum::extract::State(service): axum::extract::State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let (response, made) = persist::noting_later(next.run(request)).await;
    match service.commit(made).await {
        Ok(()) => response,
        Err(reason) => {
            let message = format!("the change is not on disk: {reason}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

/// A request as it came.
struct Incoming<'a> {
    peer: SocketAddr,
    found: Found,
    /// None, where it is too large.
    body: Option<&'a Bytes>,
}

/// A request whose sender is known.
struct Entered<'a> {
    route: &'static Route,
    call: Call<'a>,
    /// Why it is refused all the same, where a fault lets it in secretly.
    refused: Option<ApiError>,
}

/// Who has sent a request, as far as that came out.
#[derive(Debug, Default)]
struct Known {
    caller: Option<Caller>,
    /// The owner of the account, where there is a journal.
    user: Option<String>,
    /// The project that the request is about, as it was before; where there are real data, which may not be able to follow.
    before: Option<(usize, Project)>,
}

/// The id a client gave its request, if it is a reasonable one.
fn told_request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    (!id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic()))
        .then(|| id.to_owned())
}

pub(super) fn form_urlencoded(query: &str) -> HashMap<String, String> {
    let mut values: HashMap<String, String> = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
        match values.get_mut(&name) {
            Some(before) if LISTS.contains(&name.as_str()) => {
                before.push(',');
                before.push_str(&value);
            }
            _ => {
                values.insert(name, value);
            }
        }
    }
    values
}
