//! What in a request bears a name, besides its headers: parameters of URLs, fields of a form, members of a JSON body.

use serde_json::Value;
use url::form_urlencoded;

use crate::exchange::Request;

/// The names and values, wherever in a request they stand.
pub(super) fn values(request: &Request) -> Vec<(String, String)> {
    let mut found = Vec::new();
    // `Referer` and others hold a whole URL.
    let urls = request.headers.iter().map(|(_, value)| value.as_str()).chain([request.target.as_str()]);
    for (_, query) in urls.filter_map(|url| url.split_once('?')) {
        fields(query.split('#').next().unwrap_or_default(), &mut found);
    }
    let Some(body) = &request.body else { return found };
    match serde_json::from_slice(body) {
        Ok(json) => members(&json, &mut found),
        Err(_) => fields(&String::from_utf8_lossy(body), &mut found),
    }
    found
}

fn fields(text: &str, found: &mut Vec<(String, String)>) {
    found.extend(form_urlencoded::parse(text.as_bytes()).into_owned());
}

fn members(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(named) => {
            for (name, member) in named {
                match member {
                    Value::String(text) => found.push((name.clone(), text.clone())),
                    member => members(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_parameter("/p?token=a%20b", "", "", ("token", "a b"))]
    #[case::of_a_page_before("/p", "https://example.org/?token=a#b", "", ("token", "a"))]
    #[case::a_field("/p", "", "x=1&password=a", ("password", "a"))]
    #[case::a_member("/p", "", r#"[{"role":{"password":"a"}}]"#, ("password", "a"))]
    fn what_is_named_is_found(
        #[case] target: &str,
        #[case] referer: &str,
        #[case] body: &str,
        #[case] (name, value): (&str, &str),
    ) {
        let request = Request {
            method: "POST".to_owned(),
            target: target.to_owned(),
            headers: vec![("referer".to_owned(), referer.to_owned())],
            authorization: None,
            body: (!body.is_empty()).then(|| body.as_bytes().to_vec()),
        };
        assert!(values(&request).contains(&(name.to_owned(), value.to_owned())));
    }
}
