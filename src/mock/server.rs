//! The server: a socket, and what every request goes through before and after its operation.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::serve::ListenerExt;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::auth::{Refusal, authenticate};
use super::error::ApiError;
use super::fault::{Fault, Faults};
use super::fixture::AccountFixture;
use super::handlers::{Call, Reply};
use super::ids::Ids;
use super::limiter::Limiter;
use super::model::{OperationClock, State};
use super::persist::{self, Persistence};
use super::router;

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// The header in which the service tells a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-neon-ret-request-id");

/// The mock, serving until it is dropped or shut down.
#[derive(Debug)]
pub struct Mock {
    origin: String,
    shared: Arc<Shared>,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

/// What a mock is to be like. See [`Mock::builder`].
#[derive(Debug)]
pub struct MockBuilder {
    address: SocketAddr,
    seed: u64,
    clock: OperationClock,
    persist: Option<PathBuf>,
    rate_limit: Option<u32>,
    faults: Faults,
}

/// An account of the mock, with a key that opens it.
#[derive(Debug)]
pub struct Account {
    /// The user's id.
    pub user_id: Uuid,
    /// A valid personal key.
    pub key: SecretString,
}

/// The mock cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MockError {
    /// No socket can be opened.
    #[error("the mock cannot listen on {address}: {source}; is the port taken?")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file that keeps the state is not one.
    #[error("the state in {path} cannot be read: {reason}; move the file away to begin anew")]
    Kept {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Something else of the system's.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    faults: Faults,
    request_ids: Mutex<Ids>,
    persistence: Option<Persistence>,
    limiter: Option<Limiter>,
}

impl Mock {
    /// A mock on a loopback port that the system chooses, without faults.
    #[must_use]
    pub fn builder() -> MockBuilder {
        MockBuilder {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            seed: 0,
            clock: OperationClock::Immediate,
            persist: None,
            rate_limit: None,
            faults: Faults::default(),
        }
    }

    /// Where it listens: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A new account, which shares nothing with the others.
    #[must_use]
    pub fn create_account(&self, fixture: &AccountFixture) -> Account {
        let (user_id, key) = self.shared.state().create_account(fixture, Timestamp::now());
        self.touch();
        Account { user_id, key: key.into() }
    }

    /// The first account, which an earlier run may have left, with the key it began with, or a new one where that was revoked;
    /// a new account, where there is none.
    #[must_use]
    pub fn first_account(&self, fixture: &AccountFixture) -> Account {
        let (user_id, key) = self.shared.state().first_account(fixture, Timestamp::now());
        self.touch();
        Account { user_id, key: key.into() }
    }

    fn touch(&self) {
        if let Some(persistence) = &self.shared.persistence {
            persistence.touch();
        }
    }

    /// Stops listening, and waits for the answers under way.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(serving) = self.serving.take() {
            // The task only ends early if it panicked, which has been reported then.
            let _ = serving.await;
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl MockBuilder {
    /// The port to listen on; 0, the default, lets the system choose.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// The address to listen on; 127.0.0.1 by default.
    #[must_use]
    pub fn host(mut self, host: IpAddr) -> Self {
        self.address.set_ip(host);
        self
    }

    /// What identifiers and tokens are made from: the same seed makes the same ones.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// When operations are finished; by the next request, where nothing is said.
    #[must_use]
    pub fn operations(mut self, clock: OperationClock) -> Self {
        self.clock = clock;
        self
    }

    /// A file that keeps the state: read at the start, where there is one, and written before each answer that tells of a
    /// change.
    #[must_use]
    pub fn persist(mut self, path: impl Into<PathBuf>) -> Self {
        self.persist = Some(path.into());
        self
    }

    /// So many requests of each account in a minute; more are answered with 429 and `Retry-After`.
    #[must_use]
    pub fn rate_limit(mut self, a_minute: u32) -> Self {
        self.rate_limit = Some(a_minute);
        self
    }

    /// The rules to break.
    #[must_use]
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults = faults.into_iter().collect();
        self
    }

    /// Listens, and serves in the background.
    ///
    /// # Errors
    /// When no socket can be opened there.
    pub async fn start(self) -> Result<Mock, MockError> {
        let address = self.address;
        let listener =
            TcpListener::bind(address).await.map_err(|source| MockError::Listen { address, source })?;
        let origin = format!("http://{}", listener.local_addr()?);
        let persistence = self.persist.map(Persistence::new);
        let kept = match &persistence {
            Some(persistence) => persistence
                .load()
                .map_err(|reason| MockError::Kept { path: persistence.path().to_owned(), reason })?,
            None => None,
        };
        let mut state = kept.unwrap_or_else(|| State::new(self.seed));
        state.configure(self.clock, &self.faults);
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            faults: self.faults,
            request_ids: Mutex::new(Ids::new(self.seed.wrapping_add(1))),
            persistence,
            limiter: self.rate_limit.map(Limiter::new),
        });
        let stop = CancellationToken::new();
        let app = Router::new()
            .fallback({
                let shared = shared.clone();
                move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request| async move {
                    shared.answer(peer, request).await
                }
            })
            .into_make_service_with_connect_info::<SocketAddr>();
        let stopped = stop.clone().cancelled_owned();
        // A connection on which no delay can be switched off is slower, not wrong.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        let stop_keeping = CancellationToken::new();
        let keeping = tokio::spawn(shared.clone().keep(stop_keeping.clone()));
        let serving = tokio::spawn(async move {
            // axum's serve only ends when told to; accepting goes on after errors.
            let _ = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
            // The last answers wait for what they tell of to be kept.
            stop_keeping.cancel();
            let _ = keeping.await;
        });
        Ok(Mock { origin, shared, stop, serving: Some(serving) })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the state on disk, where that is asked for.
    async fn keep(self: Arc<Self>, stop: CancellationToken) {
        if let Some(persistence) = &self.persistence {
            persistence.follow(|bytes| persist::render(&self.state(), bytes), stop).await;
        }
    }

