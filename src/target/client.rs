//! HTTP/1.1 and HTTP/2 over reqwest: one request, one answer, no redirects, within limits.

use std::error::Error as _;
use std::time::{Duration, Instant};

use reqwest::redirect;
use secrecy::ExposeSecret;
use thread_local::ThreadLocal;

use super::Unreachable;
use crate::exchange::{Request, Response, TransportFault};

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
    http: ThreadLocal<reqwest::Client>,
    origin: String,
    proxies: Proxies,
    limits: Limits,
}

/// Whether the proxies of the environment are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proxies {
    /// As `HTTPS_PROXY` and the like say.
    FromEnvironment,
    /// Never: the server is on this machine.
    None,
}

impl Client {
    pub(super) fn new(origin: String, limits: Limits, proxies: Proxies) -> Result<Self, reqwest::Error> {
        let client = Self { http: ThreadLocal::new(), origin, proxies, limits };
        client.http()?;
        Ok(client)
    }

    pub(super) fn timeout(&self) -> Duration {
        self.limits.timeout
    }

    /// The client of this thread.
    fn http(&self) -> Result<&reqwest::Client, reqwest::Error> {
        self.http.get_or_try(|| {
            let mut builder = reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .user_agent(concat!("neon-contract/", env!("CARGO_PKG_VERSION")))
                .tcp_nodelay(true);
            if self.proxies == Proxies::None {
                builder = builder.no_proxy();
                if self.origin.starts_with("http://") {
                    // No certificate will be looked at: the system's need not be read.
                    builder = builder.tls_certs_only([]);
                }
            }
            builder.build()
        })
    }

    pub(super) async fn send(&self, request: &Request) -> Result<Response, Unreachable> {
        let started = Instant::now();
        let mut response = match tokio::time::timeout(self.limits.timeout, self.exchange(request)).await {
            Ok(response) => response?,
            Err(_) => Response::default().broken(TransportFault::Timeout(self.limits.timeout)),
        };
        response.elapsed = started.elapsed();
        Ok(response)
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Unreachable> {
        let unreachable = |cause: String| Unreachable { origin: self.origin.clone(), cause };
        let url = format!("{}{}", self.origin, request.target);
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| unreachable(error.to_string()))?;
        let http = self.http().map_err(|error| unreachable(cause(error)))?;
        let mut builder = http.request(method, url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(authorization) = &request.authorization {
            builder = builder.header(reqwest::header::AUTHORIZATION, authorization.value.expose_secret());
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let mut incoming = match builder.send().await {
            Ok(incoming) => incoming,
            Err(error) if error.is_connect() || error.is_builder() => return Err(unreachable(cause(error))),
            Err(error) => return Ok(Response::default().broken(TransportFault::Broken(cause(error)))),
        };
        let status = incoming.status().as_u16();
        let headers = incoming
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut body = Vec::new();
        loop {
            match incoming.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.limits.body => {
                    return Ok(Response::new(status, headers, body)
                        .broken(TransportFault::TooLarge(self.limits.body)));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Response::new(status, headers, body)),
                Err(error) => {
                    return Ok(
                        Response::new(status, headers, body).broken(TransportFault::Broken(cause(error)))
                    );
                }
            }
        }
    }
}

/// The innermost cause of an error, without its URL, which may hold what should not be shown.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        message = inner.to_string();
        source = inner.source();
    }
    message
}
