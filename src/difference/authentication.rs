//! Two versions of what authenticates for an operation: by what schemes mean, whatever they are called.

use std::collections::BTreeSet;

use serde_json::Value;

use super::operation::Pair;
use super::{Contract, Level};
use crate::spec::contract::Operation;
use crate::spec::{Location, escape};

/// A scheme of which a request shows a credential.
#[derive(Debug, Clone)]
struct Scheme {
    name: String,
    /// What a client does, in words that are the same where it is.
    meaning: String,
    scopes: BTreeSet<String>,
    /// One of several ways to the same scheme, which must be told apart.
    way: Option<String>,
}

/// Schemes of which a request shows all.
type Alternative = Vec<Scheme>;

impl Pair<'_> {
    pub(super) fn authentication(&mut self) {
        let (old, new) = (alternatives(self.old, self.before), alternatives(self.new, self.after));
        let is_open = |all: &[Alternative]| all.is_empty() || all.iter().any(Vec::is_empty);
        match (is_open(&old), is_open(&new)) {
            (false, true) => {
                return self.tell_of_all(Level::Breaking, "authentication is no longer required");
            }
            (true, false) => return self.tell_of_all(Level::Breaking, "authentication is required now"),
            _ => {}
        }
        let closed = |all: Vec<Alternative>| -> Vec<Alternative> {
            all.into_iter().filter(|alternative| !alternative.is_empty()).collect()
        };
        let (old, new) = (closed(old), closed(new));
        let accepts = |all: &[Alternative], sent: &Alternative| all.iter().any(|one| accepts(one, sent));
        let mut added: Vec<&Alternative> = new.iter().filter(|after| !accepts(&old, after)).collect();
        for before in old.iter().filter(|before| !accepts(&new, before)) {
            if let Some(after) = new.iter().find(|after| is_same(before, after, |scheme| &scheme.meaning)) {
                added.retain(|added| !std::ptr::eq(*added, after));
                self.scopes(Level::Breaking, before, after, "needs");
            } else if let Some(place) =
                added.iter().position(|after| is_same(before, after, |scheme| &scheme.name))
            {
                self.meanings(before, added.remove(place));
            } else {
                self.tell_of_all(Level::Breaking, format!("{} no longer authenticates", shown(before)));
            }
        }
        for after in added {
            match old.iter().find(|before| is_same(before, after, |scheme| &scheme.meaning)) {
                Some(before) => self.scopes(Level::Additive, after, before, "no longer needs"),
                None => self.tell_of_all(Level::Additive, format!("{} authenticates now", shown(after))),
            }
        }
    }

    /// The scopes of which only the second one speaks.
    fn scopes(&mut self, level: Level, less: &Alternative, more: &Alternative, verb: &str) {
        for scheme in more {
            let known = less.iter().find(|known| known.meaning == scheme.meaning);
            let known = known.map(|known| known.scopes.clone()).unwrap_or_default();
            for scope in scheme.scopes.difference(&known) {
                let now = if level == Level::Breaking { " now" } else { "" };
                self.tell_of_all(level, format!("`{}` {verb} the scope `{scope}`{now}", scheme.name));
            }
        }
    }

    /// Schemes of the same names that mean something else.
    fn meanings(&mut self, before: &Alternative, after: &Alternative) {
        for (was, is) in before.iter().zip(after).filter(|(was, is)| was.meaning != is.meaning) {
            let message = format!("`{}` was {}, is {}", is.name, was.meaning, is.meaning);
            let at = self.new.document().at_key(&pointer(&is.name));
            let place = self.place();
            self.changes.add(Level::Breaking, message, at, &place);
        }
    }

    /// What holds for all operations is told once.
    fn tell_of_all(&mut self, level: Level, message: impl Into<String>) {
        let has_own = |contract: &Contract, operation: &Operation| {
            contract.document().value().pointer(&format!("{}/security", operation.pointer)).is_some()
        };
        let is_own = has_own(self.old, self.before) || has_own(self.new, self.after);
        let at: Location =
            if is_own { self.at("/security") } else { self.new.document().at_key("/security") };
        let place = self.place();
        self.changes.add(level, message.into(), at, &place);
    }
}

/// Whether a request that shows all of `sent` shows all that one alternative asks for.
fn accepts(asked: &Alternative, sent: &Alternative) -> bool {
    let is_sent = |scheme: &Scheme| {
        sent.iter().any(|own| own.meaning == scheme.meaning && scheme.scopes.is_subset(&own.scopes))
    };
    asked.iter().all(is_sent)
}