    async fn answer(&self, peer: SocketAddr, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let id = self.request_ids.lock().unwrap_or_else(PoisonError::into_inner).uuid();
        let told_id = told_request_id(&parts.headers).unwrap_or_else(|| id.to_string());
        let body = to_bytes(body, BODY_LIMIT).await.ok();
        let query = form_urlencoded(parts.uri.query().unwrap_or_default());
        let mut outcome =
            self.operate(peer, &parts.method, parts.uri.path(), query, &parts.headers, body.as_ref());
        if let (Some(persistence), false) = (&self.persistence, parts.method.is_safe())
            && let Err(reason) = persistence.commit().await
        {
            outcome = Err(ApiError::not_kept(&reason));
        }
        let mut response = match outcome {
            Ok(Reply { status, body: Some(body) }) => self.json(status, &body),
            // No body, and so no content type either: clients that find one try to read it.
            Ok(Reply { status, body: None }) => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = status;
                response
            }
            Err(error) => self.error(&error, &told_id),
        };
        if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    /// Authentication before everything else (AUTH-PRECEDENCE), then the operation.
    fn operate(
        &self,
        peer: SocketAddr,
        method: &Method,
        path: &str,
        query: HashMap<String, String>,
        headers: &HeaderMap,
        body: Option<&Bytes>,
    ) -> Result<Reply, ApiError> {
        if !path.starts_with("/api/") {
            return Err(ApiError::no_such_path(path));
        }
        let now = Timestamp::now();
        let mut state = self.state();
        let (caller, refused) = match authenticate(headers, &state, &self.faults) {
            Ok(caller) => (caller, None),
            Err(Refusal::Revoked(caller))
                if self.faults.has(Fault::RevokedKeyWrites) && *method != Method::GET =>
            {
                (caller, Some(ApiError::unauthorized()))
            }
            Err(refusal) => return Err(self.refuse(refusal, &state)),
        };
        if let Some(limiter) = &self.limiter {
            limiter.admit(caller.account, now).map_err(ApiError::too_many)?;
        }
        if self.faults.has(Fault::Redirect) && path == "/api/v2/projects" && *method == Method::GET {
            return Ok(Reply { status: StatusCode::MOVED_PERMANENTLY, body: Some(json!({})) });
        }
        let (route, params) = router::find(method, path)?;
        let body = body.ok_or_else(ApiError::too_large)?;
        state.touch(caller, now, &peer.ip().to_string());
        let call = Call { caller, params, query, body, now, faults: &self.faults };
        let reply = route.perform(&call, &mut state);
        match refused {
            Some(error) => Err(error),
            None => reply,
        }
    }

    fn refuse(&self, refusal: Refusal, state: &State) -> ApiError {
        let mut error = ApiError::unauthorized();
        match refusal {
            Refusal::Missing if self.faults.has(Fault::MissingHeaderForbidden) => {
                return ApiError::forbidden();
            }
            Refusal::Revoked(_) if self.faults.has(Fault::RevokedReasonTold) => {
                "this key was revoked".clone_into(&mut error.message);
            }
            Refusal::Revoked(caller) if self.faults.has(Fault::AccountDataInRefusal) => {
                error.message = format!("the key of {} was revoked", state.account(caller).owner.id());
            }
            _ => {}
        }
        error
    }

    fn error(&self, error: &ApiError, request_id: &str) -> Response {
        if self.faults.has(Fault::ErrorAsHtml) {
            let mut response = Response::new(Body::from(format!("<h1>{}</h1>", error.status)));
            *response.status_mut() = error.status;
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            return response;
        }
        let body = json!({ "request_id": request_id, "code": error.code, "message": error.message });
        let mut response = self.json(error.status, &body);
        if let Some(seconds) = error.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(Ok(allow)) = error.allow.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    }

    fn json(&self, status: StatusCode, body: &Value) -> Response {
        let mut text = body.to_string();
        if self.faults.has(Fault::RepeatedJsonName) && text.starts_with('{') && text.len() > 2 {
            let members = text[1..].to_owned();
            text = format!("{{{},{members}", &text[1..text.len() - 1]);
        }
        let media_type = if self.faults.has(Fault::WrongContentType) {
            "text/plain"
        } else {
            "application/json; charset=utf-8"
        };
        let length = text.len();
        let body = if self.faults.has(Fault::TruncatedBody) {
            let half = Bytes::from(text.into_bytes()).slice(..length / 2);
            let broken = std::io::Error::other("broken off on purpose");
            Body::from_stream(futures::stream::iter([Ok(half), Err(broken)]))
        } else {
            Body::from(text)
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if status.is_redirection() {
            headers.insert(header::LOCATION, HeaderValue::from_static("/api/v2/elsewhere"));
        }
        response
    }
}

/// The id a client gave its request, if it is a reasonable one.
fn told_request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    (!id.is_empty() && id.len() <= 128 && id.bytes().all(|byte| byte.is_ascii_graphic()))
        .then(|| id.to_owned())
}

fn form_urlencoded(query: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
