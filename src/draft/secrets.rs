//! Secrets in what is to become a case: none may get into it.

use serde_json::Value;

use super::{Asked, DraftError};
use crate::secret::{Secrets, headers, likeness, unescaped};
use crate::spec::escape;

/// A value that is secret by its name alone has at least so many characters.
const SHORTEST: usize = 6;

/// Refuses a request that holds a secret, known or not, anywhere but where requests are authenticated.
pub(super) fn refuse(asked: &Asked, secrets: &Secrets) -> Result<(), DraftError> {
    match place(asked, secrets) {
        Some(place) => Err(DraftError::Secret(place)),
        None => Ok(()),
    }
}

/// Refuses words of the author that look like a secret.
pub(super) fn refuse_words(what: &str, words: Option<&str>) -> Result<(), DraftError> {
    match words.filter(|words| looks_secret(words)) {
        Some(_) => Err(DraftError::Secret(what.to_owned())),
        None => Ok(()),
    }
}

fn place(asked: &Asked, secrets: &Secrets) -> Option<String> {
    let is_secret = |text: &str| secrets.hides_in(text) || looks_secret(text);
    let is_named = |name: &str, value: &str| headers::is_secret(name) && is_value(value);
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    if is_secret(path) {
        return Some("the path of the URL".to_owned());
    }
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if is_secret(&name) {
            return Some("the name of a parameter of the URL".to_owned());
        }
        if is_secret(&value) || is_named(&name, &value) {
            return Some(format!("the parameter `{name}` of the URL"));
        }
    }
    for (name, value) in &asked.headers {
        if is_secret(name) {
            return Some("the name of a header".to_owned());
        }
        if is_secret(value) {
            return Some(format!("the header `{name}`"));
        }
    }
    let body = asked.body.as_deref()?;
    if let Ok(json) = serde_json::from_str::<Value>(body) {
        let pointer = in_json(&json, String::new(), &is_secret, &is_named);
        if let Some(pointer) = pointer {
            return Some(format!("the body at `{pointer}`"));
        }
    } else if let Some((name, _)) =
        url::form_urlencoded::parse(body.as_bytes()).find(|(name, value)| is_named(name, value))
    {
        return Some(format!("`{name}` in the body"));
    }
    is_secret(body).then(|| "the body".to_owned())
}

/// The place of the first secret in a value; a name that is one is not told.
fn in_json(
    value: &Value,
    pointer: String,
    is_secret: &impl Fn(&str) -> bool,
    is_named: &impl Fn(&str, &str) -> bool,
) -> Option<String> {
    match value {
        Value::String(text) => is_secret(text).then_some(pointer),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| in_json(item, format!("{pointer}/{index}"), is_secret, is_named)),
        Value::Object(members) => members.iter().find_map(|(name, member)| match member {
            _ if is_secret(name) => Some(pointer.clone()),
            Value::String(text) if is_named(name, text) => Some(format!("{pointer}/{}", escape(name))),
            member => in_json(member, format!("{pointer}/{}", escape(name)), is_secret, is_named),
        }),
        _ => None,
    }
}

/// Whether a text looks like a secret, also where it is encoded.
fn looks_secret(text: &str) -> bool {
    [unescaped(text), text.into()]
        .iter()
        .any(|text| !likeness::likely(text).is_empty() || !likeness::wrapped(text).is_empty())
}

/// Whether a text is more than a word that stands for a secret.
fn is_value(text: &str) -> bool {
    text.len() >= SHORTEST && !text.starts_with(['$', '<']) && !text.contains("{{")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const KEY: &str = "napi_0123456789abcdefghij";

    fn asked(target: &str, header: &str, body: &str) -> Asked {
        let header = (header.to_owned(), "calm".to_owned());
        let body = (!body.is_empty()).then(|| body.to_owned());
        Asked { target: target.to_owned(), headers: [header].into(), body, ..Asked::default() }
    }

    #[rstest]
    #[case::path(asked(&format!("/api/v2/projects/{KEY}"), "x", ""), "the path of the URL")]
    #[case::query(asked(&format!("/p?a=b&search={KEY}"), "x", ""), "the parameter `search` of the URL")]
    #[case::encoded_query(
        asked("/p?search=%6e%61%70i_0123456789abcdefghij", "x", ""),
        "the parameter `search` of the URL"
    )]
    #[case::query_in_base64(
        asked("/p?search=bmFwaV8wMTIzNDU2Nzg5YWJjZGVmZ2hpag%3D%3D", "x", ""),
        "the parameter `search` of the URL"
    )]
    #[case::body_in_digits(
        asked("/p", "x", r#"{"a":"6e6170695f30313233343536373839616263646566"}"#),
        "the body at `/a`"
    )]
    #[case::known_query(asked("/p?search=the-own-key", "x", ""), "the parameter `search` of the URL")]
    #[case::parameter_by_name(asked("/p?api_key=hunter2", "x", ""), "the parameter `api_key` of the URL")]
    #[case::name_of_a_parameter(asked(&format!("/p?{KEY}"), "x", ""), "the name of a parameter of the URL")]
    #[case::name_of_a_header(asked("/p", KEY, ""), "the name of a header")]
    #[case::body(asked("/p", "x", &format!(r#"{{"a":[{{"b/c":"{KEY}"}}]}}"#)), "the body at `/a/0/b~1c`")]
    #[case::known_body(asked("/p", "x", r#"{"a":"dGhlLW93bi1rZXk="}"#), "the body at `/a`")]
    #[case::body_by_name(
        asked("/p", "x", r#"{"role":{"password":"hunter2"}}"#),
        "the body at `/role/password`"
    )]
    #[case::url_in_a_body(asked("/p", "x", r#"{"a":"postgres://me:hunter2@host/db"}"#), "the body at `/a`")]
    #[case::name_in_a_body(asked("/p", "x", &format!(r#"{{"a":{{"{KEY}":1}}}}"#)), "the body at `/a`")]
    #[case::form(asked("/p", "x", "grant=a&client_secret=hunter2"), "`client_secret` in the body")]
    #[case::text(asked("/p", "x", &format!("key: {KEY}")), "the body")]
    fn a_secret_is_told_by_its_place(#[case] asked: Asked, #[case] expected: &str) {
        let secrets = Secrets::default();
        secrets.add("the-own-key");
        assert_eq!(place(&asked, &secrets).as_deref(), Some(expected));
    }

    #[rstest]
    #[case::a_name(asked("/api/v2/projects/calm-sea-12345678?search=napi_prod&cursor=abcdefghijk", "x", ""))]
    #[case::a_variable(asked("/p?api_key=$NEON_API_KEY", "x", r#"{"password":"{{ password }}"}"#))]
    #[case::a_body(asked(
        "/p",
        "x",
        r#"{"jwt_audience":"projects","key_name":"my-key-1234567","store_passwords":"always"}"#
    ))]
    fn ordinary_requests_have_none(#[case] asked: Asked) {
        assert_eq!(place(&asked, &Secrets::default()), None);
    }
}
