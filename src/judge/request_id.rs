//! The request id in the body of an error is the one in its header (ERR-REQUEST-ID). A client that names its request itself may find its
//! own name in the body.

use super::check::{Check, Look, Severity};
use super::record::Record;

/// The header in which the service tells a request's id.
const HEADER: &str = "x-neon-ret-request-id";

pub(super) const CHECK: Check = Check {
    id: "request-id",
    summary: "an error has the same request ID in its header and in its body",
    looks_at: "errors with a request ID in both",
    requirements: &["ERR-REQUEST-ID"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        if exchange.response.status < 400 {
            continue;
        }
        let told = exchange.response.json().and_then(|error| error.get("request_id")?.as_str());
        let (Some(told), Some(header)) = (told.filter(|id| !id.is_empty()), exchange.response.header(HEADER))
        else {
            continue;
        };
        let is_named =
            exchange.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-request-id"));
        if is_named {
            continue;
        }
        look.examine(index);
        if told != header {
            look.report_value(index, "/request_id", format!("{header}, as in the header {HEADER}"), told);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::judge::testing::{Fake, check};

    #[rstest]
    #[case("7", "8", &["body /request_id: 8"])]
    #[case("7", "7", &[])]
    #[case("7", "", &[])]
    fn it_fires_where_they_differ(#[case] header: &str, #[case] body: &str, #[case] expected: &[&str]) {
        let error = Fake::of("getProject")
            .status(404)
            .header("x-neon-ret-request-id", header)
            .body(json!({"code": "", "message": "gone", "request_id": body}));
        assert_eq!(check(&super::CHECK, vec![error]), expected);
    }

    #[test]
    fn it_is_silent_without_a_header() {
        let error = Fake::of("getProject").status(404).body(json!({"message": "gone", "request_id": "7"}));
        assert!(check(&super::CHECK, vec![error]).is_empty());
    }
}
