//! A client pauses before it repeats a request that it was asked to repeat later (CLIENT-RETRY-PAUSE).

use jiff::SignedDuration;

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{answered_at, asks_for_patience, named, same_before};
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "retry-pause",
    summary: "a request that got 423, 429 or 503 is repeated after a pause",
    looks_at: "repetitions after a 423, a 429 or a 503",
    requirements: &["CLIENT-RETRY-PAUSE"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// Less than this is no pause.
const PAUSE: SignedDuration = SignedDuration::from_millis(50);

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(before) = same_before(record, index).map(|place| &record.exchanges[place]) else { continue };
        let Some(answered) = answered_at(before).filter(|_| asks_for_patience(before)) else { continue };
        // What was sent before the answer came does not know of it.
        if exchange.began <= answered {
            continue;
        }
        look.examine(index);
        let waited = exchange.began.duration_since(answered);
        if waited < PAUSE {
            let (milliseconds, status) = (waited.as_millis(), before.response.status);
            look.report(
                index,
                "repetition",
                "a pause that grows with each repetition, from a second or so",
                format!("{} again {milliseconds} ms after the {status}", named(exchange)),
            );
        }
    }
}
