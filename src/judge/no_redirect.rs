//! A request that carries a key is not led elsewhere: an API of one origin has no reason to, and a client that follows may
//! hand the key to someone else.

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "no-redirect",
    summary: "no request is redirected",
    looks_at: "all responses",
    requirements: &["HTTP-NO-REDIRECT"],
    kept_because: Some(
        "other checks only report an undocumented status; this one reports where the key would have been sent",
    ),
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        look.examine(index);
        let status = exchange.response.status;
        // What has not changed is nowhere else (RFC 9110 §15.4.5).
        // A path that is none of an operation may be led to one that is.
        let is_allowed = record.operation(exchange).is_none() && exchange.has_expected_status();
        if (300..400).contains(&status) && status != 304 && !is_allowed {
            let to = exchange.response.header("location").unwrap_or("nowhere");
            look.report(index, "status", "no redirect", format!("{status} to {to}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::{Fake, check};

    #[test]
    fn it_fires_on_a_redirect() {
        let redirect = Fake::of("listProjects").status(301).header("location", "https://elsewhere.example/");
        assert_eq!(check(&super::CHECK, vec![redirect]), ["status: 301 to https://elsewhere.example/"]);
    }

    #[test]
    fn it_is_silent_on_an_answer() {
        let unchanged = Fake::of("listProjects").status(304);
        assert!(check(&super::CHECK, vec![Fake::of("listProjects"), unchanged]).is_empty());
    }
}
