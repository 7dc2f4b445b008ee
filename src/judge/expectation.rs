//! What the case itself expects of an answer: status, headers, values, and what must not be there.

use serde_json::Value;

use super::check::{Check, Look, Severity, Violation};
use super::json_body::beginning;
use super::record::Record;
use crate::exchange::{Exchange, Role};
use crate::json_path::{find, located};
use crate::spec::Location;
use crate::spec::case::Expectation;

pub(super) const CHECK: Check = Check {
    id: "expectation",
    summary: "every response matches the expectations of the case",
    looks_at: "steps of cases",
    requirements: &[],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.exchanges.iter().enumerate() {
        let Some(expected) = exchange.expected.as_ref().filter(|_| exchange.role == Role::Step) else {
            continue;
        };
        if exchange.response.status == 0 {
            continue;
        }
        look.examine(index);
        let mut report = |subject: String, expected: String, actual: String, location: &Location| {
            let location = Some(location.clone());
            look.add(Violation {
                exchange: index,
                subject,
                expected,
                actual,
                location,
                rules: &[],
                severity: None,
            });
        };
        let status = exchange.response.status;
        if !expected.status.contains(status) {
            // Who is not refused is told by the check of refusals, with the requirements of the case.
            if exchange.credential.is_refused() && expected.status.contains(401) {
                continue;
            }
            let said = exchange
                .response
                .json()
                .and_then(|body| body["message"].as_str())
                .map(|message| format!(" ({message})"));
            report(
                "status".to_owned(),
                expected.status.to_string(),
                format!("{status}{}", said.unwrap_or_default()),
                &expected.status_at,
            );
            // What is expected of the answer's content is expected of another answer.
            continue;
        }
        for header in expected.headers.iter() {
            let value = exchange.response.header(&header.subject.to_ascii_lowercase());
            if !value.is_some_and(|value| header.matcher.holds(&Value::String(value.to_owned()))) {
                let actual = value.map_or_else(|| "no such header".to_owned(), str::to_owned);
                report(
                    format!("header {}", header.subject),
                    header.matcher.describe(),
                    actual,
                    &header.location,
                );
            }
        }
        for value in expected.values.iter() {
            judge_values(exchange, value, &mut report);
        }
        for (path, location) in &expected.absent {
            let found = exchange.response.json().map(|body| located(path, body)).unwrap_or_default();
            for (pointer, found) in found {
                report(
                    format!("body {pointer}"),
                    format!("nothing at {path}"),
                    beginning(&exchange.response.written(&pointer, found)),
                    location,
                );
            }
        }
    }
}

fn judge_values(
    exchange: &Exchange,
    value: &Expectation,
    report: &mut impl FnMut(String, String, String, &Location),
) {
    let body = exchange.response.json();
    if body.is_some_and(|body| value.matcher.holds_for(&find(&value.subject, body))) {
        return;
    }
    let found = body.map(|body| located(&value.subject, body)).unwrap_or_default();
    let expected = || value.matcher.describe();
    let values: Vec<&Value> = found.iter().map(|(_, value)| *value).collect();
    if !value.matcher.is_number(values.len()) {
        let actual = match values.len() {
            0 => format!("nothing at this path in {}", beginning(&exchange.response.text())),
            count => format!("{count} times"),
        };
        report(format!("body {}", value.subject), expected(), actual, &value.location);
    } else if !value.matcher.is_sequence(&values) {
        let written = |(pointer, value): &(String, &Value)| exchange.response.written(pointer, value);
        let values: Vec<String> = found.iter().map(written).collect();
        let actual = beginning(&format!("[{}]", values.join(",")));
        report(format!("body {}", value.subject), expected(), actual, &value.location);
    }
    for (pointer, actual) in found {
        if !value.matcher.holds(actual) {
            let shown = beginning(&exchange.response.written(&pointer, actual));
            report(format!("body {pointer}"), expected(), shown, &value.location);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::judge::testing::{Fake, check};

    #[rstest]
    #[case(json!({"a": 1}), "$.a", json!(1), None)]
    #[case(json!({"a": 1}), "$.a", json!(2), Some("body /a: 1"))]
    #[case(json!({"a": 1}), "$.b", json!(1), Some("body $.b: nothing at this path in {\"a\":1}"))]
    #[case(json!([1, 2]), "$[*]", json!({"at_least": 2}), Some("body /0: 1"))]
    #[case(json!([1, 2]), "$[*]", json!({"count": 3}), Some("body $[*]: 2 times"))]
    #[case(json!([]), "$[*]", json!({"count": 0}), None)]
    #[case(json!([2, 1]), "$[*]", json!({"in_order": [2, 1]}), None)]
    #[case(json!([1, 2]), "$[*]", json!({"in_order": [2, 1]}), Some("body $[*]: [1,2]"))]
    #[case(json!([]), "$[*]", json!({"in_order": []}), None)]
    #[case(json!([1.5, 2]), "$[*]", json!({"in_order": [2]}), Some("body $[*]: [1.5,2]"))]
    fn values_are_compared(
        #[case] body: Value,
        #[case] path: &str,
        #[case] matcher: Value,
        #[case] expected: Option<&str>,
    ) {
        let found = check(&super::CHECK, vec![Fake::of("listProjects").body(body).expects(path, &matcher)]);
        assert_eq!(found.first().map(String::as_str), expected);
    }

    #[test]
    fn another_status_is_told_with_what_the_server_said() {
        let refused = Fake::of("listProjects")
            .status(400)
            .body(json!({"code": "", "message": "limit is wrong"}))
            .expects("$.projects", &json!([]));
        assert_eq!(check(&super::CHECK, vec![refused]), ["status: 400 (limit is wrong)"]);
    }

    #[test]
    fn what_must_be_absent_is_found() {
        let fake = Fake::of("listApiKeys").body(json!([{"key": "x"}, {}])).expects_nothing("$[*].key");
        assert_eq!(check(&super::CHECK, vec![fake]), ["body /0/key: \"x\""]);
    }
}
