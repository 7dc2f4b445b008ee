//! The span of time that a history of consumption is asked for, and its parts.

use jiff::{SignedDuration, Timestamp};

use crate::mock::clock::{month_after, month_of};
use crate::mock::error::ApiError;
use crate::mock::handlers::Call;

/// Nothing is known of what was before.
const BEGINNING: &str = "2024-03-01T00:00:00Z";

/// The length of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Granularity {
    Hourly,
    Daily,
    Monthly,
}

/// A span that begins and ends with one of its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    granularity: Granularity,
    from: Timestamp,
    to: Timestamp,
}

impl Granularity {
    /// The beginning of the part that a moment is in.
    fn floor(self, time: Timestamp) -> Timestamp {
        let whole = |seconds: i64| {
            let second = time.as_second();
            Timestamp::from_second(second - second.rem_euclid(seconds)).unwrap_or(time)
        };
        match self {
            Self::Hourly => whole(3_600),
            Self::Daily => whole(86_400),
            Self::Monthly => month_of(time),
        }
    }

    /// The end of the part that begins at a moment.
    fn after(self, time: Timestamp) -> Timestamp {
        let later = |hours: i64| time.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(time);
        match self {
            Self::Hourly => later(1),
            Self::Daily => later(24),
            Self::Monthly => month_after(time),
        }
    }

    /// For how long parts of this length are kept.
    fn kept(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::Hourly => 168,
            Self::Daily => 60 * 24,
            Self::Monthly => 366 * 24,
        })
    }
}

impl Span {
    /// What a request asks for; 406 where it is not kept.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        let required = |name: &str| {
            call.required(name)?;
            call.time(name)?.ok_or_else(|| ApiError::parameter(name, "query parameter is required"))
        };
        let (from, to) = (required("from")?, required("to")?);
        call.required("granularity")?;
        let granularity = match call.choice("granularity", &["hourly", "daily", "monthly"])? {
            "hourly" => Granularity::Hourly,
            "daily" => Granularity::Daily,
            _ => Granularity::Monthly,
        };
        Ok(Self { granularity, from: granularity.floor(from), to: granularity.floor(to) })
    }

    /// 406 where this is not kept.
    pub(super) fn must_be_kept(&self, now: Timestamp) -> Result<(), ApiError> {
        let oldest = now.saturating_sub(self.granularity.kept()).unwrap_or(now);
        let beginning = BEGINNING.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        if self.from > self.to || self.from < self.granularity.floor(oldest) || self.from < beginning {
            let message =
                "the range from `from` to `to` is outside the boundaries of the specified granularity";
            return Err(ApiError::outside_history(message));
        }
        Ok(())
    }

    /// Its parts that have begun, but for those that were over at a moment.
    pub(super) fn parts(self, after: Timestamp, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let first = self.from.max(self.granularity.floor(after));
        let ends = |start: &Timestamp| (*start, self.granularity.after(*start));
        let starts = std::iter::successors(Some(first), |start| Some(self.granularity.after(*start)));
        starts.take_while(|start| *start < self.to && *start <= now).map(|start| ends(&start)).collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Granularity, Span};

    #[rstest]
    #[case(Granularity::Hourly, "2025-03-15T15:30:00Z", "2025-03-15T15:00:00Z")]
    #[case(Granularity::Daily, "2025-03-15T15:30:00Z", "2025-03-15T00:00:00Z")]
    #[case(Granularity::Monthly, "2025-03-15T15:30:00Z", "2025-03-01T00:00:00Z")]
    fn a_moment_is_rounded_down(#[case] granularity: Granularity, #[case] time: &str, #[case] floor: &str) {
        let time = time.parse().expect("it is a time");
        assert_eq!(granularity.floor(time).to_string(), floor);
    }

    #[test]
    fn parts_end_with_the_one_that_has_begun() {
        let time = |text: &str| text.parse().expect("it is a time");
        let span = Span {
            granularity: Granularity::Monthly,
            from: time("2025-01-01T00:00:00Z"),
            to: time("2026-01-01T00:00:00Z"),
        };
        let parts = span.parts(time("2025-02-10T00:00:00Z"), time("2025-04-02T00:00:00Z"));
        let starts: Vec<String> = parts.iter().map(|(start, _)| start.to_string()).collect();
        assert_eq!(starts, ["2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z"]);
    }
}
