//! Listens, and does with each connection what it asks for.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, join, split};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use super::super::gate::Gate;
use super::super::options::Hosts;
use super::authority::Authority;
use super::packet::{Packet, Startup, refusal};
use super::relay::{cancel, relay};
use super::route::Way;
use crate::postgres::error::PostgresError;

/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(30);

/// After this long, what the system had too little of may be there again.
const RECOVERY: Duration = Duration::from_millis(100);

/// The first byte of TLS, where a client does not ask for it first.
const HANDSHAKE: u8 = 0x16;

/// The maximum number of tries for a port that the system chooses.
const ATTEMPTS: u32 = 16;

/// The maximum number of connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// The port before it is served.
pub(in super::super) struct Front {
    listeners: Vec<TcpListener>,
    address: SocketAddr,
    authority: Authority,
}

/// The port as it is served.
struct Served {
    authority: Authority,
    gate: Arc<Gate>,
    http: Router,
}

/// What a client wants.
enum Wish {
    /// What its first packet says.
    Packet(Box<dyn Stream>, Packet, Way),
    /// What it asks for over HTTP.
    Http(Box<dyn Stream>),
}

impl Front {
    /// Listens on loopback addresses.
    pub(in super::super) async fn listen(
        port: u16,
        hosts: &Hosts,
        authority: Authority,
    ) -> Result<Self, PostgresError> {
        let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let refused = |source| PostgresError::Listen { address: asked, source };
        let mut attempts = 0..ATTEMPTS;
        let (listener, port, also) = loop {
            let listener = match hosts {
                Hosts::Loopback => every_loopback(port),
                _ => TcpListener::bind(asked).await,
            };
            let listener = listener.map_err(refused)?;
            let found = listener.local_addr()?.port();
            // `localhost` is this address as well, where there is one.
            match TcpListener::bind((Ipv6Addr::LOCALHOST, found)).await {
                // The system chooses another one.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 => {
                    attempts.next().ok_or(error)?;
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(refused(error)),
                also => break (listener, found, also.ok()),
            }
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self { listeners: std::iter::once(listener).chain(also).collect(), address, authority })
    }

    pub(in super::super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file with the authority's certificate.
    pub(in super::super) fn authority(&self) -> &Path {
        self.authority.path()
    }

    /// Serves until told to stop; what is under way is cut off then.
    pub(in super::super) async fn serve(self, gate: Arc<Gate>, http: Router, stop: CancellationToken) {
        let Self { listeners, authority, .. } = self;
        let served = Arc::new(Served { authority, gate, http });
        let accepting = listeners.into_iter().map(|listener| accept(served.clone(), listener, stop.clone()));
        futures::future::join_all(accepting).await;
    }
}

/// All addresses of 127.0.0.0/8, and no other: the socket is bound to the loopback device.
#[cfg(target_os = "linux")]
fn every_loopback(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind_device(Some(b"lo"))?;
    socket.bind((Ipv4Addr::UNSPECIFIED, port).into())?;
    socket.listen(BACKLOG)
}

#[cfg(not(target_os = "linux"))]
fn every_loopback(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

async fn accept(served: Arc<Served>, listener: TcpListener, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(RECOVERY).await;
            continue;
        };
        let served = served.clone();
        connections.spawn(async move {
            // A connection that breaks concerns nobody else.
            let _ = served.meet(stream).await;
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// What packets are read from and written to.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Served {
    async fn meet(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let way = Way { host: None, address: Some(stream.local_addr()?.ip()) };
        let opened = tokio::time::timeout(PATIENCE, self.opened(stream, way)).await;
        // Who says nothing is not waited for.
        let Ok(Some(wish)) = opened.unwrap_or(Ok(None)) else { return Ok(()) };
        match wish {
            Wish::Packet(client, Packet::Startup(startup), way) => self.pass_on(client, startup, way).await,
            Wish::Packet(_, Packet::Cancel(packet), _) => {
                cancel(self.gate.computes.sockets().await, &packet).await;
                Ok(())
            }
            Wish::Packet(_, Packet::Tls | Packet::Gss, _) => Ok(()),
            Wish::Http(client) => self.answer(client).await,
        }
    }

    /// Agrees on TLS, where it is asked for; the first packet after that.
    async fn opened(&self, mut stream: TcpStream, way: Way) -> io::Result<Option<Wish>> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE {
            return self.encrypted(stream, way).await;
        }
        loop {
            match Packet::read(&mut stream).await? {
                Some(Packet::Tls) => {
                    stream.write_all(b"S").await?;
                    return self.encrypted(stream, way).await;
                }
                Some(Packet::Gss) => stream.write_all(b"N").await?,
                Some(packet) => return Ok(Some(Wish::Packet(Box::new(stream), packet, way))),
                None => return Ok(None),
            }
        }
    }

    async fn encrypted(&self, stream: TcpStream, mut way: Way) -> io::Result<Option<Wish>> {
        let address = way.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        way.host = start.client_hello().server_name().map(str::to_owned);
        let config = self.authority.config(&way.host.clone().unwrap_or_else(|| address.to_string()))?;
        let mut stream = start.into_stream(config).await?;
        let first = stream.read_u8().await?;
        if first.is_ascii_uppercase() {
            let (read, write) = split(stream);
            let read = io::Cursor::new([first]).chain(read);
            return Ok(Some(Wish::Http(Box::new(join(read, write)))));
        }
        let packet = Packet::read_after(first, &mut stream).await?;
        Ok(Some(Wish::Packet(Box::new(stream), packet, way)))
    }

    async fn pass_on(&self, mut client: Box<dyn Stream>, mut startup: Startup, way: Way) -> io::Result<()> {
        match self.gate.open(&mut startup, &way).await {
            Ok(lease) => relay(client, &startup, &lease).await,
            Err(failure) => {
                client.write_all(&refusal(&failure)).await?;
                client.shutdown().await
            }
        }
    }

    /// Serves HTTP to those who speak it on top of TLS.
    async fn answer(&self, client: Box<dyn Stream>) -> io::Result<()> {
        let service = TowerToHyperService::new(self.http.clone());
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        let served = builder.serve_connection(TokioIo::new(client), service).with_upgrades().await;
        served.map_err(io::Error::other)
    }
}
