//! A client does without operations that will be removed (CLIENT-DEPRECATED).

use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::named;
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "deprecated-operation",
    summary: "no request uses a deprecated operation",
    looks_at: "requests for an operation of the contract",
    requirements: &["CLIENT-DEPRECATED"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(operation) = record.operation(exchange) else { continue };
        look.examine(index);
        if operation.is_deprecated {
            let expected = "an operation that is not deprecated; the contract names the one to use instead";
            look.report(index, "request", expected, format!("{} ({})", named(exchange), operation.id));
        }
    }
}
