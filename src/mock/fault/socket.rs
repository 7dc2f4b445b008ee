//! The point where bytes leave: what a server's library would never write.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::peer::Peer;
use crate::mock::error::ApiError;
use crate::mock::service::Service;

const STATUS_LINE: &[u8] = b"HTTP/1.1 204 No Content\r\n";
/// How an answer of the library begins, and the error of the mock that says the same.
type Unreadable = (&'static [u8], fn() -> ApiError);

/// What the library begins with where it cannot read a request, and answers by itself.
const UNREADABLE: [Unreadable; 3] = [
    (b"HTTP/1.1 400 Bad Request\r\n", ApiError::unreadable),
    (b"HTTP/1.1 414 URI Too Long\r\n", ApiError::target_too_long),
    (b"HTTP/1.1 431 Request Header Fields Too Large\r\n", ApiError::headers_too_large),
];

const END_OF_HEADERS: &[u8] = b"\r\n\r\n";

/// Takes connections whose bytes pass the faults.
pub(in crate::mock) struct Listener {
    pub(in crate::mock) tcp: TcpListener,
    pub(in crate::mock) service: Arc<Service>,
}

/// A connection.
pub(in crate::mock) struct Socket {
    tcp: TcpStream,
    peer: Peer,
    service: Arc<Service>,
    /// What was put in place of an answer, and how much of it has left.
    pending: (Vec<u8>, usize),
}

impl axum::serve::Listener for Listener {
    type Io = Socket;
    type Addr = Peer;

    async fn accept(&mut self) -> (Socket, Peer) {
        let (tcp, address) = axum::serve::Listener::accept(&mut self.tcp).await;
        // A connection on which no delay can be switched off is slower, not wrong.
        let _ = tcp.set_nodelay(true);
        let peer = Peer::new(address);
        let service = self.service.clone();
        (Socket { tcp, peer: peer.clone(), service, pending: (Vec::new(), 0) }, peer)
    }

    fn local_addr(&self) -> io::Result<Peer> {
        self.tcp.local_addr().map(Peer::new)
    }
}

impl Socket {
    /// Refuses to send where the connection is to be reset: closed now, it is.
    fn check(&self) -> io::Result<()> {
        if !self.peer.is_cut_off() {
            return Ok(());
        }
        self.tcp.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Sends what was put in place of an answer.
    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.pending.1 < self.pending.0.len() {
            let (bytes, sent) = &mut self.pending;
            *sent += ready!(Pin::new(&mut self.tcp).poll_write(context, &bytes[*sent..]))?;
        }
        Poll::Ready(Ok(()))
    }
}

/// The general error in place of what the library answers by itself, which has no body and none of the service's headers.
fn in_place_of_nothing(service: &Service, bytes: &[u8]) -> Option<Vec<u8>> {
    let (line, error) = UNREADABLE.iter().find(|(line, _)| bytes.starts_with(line))?;
    let headers = std::str::from_utf8(bytes.strip_suffix(END_OF_HEADERS)?.get(line.len()..)?).ok()?;
    let is_of_the_library = |header: &str| {
        header.starts_with("date: ") || matches!(header, "connection: close" | "content-length: 0")
    };
    if !headers.contains("content-length: 0") || !headers.split("\r\n").all(is_of_the_library) {
        return None;
    }
    let date = headers.split("\r\n").find(|header| header.starts_with("date: "));
    let date = date.map(|date| format!("{date}\r\n")).unwrap_or_default();
    let refusal = service.refusal(error());
    Some([*line, b"connection: close\r\n", date.as_bytes(), &refusal].concat())
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let socket = self.get_mut();
        socket.check()?;
        ready!(socket.poll_pending(context))?;
        if let Some(refusal) = in_place_of_nothing(&socket.service, bytes) {
            socket.pending = (refusal, 0);
            return Poll::Ready(Ok(bytes.len()));
        }
        let is_meant = bytes.starts_with(STATUS_LINE) && socket.service.faults().have_body_in_204();
        let end = || bytes.windows(END_OF_HEADERS.len()).position(|window| window == END_OF_HEADERS);
        match is_meant.then(end).flatten() {
            Some(end) => {
                let (head, rest) = bytes.split_at(end + END_OF_HEADERS.len());
                let headers = &head[STATUS_LINE.len()..];
                // It leaves with the next poll; all of it is taken over.
                socket.pending = ([STATUS_LINE, b"content-length: 2\r\n", headers, b"{}", rest].concat(), 0);
                Poll::Ready(Ok(bytes.len()))
            }
            None => Pin::new(&mut socket.tcp).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = parts.iter().find(|part| !part.is_empty());
        let is_looked_at = |part: &[u8]| {
            part.starts_with(STATUS_LINE) || UNREADABLE.iter().any(|(line, _)| part.starts_with(line))
        };
        if let Some(first) = first.filter(|part| is_looked_at(part)) {
            return self.poll_write(context, first);
        }
        let socket = self.get_mut();
        socket.check()?;
        ready!(socket.poll_pending(context))?;
        Pin::new(&mut socket.tcp).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        ready!(socket.poll_pending(context))?;
        Pin::new(&mut socket.tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = self.get_mut();
        ready!(socket.poll_pending(context))?;
        Pin::new(&mut socket.tcp).poll_shutdown(context)
    }
}
