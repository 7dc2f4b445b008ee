//! A client removes what it has made (CLIENT-CLEANUP). What is left within something else that is left is not reported.

use crate::judge::check::{Check, Look, Severity};
use crate::judge::entities::{Creation, Identity, asked, created, deleted};
use crate::judge::record::Record;
use crate::spec::Suite;
use crate::spec::contract::Operation;

pub(super) const CHECK: Check = Check {
    id: "leftovers",
    summary: "every resource that the client created is removed at the end",
    looks_at: "created resources that can be removed",
    requirements: &["CLIENT-CLEANUP"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut present: Vec<(usize, Creation)> = Vec::new();
    for (index, exchange) in record.exchanges.iter().enumerate() {
        if let Some(removed) = removed(record, index) {
            present.retain(|(_, creation)| !creation.goes_with(&removed));
        }
        let can_be_removed =
            record.operation(exchange).is_some_and(|operation| can_be_removed(record.suite, operation));
        if let Some(creation) = created(record, index).filter(|_| can_be_removed) {
            look.examine(index);
            present.push((index, creation));
        }
    }
    for (index, creation) in &present {
        let is_within =
            |other: &Creation| other.identity != creation.identity && creation.goes_with(&other.identity);
        if present.iter().any(|(_, other)| is_within(other)) {
            continue;
        }
        let (kind, id) = &creation.identity;
        look.report(
            *index,
            format!("created {kind}"),
            format!("a DELETE of the {kind} before the client ends, unless it is meant to stay"),
            format!("the {kind} {id} is left"),
        );
    }
}

/// What a request has removed, or has found removed, or may have removed: its response is lost.
fn removed(record: &Record<'_>, index: usize) -> Option<Identity> {
    let exchange = &record.exchanges[index];
    let may_be_gone =
        exchange.request.method == "DELETE" && matches!(exchange.response.status, 0 | 404 | 410 | 500..);
    deleted(record, index).or_else(|| asked(record, exchange).filter(|_| may_be_gone))
}

/// Whether the contract has an operation that removes what another one creates.
fn can_be_removed(suite: &Suite, create: &Operation) -> bool {
    let is_below = |path: &str| path.strip_prefix(&create.path).is_some_and(|rest| rest.starts_with("/{"));
    suite.operations.values().any(|operation| operation.method == "DELETE" && is_below(&operation.path))
}
