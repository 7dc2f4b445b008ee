//! The point where an answer has become bytes.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use futures::{Stream, StreamExt, stream};

use super::asked::Asked;
use super::data::{Break, Spoil};
use super::demand::{Chosen, Content, Demanded};
use super::faults::Faults;

/// An error that comes with the bytes would take their place.
const UNTIL_IT_HAS_LEFT: Duration = Duration::from_millis(5);

impl Faults {
    /// An answer as it goes out.
    pub(in crate::mock) fn spoil(&self, asked: &Asked<'_>, mut response: Response, text: &str) -> Response {
        for fault in self.concerning(asked) {
            let Break::Wire(when, spoil) = fault else { continue };
            if when.holds(response.status(), asked) && !text.is_empty() && spoil.apply(&mut response, text) {
                self.note();
            }
        }
        if let Some(chosen) = asked.chosen() {
            chosen.send(&mut response, text);
        }
        response
    }
}

impl Chosen {
    /// Puts the bytes of a rule in the place of others, and sends them as it says.
    fn send(&self, response: &mut Response, text: &str) {
        let Demanded { content, cut_at, bytes_per_second, .. } = self.answer();
        let text = if let Content::Text(_, own) = content { own } else { text };
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let length = bytes.len();
        let sent = cut_at.filter(|at| *at < length);
        if bytes_per_second.is_none() && sent.is_none() {
            if let Content::Text(..) = content {
                *response.body_mut() = Body::from(bytes);
            }
            return;
        }
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        let part = bytes.slice(..sent.unwrap_or(length));
        let part = in_pieces(part, bytes_per_second.unwrap_or(u32::MAX));
        *response.body_mut() = match sent {
            Some(_) => Body::from_stream(part.chain(stream::once(break_off()))),
            None => Body::from_stream(part),
        };
    }
}

/// How often a slow body sends a piece, in a second.
const PIECES: u32 = 20;

/// Bytes that leave at a pace.
fn in_pieces(bytes: Bytes, a_second: u32) -> impl Stream<Item = io::Result<Bytes>> {
    let length = (a_second / PIECES).max(1);
    let pause = Duration::from_secs_f64(f64::from(length) / f64::from(a_second));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    stream::unfold((bytes, Duration::ZERO), move |(mut rest, wait)| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(wait).await;
        let piece = rest.split_to(length.min(rest.len()));
        Some((Ok(piece), (rest, pause)))
    })
}

impl Spoil {
    /// Whether there is anything to spoil.
    fn apply(self, response: &mut Response, text: &str) -> bool {
        let headers = response.headers_mut();
        let length = text.len();
        let body = match self {
            Self::Truncated => broken_off(&text.as_bytes()[..length / 2]),
            Self::DeclaredLonger => {
                headers.insert(header::CONTENT_LENGTH, (length + 10).into());
                broken_off(text.as_bytes())
            }
            Self::CutShort => Body::from(text[..length - 1].to_owned()),
            Self::RepeatedNames if text.starts_with('{') && length > 2 => {
                Body::from(format!("{},{}", &text[..length - 1], &text[1..]))
            }
            Self::Nothing => Body::empty(),
            Self::NotUtf8 => {
                let mut bytes = text.as_bytes().to_vec();
                // In the first string, so that all else is as it was.
                let place = text.find('"').map_or(0, |place| place + 1);
                bytes.insert(place, 0xff);
                Body::from(bytes)
            }
            Self::SaidToBePacked => {
                headers.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
                Body::from(text.to_owned())
            }
            Self::Html => {
                headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html"));
                Body::from("<!doctype html><title>Sorry</title><h1>Something went wrong</h1>")
            }
            Self::Trailed => Body::from(format!("{text}\n{{}}")),
            Self::NotANumber if text.contains(":0") => Body::from(text.replacen(":0", ":NaN", 1)),
            Self::Callback => Body::from(format!("callback({text})")),
            Self::RepeatedNames | Self::NotANumber => return false,
        };
        *response.body_mut() = body;
        true
    }
}

/// Bytes after which the connection breaks, when they have left.
fn broken_off(bytes: &[u8]) -> Body {
    let part = Bytes::copy_from_slice(bytes);
    Body::from_stream(stream::iter([Ok(part)]).chain(stream::once(break_off())))
}

/// The end of bytes that break off, when they have left.
async fn break_off() -> io::Result<Bytes> {
    tokio::time::sleep(UNTIL_IT_HAS_LEFT).await;
    Err(io::Error::other("broken off on purpose"))
}
