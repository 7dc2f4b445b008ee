//! A client does not repeat a request without end (CLIENT-RETRY-END).

use jiff::SignedDuration;

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{asks_for_patience, named, same_before};
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "retry-end",
    summary: "no request that gets 423, 429 or 503 is repeated again and again within seconds",
    looks_at: "repetitions after a 423, a 429 or a 503",
    requirements: &["CLIENT-RETRY-END"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// This number of repetitions in a row is without end.
const MOST: usize = 20;

/// Whoever pauses longer than this may go on for minutes.
const LONG: SignedDuration = SignedDuration::from_millis(900);

fn judge(record: &Record<'_>, look: &mut Look) {
    // How often the request of each exchange had been repeated in a row.
    let mut rows = vec![0; record.exchanges.len()];
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(place) = same_before(record, index) else { continue };
        let before = &record.exchanges[place];
        if !asks_for_patience(before) {
            continue;
        }
        look.examine(index);
        let is_soon = exchange.began.duration_since(before.began) < LONG;
        rows[index] = if is_soon { rows[place] + 1 } else { 0 };
        if rows[index] == MOST {
            look.report(
                index,
                "repetition",
                "an end after a few repetitions, with a pause that grows",
                format!("{} for the {}th time in a row", named(exchange), MOST + 1),
            );
        }
    }
}
