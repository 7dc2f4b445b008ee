//! The point where an answer has become bytes.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::Response;
use futures::{StreamExt, stream};

use super::data::{Break, Spoil};
use super::faults::{Asked, Faults};

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
        response
    }
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
    let breaks = async {
        tokio::time::sleep(UNTIL_IT_HAS_LEFT).await;
        Err(std::io::Error::other("broken off on purpose"))
    };
    Body::from_stream(stream::iter([Ok(part)]).chain(stream::once(breaks)))
}
