//! A client sends parameters and members that the contract knows (CLIENT-NAMES). Others have no effect, and are most often misspelt.

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::body;
use crate::judge::record::Record;
use crate::spec::closest;
use crate::spec::unknown::{Unknown, unknown};

pub(super) const CHECK: Check = Check {
    id: "known-names",
    summary: "every query parameter and every member of a body is one of the operation",
    looks_at: "requests for an operation of the contract",
    requirements: &["CLIENT-NAMES"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(operation) = record.operation(exchange) else { continue };
        look.examine(index);
        let body = body(exchange);
        let found = unknown(operation, &record.suite.schemas, exchange.query.keys(), body.as_ref());
        for Unknown { pointer, what, name, known } in found {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let expected = match closest(&name, &known) {
                Some(near) => format!("a {what} of {}, such as `{near}`", operation.id),
                None if known.is_empty() => format!("no {what}: {} has none here", operation.id),
                None => format!("a {what} of {}: {}", operation.id, known.join(", ")),
            };
            look.report(index, format!("request {}", pointer.trim_start_matches('/')), expected, name);
        }
    }
}