fn is_same(one: &Alternative, other: &Alternative, what: impl Fn(&Scheme) -> &String) -> bool {
    let all = |alternative: &Alternative| alternative.iter().map(&what).cloned().collect::<BTreeSet<_>>();
    all(one) == all(other)
}

fn shown(alternative: &Alternative) -> String {
    let shown = |scheme: &Scheme| match &scheme.way {
        Some(way) => format!("`{}` ({way})", scheme.name),
        None => format!("`{}`", scheme.name),
    };
    alternative.iter().map(shown).collect::<Vec<_>>().join(" and ")
}

/// What authenticates for an operation; an empty alternative stands for none at all. Each way to a token is one of its own.
fn alternatives(contract: &Contract, operation: &Operation) -> Vec<Alternative> {
    let root = contract.document().value();
    let own = root.pointer(&format!("{}/security", operation.pointer));
    let written = own.or_else(|| root.get("security")).and_then(Value::as_array);
    let mut all = Vec::new();
    for alternative in written.into_iter().flatten() {
        let mut ways: Vec<Alternative> = vec![Vec::new()];
        for (name, scopes) in alternative.as_object().into_iter().flatten() {
            let meanings = meanings(root, name);
            let is_one = meanings.len() == 1;
            let scopes: BTreeSet<String> = scopes
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            let with = |known: &Alternative| -> Vec<Alternative> {
                let scheme = |meaning: &String| Scheme {
                    name: name.clone(),
                    meaning: meaning.clone(),
                    scopes: scopes.clone(),
                    way: (!is_one).then(|| meaning.clone()),
                };
                meanings.iter().map(|meaning| [&known[..], &[scheme(meaning)]].concat()).collect()
            };
            ways = ways.iter().flat_map(with).take(MOST).collect();
        }
        all.extend(ways);
    }
    all
}

/// More ways to show several credentials at once are not compared.
const MOST: usize = 64;

fn pointer(name: &str) -> String {
    format!("/components/securitySchemes/{}", escape(name))
}

/// What a scheme means, by each of the ways to a token. One that is not defined is known by its name only.
fn meanings(root: &Value, name: &str) -> Vec<String> {
    let nothing = Value::Null;
    let defined = root.pointer(&pointer(name)).unwrap_or(&nothing);
    let referred = defined["$ref"].as_str().and_then(|reference| root.pointer(reference.strip_prefix('#')?));
    let scheme = referred.unwrap_or(defined);
    let word = |keyword: &str| scheme[keyword].as_str().unwrap_or_default();
    let meaning = match word("type") {
        "http" => format!("HTTP {}", word("scheme").to_ascii_lowercase()),
        // Names of headers are the same in any case (RFC 9110 §5.1).
        "apiKey" if word("in") == "header" => {
            format!("a key in the header `{}`", word("name").to_ascii_lowercase())
        }
        "apiKey" => format!("a key in the {} as `{}`", word("in"), word("name")),
        "openIdConnect" => format!("OpenID Connect by {}", word("openIdConnectUrl")),
        "oauth2" => {
            let flows = scheme["flows"].as_object().into_iter().flatten();
            let flows: Vec<String> = flows.map(|(flow, described)| by_flow(flow, described)).collect();
            return if flows.is_empty() { vec!["OAuth 2".to_owned()] } else { flows };
        }
        "" => format!("`{name}`"),
        other => other.to_owned(),
    };
    vec![meaning]
}

