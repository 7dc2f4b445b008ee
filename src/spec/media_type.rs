//! Media types and their ranges (RFC 9110 §8.3.1, §12.5.1).

/// A media type without its parameters, in lower case (RFC 9110 §8.3.1).
pub(super) fn media_type(written: &str) -> String {
    written.split(';').next().unwrap_or(written).trim().to_ascii_lowercase()
}

/// A media type and the ranges that it is in, the narrowest first.
pub(crate) fn ranges(media_type: &str) -> [String; 3] {
    let of_type = media_type.split('/').next().unwrap_or(media_type);
    [media_type.to_owned(), format!("{of_type}/*"), "*/*".to_owned()]
}

pub(super) const JSON: &str = "application/json";
