//! A client waits for the operations of a project before it changes the project again (CLIENT-WAIT). Only where that shows: the
//! write is rejected with 423 and not sent again, which is safe, or the client has seen that an operation goes on.

use std::collections::BTreeMap;

use crate::exchange::Exchange;
use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{named, same_before};
use crate::judge::record::Record;
use crate::judge::work::{Piece, pieces};
use crate::spec::contract::Operation;

pub(super) const CHECK: Check = Check {
    id: "operation-wait",
    summary: "no write to a project is sent before the operations end that the client began or has seen",
    looks_at: "writes to a project after a response that shows operations",
    requirements: &["CLIENT-WAIT"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    // What goes on, and whether a read has shown so.
    let mut open: BTreeMap<BTreeMap<String, String>, bool> = BTreeMap::new();
    for (index, exchange) in record.answered() {
        let Some(operation) = record.operation(exchange) else { continue };
        let is_read = operation.method == "GET";
        let mut under_way = open.iter().filter(|(piece, _)| is_about(exchange, piece)).peekable();
        if !is_read && under_way.peek().is_some() && !changes_the_whole(operation) {
            look.examine(index);
            let is_locked = exchange.response.status == 423 && !is_repeated(record, index);
            let is_seen = under_way.any(|(_, is_seen)| *is_seen);
            if is_locked || is_seen {
                let why = if is_locked {
                    "which was rejected with 423 and not repeated"
                } else {
                    "which a read had shown to go on"
                };
                look.report(
                    index,
                    "request",
                    "a read of the operations until they end (GET \u{2026}/operations/{operation_id}), and then the write",
                    format!("{} during an operation of an earlier request, {why}", named(exchange)),
                );
            }
        }
        for Piece { read, has_ended } in pieces(record, exchange) {
            if has_ended {
                open.remove(&read);
            } else {
                open.entry(read).and_modify(|is_seen| *is_seen |= is_read).or_insert(is_read);
            }
        }
    }
}

/// Whether a request is sent again.
fn is_repeated(record: &Record<'_>, index: usize) -> bool {
    let later = index + 1..record.exchanges.len();
    later.into_iter().any(|later| same_before(record, later) == Some(index))
}

/// Whether the check needs an exchange, by its place: it changes something, or shows an operation.
pub(super) fn needs(record: &Record<'_>, index: usize) -> bool {
    let exchange = &record.exchanges[index];
    exchange.request.method != "GET" || !pieces(record, exchange).is_empty()
}

/// Whether a request is about the same project as a piece of work.
fn is_about(exchange: &Exchange, piece: &BTreeMap<String, String>) -> bool {
    let mut common = piece.iter().filter(|(name, _)| exchange.params.contains_key(*name)).peekable();
    common.peek().is_some() && common.all(|(name, value)| exchange.params.get(name) == Some(value))
}

/// Whether an operation is about a project as a whole: these wait for nothing.
fn changes_the_whole(operation: &Operation) -> bool {
    operation.path.ends_with('}') && operation.path_parameters().count() == 1
}
