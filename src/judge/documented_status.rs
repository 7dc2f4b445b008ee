//! The contract knows the status of every answer, and no answer is a 5xx: those are the server's own failures (RFC 9110 §15.6).

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "documented-status",
    summary: "every status is documented for its operation, and is not 5xx",
    looks_at: "all responses",
    requirements: &["RESP-STATUS"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        look.examine(index);
        let status = exchange.response.status;
        // A cache of the client may have asked for no more than what has changed (RFC 9110 §15.4.5).
        let may_be_cached = matches!(exchange.request.method.as_str(), "GET" | "HEAD");
        if status == 304 && may_be_cached && exchange.expected.is_none() {
            continue;
        }
        // An endpoint may decline what it does not have at all (RFC 9110 §15.6.2).
        let is_declined = exchange.expected.as_ref().is_some_and(|expected| expected.status.contains(501));
        if status == 501 && is_declined {
            continue;
        }
        if status >= 500 {
            look.report(index, "status", "a status below 500", status.to_string());
        } else if let Some(operation) = record.operation(exchange)
            && operation.response(status).is_none()
        {
            look.report(
                index,
                "status",
                format!("a status that {} documents", operation.id),
                status.to_string(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::judge::testing::{Fake, check};

    #[rstest]
    #[case(500, Some("status: 500"))]
    #[case(503, Some("status: 503"))]
    #[case(202, Some("status: 202"))]
    #[case(200, None)]
    #[case(404, None)]
    #[case(304, Some("status: 304"))]
    fn it_fires_on_an_unknown_status(#[case] status: u16, #[case] expected: Option<&str>) {
        let found = check(&super::CHECK, vec![Fake::of("listProjects").status(status)]);
        assert_eq!(found.first().map(String::as_str), expected);
    }

    #[test]
    fn it_is_silent_on_what_an_endpoint_declined_as_it_may() {
        let declined = Fake::of("listProjects").status(501).may_decline(501);
        assert!(check(&super::CHECK, vec![declined]).is_empty());
        assert_eq!(check(&super::CHECK, vec![Fake::of("listProjects").status(501)]), ["status: 501"]);
    }

    #[test]
    fn it_is_silent_on_what_has_not_changed_for_a_client_with_a_cache() {
        let unchanged = Fake::of("listProjects").status(304).observed();
        assert!(check(&super::CHECK, vec![unchanged]).is_empty());
        let created = Fake::of("createProject").status(304).observed();
        assert_eq!(check(&super::CHECK, vec![created]), ["status: 304"]);
    }
}
