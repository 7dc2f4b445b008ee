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
