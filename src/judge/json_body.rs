//! What says it is JSON is JSON: UTF-8 (RFC 8259 §8.1), well formed, and without a name that stands twice (§4).

use super::check::{Check, Look, Severity};
use super::record::Record;

pub(super) const CHECK: Check = Check {
    id: "json-body",
    summary: "every JSON response is well-formed UTF-8 JSON without repeated names",
    looks_at: "response bodies with a JSON media type",
    requirements: &["JSON", "HTTP-JSON-UNIQUE"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        let response = &exchange.response;
        let says_json = response
            .media_type()
            .is_some_and(|media| media == "application/json" || media.ends_with("+json"));
        if !says_json || response.fault.is_some() || !exchange.shows_a_body() {
            continue;
        }
        look.examine(index);
        if let Err(error) = std::str::from_utf8(&response.body) {
            look.breaks(&["JSON"]).report(
                index,
                "body",
                "UTF-8",
                format!("byte {} does not start a character", error.valid_up_to()),
            );
        } else if response.json().is_none() {
            look.breaks(&["JSON"]).report(index, "body", "a JSON text", beginning(&response.text()));
        } else if let Some(name) = response.repeated_name() {
            look.breaks(&["HTTP-JSON-UNIQUE"]).report(
                index,
                "body",
                "each name once per object",
                format!("`{name}` twice"),
            );
        }
    }
}

/// Enough of a text to recognise it.
pub(super) fn beginning(text: &str) -> String {
    let mut characters = text.chars();
    let beginning: String = characters.by_ref().take(80).collect();
    match (beginning.is_empty(), characters.next()) {
        (true, _) => "nothing".to_owned(),
        (false, Some(_)) => format!("{beginning}…"),
        (false, None) => beginning,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::judge::testing::{Fake, check};

    #[rstest]
    #[case(b"{\"a\":1,\"a\":2}", "body: `a` twice")]
    #[case(b"<html>", "body: <html>")]
    #[case(b"", "body: nothing")]
    #[case(b"{\"a\":\"\xe9\"}", "body: byte 6 does not start a character")]
    fn it_fires_on_what_is_not_json(#[case] body: &[u8], #[case] expected: &str) {
        assert_eq!(check(&super::CHECK, vec![Fake::of("listProjects").bytes(body)]), [expected]);
    }

    #[test]
    fn it_is_silent_on_what_has_no_body() {
        let empty = |status| Fake::of("listProjects").status(status).bytes(b"");
        assert!(
            check(&super::CHECK, vec![empty(204), empty(304), Fake::of("listProjects").unseen()]).is_empty()
        );
    }

    #[test]
    fn it_is_silent_on_json_and_on_other_types() {
        let html = Fake::of("listProjects").header("content-type", "text/html").bytes(b"<html>");
        assert!(check(&super::CHECK, vec![Fake::of("listProjects"), html]).is_empty());
    }
}
