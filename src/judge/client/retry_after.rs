//! A client repeats a request no sooner than it was told to (CLIENT-RETRY-AFTER). A request that got 423 may be repeated at any time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::exchange::Exchange;
use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{answered_at, named, same_before};
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "retry-after",
    summary: "a request that got 429 or 503 is repeated no sooner than `Retry-After` says",
    looks_at: "repetitions after a 429 or a 503 with `Retry-After`",
    requirements: &["CLIENT-RETRY-AFTER"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// Clocks are that far apart, and a date tells no parts of a second.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(1);

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(before) = same_before(record, index).map(|place| &record.exchanges[place]) else { continue };
        let (Some(answered), Some(until)) = (answered_at(before), not_before(before)) else { continue };
        // What was sent before the answer came does not know of it.
        if exchange.began <= answered {
            continue;
        }
        look.examine(index);
        if until.duration_since(exchange.began) > TOLERANCE {
            let waited = Duration::try_from(exchange.began.duration_since(answered)).unwrap_or_default();
            let asked = Duration::try_from(until.duration_since(answered)).unwrap_or_default();
            look.report(
                index,
                "repetition",
                format!("a wait of {:.1} s, as `Retry-After` says", asked.as_secs_f64()),
                format!(
                    "{} again {:.1} s after the {}",
                    named(exchange),
                    waited.as_secs_f64(),
                    before.response.status
                ),
            );
        }
    }
}

/// When an answer lets the request be sent again (RFC 9110 §10.2.3).
fn not_before(exchange: &Exchange) -> Option<Timestamp> {
    if !matches!(exchange.response.status, 429 | 503) {
        return None;
    }
    let value = exchange.response.header("retry-after")?.trim();
    match value.parse::<u32>() {
        Ok(seconds) => answered_at(exchange)?.checked_add(SignedDuration::from_secs(seconds.into())).ok(),
        Err(_) => Timestamp::try_from(httpdate::parse_http_date(value).ok()?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::judge::testing::{Fake, check};

    /// A request and its repetition, some milliseconds later.
    fn repeated(status: u16, retry_after: &str, later: i64) -> Vec<String> {
        let first = Fake::of("listProjects").status(status).header("retry-after", retry_after);
        check(&super::CHECK, vec![first, Fake::of("listProjects").later(later)])
    }

    #[rstest]
    #[case::in_seconds(429, "10", 3000, "repetition: GET /api/v2/projects again 3.0 s after the 429")]
    #[case::of_a_503(503, "10", 3000, "repetition: GET /api/v2/projects again 3.0 s after the 503")]
    #[case::as_a_date(
        429,
        "Thu, 01 Jan 1970 00:00:10 GMT",
        3000,
        "repetition: GET /api/v2/projects again 3.0 s after the 429"
    )]
    fn it_fires_where_a_repetition_comes_too_soon(
        #[case] status: u16,
        #[case] retry_after: &str,
        #[case] later: i64,
        #[case] expected: &str,
    ) {
        assert_eq!(repeated(status, retry_after, later), [expected]);
    }

    #[rstest]
    #[case::later(429, "10", 10_100)]
    #[case::a_little_sooner(429, "10", 9_500)]
    #[case::before_the_answer(429, "10", -5)]
    #[case::of_a_423(423, "10", 3000)]
    #[case::no_time(429, "soon", 3000)]
    #[case::a_date_that_is_over(429, "Thu, 01 Jan 1970 00:00:00 GMT", 10)]
    fn it_is_silent_otherwise(#[case] status: u16, #[case] retry_after: &str, #[case] later: i64) {
        assert!(repeated(status, retry_after, later).is_empty());
    }
}
