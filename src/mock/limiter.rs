//! How many requests an account may send.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

/// So many requests of each account in a second, a minute or an hour: `40/s`, `700/m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    most: u32,
    per: Per,
}

/// A length of time that requests are counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Per {
    Second,
    /// As the service states its limit.
    Minute,
    Hour,
}

/// No rate limit is written so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a number of requests per minute, or a rate such as 40/s, 700/m or 10000/h")]
pub struct UnknownRateLimit;

impl Per {
    fn window(self) -> SignedDuration {
        match self {
            Self::Second => SignedDuration::from_secs(1),
            Self::Minute => SignedDuration::from_mins(1),
            Self::Hour => SignedDuration::from_hours(1),
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Second => 's',
            Self::Minute => 'm',
            Self::Hour => 'h',
        }
    }
}

impl From<u32> for RateLimit {
    /// So many requests in a minute.
    fn from(most: u32) -> Self {
        Self { most, per: Per::Minute }
    }
}

impl FromStr for RateLimit {
    type Err = UnknownRateLimit;

    fn from_str(text: &str) -> Result<Self, UnknownRateLimit> {
        let (most, letter) = text.split_once('/').unwrap_or((text, "m"));
        let all = [Per::Second, Per::Minute, Per::Hour];
        let per = all.into_iter().find(|per| letter == per.letter().to_string()).ok_or(UnknownRateLimit)?;
        let most = most.parse().ok().filter(|most| *most > 0).ok_or(UnknownRateLimit)?;
        Ok(Self { most, per })
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.most, self.per.letter())
    }
}

/// Counts the requests of each account.
#[derive(Debug)]
pub(super) struct Limiter {
    limit: RateLimit,
    /// When each account's time began, and how many requests it has sent since.
    windows: Mutex<HashMap<usize, (Timestamp, u32)>>,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, windows: Mutex::default() }
    }

    /// Begins to count anew.
    pub(super) fn clear(&self) {
        lock(&self.windows).clear();
    }

    /// Counts a request; where there are too many, after how many seconds to come again.
    pub(super) fn admit(&self, account: usize, now: Timestamp) -> Result<(), i64> {
        let window = self.limit.per.window();
        let mut windows = lock(&self.windows);
        let (began, count) = windows.entry(account).or_insert((now, 0));
        if now.duration_since(*began) >= window {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count <= self.limit.most {
            return Ok(());
        }
        let left = window - now.duration_since(*began);
        // Whole seconds, and never too early (RFC 9110 §10.2.3).
        Err(left.as_secs() + i64::from(left.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_minute("2", 2_000, 60_000, 58)]
    #[case::a_second("2/s", 300, 1_000, 1)]
    #[case::an_hour("2/h", 2_500, 3_600_000, 3_598)]
    fn an_account_is_held_back_until_its_time_is_over(
        #[case] limit: &str,
        #[case] amid: i64,
        #[case] over: i64,
        #[case] left: i64,
    ) {
        let limiter = Limiter::new(limit.parse().expect("it is a limit"));
        let at = |milliseconds: i64| {
            Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).expect("it is a time")
        };
        assert_eq!(limiter.admit(1, at(0)), Ok(()));
        assert_eq!(limiter.admit(1, at(1)), Ok(()));
        assert_eq!(limiter.admit(1, at(amid)), Err(left));
        assert_eq!(limiter.admit(2, at(amid)), Ok(()), "others are not held back");
        assert_eq!(limiter.admit(1, at(over)), Ok(()));
        assert_eq!(limiter.admit(1, at(over + 1)), Ok(()));
        let told = limiter.admit(1, at(over + 1)).expect_err("there are too many");
        assert_eq!(limiter.admit(1, at(over + 1 + told * 1_000)), Ok(()), "it may come when it was told to");
    }

    #[rstest]
    #[case("700", Some("700/m"))]
    #[case("700/m", Some("700/m"))]
    #[case("40/s", Some("40/s"))]
    #[case("1/h", Some("1/h"))]
    #[case("0/s", None)]
    #[case("40/", None)]
    #[case("40/d", None)]
    #[case("/s", None)]
    #[case("-1", None)]
    #[case("4.5/s", None)]
    fn a_limit_is_read(#[case] text: &str, #[case] expected: Option<&str>) {
        let limit = text.parse::<RateLimit>().ok().map(|limit| limit.to_string());
        assert_eq!(limit.as_deref(), expected);
    }
}
