//! Why a request failed: what is behind an error of the HTTP client.

use std::error::Error as StdError;
use std::io;

use super::tls;

/// What is behind an error, without its URL, which may hold what should not be shown.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    tls::in_words(&error)
        .or_else(|| causes(&error).last().map(|cause| in_words(&cause.to_string())))
        .unwrap_or_else(|| error.to_string())
}

/// What the HTTP client says of a header line that is none.
const MALFORMED_LINE: &str = "invalid HTTP header parsed";

/// What the HTTP client says of a response that it cannot read, and what is wrong with such a response.
const NO_HTTP: [(&str, &str); 6] = [
    (
        MALFORMED_LINE,
        "a header line of the response is malformed: a name is a token and ends in `:`, a value has no control characters (RFC 9112 §5)",
    ),
    ("invalid HTTP version parsed", "the response does not begin with an HTTP version (RFC 9112 §2.3)"),
    ("invalid HTTP status-code parsed", "the status of the response is not three digits (RFC 9112 §4)"),
    (
        "invalid content-length parsed",
        "the Content-Length of the response is not a number, or is repeated with different values (RFC 9112 §6.3)",
    ),
    (
        "unexpected transfer-encoding parsed",
        "the Transfer-Encoding of the response is not one that a client can read (RFC 9112 §6.1)",
    ),
    (
        "message head is too large",
        "the header of the response has too many lines or bytes for a client to read",
    ),
];

fn in_words(cause: &str) -> String {
    let known = NO_HTTP.iter().find(|(said, _)| cause.starts_with(said));
    known.map_or_else(|| cause.to_owned(), |(_, words)| (*words).to_owned())
}

/// Whether an answer has a header line that is none.
pub(super) fn is_about_a_header_line(error: &reqwest::Error) -> bool {
    causes(error).any(|error| error.to_string().starts_with(MALFORMED_LINE))
}

/// Whether a connection that was there ended before any answer: not where something came that is no HTTP.
pub(super) fn is_without_answer(error: &reqwest::Error) -> bool {
    let is_about_it = |error: &hyper::Error| error.is_parse() || error.is_user();
    !error.is_connect()
        && !error.is_builder()
        && !causes(error).any(|error| error.downcast_ref().is_some_and(is_about_it))
}

/// An error and what is behind it. What an I/O error wraps is no source of it.
pub(super) fn causes<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'e (dyn StdError + 'static) = *error;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}
