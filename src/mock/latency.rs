//! How long answers take.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::sync::lock;

/// A time that answers take, and how far it may be from that: `80ms±30ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    mean: Duration,
    spread: Duration,
}

/// No latency is written so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownLatency {
    /// It is no time.
    #[error("write a time such as 80ms, or with a spread such as 80ms±30ms or 80ms+-30ms")]
    Form,
    /// Some times would be negative.
    #[error("the spread is longer than the latency")]
    Spread,
}

impl Latency {
    /// Answers that all take this time.
    #[must_use]
    pub fn of(mean: Duration) -> Self {
        Self { mean, spread: Duration::ZERO }
    }
}

impl From<Duration> for Latency {
    fn from(mean: Duration) -> Self {
        Self::of(mean)
    }
}

impl FromStr for Latency {
    type Err = UnknownLatency;

    fn from_str(text: &str) -> Result<Self, UnknownLatency> {
        let time = |text: &str| humantime::parse_duration(text).map_err(|_| UnknownLatency::Form);
        let Some((mean, spread)) = text.split_once('±').or_else(|| text.split_once("+-")) else {
            return time(text).map(Self::of);
        };
        let (mean, spread) = (mean.trim(), spread.trim());
        // A spread without a unit has that of the latency.
        let unit = mean.trim_start_matches(|character: char| character.is_ascii_digit());
        let is_number = !spread.is_empty() && spread.bytes().all(|byte| byte.is_ascii_digit());
        let spread = if is_number { time(&format!("{spread}{unit}"))? } else { time(spread)? };
        let mean = time(mean)?;
        if spread > mean { Err(UnknownLatency::Spread) } else { Ok(Self { mean, spread }) }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.mean).fmt(f)?;
        if self.spread.is_zero() {
            return Ok(());
        }
        write!(f, "±{}", humantime::format_duration(self.spread))
    }
}

/// The times that answers take, one after the other; the same seed draws the same ones.
#[derive(Debug)]
pub(super) struct Delays {
    latency: Latency,
    seed: u64,
    draws: Mutex<ChaCha12Rng>,
}

impl Delays {
    pub(super) fn new(latency: Latency, seed: u64) -> Self {
        Self { latency, seed, draws: Mutex::new(Self::draws(seed)) }
    }

    /// Begins anew.
    pub(super) fn reset(&self) {
        *lock(&self.draws) = Self::draws(self.seed);
    }

    pub(super) fn draw(&self) -> Duration {
        let Latency { mean, spread } = self.latency;
        if spread.is_zero() {
            return mean;
        }
        mean.saturating_sub(spread) + (spread * 2).mul_f64(lock(&self.draws).random())
    }

    fn draws(seed: u64) -> ChaCha12Rng {
        ChaCha12Rng::seed_from_u64(seed.wrapping_add(2))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("80ms", 80, 0)]
    #[case("80ms±30", 80, 30)]
    #[case("80ms±30ms", 80, 30)]
    #[case("80ms+-30ms", 80, 30)]
    #[case("1s +- 500ms", 1000, 500)]
    fn a_latency_is_read(#[case] text: &str, #[case] mean: u64, #[case] spread: u64) {
        let (mean, spread) = (Duration::from_millis(mean), Duration::from_millis(spread));
        let latency: Latency = text.parse().expect("it is a latency");
        assert_eq!(latency, Latency { mean, spread });
        assert_eq!(latency.to_string().parse(), Ok(latency));
    }

    #[rstest]
    #[case("", UnknownLatency::Form)]
    #[case("80", UnknownLatency::Form)]
    #[case("80ms±", UnknownLatency::Form)]
    #[case("±30ms", UnknownLatency::Form)]
    #[case("80ms-30ms", UnknownLatency::Form)]
    #[case("80ms±90ms", UnknownLatency::Spread)]
    fn what_is_no_latency_is_refused(#[case] text: &str, #[case] expected: UnknownLatency) {
        assert_eq!(text.parse::<Latency>(), Err(expected));
    }

    #[test]
    fn a_seed_draws_the_same_times_within_the_spread() {
        let latency = "80ms±30ms".parse().expect("it is a latency");
        let draw = |delays: &Delays| (0..100).map(|_| delays.draw()).collect::<Vec<_>>();
        let delays = Delays::new(latency, 7);
        let drawn = draw(&delays);
        delays.reset();
        assert_eq!(draw(&delays), drawn);
        assert_ne!(draw(&Delays::new(latency, 8)), drawn);
        let range = Duration::from_millis(50)..=Duration::from_millis(110);
        assert!(drawn.iter().all(|time| range.contains(time)), "{drawn:?}");
        assert!(drawn.iter().any(|time| time != &drawn[0]), "{drawn:?}");
    }
}
