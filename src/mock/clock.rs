//! Time as the API shows it.

use jiff::Timestamp;
use jiff::fmt::strtime;

/// A time with whole seconds, as v2 shows it: `2025-01-16T21:01:58Z`.
pub(super) fn seconds(time: Timestamp) -> String {
    format(time, "%Y-%m-%dT%H:%M:%SZ")
}

/// A time with milliseconds, as v1 shows it (V1-TIME): `2022-07-29T08:00:40.502Z`.
pub(super) fn milliseconds(time: Timestamp) -> String {
    format(time, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

/// The first moment of a time's month, and of the next one.
pub(super) fn month(time: Timestamp) -> (String, String) {
    let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = date.first_of_month();
    let next = first.saturating_add(jiff::Span::new().months(1));
    (format!("{first}T00:00:00Z"), format!("{next}T00:00:00Z"))
}

fn format(time: Timestamp, pattern: &str) -> String {
    strtime::format(pattern, time).expect("the patterns are sound")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_each_version_does() {
        let time: Timestamp = "2022-12-29T08:00:40.502Z".parse().expect("it is a time");
        assert_eq!(seconds(time), "2022-12-29T08:00:40Z");
        assert_eq!(milliseconds(time), "2022-12-29T08:00:40.502Z");
        assert_eq!(month(time), ("2022-12-01T00:00:00Z".to_owned(), "2023-01-01T00:00:00Z".to_owned()));
    }
}
