//! HTTP/1.1 over reqwest: one request, one answer, no redirects, within limits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::redirect;
use secrecy::ExposeSecret;
use thread_local::ThreadLocal;
use tokio::sync::OnceCell;

use super::Unreachable;
use super::failure::{cause, is_about_a_header_line};
use super::http::Http;
use super::proxies::Proxies;
use super::second_look::SecondLook;
use super::tls::{self, Tls};
use crate::coding;
use crate::exchange::{Request, Response, TransportFault, Unseen};

/// How long an answer may take and how large it may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From sending a request to the end of its answer.
    pub timeout: Duration,
    /// The decoded body, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), body: 8 * 1024 * 1024 }
    }
}

/// A client of one origin.
#[derive(Debug)]
pub(super) struct Client {
    /// One for each thread, so that in a run, where each has its own runtime, an answer is read where its request was sent.
    http: ThreadLocal<Http>,
    origin: String,
    peer: Peer,
    limits: Limits,
    /// The peer has answered a request as an HTTP server does.
    has_answered: AtomicBool,
    /// Why nothing that is sent can be answered, where that has been looked into.
    examined: OnceCell<Option<String>>,
    /// The header line that cannot be read, where that has been looked into.
    malformed: OnceCell<Option<String>>,
}

/// The longest that a second look waits for a first byte.
const LAST_CHANCE: Duration = Duration::from_secs(10);

/// Who is spoken to.
#[derive(Debug)]
pub(super) enum Peer {
    /// The mock in this process.
    OwnMock,
    /// A server that may be anything.
    Foreign {
        /// Whether there may be a proxy before it.
        proxies: Proxies,
        /// How TLS is spoken, where it may be.
        tls: Option<Tls>,
    },
}

impl Client {
    pub(super) fn new(origin: String, limits: Limits, peer: Peer) -> Result<Self, reqwest::Error> {
        let client = Self {
            http: ThreadLocal::new(),
            origin,
            peer,
            limits,
            has_answered: AtomicBool::new(false),
            examined: OnceCell::new(),
            malformed: OnceCell::new(),
        };
        client.http()?;
        Ok(client)
    }

    pub(super) fn timeout(&self) -> Duration {
        self.limits.timeout
    }

    /// The client of this thread.
    fn http(&self) -> Result<&Http, reqwest::Error> {
        self.http.get_or_try(|| match &self.peer {
            Peer::OwnMock => Http::trusting(self.builder()),
            Peer::Foreign { .. } => Http::new(|| self.builder()),
        })
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .user_agent(concat!("neon-contract/", env!("CARGO_PKG_VERSION")))
            // What is compressed is unpacked here, so that all forms of it are known.
            .no_gzip()
            .tcp_nodelay(true);
        if !matches!(self.peer, Peer::Foreign { proxies: Proxies::FromEnvironment, .. }) {
            builder = builder.no_proxy();
        }
        Tls::set_up(self.tls(), builder)
    }

    fn tls(&self) -> Option<&Tls> {
        match &self.peer {
            Peer::OwnMock => None,
            Peer::Foreign { tls, .. } => tls.as_ref(),
        }
    }

