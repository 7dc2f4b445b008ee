//! A client asks for what the contract has (CLIENT-OPERATION).

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::named;
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "known-operation",
    summary: "every request has a method and a path of the contract",
    looks_at: "all requests to the API",
    requirements: &["CLIENT-OPERATION"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        // A browser asks so whether a page may ask (Fetch §3.2.2).
        if matches!(exchange.request.method.as_str(), "HEAD" | "OPTIONS") {
            continue;
        }
        look.examine(index);
        if exchange.operation.is_some() {
            continue;
        }
        let methods: Vec<&str> = record
            .suite
            .operations_on(&exchange.request.target)
            .map(|operation| operation.method.as_str())
            .collect();
        let expected = if methods.is_empty() {
            "a path of the contract; `neon-contract list --of operations` lists all operations".to_owned()
        } else {
            format!("one of the methods of this path: {}", methods.join(", "))
        };
        look.report(index, "request", expected, named(exchange));
    }
}
