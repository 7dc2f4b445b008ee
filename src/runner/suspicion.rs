//! What in an answer may be a secret, though no schema says so: a token where none belongs, a password in a URL.
//!
//! An endpoint that shows what it should not must not make the report do the same.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;
use url::Url;

use super::authorization::prefix_of;
use crate::exchange::Response;
use crate::json::plain;
use crate::secret::placeholder::is_crossed_out;
use crate::secret::{Secrets, likeness, unescaped};
use crate::spec::Suite;
use crate::spec::annotation::annotate;
use crate::spec::contract::OperationId;
use crate::spec::shape::Mark;

/// A token is at least this long after its prefix, a password at all.
const SHORTEST: usize = 12;

/// Takes note of the secrets in an answer, by what its schema says, and of what looks like one, beside a request with `key`.
pub(crate) fn learn(
    secrets: &Secrets,
    suite: &Suite,
    key: &str,
    operation: Option<&OperationId>,
    response: &Response,
) {
    for text in suspects(response, key, suite.schemas.secret_names()) {
        secrets.suspect(&text);
    }
    secrets.suspect_headers(&response.headers);
    let (Some(id), Some(body)) = (operation, response.json()) else { return };
    let Some(schema) = suite.operation(id).annotated(response.status) else { return };
    annotate(&suite.schemas, schema, body, &mut |_, mark, value| {
        if *mark == Mark::Secret {
            match plain(value) {
                // What stands for many secrets proves nothing wherever it is.
                text if is_crossed_out(&text) => secrets.suspect(&text),
                text => secrets.add(&text),
            }
        }
    });
}

/// Whatever may be a secret: words that begin like `key`, the words under a name that is secret elsewhere in the suite, passwords in
/// URLs, and what looks like a token by itself.
fn suspects(response: &Response, key: &str, secret_names: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let prefix = prefix_of(key);
    let mut look_at = |text: &str| {
        if !prefix.is_empty() {
            words_with(prefix, text, &mut found);
        }
        found.extend(likeness::certain(text).into_iter().map(|place| text[place].to_owned()));
    };
    let body = String::from_utf8_lossy(&response.body);
    let values = response.headers.iter().map(|(_, value)| value.as_str());
    for text in values.chain([&*body]) {
        look_at(text);
        if let Cow::Owned(text) = unescaped(text) {
            look_at(&text);
        }
    }
    if let Some(body) = response.json() {
        in_json(body, secret_names, &mut found);
    }
    found
}

fn words_with(prefix: &str, text: &str, found: &mut Vec<String>) {
    for (start, _) in text.match_indices(prefix) {
        let rest = &text[start + prefix.len()..];
        let end = rest.find(|character| !is_of_a_word(character)).unwrap_or(rest.len());
        if end >= SHORTEST {
            found.push(format!("{prefix}{}", &rest[..end]));
        }
    }
}

fn in_json(value: &Value, secret_names: &BTreeSet<String>, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if secret_names.contains(name) && is_word(text) => {
                        found.push(text.clone());
                    }
                    member => in_json(member, secret_names, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| in_json(item, secret_names, found)),
        Value::String(text) if text.contains("://") => {
            found.extend(Url::parse(text).ok().and_then(|url| url.password().map(str::to_owned)));
        }
        _ => {}
    }
}

fn is_word(text: &str) -> bool {
    text.len() >= SHORTEST && text.chars().all(is_of_a_word)
}

fn is_of_a_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_token_in_a_list(r#"[{"key": "napi_0123456789abcdef"}]"#, &["napi_0123456789abcdef"])]
    #[case::a_token_in_a_page("<p>no napi_0123456789abcdef here</p>", &["napi_0123456789abcdef"])]
    #[case::a_token_that_is_encoded("no %6e%61%70i_0123456789abcdef here", &["napi_0123456789abcdef"])]
    #[case::a_password(r#"{"project": {"password": "npg_abcDEFghi123"}}"#, &["npg_abcDEFghi123"])]
    #[case::a_password_of_any_form(r#"{"project": {"password": "abcDEFghi123"}}"#, &["abcDEFghi123"])]
    #[case::a_url_in_a_sentence(r#"{"note": "at postgres://me:hunter2hunter2@host"}"#, &["hunter2hunter2"])]
    #[case::a_url(r#"{"uri": "postgresql://me:hunter2hunter2@host/db"}"#, &["hunter2hunter2"])]
    #[case::a_name(r#"{"name": "napi_prod", "key": "aws-us-east-2", "password": null}"#, &[])]
    fn what_may_be_a_secret_is_found(#[case] body: &str, #[case] expected: &[&str]) {
        let response = Response::new(200, Vec::new(), body.as_bytes().to_vec());
        let names = BTreeSet::from(["key".to_owned(), "password".to_owned()]);
        for key in ["napi_zzzzzzzzzzzzzzzz", "redacted-1", ""] {
            let found: BTreeSet<String> = suspects(&response, key, &names).into_iter().collect();
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "with {key}");
        }
    }
}