    /// Sends a request, unless it is known that nothing can come back.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, Unreachable> {
        if let Some(Some(cause)) = self.examined.get() {
            return Err(self.unreachable(cause.clone()));
        }
        let answer = self.send_once(request).await;
        if self.has_answered.load(Ordering::Relaxed) || matches!(self.peer, Peer::OwnMock) {
            return answer;
        }
        let response = answer?;
        if response.status != 0 && !self.may_be_misunderstood(&response) {
            self.has_answered.store(true, Ordering::Relaxed);
            return Ok(response);
        }
        match self.examined.get_or_init(|| self.examine(request, &response)).await {
            Some(cause) => Err(self.unreachable(cause.clone())),
            None => Ok(response),
        }
    }

    /// Whether an answer may say that TLS, or a client certificate, is missing.
    fn may_be_misunderstood(&self, response: &Response) -> bool {
        if self.is_tls() { self.is_about_a_certificate(response) } else { response.status == 400 }
    }

    /// Whether an answer says that the client certificate is missing, or not accepted (nginx: 400, others: 403).
    fn is_about_a_certificate(&self, response: &Response) -> bool {
        matches!(response.status, 400 | 403)
            && self.tls().and_then(Tls::demand).is_some()
            && response.text().to_ascii_lowercase().contains("certificate")
    }

    fn is_tls(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Why nothing that is sent can be answered, by how the first request fared; `None` where others may fare better.
    async fn examine(&self, request: &Request, first: &Response) -> Option<String> {
        let look = SecondLook { origin: &self.origin, patience: self.limits.timeout.min(LAST_CHANCE) };
        match &first.fault {
            Some(TransportFault::Timeout(time)) if first.status == 0 => {
                if self.is_tls() && look.speaks_plainly().await {
                    return Some("the port does not speak TLS; use an http:// URL".to_owned());
                }
                let is_silent = look.is_silent(&request.target, self.tls()).await
                    && !self.has_answered.load(Ordering::Relaxed);
                is_silent
                    .then(|| format!("no response within {time:?}; check the port and that the server is up"))
            }
            // Some servers hang up on whoever shows no certificate.
            Some(TransportFault::Broken(_)) if first.status == 0 && self.is_tls() => {
                let tls = self.tls().filter(|tls| !tls.has_identity());
                tls.and_then(Tls::demand).map(str::to_owned)
            }
            // Some servers say without TLS that they want it.
            Some(TransportFault::Broken(_)) | None if !self.is_tls() => {
                look.speaks_tls().await.then(|| "the port speaks TLS; use an https:// URL".to_owned())
            }
            None => self.tls().and_then(Tls::demand).map(str::to_owned),
            _ => None,
        }
    }

    /// Which header line of an answer is malformed, by an answer to the same request without a key: the client does not keep what it cannot read.
    async fn malformed_line(&self, method: &reqwest::Method, target: &str) -> Option<String> {
        let look = SecondLook { origin: &self.origin, patience: self.limits.timeout.min(LAST_CHANCE) };
        let looked = self.malformed.get_or_init(|| look.malformed_line(target, self.tls()));
        if method.is_safe() { looked.await.clone() } else { self.malformed.get().cloned().flatten() }
    }

    /// Whether the peer has refused the connection itself, which TLS 1.3 may tell only in the place of an answer.
    fn is_refused(&self, error: &reqwest::Error) -> bool {
        !self.has_answered.load(Ordering::Relaxed) && tls::is_refusal(error)
    }

    /// What is behind an error, and what to do about a certificate that the peer has asked for.
    fn cause(&self, error: reqwest::Error) -> String {
        let demand = self.tls().and_then(Tls::demand).filter(|_| tls::is_refusal(&error));
        let cause = cause(error);
        match demand {
            Some(demand) if demand != cause => format!("{cause}; {demand}"),
            _ => cause,
        }
    }

    fn unreachable(&self, cause: String) -> Unreachable {
        Unreachable { origin: self.origin.clone(), cause }
    }

    async fn send_once(&self, request: &Request) -> Result<Response, Unreachable> {
        let started = Instant::now();
        let mut response = match tokio::time::timeout(self.limits.timeout, self.exchange(request)).await {
            Ok(response) => response?,
            Err(_) => Response::default().broken(TransportFault::Timeout(self.limits.timeout)),
        };
        response.elapsed = started.elapsed();
        Ok(response)
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Unreachable> {
        let url = format!("{}{}", self.origin, request.target);
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| self.unreachable(error.to_string()))?;
        let http = self.http().map_err(|error| self.unreachable(cause(error)))?;
        let made = |http: &reqwest::Client| {
            let mut builder = http.request(method.clone(), url.as_str());
            for (name, value) in &request.headers {
                builder = builder.header(name, value);
            }
            if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept-encoding")) {
                builder = builder.header(reqwest::header::ACCEPT_ENCODING, coding::ASKED);
            }
            if let Some(authorization) = &request.authorization {
                builder = builder.header(reqwest::header::AUTHORIZATION, authorization.value.expose_secret());
            }
            if let Some(body) = &request.body {
                builder = builder.body(body.clone());
            }
            builder
        };
        let mut incoming = match http.send(&method, made).await {
            Ok(incoming) => incoming,
            Err(error) if error.is_connect() || error.is_builder() || self.is_refused(&error) => {
                return Err(self.unreachable(self.cause(error)));
            }
            Err(error) => {
                let line = if is_about_a_header_line(&error) {
                    self.malformed_line(&method, &request.target).await
                } else {
                    None
                };
                let line = line.map(|line| format!("; asked without a key, it is {line}"));
                let cause = cause(error) + &line.unwrap_or_default();
                return Ok(Response::default().broken(TransportFault::Broken(cause)));
            }
        };
        let status = incoming.status().as_u16();
        let mut headers: Vec<_> = incoming
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        if method == reqwest::Method::HEAD {
            let why = Unseen::NotKept("a response to HEAD has no body".to_owned());
            return Ok(Response::unseen(status, headers, why));
        }
        let mut body = Vec::new();
        loop {
            match incoming.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.limits.body => {
                    return Ok(Response::new(status, headers, body)
                        .broken(TransportFault::TooLarge(self.limits.body)));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => {
                    return Ok(
                        Response::new(status, headers, body).broken(TransportFault::Broken(cause(error)))
                    );
                }
            }
        }
        let is_coded = !body.is_empty() && !coding::of(&headers).is_empty();
        let (body, fault) = coding::received(&headers, body, self.limits.body);
        if is_coded && fault.is_none() {
            headers.retain(|(name, _)| name != "content-encoding" && name != "content-length");
        }
        let response = Response::new(status, headers, body);
        Ok(fault.into_iter().fold(response, Response::broken))
    }
}
