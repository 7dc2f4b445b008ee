//! How fast requests are sent: one limit for all of them, one for each route, and a pause for all where the endpoint asks for one.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use crate::sync::lock;

/// No route is asked more often in a second, as the service states its limit.
const A_ROUTE: NonZeroU32 = NonZeroU32::new(40).unwrap();

/// So many requests in a length of time, or any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// As many as can be sent.
    Unlimited,
    /// No more than these.
    Limited {
        /// How many requests.
        requests: NonZeroU32,
        /// In how long.
        period: Duration,
    },
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not a rate; write `10` or `10/s`, `700/min`, or `unlimited`");
        if text == "unlimited" {
            return Ok(Self::Unlimited);
        }
        let (requests, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit.trim() {
            "s" | "sec" | "second" => 1,
            "m" | "min" | "minute" => 60,
            "h" | "hour" => 3600,
            _ => return Err(wrong()),
        };
        let requests = requests.trim().parse().map_err(|_| wrong())?;
        Ok(Self::Limited { requests, period: Duration::from_secs(seconds) })
    }
}

/// How fast requests are sent.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How many in the long run.
    pub rate: Rate,
    /// How many at once, after a rest.
    pub burst: NonZeroU32,
}

impl Pace {
    /// Ten a second, and twenty at once: well below the service's 700 a minute.
    pub const COURTEOUS: Self = Self {
        rate: Rate::Limited { requests: NonZeroU32::new(10).unwrap(), period: Duration::from_secs(1) },
        burst: NonZeroU32::new(20).unwrap(),
    };

    /// As fast as can be.
    pub const UNLIMITED: Self = Self { rate: Rate::Unlimited, ..Self::COURTEOUS };
}

/// Lets requests go at a pace.
#[derive(Debug)]
pub(super) struct Gate {
    limits: Option<(DefaultDirectRateLimiter, DefaultKeyedRateLimiter<String>)>,
    closed_until: Mutex<Instant>,
}

impl Gate {
    pub(super) fn new(pace: Pace) -> Self {
        let limits = match pace.rate {
            Rate::Unlimited => None,
            // A quota is a time between two requests: none is shorter than a nanosecond.
            Rate::Limited { requests, period } => {
                Quota::with_period((period / requests.get()).max(Duration::from_nanos(1))).map(|quota| {
                    let all = RateLimiter::direct(quota.allow_burst(pace.burst));
                    (all, RateLimiter::keyed(Quota::per_second(A_ROUTE)))
                })
            }
        };
        Self { limits, closed_until: Mutex::new(Instant::now()) }
    }

    /// Waits until a request on this route may be sent.
    pub(super) async fn pass(&self, route: &str) {
        if let Some((all, routes)) = &self.limits {
            routes.until_key_ready(&route.to_owned()).await;
            all.until_ready().await;
        }
        loop {
            let until = *lock(&self.closed_until);
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }

    /// Lets nothing pass for so long.
    pub(super) fn close_for(&self, time: Duration) {
        let mut until = lock(&self.closed_until);
        *until = (*until).max(Instant::now() + time);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("unlimited", Some((0, 0)))]
    #[case("10", Some((10, 1)))]
    #[case("5/s", Some((5, 1)))]
    #[case("700/min", Some((700, 60)))]
    #[case("100/hour", Some((100, 3600)))]
    #[case("0", None)]
    #[case("-1", None)]
    #[case("ten", None)]
    #[case("10/day", None)]
    fn a_rate_is_read(#[case] text: &str, #[case] expected: Option<(u32, u64)>) {
        let read = text.parse::<Rate>().ok().map(|rate| match rate {
            Rate::Unlimited => (0, 0),
            Rate::Limited { requests, period } => (requests.get(), period.as_secs()),
        });
        assert_eq!(read, expected);
    }

    #[tokio::test]
    async fn after_a_burst_requests_go_at_the_rate() {
        let rate = "100/s".parse().expect("it is a rate");
        let gate = Gate::new(Pace { rate, burst: NonZeroU32::new(3).expect("it is not 0") });
        let started = Instant::now();
        for _ in 0..6 {
            gate.pass("GET /").await;
        }
        assert!(started.elapsed() >= Duration::from_millis(25), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_closed_gate_holds_everyone() {
        let gate = Gate::new(Pace::UNLIMITED);
        gate.close_for(Duration::from_millis(30));
        let started = Instant::now();
        gate.pass("GET /").await;
        assert!(started.elapsed() >= Duration::from_millis(30));
    }
}
