//! A request without a usable key answers 401 (AUTH-MISSING, AUTH-INVALID, AUTH-REVOKED, AUTH-MALFORMED), says no more
//! than that (AUTH-NO-DATA), and says it the same way whatever the reason (AUTH-UNIFORM).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::check::{Check, Look, Severity};
use super::record::Record;
use crate::exchange::Exchange;
use crate::json::plain;
use crate::needles::Needles;
use crate::spec::credential::Credential;
use crate::spec::shape::Mark;

pub(super) const CHECK: Check = Check {
    id: "refusal",
    summary: "a request without a usable key gets a uniform 401 without account data",
    looks_at: "requests with an unusable credential",
    requirements: &[
        "AUTH-MISSING",
        "AUTH-MALFORMED",
        "AUTH-INVALID",
        "AUTH-REVOKED",
        "AUTH-NO-DATA",
        "AUTH-UNIFORM",
    ],
    kept_because: None,
    severity: Severity::Critical,
    judge,
};

/// The members of the general error.
const ERROR_MEMBERS: [&str; 3] = ["code", "message", "request_id"];

fn judge(record: &Record<'_>, look: &mut Look) {
    let mut first: Option<(Value, &'static str)> = None;
    let mut known: Option<(Vec<String>, Needles)> = None;
    for (index, exchange) in record.answered().filter(|(_, exchange)| exchange.credential.is_refused()) {
        look.examine(index);
        if exchange.response.status != 401 && !may_be_answered_otherwise(record, exchange) {
            // Another refusal is not what the contract says, and yet lets nobody in.
            let is_let_in = exchange.response.is_success();
            let severity = if is_let_in { Severity::Critical } else { Severity::Error };
            look.breaks(rule(exchange.credential)).so_bad(severity).report(
                index,
                "status",
                format!("401: the key is {}", exchange.credential),
                exchange.response.status.to_string(),
            );
        }
        let Some(Value::Object(body)) = exchange.response.json() else { continue };
        // A trace id or some advice is no data of an account; what someone is known by is.
        let is_data = |name: &&String| {
            !ERROR_MEMBERS.contains(&name.as_str()) && (is_known_by(name) || identifies(&body[*name]))
        };
        let data: Vec<&str> = body.keys().filter(is_data).map(String::as_str).collect();
        if exchange.response.status == 401 && !data.is_empty() {
            look.breaks(&["AUTH-NO-DATA"]).report(
                index,
                "body",
                "only a general error",
                format!("{} too", data.join(", ")),
            );
        }
        let known = known.get_or_insert_with(|| {
            let (ids, mut needles) = (known_ids(record), Needles::default());
            ids.iter().enumerate().for_each(|(place, id)| needles.add(id, place));
            (ids, needles)
        });
        for id in told_ids(known, exchange) {
            look.breaks(&["AUTH-NO-DATA"]).report(index, "body", "no account data", format!("`{id}`"));
        }
        let comparable = json!({ "code": body.get("code"), "message": body.get("message") });
        match &first {
            Some((body, credential)) if *body != comparable => {
                look.breaks(&["AUTH-UNIFORM"]).so_bad(Severity::Error).report(
                    index,
                    "body",
                    format!("as for a key that is {credential}: {body}"),
                    comparable.to_string(),
                );
            }
            Some(_) => {}
            None => first = Some((comparable, exchange.credential.word())),
        }
    }
}

/// Whether a request that is none of an operation is refused as its case allows: what is not found lets nobody in.
fn may_be_answered_otherwise(record: &Record<'_>, exchange: &Exchange) -> bool {
    record.operation(exchange).is_none() && !exchange.response.is_success() && exchange.has_expected_status()
}

/// The requirement that a credential is refused.
fn rule(credential: Credential) -> &'static [&'static str] {
    match credential {
        Credential::Malformed(_) => &["AUTH-MALFORMED"],
        Credential::Invalid | Credential::Altered(_) => &["AUTH-INVALID"],
        Credential::Revoked | Credential::SelfRevoked => &["AUTH-REVOKED"],
        Credential::Missing | Credential::Valid | Credential::OtherUser => &["AUTH-MISSING"],
    }
}

/// Members by which someone, or something of theirs, is known.
fn is_known_by(name: &str) -> bool {
    matches!(
        name,
        "email"
            | "login"
            | "user_id"
            | "account_id"
            | "owner_id"
            | "org_id"
            | "project_id"
            | "key_id"
            | "branch_id"
    )
}

/// Whether someone or something is known by this: an object with an id or an address, however deep.
fn identifies(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(identifies),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name == "id" || is_known_by(name) || identifies(value))
        }
        _ => false,
    }
}

