//! A second look at an endpoint that has not answered yet: whether anything comes back at all, and in which protocol.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::tls::Tls;

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

    async fn seen(&self, target: &str, tls: Option<&Tls>) -> Seen {
        let Some((host, stream)) = self.connect().await else { return Seen::NoConnection };
        let Some(tls) = tls.filter(|_| self.origin.starts_with("https://")) else {
            return self.ask(stream, target).await;
        };
        let Ok(name) = ServerName::try_from(host) else { return Seen::NoConnection };
        match tokio::time::timeout(self.patience, TlsConnector::from(tls.config()).connect(name, stream))
            .await
        {
            Ok(Ok(stream)) => self.ask(stream, target).await,
            Ok(Err(_)) => Seen::NoConnection,
            Err(_) => Seen::Silence,
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

    async fn ask(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, target: &str) -> Seen {
        let authority = self.origin.split_once("://").map_or(self.origin, |(_, rest)| rest);
        let (host, prefix) = authority.find('/').map_or((authority, ""), |slash| authority.split_at(slash));
        let request = format!(
            "GET {prefix}{target} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\nconnection: close\r\n\r\n"
        );
        let answer = async {
            stream.write_all(request.as_bytes()).await?;
            stream.flush().await?;
            stream.read(&mut [0]).await
        };
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(1..)) => Seen::Something,
            Ok(_) => Seen::NoConnection,
            Err(_) => Seen::Silence,
        }
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
