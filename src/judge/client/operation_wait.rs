//! A client waits for the operations of a project before it changes the project again, or uses what they make (CLIENT-WAIT). Only where
//! that shows: the request is rejected with 423 and not sent again, which is safe; the client has seen that an operation goes on; or
//! what an operation is about is answered with an error, and the same request succeeds later though nothing else was changed.

use std::collections::BTreeMap;

use crate::exchange::Exchange;
use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{is_same, named, same_before};
use crate::judge::record::Record;
use crate::judge::work::{Piece, pieces};
use crate::spec::contract::Operation;

pub(super) const CHECK: Check = Check {
    id: "operation-wait",
    summary: "no write to a project is sent before the operations end that the client began or has seen, and no request fails for that",
    looks_at: "writes to a project after a response that shows operations, and what fails then",
    requirements: &["CLIENT-WAIT"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

/// Work that goes on.
struct UnderWay {
    /// A read has shown so.
    is_seen: bool,
    /// The IDs of what it makes or changes.
    about: Vec<String>,
}

fn judge(record: &Record<'_>, look: &mut Look) {
    // What goes on, by the parameters of the read that shows it.
    let mut open: BTreeMap<BTreeMap<String, String>, UnderWay> = BTreeMap::new();
    for (index, exchange) in record.answered() {
        let Some(operation) = record.operation(exchange) else { continue };
        let is_read = operation.method == "GET";
        let under_way: Vec<&UnderWay> =
            open.iter().filter(|(piece, _)| is_about(exchange, piece)).map(|(_, work)| work).collect();
        if !under_way.is_empty() && !changes_the_whole(operation) && (!is_read || has_failed(exchange)) {
            look.examine(index);
            if let Some((why, then)) = hasty(record, index, &under_way) {
                look.report(
                    index,
                    "request",
                    format!("a read of the operations until they end (GET \u{2026}/operations/{{operation_id}}), and then the {then}"),
                    format!("{} during an operation of an earlier request, {why}", named(exchange)),
                );
            }
        }
        for Piece { read, has_ended, about } in pieces(record, exchange) {
            if has_ended {
                open.remove(&read);
            } else {
                let work = open.entry(read).or_insert(UnderWay { is_seen: false, about: Vec::new() });
                work.is_seen |= is_read;
                work.about.extend(about);
            }
        }
    }
}

/// What shows that a request came too early, and what should have come when the work had ended; none, where nothing shows it.
fn hasty(record: &Record<'_>, index: usize, under_way: &[&UnderWay]) -> Option<(&'static str, &'static str)> {
    let exchange = &record.exchanges[index];
    let is_read = exchange.request.method == "GET";
    let kind = if is_read { "read" } else { "write" };
    if exchange.response.status == 423 && !is_repeated(record, index) {
        return Some(("which was rejected with 423 and not repeated", kind));
    }
    if !is_read && under_way.iter().any(|work| work.is_seen) {
        return Some(("which a read had shown to go on", kind));
    }
    let is_used = |work: &&UnderWay| work.about.iter().any(|id| names(exchange, id));
    let why = match exchange.response.status {
        404 => "which got 404 for what the operation is about, and succeeded later",
        412 => "which got 412 for what the operation is about, and succeeded later",
        _ => return None,
    };
    (under_way.iter().any(is_used) && succeeds_later(record, index)).then_some((why, kind))
}

/// Whether an answer may say that the request came too early.
fn has_failed(exchange: &Exchange) -> bool {
    matches!(exchange.response.status, 404 | 412 | 423)
}

/// Whether a request names something: in its path, its query or its body.
fn names(exchange: &Exchange, id: &str) -> bool {
    let mut parameters = exchange.params.values().chain(exchange.query.values());
    let in_body = || {
        exchange
            .request
            .body
            .as_deref()
            .is_some_and(|body| String::from_utf8_lossy(body).contains(&format!("\"{id}\"")))
    };
    parameters.any(|value| value == id) || in_body()
}

/// Whether the same request succeeds later, and nothing else was changed until then: what it asks for was only not there yet.
fn succeeds_later(record: &Record<'_>, index: usize) -> bool {
    let this = &record.exchanges[index];
    for other in &record.exchanges[index + 1..] {
        if is_same(this, other) {
            if other.response.is_success() {
                return true;
            }
        } else if other.request.method != "GET" && !(400..500).contains(&other.response.status) {
            return false;
        }
    }
    false
}

/// Whether a request is sent again.
fn is_repeated(record: &Record<'_>, index: usize) -> bool {
    let later = index + 1..record.exchanges.len();
    later.into_iter().any(|later| same_before(record, later) == Some(index))
}

/// Whether the check needs an exchange, by its place: it changes something, shows an operation, or shows that something was asked for
/// too early.
pub(super) fn needs(record: &Record<'_>, index: usize) -> bool {
    let exchange = &record.exchanges[index];
    if exchange.request.method != "GET" || !pieces(record, exchange).is_empty() {
        return true;
    }
    let came_too_early = |place: usize| {
        let exchange = &record.exchanges[place];
        let mut about = record.exchanges[..place].iter().flat_map(|before| pieces(record, before));
        has_failed(exchange) && about.any(|piece| piece.about.iter().any(|id| names(exchange, id)))
    };
    came_too_early(index) || same_before(record, index).is_some_and(came_too_early)
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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::judge::testing::{Fake, check};

    const PROJECT: &str = "calm-sea-00000001";
    const BRANCH: &str = "br-calm-sea-a1b2c3d4";

    fn operation(status: &str) -> Value {
        json!({"id": "o-1", "project_id": PROJECT, "branch_id": BRANCH, "action": "create_branch", "status": status})
    }

    /// A branch is made.
    fn made() -> Fake {
        let body = json!({"branch": {"id": BRANCH}, "operations": [operation("running")]});
        Fake::of("createProjectBranch").param("project_id", PROJECT).body(body)
    }

    /// The operation is read.
    fn waited() -> Fake {
        let read = Fake::of("getProjectOperation").param("project_id", PROJECT).param("operation_id", "o-1");
        read.body(json!({"operation": operation("finished")}))
    }

    fn of_branch(operation: &str, id: &str, status: u16) -> Fake {
        Fake::of(operation).param("project_id", PROJECT).param("branch_id", id).status(status)
    }

    fn endpoint(status: u16) -> Fake {
        let body = json!({"endpoint": {"branch_id": BRANCH, "type": "read_write"}});
        Fake::of("createProjectEndpoint").param("project_id", PROJECT).status(status).sent(body)
    }

    fn found(then: Vec<Fake>) -> Vec<String> {
        check(&super::CHECK, std::iter::once(made()).chain(then).collect())
    }

    #[rstest]
    #[case::a_read(vec![of_branch("getProjectBranch", BRANCH, 404), of_branch("getProjectBranch", BRANCH, 200)], "got 404")]
    #[case::a_read_after_all(vec![of_branch("getProjectBranch", BRANCH, 404), waited(), of_branch("getProjectBranch", BRANCH, 200)], "got 404")]
    #[case::a_write(vec![of_branch("createProjectBranchRole", BRANCH, 404), of_branch("createProjectBranchRole", BRANCH, 201)], "got 404")]
    #[case::a_precondition(vec![of_branch("restoreProjectBranch", BRANCH, 412), of_branch("restoreProjectBranch", BRANCH, 200)], "got 412")]
    #[case::named_in_a_body(vec![endpoint(404), endpoint(201)], "got 404")]
    #[case::a_read_that_is_locked(vec![of_branch("getProjectBranch", BRANCH, 423)], "rejected with 423 and not repeated")]
    #[case::a_write_that_is_locked(vec![of_branch("createProjectBranchRole", BRANCH, 423)], "rejected with 423 and not repeated")]
    fn it_fires_where_an_error_shows_that_the_client_did_not_wait(
        #[case] then: Vec<Fake>,
        #[case] why: &str,
    ) {
        let found = found(then);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(why), "{found:?}");
    }

    #[rstest]
    #[case::who_has_waited(vec![waited(), of_branch("getProjectBranch", BRANCH, 404), of_branch("getProjectBranch", BRANCH, 200)])]
    #[case::without_an_error(vec![of_branch("getProjectBranch", BRANCH, 200)])]
    #[case::what_stays_away(vec![of_branch("getProjectBranch", BRANCH, 404), of_branch("getProjectBranch", BRANCH, 404)])]
    #[case::of_another_branch(vec![of_branch("getProjectBranch", "br-other", 404), of_branch("getProjectBranch", "br-other", 200)])]
    #[case::what_is_made_meanwhile(vec![
        of_branch("getProjectBranchRole", BRANCH, 404),
        of_branch("createProjectBranchRole", BRANCH, 201),
        of_branch("getProjectBranchRole", BRANCH, 200),
    ])]
    #[case::another_error(vec![of_branch("getProjectBranch", BRANCH, 500), of_branch("getProjectBranch", BRANCH, 200)])]
    #[case::what_is_locked_and_repeated(vec![of_branch("createProjectBranchRole", BRANCH, 423), of_branch("createProjectBranchRole", BRANCH, 201)])]
    fn it_is_silent_where_nothing_shows_it(#[case] then: Vec<Fake>) {
        assert!(found(then).is_empty());
    }
}
