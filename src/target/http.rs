//! Connections that are kept and used again, and what becomes of requests that meet one which the server has closed meanwhile.
//!
//! A server may close an idle connection at any time (RFC 9112 §9.5). A request that only reads goes out again then, on a new connection
//! (RFC 9110 §9.2.2); any other is sent on a new connection from the start, so that no failure leaves open what it did: a DELETE that was
//! done all the same would be answered with 404 the second time.

use std::cell::Cell;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::http::Extensions;
use futures::future::BoxFuture;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use reqwest::{Client, ClientBuilder, Error, Method, RequestBuilder, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use super::failure::{causes, is_without_answer};

/// No document limits the header lines of an answer; the client does by default, to a hundred.
const MOST_HEADER_LINES: usize = 1000;

tokio::task_local! {
    /// The connection that was made for this request, by its own address. The request may have gone on another.
    static MADE: Cell<Option<SocketAddr>>;
}

/// An HTTP client that keeps connections.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    keeping: Client,
    /// Makes a connection for each request; none where no server closes idle ones.
    fresh: Option<Client>,
}

impl Http {
    /// A client of servers that may close connections.
    pub(crate) fn new(builder: impl Fn() -> ClientBuilder) -> Result<Self, Error> {
        let builder = || builder().http1_max_headers(MOST_HEADER_LINES);
        let keeping = builder().connector_layer(Noting).build()?;
        let fresh = builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { keeping, fresh: Some(fresh) })
    }

    /// A client of a server that closes none.
    pub(crate) fn trusting(builder: ClientBuilder) -> Result<Self, Error> {
        Ok(Self { keeping: builder.build()?, fresh: None })
    }

    /// Sends a request, which may be made twice.
    pub(crate) async fn send(
        &self,
        method: &Method,
        request: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, Error> {
        let Some(fresh) = &self.fresh else { return request(&self.keeping).send().await };
        if !method.is_safe() {
            return request(fresh).send().await;
        }
        let sent = async { (request(&self.keeping).send().await, MADE.with(Cell::get)) };
        let (answer, made) = MADE.scope(Cell::new(None), sent).await;
        let (is_lost, used) = match &answer {
            Err(error) => (is_without_answer(error), connection_of(error)),
            // Some servers say so when they close an idle connection (RFC 9110 §15.5.9).
            Ok(answer) => (answer.status() == StatusCode::REQUEST_TIMEOUT, address(answer.extensions())),
        };
        let was_kept = used.is_some() && used != made;
        if is_lost && was_kept { request(fresh).send().await } else { answer }
    }
}

/// The connection on which a request failed, by its own address.
fn connection_of(error: &Error) -> Option<SocketAddr> {
    let failed = causes(error).find_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>())?;
    let mut extras = Extensions::new();
    failed.connect_info()?.get_extras(&mut extras);
    address(&extras)
}

fn address(extras: &Extensions) -> Option<SocketAddr> {
    extras.get().map(HttpInfo::local_addr)
}

/// Notes which connection is made for which request.
#[derive(Debug, Clone, Copy)]
struct Noting;

impl<S> Layer<S> for Noting {
    type Service = Noted<S>;

    fn layer(&self, connector: S) -> Noted<S> {
        Noted(connector)
    }
}

#[derive(Debug, Clone)]
struct Noted<S>(S);

impl<S, T> Service<T> for Noted<S>
where
    S: Service<T>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: T) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async {
            let connected = connecting.await?;
            let mut extras = Extensions::new();
            connected.connected().get_extras(&mut extras);
            // Outside of any request, nobody asks.
            let _ = MADE.try_with(|made| made.set(address(&extras)));
            Ok(connected)
        })
    }
}
