//! What a server must refuse whatever is asked for, by the rules of HTTP/1.1.

use axum::http::header::{AUTHORIZATION, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Version};

use super::error::ApiError;

/// Checks the headers of a request that the parser lets pass.
pub(super) fn check(version: Version, headers: &HeaderMap) -> Result<(), ApiError> {
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