fn by_flow(flow: &str, described: &Value) -> String {
    let addresses = ["authorizationUrl", "tokenUrl"].iter().filter_map(|key| described[*key].as_str());
    let addresses = addresses.collect::<Vec<_>>().join(" and ");
    format!("OAuth 2 with the flow `{flow}` by {addresses}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::super::tests::{document, told};
    use super::*;
    use Level::{Additive, Breaking};

    fn secured(security: &Value, schemes: &Value) -> Value {
        let mut document = document(json!({}));
        document["security"] = security.clone();
        document["components"] = json!({ "securitySchemes": schemes });
        document
    }

    fn key(place: &str, name: &str) -> Value {
        json!({"s": {"type": "apiKey", "in": place, "name": name}})
    }

    fn http(name: &str, scheme: &str) -> Value {
        json!({name: {"type": "http", "scheme": scheme}})
    }

    fn oauth(flow: &str, address: &str) -> Value {
        json!({"s": {"type": "oauth2", "flows": {flow: {"tokenUrl": address, "scopes": {"r": "", "w": ""}}}}})
    }

    #[rstest]
    #[case::another_header(
        key("header", "x"),
        key("header", "y"),
        "`s` was a key in the header `x`, is a key in the header `y`"
    )]
    #[case::another_place(
        key("header", "x"),
        key("query", "x"),
        "`s` was a key in the header `x`, is a key in the query as `x`"
    )]
    #[case::another_word(http("s", "bearer"), http("s", "basic"), "`s` was HTTP bearer, is HTTP basic")]
    #[case::another_address(
        oauth("password", "https://a"),
        oauth("password", "https://b"),
        "`s` was OAuth 2 with the flow `password` by https://a, is OAuth 2 with the flow `password` by https://b"
    )]
    fn a_scheme_that_means_something_else_breaks(
        #[case] old: Value,
        #[case] new: Value,
        #[case] message: &str,
    ) {
        let security = json!([{"s": []}]);
        let changes = told(&secured(&security, &old), &secured(&security, &new));
        assert_eq!(changes, [(Breaking, message.to_owned())]);
    }

    #[rstest]
    #[case::another_name(json!([{"s": []}]), http("s", "bearer"), json!([{"t": []}]), http("t", "bearer"))]
    #[case::another_case(json!([{"s": []}]), http("s", "bearer"), json!([{"s": []}]), http("s", "Bearer"))]
    #[case::a_header_in_another_case(json!([{"s": []}]), key("header", "x"), json!([{"s": []}]), key("header", "X"))]
    #[case::another_order(json!([{"s": []}, {"t": []}]), http("s", "basic"), json!([{"t": []}, {"s": []}]), http("s", "basic"))]
    #[case::the_same_twice(
        json!([{"s": []}]),
        http("s", "basic"),
        json!([{"s": []}, {"t": []}]),
        json!({"s": {"type": "http", "scheme": "basic"}, "t": {"type": "http", "scheme": "basic"}})
    )]
    #[case::words(
        json!([{"s": []}]),
        http("s", "basic"),
        json!([{"s": []}]),
        json!({"s": {"type": "http", "scheme": "basic", "description": "a", "bearerFormat": "b"}})
    )]
    fn a_scheme_that_means_the_same_is_no_change(
        #[case] one: Value,
        #[case] of_one: Value,
        #[case] other: Value,
        #[case] of_other: Value,
    ) {
        let (one, other) = (secured(&one, &of_one), secured(&other, &of_other));
        assert_eq!(told(&one, &other), []);
        assert_eq!(told(&other, &one), []);
    }

    #[test]
    fn a_scope_more_breaks_and_one_less_does_not() {
        let of = |scopes: Value| secured(&json!([{"s": scopes}]), &oauth("password", "https://a"));
        let (less, more) = (of(json!(["r"])), of(json!(["r", "w"])));
        assert_eq!(told(&less, &more), [(Breaking, "`s` needs the scope `w` now".to_owned())]);
        assert_eq!(told(&more, &less), [(Additive, "`s` no longer needs the scope `w`".to_owned())]);
    }

    #[test]
    fn a_second_credential_breaks_and_one_of_two_does_not() {
        let of = |security: Value| secured(&security, &key("header", "x"));
        let (one, both) = (of(json!([{"s": []}])), of(json!([{"s": [], "t": []}])));
        let changes = told(&one, &both);
        assert_eq!(changes, [(Breaking, "`s` no longer authenticates".to_owned())]);
        assert_eq!(told(&both, &one), [(Additive, "`s` authenticates now".to_owned())]);
    }

    #[test]
    fn a_way_to_a_token_may_go_and_come() {
        let mut both = oauth("password", "https://a");
        both["s"]["flows"]["clientCredentials"] = json!({"tokenUrl": "https://a"});
        let security = json!([{"s": ["r"]}]);
        let (one, both) = (secured(&security, &oauth("password", "https://a")), secured(&security, &both));
        let changes = told(&both, &one);
        let message = "`s` (OAuth 2 with the flow `clientCredentials` by https://a) no longer authenticates";
        assert_eq!(changes, [(Breaking, message.to_owned())]);
        assert!(matches!(&told(&one, &both)[..], [(Additive, _)]));
    }
}
