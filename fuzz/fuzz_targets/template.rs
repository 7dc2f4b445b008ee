//! Templates are filled in and JSONPaths are evaluated as a step does it. A line of template, a line of JSONPath, and a JSON body.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use neon_contract::exchange::Expected;
use neon_contract::judge::{Record, judge};
use neon_contract::secret::Secrets;
use neon_contract::spec::case::{Expectation, StatusSet};
use neon_contract::spec::matcher::Matcher;
use neon_contract::spec::template;
use neon_contract_fuzz::{SUITE, TRIAL, exchange};
use serde_json::json;

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(3, '\n');
    let (Some(source), Some(path), Some(body)) = (lines.next(), lines.next(), lines.next()) else { return };
    let run = json!({ "prefix": "nc-1" });
    let body_value = serde_json::from_str(body).unwrap_or_default();
    let scope = [("run", run), ("id", json!(7)), ("name", json!("a")), ("body", body_value)];
    let scope = scope.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let _ = template::names(source);
    let value = template::fill_value(&json!(source), &scope);
    let path = template::fill(path, &scope).unwrap_or_else(|_| template::with_placeholders(path, "1"));

    let mut exchange = exchange("listProjects", body.as_bytes());
    // What is no matcher is told when a case is read.
    let matcher = Matcher::read(value.unwrap_or_default()).or_else(|_| Matcher::read(json!(1)));
    let Ok(matcher) = matcher else { return };
    let expectation = Expectation {
        subject: path.as_str().into(),
        matcher,
        location: exchange.location.clone(),
        is_template: false,
    };
    exchange.expected = Some(Expected {
        proves: Arc::default(),
        status: StatusSet(Vec::new()),
        status_at: exchange.location.clone(),
        schema: None,
        headers: Arc::default(),
        values: Arc::new([expectation]),
        absent: vec![(path, exchange.location.clone())],
    });
    let secrets = Secrets::default();
    let _ = judge(&Record::new(&SUITE, &TRIAL, vec![exchange], &secrets).of_run("nc-1".to_owned(), false));
});