/// The ids that successful responses showed, of the account's objects and of what they refer to, and the addresses of its users.
fn known_ids(record: &Record<'_>) -> Vec<String> {
    let mut ids = BTreeSet::new();
    for (_, exchange) in record.answered().filter(|(_, exchange)| exchange.response.is_success()) {
        let Some(body) = exchange.response.json() else { continue };
        let known = record.annotations(exchange).iter();
        let known = known.filter(|known| match &known.mark {
            Mark::Identity(_) | Mark::Reference(_) => true,
            Mark::Volatile(word) => **word == *"email",
            _ => false,
        });
        ids.extend(known.filter_map(|known| body.pointer(&known.pointer)).map(plain));
    }
    ids.into_iter().collect()
}

/// Those of them that an answer tells, sorted, but for those the request itself named.
fn told_ids<'k>((ids, needles): &'k (Vec<String>, Needles), exchange: &Exchange) -> BTreeSet<&'k str> {
    let text = exchange.response.text();
    let told = needles.ids_in(&text).map(|(_, place)| ids[place].as_str());
    // What is known by the request's own number tells nothing of the account.
    let own = exchange.response.json().and_then(|body| body.get("request_id")).map(plain);
    told.filter(|id| own.as_deref() != Some(id) && !exchange.params.values().any(|param| param == id))
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::judge::testing::{Fake, check, project_list};
    use crate::spec::credential::Credential;

    fn refused(credential: Credential, status: u16, body: Value) -> Fake {
        Fake::of("listProjects").credential(credential).status(status).body(body)
    }

    #[rstest]
    #[case(403)]
    #[case(200)]
    #[case(404)]
    fn it_fires_on_another_status(#[case] status: u16) {
        let found = check(
            &super::CHECK,
            vec![refused(Credential::Missing, status, json!({"code": "", "message": "no"}))],
        );
        assert_eq!(found, [format!("status: {status}")]);
    }

    #[test]
    fn it_fires_on_account_data() {
        let found = check(
            &super::CHECK,
            vec![refused(
                Credential::Missing,
                401,
                json!({"code": "", "message": "no", "account": {"id": 1}}),
            )],
        );
        assert_eq!(found, ["body: account too"]);
        let traced = json!({"code": "", "message": "no", "trace_id": "7f"});
        assert!(check(&super::CHECK, vec![refused(Credential::Missing, 401, traced)]).is_empty());
        let known = json!({"code": "", "message": "no", "email": "a@b.c"});
        assert_eq!(check(&super::CHECK, vec![refused(Credential::Missing, 401, known)]).len(), 1);
        let advised = json!({"code": "", "message": "no", "help": ["read on"], "links": {"docs": "/docs"}});
        assert!(check(&super::CHECK, vec![refused(Credential::Missing, 401, advised)]).is_empty());
        let leak = json!({"code": "", "message": "calm-sea-00000001 is not yours"});
        let list = Fake::of("listProjects").body(project_list(&["calm-sea-00000001"]));
        assert_eq!(
            check(&super::CHECK, vec![list, refused(Credential::Missing, 401, leak)]),
            ["body: `calm-sea-00000001`"]
        );
    }

    #[rstest]
    #[case::in_a_word("7f1006149a is not known", &[])]
    #[case::in_a_longer_number("11006149 is not known", &[])]
    #[case::alone("1006149 is not yours", &["body: `1006149`"])]
    #[case::in_a_path("/api_keys/1006149/usage", &["body: `1006149`"])]
    fn the_id_of_a_key_is_a_number_of_its_own(#[case] message: &str, #[case] expected: &[&str]) {
        let keys = json!([{"id": 1_006_149, "name": "ci", "created_at": "2026-01-01T00:00:00Z"}]);
        let list = Fake::of("listApiKeys").body(keys);
        let refusal = refused(Credential::Missing, 401, json!({"code": "", "message": message}));
        assert_eq!(check(&super::CHECK, vec![list, refusal]), expected);
    }

    #[test]
    fn it_fires_when_reasons_can_be_told_apart() {
        let missing =
            refused(Credential::Missing, 401, json!({"code": "", "message": "no", "request_id": "1"}));
        let revoked =
            refused(Credential::Revoked, 401, json!({"code": "", "message": "revoked", "request_id": "2"}));
        assert_eq!(check(&super::CHECK, vec![missing, revoked]).len(), 1);
    }

    #[test]
    fn it_is_silent_on_uniform_refusals() {
        let missing =
            refused(Credential::Missing, 401, json!({"code": "", "message": "no", "request_id": "1"}));
        let revoked =
            refused(Credential::Revoked, 401, json!({"code": "", "message": "no", "request_id": "2"}));
        assert!(check(&super::CHECK, vec![missing, revoked]).is_empty());
    }
}
