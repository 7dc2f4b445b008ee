//! The tokens of JSON Pointers (RFC 6901).

use std::borrow::Cow;

/// A key as a JSON Pointer token (RFC 6901 §3).
#[must_use]
pub fn escape(token: &str) -> Cow<'_, str> {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1").into() } else { token.into() }
}

/// A JSON Pointer token as the key it stands for (RFC 6901 §4).
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
