//! Every error is the general error: an object with a `code` and a `message` (ERR-SHAPE, AUTH-ERROR-SHAPE). `code` may be empty; `message` is what people are shown, and may not.

use serde_json::Value;

use super::check::{Check, Look, Severity};
use super::json_body::beginning;
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "error-shape",
    summary: "every 4xx and 5xx response is a general error, with a code and a message",
    looks_at: "4xx and 5xx responses",
    requirements: &["ERR-SHAPE"],
    kept_because: Some(
        "no other check examines errors that a contract does not describe, or describes loosely",
    ),
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        if exchange.response.status < 400 || !exchange.shows_a_body() {
            continue;
        }
        look.examine(index);
        let Some(Value::Object(error)) = exchange.response.json() else {
            look.report(
                index,
                "body",
                "a general error, which is a JSON object",
                beginning(&exchange.response.text()),
            );
            continue;
        };
        for name in ["code", "message"] {
            match error.get(name) {
                Some(Value::String(text)) if name == "code" || !text.trim().is_empty() => {}
                Some(other) => {
                    let pointer = format!("/{name}");
                    let actual = exchange.response.written(&pointer, other);
                    let expected = if name == "code" { "a string" } else { "a string that is not empty" };
                    look.report_value(index, &pointer, expected, actual);
                }
                None => look.report(
                    index,
                    "body",
                    format!("a member `{name}`"),
                    beginning(&exchange.response.text()),
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::judge::testing::{Fake, check};

    #[rstest]
    #[case(json!({"message": "gone"}), "body: {\"message\":\"gone\"}")]
    #[case(json!({"code": "", "message": ""}), "body /message: \"\"")]
    #[case(json!({"code": 1, "message": "gone"}), "body /code: 1")]
    #[case(json!("gone"), "body: \"gone\"")]
    fn it_fires_on_another_shape(#[case] body: Value, #[case] expected: &str) {
        assert_eq!(check(&super::CHECK, vec![Fake::of("getProject").status(404).body(body)]), [expected]);
    }

    #[test]
    fn it_is_silent_on_the_general_error_and_on_successes() {
        let error = Fake::of("getProject")
            .status(404)
            .body(json!({"code": "", "message": "gone", "request_id": "1"}));
        let unseen = Fake::of("getProject").status(404).unseen();
        assert!(check(&super::CHECK, vec![error, unseen, Fake::of("listProjects")]).is_empty());
    }
}
