//! A second look at an endpoint whose answer cannot be read: whether anything comes back at all, in which protocol, and what is wrong.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::header_line;
use super::tls::Tls;

/// As much of an answer as may be its header.
const LONGEST_HEAD: usize = 64 * 1024;

/// What a request is sent on.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + ?Sized> Stream for S {}

/// Looks at one endpoint, with no key.
pub(super) struct SecondLook<'a> {
    pub(super) origin: &'a str,
    /// How long it waits for anything.
    pub(super) patience: Duration,
}

/// What comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// A byte, at least.
    Something,
    /// Nothing in all the time.
    Silence,
    /// It hung up, or there was no connection, or no understanding in TLS.
    NoConnection,
}

impl SecondLook<'_> {
    /// Whether the port of an `http://` origin speaks TLS.
    pub(super) async fn speaks_tls(&self) -> bool {
        let Some((host, stream)) = self.connect().await else { return false };
        let (Ok(name), Ok(config)) = (ServerName::try_from(host), distrustful()) else { return false };
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
        match tokio::time::timeout(self.patience, handshake).await {
            Ok(Ok(_)) => true,
            // Whoever shows a bad certificate, or refuses with an alert, speaks it.
            Ok(Err(error)) => is_of_a_peer(&error),
            Err(_) => false,
        }
    }

    /// Whether the port of an `https://` origin speaks HTTP without TLS.
    pub(super) async fn speaks_plainly(&self) -> bool {
        let Some((_, stream)) = self.connect().await else { return false };
        self.ask(stream, "/").await == Seen::Something
    }

    /// Whether neither this target nor the root gets a single byte.
    pub(super) async fn is_silent(&self, target: &str, tls: Option<&Tls>) -> bool {
        let (one, other) = tokio::join!(self.seen(target, tls), self.seen("/", tls));
        one != Seen::Something && other != Seen::Something
    }

    /// The first header line of the answer to this target that is none.
    pub(super) async fn malformed_line(&self, target: &str, tls: Option<&Tls>) -> Option<String> {
        let mut stream = self.open(tls).await.ok()?;
        let mut head = Vec::new();
        let reading = async {
            self.write(&mut stream, target).await?;
            while head.len() < LONGEST_HEAD && !head.windows(4).any(|window| window == b"\r\n\r\n") {
                if stream.read_buf(&mut head).await? == 0 {
                    break;
                }
            }
            io::Result::Ok(())
        };
        // What has come by then is looked at.
        let _ = tokio::time::timeout(self.patience, reading).await;
        header_line::first_malformed(&head)
    }

    async fn seen(&self, target: &str, tls: Option<&Tls>) -> Seen {
        match self.open(tls).await {
            Ok(stream) => self.ask(stream, target).await,
            Err(seen) => seen,
        }
    }

    /// A connection on which a request can be sent.
    async fn open(&self, tls: Option<&Tls>) -> Result<Box<dyn Stream>, Seen> {
        let (host, stream) = self.connect().await.ok_or(Seen::NoConnection)?;
        let Some(tls) = tls.filter(|_| self.origin.starts_with("https://")) else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(host).map_err(|_| Seen::NoConnection)?;
        let handshake = TlsConnector::from(tls.config()).connect(name, stream);
        match tokio::time::timeout(self.patience, handshake).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(_)) => Err(Seen::NoConnection),
            Err(_) => Err(Seen::Silence),
        }
    }

    /// A connection to the host itself, whatever proxy there is.
    async fn connect(&self) -> Option<(String, TcpStream)> {
        let url = Url::parse(self.origin).ok()?;
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        let connecting = TcpStream::connect((host.as_str(), url.port_or_known_default()?));
        let stream = tokio::time::timeout(self.patience, connecting).await.ok()?.ok()?;
        Some((host, stream))
    }

    async fn ask(&self, mut stream: impl Stream, target: &str) -> Seen {
        let answer = async {
            self.write(&mut stream, target).await?;
            stream.read(&mut [0]).await
        };
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(1..)) => Seen::Something,
            Ok(_) => Seen::NoConnection,
            Err(_) => Seen::Silence,
        }
    }

    /// Sends a request that has no key.
    async fn write(&self, stream: &mut impl Stream, target: &str) -> io::Result<()> {
        let authority = self.origin.split_once("://").map_or(self.origin, |(_, rest)| rest);
        let (host, prefix) = authority.find('/').map_or((authority, ""), |slash| authority.split_at(slash));
        let request = format!(
            "GET {prefix}{target} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await
    }
}

/// TLS that trusts nobody: enough to see whether it is spoken.
fn distrustful() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// Whether an error in a handshake shows that the other side speaks TLS.
fn is_of_a_peer(error: &io::Error) -> bool {
    use rustls::Error;
    matches!(
        error.get_ref().and_then(|inner| inner.downcast_ref()),
        Some(
            Error::AlertReceived(_)
                | Error::InvalidCertificate(_)
                | Error::PeerIncompatible(_)
                | Error::PeerMisbehaved(_)
        )
    )
}
