//! A client sends its key in the header, and nowhere that is written down on the way (CLIENT-KEY-HEADER).

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::key;
use crate::judge::record::Record;
use crate::secret::{certain, unescaped};

pub(super) const CHECK: Check = Check {
    id: "key-in-header",
    summary: "no URL contains an API key",
    looks_at: "all requests to the API",
    requirements: &["CLIENT-KEY-HEADER"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// Fewer characters may be found anywhere.
const SHORTEST: usize = 12;

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        look.examine(index);
        let target = unescaped(&exchange.request.target);
        let token = key(exchange).and_then(|key| key.rsplit(' ').next()).unwrap_or_default();
        let has_own = token.len() >= SHORTEST && target.contains(token);
        let has_one = certain(&target).into_iter().any(|place| target[place].starts_with("napi_"));
        if has_own || has_one {
            let expected =
                "the key in the header `Authorization: Bearer` only; revoke this key, which logs may keep";
            look.report(index, "request URL", expected, "an API key");
        }
    }
}
