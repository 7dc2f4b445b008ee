//! Why a request failed: what is behind an error of the HTTP client.

use std::error::Error as StdError;
use std::io;

use super::tls;

/// What is behind an error, without its URL, which may hold what should not be shown.
pub(crate) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    tls::in_words(&error)
        .or_else(|| causes(&error).last().map(ToString::to_string))
        .unwrap_or_else(|| error.to_string())
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
