//! A proxy that passes the traffic of any client on to an endpoint, and sees it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response as Answer};
use futures::stream;
use jiff::Timestamp;
use reqwest::redirect;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::open::{Open, named, text};
use super::passed::{Missed, Passed};
use crate::coding;
use crate::exchange::{Response, TransportFault};
use crate::serve::serve;
use crate::target::{Http, Identity, IdentityError, Proxies, Tls, TrustError, cause};

/// The largest body of a request that is passed on, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// The largest body of an answer that is looked at, decoded, in bytes; larger ones are passed on.
const LARGEST_SEEN: usize = 8 * 1024 * 1024;

/// Headers that are about one connection (RFC 9110 §7.6.1), or that the proxy sets itself.
const OF_A_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// A proxy cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// No socket can be opened.
    #[error("the proxy cannot listen on {address}: {cause}; check that the port is free")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It cannot be found out whom to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The client certificate cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// There can be no client.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

/// A proxy that serves until it is stopped.
pub struct Proxy {
    listener: TcpListener,
    pass: Pass,
}

#[derive(Clone)]
struct Pass {
    http: Http,
    upstream: Arc<str>,
    seen: mpsc::UnboundedSender<Passed>,
}

impl Proxy {
    /// A proxy to the endpoint at `upstream`, to which it shows a certificate where it has one; what passes goes to `seen`.
    ///
    /// # Errors
    /// See [`ProxyError`].
    pub async fn bind(
        upstream: &str,
        identity: Option<Identity>,
        host: IpAddr,
        port: u16,
        seen: mpsc::UnboundedSender<Passed>,
    ) -> Result<Self, ProxyError> {
        Identity::check(identity.as_ref(), upstream)?;
        let address = SocketAddr::new(host, port);
        let listener =
            TcpListener::bind(address).await.map_err(|cause| ProxyError::Listen { address, cause })?;
        // A redirect is the client's to follow, and so is what is compressed to unpack.
        let tls = Tls::to(upstream, Proxies::FromEnvironment, identity)?;
        let builder = || {
            let http = reqwest::Client::builder().redirect(redirect::Policy::none());
            Tls::set_up(tls.as_ref(), http.no_gzip().tcp_nodelay(true))
        };
        let http = Http::new(builder).map_err(|error| ProxyError::Client(error.to_string()))?;
        let upstream = upstream.trim_end_matches('/').into();
        Ok(Self { listener, pass: Pass { http, upstream, seen } })
    }

    /// Where it listens: `http://127.0.0.1:49152`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.listener.local_addr().map_or_else(|_| String::new(), |address| format!("http://{address}"))
    }

    /// Serves until it is told to stop; connections that are open then are closed when they have been answered, or after a few seconds.
    pub async fn serve(self, stop: CancellationToken) {
        let router = Router::new().fallback(pass_on).with_state(self.pass);
        serve(self.listener, router, stop).await;
    }
}

async fn pass_on(State(pass): State<Pass>, incoming: axum::extract::Request) -> Answer {
    let began = Timestamp::now();
    let (head, body) = incoming.into_parts();
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large for the proxy");
    };
    let mut headers = head.headers.clone();
    without_connection(&mut headers);
    headers.remove(header::CONTENT_LENGTH);
    // What is compressed in a way that cannot be looked into would pass unseen.
    let accepts = headers.remove(header::ACCEPT_ENCODING);
    if accepts.is_some_and(|value| value.to_str().is_ok_and(|value| value.contains("gzip"))) {
        headers.insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static(coding::ASKED));
    }
    let url = format!("{}{target}", pass.upstream);
    let has_body = !body.is_empty() || head.headers.contains_key(header::CONTENT_LENGTH);
    let outgoing = |http: &reqwest::Client| {
        let outgoing = http.request(head.method.clone(), url.as_str()).headers(headers.clone());
        if has_body { outgoing.body(body.clone()) } else { outgoing }
    };
    let mut open = Open::new(began, &head, &body, pass.seen.clone());
    match pass.http.send(&head.method, outgoing).await {
        Ok(upstream) => answer(open, upstream),
        Err(error) => {
            let reason = format!("cannot reach {}: {}", pass.upstream, cause(error));
            let answer = refusal(StatusCode::BAD_GATEWAY, &reason);
            open.close(Err(Missed::Lost(reason)));
            answer
        }
    }
}

/// Passes an answer on as it comes, and keeps what it is.
fn answer(open: Open, upstream: reqwest::Response) -> Answer {
    let status = upstream.status();
    let mut headers = upstream.headers().clone();
    without_connection(&mut headers);
    let is_empty = open.method() == "HEAD" || matches!(status.as_u16(), 204 | 304);
    let length = if is_empty { Some(0) } else { upstream.content_length() };
    let mut flow = Flow { upstream, kept: Some(Vec::new()), left: length, open };
    flow.keep(&Bytes::new());
    let body = stream::unfold(flow, |mut flow| async move {
        match flow.upstream.chunk().await {
            Ok(Some(chunk)) => {
                flow.keep(&chunk);
                Some((Ok(chunk), flow))
            }
            Ok(None) => {
                flow.end(None);
                None
            }
            Err(error) => {
                let cause = cause(error);
                flow.end(Some(TransportFault::Broken(cause.clone())));
                Some((Err(std::io::Error::other(cause)), flow))
            }
        }
    });
    let mut answer = Answer::new(Body::from_stream(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// An answer on its way.
struct Flow {
    upstream: reqwest::Response,
    /// What has come so far; nothing, where it is too much.
    kept: Option<Vec<u8>>,
    /// How many bytes are still to come, where that is known.
    left: Option<u64>,
    open: Open,
}

impl Flow {
    /// The next part has come. Nobody asks for more where the length says that there is none.
    fn keep(&mut self, chunk: &Bytes) {
        self.left = self.left.map(|left| left.saturating_sub(chunk.len() as u64));
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(chunk);
            if kept.len() > LARGEST_SEEN {
                self.kept = None;
            }
        }
        if self.left == Some(0) {
            self.end(None);
        }
    }

    /// The answer has ended.
    fn end(&mut self, fault: Option<TransportFault>) {
        let Some(began) = self.open.began() else { return };
        let headers = named(self.upstream.headers(), &[]);
        let status = self.upstream.status().as_u16();
        self.open.close(match self.kept.take() {
            None => Err(Missed::TooLarge { status, limit: LARGEST_SEEN }),
            Some(kept) => {
                let (body, undecoded) = coding::received(&headers, kept, LARGEST_SEEN);
                let mut response = Response::new(status, headers, body);
                response.elapsed = (Timestamp::now() - began).try_into().unwrap_or_default();
                Ok(match fault.or(undecoded) {
                    Some(fault) => response.broken(fault),
                    None => response,
                })
            }
        });
    }
}

/// The proxy's own word, in the form of the API's errors.
fn refusal(status: StatusCode, message: &str) -> Answer {
    let body = serde_json::json!({ "code": "", "message": message });
    (status, axum::Json(body)).into_response()
}

fn without_connection(headers: &mut HeaderMap) {
    // What `Connection` names is about the connection as well.
    let named: Vec<HeaderName> = text(headers, &header::CONNECTION)
        .iter()
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in OF_A_CONNECTION.iter().chain(&named) {
        headers.remove(name);
    }
}
