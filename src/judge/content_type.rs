//! An answer has the media type that the contract documents for its status; JSON where nothing is documented (JSON).

use std::collections::BTreeSet;

use super::check::{Check, Look, Severity};
use super::record::Record;
use crate::spec::Suite;

pub(super) const CHECK: Check = Check {
    id: "content-type",
    summary: "every response body has a documented media type",
    looks_at: "response bodies, and errors without one",
    requirements: &["JSON"],
    kept_because: None,
    severity: Severity::Error,
    judge,
};

fn judge(record: &Record<'_>, look: &mut Look) {
    for (index, exchange) in record.answered() {
        let response = &exchange.response;
        if response.body.is_empty() && !response.is_success() && exchange.shows_a_body() {
            look.examine(index);
            look.report(index, "body", "an error with a body", "nothing");
            continue;
        }
        if response.body.is_empty() {
            continue;
        }
        look.examine(index);
        let documented = record.operation(exchange).and_then(|operation| operation.response(response.status));
        let expected: Vec<String> = match documented {
            Some(documented) if !documented.content.is_empty() => {
                documented.content.keys().cloned().collect()
            }
            _ => vec!["application/json".to_owned()],
        };
        let told: BTreeSet<&str> = response.all("content-type").map(str::trim).collect();
        if told.len() > 1 {
            let told: Vec<&str> = told.into_iter().collect();
            look.report(index, "header content-type", "one media type", told.join(" and "));
            continue;
        }
        let actual = response.media_type();
        let is_documented = |actual: &String| match documented {
            Some(documented) if !documented.content.is_empty() => documented.content_for(actual).is_some(),
            _ => expected.contains(actual) || is_of_errors(record.suite, response.status, actual),
        };
        if !actual.as_ref().is_some_and(is_documented) {
            look.report(
                index,
                "header content-type",
                expected.join(" or "),
                actual.unwrap_or_else(|| "none".to_owned()),
            );
        }
    }
}

/// Whether errors of a status have this media type anywhere in the contract: what it does not describe is refused like the rest.
fn is_of_errors(suite: &Suite, status: u16, media_type: &str) -> bool {
    let mut responses = suite.operations.values().flat_map(|operation| &operation.responses);
    status >= 400
        && responses
            .any(|response| response.status.covers(status) && response.content.contains_key(media_type))
}

#[cfg(test)]
mod tests {
    use crate::judge::testing::{Fake, check};

    #[test]
    fn it_fires_on_two_types() {
        let two = |other| {
            Fake::of("listProjects").header("content-type", "application/json").also("content-type", other)
        };
        let other = two("text/html");
        assert_eq!(
            check(&super::CHECK, vec![other]),
            ["header content-type: application/json and text/html"]
        );
        assert!(check(&super::CHECK, vec![two("application/json")]).is_empty());
    }

    #[test]
    fn it_fires_on_another_type() {
        let html = Fake::of("listProjects").status(404).header("content-type", "text/html");
        assert_eq!(check(&super::CHECK, vec![html]), ["header content-type: text/html"]);
    }

    #[test]
    fn it_fires_on_an_error_without_a_body() {
        assert_eq!(
            check(&super::CHECK, vec![Fake::of("listProjects").status(404).bytes(b"")]),
            ["body: nothing"]
        );
    }

    #[test]
    fn it_is_silent_on_what_has_no_body() {
        let unchanged = Fake::of("listProjects").status(304).bytes(b"");
        let unseen = Fake::of("listProjects").status(404).unseen();
        assert!(check(&super::CHECK, vec![unchanged, unseen]).is_empty());
    }

    #[test]
    fn it_is_silent_on_json_with_a_charset() {
        let json = Fake::of("listProjects").header("content-type", "application/json; charset=utf-8");
        assert!(check(&super::CHECK, vec![json]).is_empty());
    }
}
