//! Keys in recordings: followed where they stand in clear, and told where they were put out.

use rstest::rstest;
use serde_json::{Value, json};

use crate::project::Project;

const OWN: &str = "Bearer napi_own0123456789abcdefghijklmnop";
const MINTED: &str = "napi_minted0123456789abcdefghijklmn";

/// A request that is sent so many seconds after the first, with these headers, and its answer.
fn entry(second: u32, request: (&str, &str, Value), status: u16, body: &Value) -> Value {
    let (method, path, headers) = request;
    let pairs = headers.as_object().into_iter().flatten();
    let headers: Vec<Value> = pairs.map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({
        "startedDateTime": format!("2026-01-02T03:04:{second:02}.000Z"), "time": 20,
        "request": {"method": method, "url": format!("https://console.neon.tech/api/v2{path}"), "headers": headers},
        "response": {"status": status, "headers": [{"name": "content-type", "value": "application/json"}],
                     "content": {"text": body.to_string()}},
    })
}

fn regions(second: u32, headers: Value, status: u16) -> Value {
    let body = match status {
        200 => json!({"regions": []}),
        _ => json!({"code": "", "message": "no"}),
    };
    entry(second, ("GET", "/regions", headers), status, &body)
}

fn mint(second: u32, own: &str, token: &str) -> Value {
    let body = json!({"id": 7, "key": token, "name": "n", "created_at": "2026-01-02T03:04:05Z",
                      "created_by": "00000000-0000-4000-8000-000000000001"});
    entry(second, ("POST", "/api_keys", json!({"Authorization": own})), 200, &body)
}

fn revoke(second: u32, own: &str) -> Value {
    let body = json!({"id": 7, "name": "n", "created_at": "2026-01-02T03:04:05Z", "last_used_at": null,
                      "created_by": "00000000-0000-4000-8000-000000000001", "last_used_from_addr": "", "revoked": true});
    entry(second, ("DELETE", "/api_keys/7", json!({"Authorization": own})), 200, &body)
}

fn without_a_time(mut entry: Value) -> Value {
    entry["startedDateTime"] = Value::Null;
    entry
}

fn bearer(token: &str) -> Value {
    json!({"Authorization": format!("Bearer {token}")})
}

fn judged(entries: &[Value]) -> (Option<i32>, String) {
    let project = Project::new();
    project.write("keys.har", &json!({"log": {"version": "1.2", "entries": entries}}).to_string());
    let reports = ["--report", "json=a.json,junit=a.xml,html=a.html"];
    let ended = project.run(&[&["run", "--recorded", "keys.har"], &reports[..]].concat());
    let told = ["a.json", "a.xml", "a.html"].map(|report| project.read(report)).concat();
    for text in [&ended.stdout, &ended.stderr, &told] {
        assert!(!text.contains("napi_"), "{text}");
    }
    (ended.code, ended.stdout)
}

#[rstest]
#[case::revoked(&[mint(1, OWN, MINTED), revoke(2, OWN), regions(3, bearer(MINTED), 200)], "the key is revoked")]
#[case::missing(&[regions(1, json!({"authorization": OWN}), 200), regions(2, json!({}), 200)], "the key is missing")]
#[case::missing_first(&[regions(1, json!({"accept": "*/*"}), 200), regions(2, json!({"authorization": OWN}), 401)], "the key is missing")]
#[case::basic(&[regions(1, json!({"Authorization": "Basic YXBpOm5hcGlfb3duMDEyMzQ1Njc4OQ=="}), 200)], "malformed-basic")]
#[case::no_scheme(&[regions(1, json!({"Authorization": &OWN[7..]}), 200)], "malformed-no-scheme")]
#[case::minted_by_one_that_was_put_out(
    &[mint(1, "Bearer redacted-1", MINTED), revoke(2, "Bearer redacted-1"), regions(3, bearer(MINTED), 200)],
    "the key is revoked"
)]
#[case::beside_one_that_was_put_out(
    &[mint(1, OWN, MINTED), revoke(2, OWN), regions(3, bearer("***"), 200), regions(4, bearer(MINTED), 200)],
    "the key is revoked"
)]
#[case::beside_a_session(
    &[mint(1, OWN, MINTED), revoke(2, OWN), regions(3, json!({"Cookie": "zenith=abc", "Authorization": format!("Bearer {MINTED}")}), 200)],
    "the key is revoked"
)]
#[case::without_a_time(
    &[mint(1, OWN, MINTED), revoke(2, OWN), without_a_time(regions(3, bearer(MINTED), 200))],
    "the key is revoked"
)]
fn what_was_let_in_though_it_shows_that_it_may_not_is_critical(
    #[case] entries: &[Value],
    #[case] told: &str,
) {
    let (code, text) = judged(entries);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("CRITICAL") && text.contains(told), "{text}");
}

#[rstest]
#[case::put_out(&[regions(1, json!({}), 200), regions(2, json!({}), 200)])]
#[case::a_placeholder(&[mint(1, "Bearer redacted-1", "redacted-2"), revoke(2, "Bearer redacted-1"), regions(3, bearer("redacted-2"), 200)])]
#[case::one_word_for_all(&[mint(1, "Bearer 0123456789abcdef", "0123456789abcdef"), revoke(2, "Bearer 0123456789abcdef"), regions(3, bearer("0123456789abcdef"), 200)])]
#[case::stars(&[regions(1, json!({"Authorization": "***"}), 200), regions(2, json!({"Authorization": "Basic ***"}), 200)])]
#[case::a_session(&[regions(1, json!({"Authorization": OWN}), 200), regions(2, json!({"Cookie": "zenith=0123456789"}), 200)])]
#[case::a_browser_without_cookies(&[regions(1, json!({"Authorization": OWN}), 200), regions(2, json!({"User-Agent": "Mozilla/5.0"}), 200)])]
#[case::under_way(&[mint(1, OWN, MINTED), revoke(3, OWN), regions(2, bearer(MINTED), 200), regions(3, bearer(MINTED), 200), regions(4, json!({"x-api-key": "0123456789ab"}), 200)])]
#[case::before_without_a_time(&[mint(1, OWN, MINTED), without_a_time(regions(2, bearer(MINTED), 200)), revoke(3, OWN), regions(4, json!({"x-api-key": "0123456789ab"}), 200)])]
fn what_cannot_be_told_is_no_finding_but_a_note(#[case] entries: &[Value]) {
    let (code, text) = judged(entries);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("was not checked"), "{text}");
}

#[rstest]
#[case::refused(&[mint(1, OWN, MINTED), revoke(2, OWN), regions(3, bearer(MINTED), 401), regions(4, json!({}), 401)])]
#[case::a_preflight(&[
    regions(1, json!({"Authorization": OWN}), 200),
    entry(2, ("OPTIONS", "/regions", json!({"origin": "https://a.test"})), 204, &json!(null)),
])]
fn what_is_as_it_must_be_is_no_finding(#[case] entries: &[Value]) {
    let (code, text) = judged(entries);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("do not show their key"), "{text}");
}

#[test]
fn a_key_that_comes_back_is_critical_where_all_stand_in_clear() {
    let leak = entry(
        2,
        ("GET", "/regions", json!({"Authorization": OWN})),
        404,
        &json!({"code": "", "message": OWN}),
    );
    let (code, text) = judged(&[regions(1, json!({"Authorization": OWN}), 200), leak]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("secret-once"), "{text}");
}
