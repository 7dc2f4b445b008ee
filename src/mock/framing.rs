//! What a server must refuse whatever is asked for, by the rules of HTTP/1.1.

use axum::http::header::{AUTHORIZATION, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Uri, Version};

use super::error::ApiError;

/// The longest target of a request, in bytes. RFC 9110 §4.1 asks for no less than 8000.
const LONGEST_TARGET: usize = 16 * 1024;

/// The most header lines of a request, and the most bytes of their names and values.
const MOST_HEADERS: (usize, usize) = (100, 64 * 1024);

/// Checks the target and the headers of a request that the parser lets pass.
pub(super) fn check(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    if uri.path_and_query().is_some_and(|target| target.as_str().len() > LONGEST_TARGET) {
        return Err(ApiError::target_too_long());
    }
    let (lines, bytes) = MOST_HEADERS;
    let long: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > lines || long > bytes {
        return Err(ApiError::headers_too_large());
    }
    let count = |name| headers.get_all(name).iter().count();
    // RFC 9112 §3.2: without one, and with more than one.
    if count(HOST) > 1 || (count(HOST) == 0 && version == Version::HTTP_11) {
        return Err(ApiError::bad_request("a request has one `Host` header"));
    }
    // RFC 9110 §5.3: it is no list.
    if count(AUTHORIZATION) > 1 {
        return Err(ApiError::bad_request("a request has one `Authorization` header at most"));
    }
    // RFC 9112 §6.1: a coding that is not understood.
    let codings = headers.get_all(TRANSFER_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let unknown = codings
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .find(|coding| !coding.eq_ignore_ascii_case("chunked"));
    match unknown {
        Some(coding) => Err(ApiError::no_such_coding(coding)),
        None => Ok(()),
    }
}
