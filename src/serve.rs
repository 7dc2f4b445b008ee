//! Serving HTTP/1.1 so that no client can keep a server from ending.

use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long clients are waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the head of a request, and for the next one on a connection that stands.
    head: Duration,
    /// For answers under way, when the server is told to stop.
    end: Duration,
}

/// The parser lets more header lines pass than an application takes, so that it is the application that refuses them.
const HEADERS: usize = 250;

const PATIENCE: Patience = Patience { head: Duration::from_secs(30), end: Duration::from_secs(3) };

/// Serves until told to stop; then it listens no more, and what has not been answered in a few seconds is cut off. Dropped, it cuts off at
/// once. Handlers are told who asks as [`ConnectInfo`].
pub(crate) async fn serve<L>(listener: L, app: Router, stop: CancellationToken)
where
    L: Listener,
    L::Addr: Clone + Sync + 'static,
{
    serve_with(PATIENCE, listener, app, stop).await;
}

async fn serve_with<L>(patience: Patience, mut listener: L, app: Router, stop: CancellationToken)
where
    L: Listener,
    L::Addr: Clone + Sync + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head).max_headers(HEADERS);
    let mut connections = JoinSet::new();
    while let Some((io, address)) = stop.run_until_cancelled(listener.accept()).await {
        // Those that have ended need not be remembered.
        while connections.try_join_next().is_some() {}
        let (app, peer) = (TowerToHyperService::new(app.clone()), ConnectInfo(address));
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            app.call(request)
        });
        let connection = builder.serve_connection(TokioIo::new(io), service).with_upgrades();
        connections.spawn(until(connection, stop.clone()));
    }
    drop(listener);
    // Those who are left have had their time.
    let ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(patience.end, ended).await;
    connections.shutdown().await;
}

/// Serves a connection, but no new request on it when told to stop.
async fn until<I, S>(connection: http1::UpgradeableConnection<I, S>, stop: CancellationToken)
where
    http1::UpgradeableConnection<I, S>: Future<Output = hyper::Result<()>>,
    S: hyper::service::HttpService<Incoming>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::ResBody: 'static,
    <S::ResBody as hyper::body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::pin!(connection);
    // How a connection ends concerns nobody else.
    if stop.run_until_cancelled(connection.as_mut()).await.is_none() {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rstest::rstest;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const SHORT: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_secs(60);

    #[rstest]
    #[case::half_a_head("GET / HTTP/1.1\r\nhost:", Patience { head: SHORT, end: LONG }, false)]
    #[case::half_a_head_at_the_end("GET / HTTP/1.1\r\nhost:", Patience { head: LONG, end: SHORT }, true)]
    #[case::an_answer_that_never_comes("GET / HTTP/1.1\r\nhost: x\r\n\r\n", Patience { head: LONG, end: SHORT }, true)]
    #[tokio::test]
    async fn nobody_is_waited_for_for_ever(
        #[case] sent: &str,
        #[case] patience: Patience,
        #[case] is_stopped: bool,
    ) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let app = Router::new().fallback(std::future::pending::<()>);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve_with(patience, listener, app, stop.clone()));
        let mut client = TcpStream::connect(address).await.expect("it listens");
        client.write_all(sent.as_bytes()).await.expect("it reads");
        tokio::time::sleep(SHORT).await;
        let started = Instant::now();
        if is_stopped {
            stop.cancel();
            serving.await.expect("nobody panics");
        }
        // How it ends does not matter.
        let _ = client.read_to_end(&mut Vec::new()).await;
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    }
}
