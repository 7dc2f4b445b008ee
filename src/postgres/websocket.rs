//! The protocol of PostgreSQL in a WebSocket, as `@neondatabase/serverless` speaks it.
//!
//! That driver does not wait: it sends its password, in the clear, with the first packet, and its first query behind it. So the
//! password is asked for in the clear here, and proved to the server by SCRAM.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex, split};

use super::client::{QueryError, ServerError, Session, read_message};
use super::front::{Packet, Startup, Way, cancel, pass};
use super::gate::Gate;

/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is on its way in one direction, in bytes.
const BUFFER: usize = 64 * 1024;

/// The longest password message, in bytes.
const LONGEST_PASSWORD: usize = 10_000;

/// The message that asks for a password in the clear, and the one that accepts it.
const ASK: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 3];
const ACCEPT: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 0];

/// Where a client would go: `?address=host:port`.
#[derive(Debug, Deserialize)]
pub(super) struct Target {
    address: Option<String>,
}

/// Answers `GET /v2`.
pub(super) async fn answer(
    State(gate): State<Arc<Gate>>,
    Query(target): Query<Target>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let host = target.address.map(|address| match address.rsplit_once(':') {
        Some((host, _)) => host.to_owned(),
        None => address,
    });
    let address = host.as_ref().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
    let way = Way { host, address };
    upgrade.on_upgrade(move |socket| async move {
        let (near, far) = duplex(BUFFER);
        let served = async {
            // A connection that breaks concerns nobody else.
            let _ = serve(&gate, near, way).await;
        };
        tokio::join!(served, pump(socket, far));
    })
}

/// Carries bytes between a WebSocket and what is behind it.
async fn pump(mut socket: WebSocket, stream: DuplexStream) {
    let (mut from_server, mut to_server) = split(stream);
    let mut buffer = vec![0; BUFFER];
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    if to_server.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Text(text))) => {
                    if to_server.write_all(text.as_bytes()).await.is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
            read = from_server.read(&mut buffer) => {
                let message = match read {
                    Ok(length @ 1..) => Message::Binary(buffer[..length].to_vec().into()),
                    _ => Message::Close(None),
                };
                let is_last = matches!(message, Message::Close(_));
                if socket.send(message).await.is_err() || is_last {
                    break;
                }
            }
        }
    }
}

async fn serve(gate: &Gate, mut client: DuplexStream, way: Way) -> io::Result<()> {
    let Ok(opened) = tokio::time::timeout(PATIENCE, opened(&mut client)).await else { return Ok(()) };
    match opened? {
        Opened::Session(startup, password) => pass_on(gate, client, startup, password, way).await,
        Opened::Cancel(packet) => {
            cancel(gate.computes.sockets().await, &packet).await;
            Ok(())
        }
        Opened::Nothing => Ok(()),
    }
}

/// What a client wants.
enum Opened {
    Session(Startup, SecretString),
    Cancel(Vec<u8>),
    Nothing,
}

async fn opened(client: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<Opened> {
    loop {
        match Packet::read(client).await? {
            // TLS in TLS helps nobody.
            Some(Packet::Tls | Packet::Gss) => client.write_all(b"N").await?,
            Some(Packet::Cancel(packet)) => return Ok(Opened::Cancel(packet)),
            Some(Packet::Startup(startup)) => {
                client.write_all(&ASK).await?;
                let (tag, body) = read_message(client, LONGEST_PASSWORD).await?;
                let password = body.strip_suffix(b"\0").and_then(|text| std::str::from_utf8(text).ok());
                return Ok(match password.filter(|_| tag == b'p') {
                    Some(password) => Opened::Session(startup, password.into()),
                    None => Opened::Nothing,
                });
            }
            None => return Ok(Opened::Nothing),
        }
    }
}

async fn pass_on(
    gate: &Gate,
    mut client: DuplexStream,
    mut startup: Startup,
    password: SecretString,
    way: Way,
) -> io::Result<()> {
    let error = match gate.open(&mut startup, &way).await {
        Ok(lease) => match Session::open(&lease.socket, &startup, &password).await {
            Ok(Session { stream, unread }) => {
                client.write_all(&ACCEPT).await?;
                client.write_all(&unread).await?;
                return pass(client, stream, &lease).await;
            }
            Err(QueryError::Server(error)) => error,
            Err(QueryError::Io(error)) => return Err(error),
        },
        Err(failure) => ServerError::from(failure),
    };
    client.write_all(&error.render()).await?;
    client.shutdown().await
}
