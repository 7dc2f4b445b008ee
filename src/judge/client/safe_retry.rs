//! A client that has got no answer to a POST does not send it again without looking what became of it (CLIENT-SAFE-RETRY).

use crate::exchange::Exchange;
use crate::judge::check::{Check, Look, Severity};
use crate::judge::client::sent::{named, same_before};
use crate::judge::record::Record;

pub(super) const CHECK: Check = Check {
    id: "safe-retry",
    summary: "no POST without a response, or with a 5xx other than 503, is repeated without a read in between",
    looks_at: "POST requests without a response or with a 5xx other than 503",
    requirements: &["CLIENT-SAFE-RETRY"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        if exchange.request.method != "POST" {
            continue;
        }
        if may_be_done(exchange) {
            look.examine(index);
        }
        let Some(place) = same_before(record, index) else { continue };
        let before = &record.exchanges[place];
        let is_read = |other: &Exchange| other.request.method == "GET" && other.response.is_success();
        let has_looked = record.exchanges[place..index].iter().any(is_read);
        if may_be_done(before) && !has_looked {
            let why = match before.response.status {
                0 => "a lost response".to_owned(),
                status => format!("a {status}"),
            };
            look.report(
                index,
                "repetition",
                "a read that shows whether the first request was performed, before it is sent again",
                format!("{} again after {why}: it may be done twice", named(exchange)),
            );
        }
    }
}

/// Whether nobody knows if the request was performed.
fn may_be_done(exchange: &Exchange) -> bool {
    let status = exchange.response.status;
    status == 0 || (status >= 500 && status != 503 && status != 501)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use crate::judge::testing::{Fake, check};

    fn create(status: u16, name: &str) -> Fake {
        Fake::of("createProject").status(status).sent(json!({"project": {"name": name}}))
    }

    #[rstest]
    #[case::lost(0, "a lost response")]
    #[case::of_the_server(500, "a 500")]
    #[case::of_a_gateway(502, "a 502")]
    fn it_fires_where_a_write_may_be_doubled(#[case] status: u16, #[case] why: &str) {
        let found = check(&super::CHECK, vec![create(status, "a"), create(201, "a")]);
        let expected = format!("repetition: POST /api/v2/projects again after {why}: it may be done twice");
        assert_eq!(found, [expected]);
    }

    #[rstest]
    #[case::after_a_423(vec![create(423, "a"), create(201, "a")])]
    #[case::after_a_503(vec![create(503, "a"), create(201, "a")])]
    #[case::after_a_success(vec![create(201, "a"), create(201, "a")])]
    #[case::of_another_body(vec![create(500, "a"), create(201, "b")])]
    #[case::after_a_look(vec![create(0, "a"), Fake::of("listProjects"), create(201, "a")])]
    fn it_is_silent_otherwise(#[case] fakes: Vec<Fake>) {
        assert!(check(&super::CHECK, fakes).is_empty());
    }
}
