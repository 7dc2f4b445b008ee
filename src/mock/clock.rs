//! Time as the API shows it.

use jiff::civil::{Date, Time};
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

const WITH_SECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
const WITH_MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// A time with whole seconds, as v2 shows it: `2025-01-16T21:01:58Z`.
pub(super) fn seconds(time: Timestamp) -> String {
    WITH_SECONDS.timestamp_to_string(&time)
}

/// A time with milliseconds, as v1 shows it (V1-TIME): `2022-07-29T08:00:40.502Z`.
pub(super) fn milliseconds(time: Timestamp) -> String {
    WITH_MILLISECONDS.timestamp_to_string(&time)
}

/// The first moment of a time's month.
pub(super) fn start_of_month(time: Timestamp) -> String {
    midnight(first_of_month(time))
}

/// The first moment of the month after a time's.
pub(super) fn end_of_month(time: Timestamp) -> String {
    midnight(first_of_month(time).saturating_add(Span::new().months(1)))
}

/// The same, as a time.
pub(super) fn month_of(time: Timestamp) -> Timestamp {
    as_time(first_of_month(time))
}

/// The beginning of the month after a time's.
pub(super) fn month_after(time: Timestamp) -> Timestamp {
    as_time(first_of_month(time).saturating_add(Span::new().months(1)))
}

fn as_time(date: Date) -> Timestamp {
    Offset::UTC.to_timestamp(date.to_datetime(Time::midnight())).unwrap_or(Timestamp::MAX)
}

fn first_of_month(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date().first_of_month()
}

fn midnight(date: Date) -> String {
    WITH_SECONDS.datetime_to_string(&date.to_datetime(Time::midnight())) + "Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_each_version_does() {
        let time: Timestamp = "2022-12-29T08:00:40.502Z".parse().expect("it is a time");
        assert_eq!(seconds(time), "2022-12-29T08:00:40Z");
        assert_eq!(milliseconds(time), "2022-12-29T08:00:40.502Z");
        assert_eq!(start_of_month(time), "2022-12-01T00:00:00Z");
        assert_eq!(end_of_month(time), "2023-01-01T00:00:00Z");
    }
}
