//! What a client does wrong: one file per check. An endpoint is judged by the others.

mod deprecated_operation;
mod key_in_header;
mod known_names;
mod known_operation;
mod leftovers;
mod operation_wait;
mod rejected_key;
mod request_schema;
mod retry_after;
mod retry_end;
mod retry_pause;
mod safe_retry;
mod sent;
mod url_secrets;

use super::check::Check;
use super::record::Record;

/// Every check of clients, in the order of the findings.
pub const CLIENT_CHECKS: [Check; 13] = [
    known_operation::CHECK,
    deprecated_operation::CHECK,
    known_names::CHECK,
    request_schema::CHECK,
    key_in_header::CHECK,
    url_secrets::CHECK,
    rejected_key::CHECK,
    retry_after::CHECK,
    retry_pause::CHECK,
    retry_end::CHECK,
    safe_retry::CHECK,
    operation_wait::CHECK,
    leftovers::CHECK,
];

/// Whether a check of clients needs to have seen all of the traffic.
pub(crate) fn is_for_the_end(check: &Check) -> bool {
    [operation_wait::CHECK.id, leftovers::CHECK.id].contains(&check.id)
}

/// Whether such a check needs an exchange, by its place: what removes something changes something.
pub(crate) fn is_kept(record: &Record<'_>, index: usize) -> bool {
    operation_wait::needs(record, index)
}
