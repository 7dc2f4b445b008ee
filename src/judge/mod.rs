//! JUDGE: what is wrong with the exchanges of a trial. Plain functions over data; nothing is sent here.

mod check;
mod entities;
mod finding;
mod known;
mod record;
#[cfg(test)]
pub(crate) mod testing;

mod asked_id;
mod content_type;
mod created_at_fixed;
mod created_visible;
mod deleted_gone;
mod documented_status;
mod error_shape;
mod expectation;
mod json_body;
mod no_effect;
mod no_redirect;
mod paging;
mod parent;
mod refusal;
mod request_id;
mod response_schema;
mod secret_once;
mod time_order;
mod transport;
mod unique_ids;
mod updated_visible;

pub use check::{Check, Judgement, Severity};
pub use finding::Finding;
pub(crate) use finding::{anywhere, foreign_findings, missing_snapshot_finding, snapshot_finding};
pub(crate) use known::{Known, PARITY, unknown_checks};
pub use record::Record;

/// Every check, in the order findings are told.
pub const CHECKS: [Check; 21] = [
    transport::CHECK,
    no_redirect::CHECK,
    json_body::CHECK,
    expectation::CHECK,
    documented_status::CHECK,
    content_type::CHECK,
    response_schema::CHECK,
    error_shape::CHECK,
    request_id::CHECK,
    refusal::CHECK,
    no_effect::CHECK,
    secret_once::CHECK,
    time_order::CHECK,
    created_at_fixed::CHECK,
    unique_ids::CHECK,
    asked_id::CHECK,
    parent::CHECK,
    created_visible::CHECK,
    updated_visible::CHECK,
    deleted_gone::CHECK,
    paging::CHECK,
];

/// Everything that is wrong with a trial, and what each check had to look at.
#[must_use]
pub fn judge(record: &Record<'_>) -> (Vec<Finding>, Vec<Judgement>) {
    judge_by(&CHECKS, record)
}

/// Why a check cannot be fed with what someone else has exchanged; `None` where it can. `is_whole`: nothing of it is left out.
#[must_use]
pub fn unfit_for_traffic(check: &Check, is_whole: bool) -> Option<&'static str> {
    match check.id {
        "expectation" => Some("what someone else sends is no step of a case"),
        "no-effect" => Some("nobody looked before and after what was refused"),
        "created-visible" | "updated-visible" | "deleted-gone" | "paging" => {
            Some("what else was done to the account meanwhile is not known")
        }
        "secret-once" if !is_whole => Some("what was left out, or put in place of secrets, is not known"),
        _ => None,
    }
}

/// The same by some checks.
pub(crate) fn judge_by<'c>(
    checks: impl IntoIterator<Item = &'c Check>,
    record: &Record<'_>,
) -> (Vec<Finding>, Vec<Judgement>) {
    let mut findings = Vec::new();
    let mut judgements = Vec::new();
    for check in checks {
        let look = check.look(record);
        judgements.push(Judgement {
            check: check.id,
            examined: look.examined,
            violated: look.violations.iter().map(|violation| violation.exchange).collect(),
        });
        findings.extend(look.violations.into_iter().map(|violation| Finding::new(check, violation, record)));
    }
    (findings, judgements)
}
