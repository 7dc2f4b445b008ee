//! Other texts than those that were sent.

/// Another name than the one that is taken.
pub(super) fn another_name(name: &str) -> String {
    format!("{name}-2")
}

/// A name that is short enough for anything.
pub(super) fn shorter(name: &str) -> String {
    name.chars().take(60).collect()
}

/// The address with the scheme `https`.
pub(super) fn of_https(url: &str) -> String {
    format!("https://{}", url.split_once("://").map_or(url, |(_, rest)| rest))
}
