//! A client does not go on with a key that is rejected, or without one (CLIENT-REJECTED-KEY).

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::key;
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "rejected-key",
    summary: "no client goes on with a key that is rejected, or without a key",
    looks_at: "responses 401",
    requirements: &["CLIENT-REJECTED-KEY"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// This number of rejections in a row is no loop yet: a client may ask several things at once.
const BORNE: usize = 5;

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        if exchange.response.status != 401 {
            continue;
        }
        look.examine(index);
        let own = key(exchange);
        let with_the_key = record.exchanges[..=index].iter().rev().filter(|other| key(other) == own);
        let rejected = with_the_key.take_while(|other| other.response.status == 401).count();
        if rejected == BORNE {
            let what = if own.is_some() { "with the same key" } else { "without a key" };
            look.report(
                index,
                "header authorization",
                "no further requests with a key that is rejected; stop at 401 and ask for another key",
                format!("{rejected} rejected requests in a row {what}"),
            );
        }
    }
}
