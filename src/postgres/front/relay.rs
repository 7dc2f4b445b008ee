//! Passes a session on to the server of its endpoint, until one side has had enough.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, copy, split};
use tokio::net::UnixStream;

use super::super::computes::Lease;
use super::packet::Startup;

/// How long the last words of a server that is stopped are waited for.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A connection to a server.
pub(in super::super) async fn connect(socket: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(socket.join(".s.PGSQL.5432")).await
}

/// Passes a session on.
pub(super) async fn relay(
    client: impl AsyncRead + AsyncWrite,
    startup: &Startup,
    lease: &Lease,
) -> io::Result<()> {
    let mut server = connect(&lease.socket).await?;
    server.write_all(&startup.render()).await?;
    pass(client, server, lease).await
}

/// Passes on what both sides say.
pub(in super::super) async fn pass(
    client: impl AsyncRead + AsyncWrite,
    mut server: UnixStream,
    lease: &Lease,
) -> io::Result<()> {
    let (mut from_client, mut to_client) = split(client);
    let (mut from_server, mut to_server) = server.split();
    {
        let asks = copy(&mut from_client, &mut to_server);
        let answers = copy(&mut from_server, &mut to_client);
        tokio::pin!(asks, answers);
        tokio::select! {
            _ = &mut asks => {}
            _ = &mut answers => {}
            () = lease.end.cancelled() => {
                let _ = tokio::time::timeout(LAST_WORDS, &mut answers).await;
            }
        }
    }
    to_client.shutdown().await
}

/// Asks servers to cancel a query. Only the one that has the session, and has given this key to it, does anything.
pub(in super::super) async fn cancel(sockets: Vec<std::path::PathBuf>, packet: &[u8]) {
    for socket in sockets {
        if let Ok(mut server) = connect(&socket).await {
            // A server answers nothing.
            let _ = server.write_all(packet).await;
            let _ = server.shutdown().await;
        }
    }
}
