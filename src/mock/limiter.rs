//! How many requests an account may send.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

/// The length of time that requests are counted over, as the service states its limit.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// So many requests of each account in a minute.
#[derive(Debug)]
pub(super) struct Limiter {
    most: u32,
    /// When each account's minute began, and how many requests it has sent since.
    minutes: Mutex<HashMap<usize, (Timestamp, u32)>>,
}

impl Limiter {
    pub(super) fn new(most: u32) -> Self {
        Self { most, minutes: Mutex::default() }
    }

    /// Begins to count anew.
    pub(super) fn clear(&self) {
        lock(&self.minutes).clear();
    }

    /// Counts a request; where there are too many, after how many seconds to come again.
    pub(super) fn admit(&self, account: usize, now: Timestamp) -> Result<(), i64> {
        let mut minutes = lock(&self.minutes);
        let (began, count) = minutes.entry(account).or_insert((now, 0));
        if now.duration_since(*began) >= WINDOW {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count <= self.most {
            return Ok(());
        }
        let left = WINDOW - now.duration_since(*began);
        // Whole seconds, and never too early (RFC 9110 §10.2.3).
        Err(left.as_secs() + i64::from(left.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_held_back_until_its_minute_is_over() {
        let limiter = Limiter::new(2);
        let at = |seconds: i64| Timestamp::from_second(1_700_000_000 + seconds).expect("it is a time");
        assert_eq!(limiter.admit(1, at(0)), Ok(()));
        assert_eq!(limiter.admit(1, at(1)), Ok(()));
        assert_eq!(limiter.admit(1, at(2)), Err(58));
        assert_eq!(limiter.admit(2, at(2)), Ok(()), "others are not held back");
        assert_eq!(limiter.admit(1, at(60)), Ok(()));
    }
}
