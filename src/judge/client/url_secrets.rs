//! A client sends no password in a URL (CLIENT-URL-SECRET): URLs are written to logs.

use std::collections::BTreeMap;

use crate::judge::check::{Check, Look, Severity};
use crate::judge::record::Record;
use crate::secret::{certain, is_secret_name, unescaped};
use crate::spec::contract::Place;

pub(super) const CHECK: Check = Check {
    id: "url-secrets",
    summary: "no URL contains a password",
    looks_at: "all requests to the API",
    requirements: &["CLIENT-URL-SECRET"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        look.examine(index);
        let operation = record.operation(exchange);
        // What the contract has there is the contract's to answer for.
        let is_known =
            |name: &str| operation.is_some_and(|operation| operation.parameter(name, Place::Query).is_some());
        let query: &BTreeMap<String, String> = &exchange.query;
        let named =
            query.iter().find(|(name, value)| !value.is_empty() && is_secret_name(name) && !is_known(name));
        let target = unescaped(&exchange.request.target);
        let is_password = certain(&target).into_iter().any(|place| !target[place].starts_with("napi_"));
        let actual = match named {
            Some((name, _)) => format!("a value of `{name}`"),
            None if is_password => "a password or a token".to_owned(),
            None => continue,
        };
        let expected = "secrets in the body or in a header only; replace this one, which logs may keep";
        look.report(index, "request URL", expected, actual);
    }
}
