//! No key, token or password that a run has seen is in anything it leaves behind.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use rstest::rstest;
use serde_json::{Value, json};

use crate::hostile::{CASE, head, json as http, send, server};
use crate::project::{Ended, Project, RunningMock, RunningProxy, ended};

/// Faults that put tokens and passwords where a report would show them.
const LEAKS: [&str; 8] = [
    "--fault",
    "token-in-key-list",
    "--fault",
    "project-password-shown",
    "--fault",
    "revoked-key-accepted",
    "--fault",
    "account-data-in-refusal",
];

/// A case that does with a token whatever would make it show.
const LEAKY: &str = r#"
title: A token turns up everywhere
requirements: [KEY-CREATE]
steps:
  - operation: createApiKey
    body: { key_name: "{{ run.prefix }}-leaky" }
    capture: { token: $.key, id: $.id }
    undo: { operation: revokeApiKey, params: { key_id: "{{ id }}" } }
    expect: { where: { $.key: { matches: "^no" }, $.id: 0 } }
  - name: "a step called {{ token }}"
    request: GET /api/v2/projects/{{ token }}
    expect: { status: 200, headers: { x-token: "{{ token }}" } }
  - operation: listProjects
    query: { search: "{{ token }}" }
    headers: { x-token: "{{ token }}" }
    expect: { where: { $.projects: "{{ token }}" } }
  - operation: createProject
    body: { project: { name: "{{ token }}" } }
    capture: { project_id: $.project.id }
    undo: { operation: deleteProject, params: { project_id: "{{ project_id }}" } }
    expect: { where: { "$.connection_uris[0].connection_uri": "" } }
  - request: GET /api/v2/projects
    headers: { authorization: "Basic {{ token }}" }
    expect: { status: 200 }
  - operation: listProjects
    key: "{{ token }}"
    expect: { status: 418 }
"#;

/// Everything a run leaves: what it printed, and every file in its folder.
fn artefacts(project: &Project, ended: &Ended) -> Vec<(String, String)> {
    let mut all = vec![
        ("standard output".to_owned(), ended.stdout.clone()),
        ("standard error".to_owned(), ended.stderr.clone()),
    ];
    all.extend(project.all_text().into_iter().map(|(path, text)| (path.display().to_string(), text)));
    all
}

fn leaky_project() -> Project {
    let project = Project::new();
    project.write("specs/cases/leaky.yaml", LEAKY);
    project
}

#[test]
fn nothing_that_looks_like_a_secret_is_left_behind() {
    let project = leaky_project();
    let ended = project.run(&[["run", "--sample", "1500"].as_slice(), &LEAKS].concat());
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("<secret>"), "there was nothing to hide");
    let offered =
        project.all_text().into_iter().filter(|(path, _)| path.to_string_lossy().ends_with(".snap.new"));
    assert!(offered.count() > 10, "snapshots are left behind as well");
    let secret = Regex::new("napi_[0-9a-z]{20}|npg_[0-9A-Za-z]{8}").expect("it is a regular expression");
    for (name, text) in artefacts(&project, &ended) {
        assert!(!secret.is_match(&text), "{name} has {:?}", secret.find(&text));
    }
}

#[test]
fn no_token_that_was_minted_is_left_behind_in_any_encoding() {
    let project = leaky_project();
    let mock = RunningMock::start(&project, &LEAKS);
    let wire = Wire::before(&mock.url);
    let mut command = project.command();
    let arguments = [
        "run",
        "-vv",
        "--sample",
        "1500",
        "--allow",
        "destroys",
        "--snapshots",
        "review",
        "--url",
        &wire.url,
    ];
    let ended = ended(command.args(arguments).env("NEON_API_KEY", &mock.key));
    assert_eq!(ended.code, Some(1), "{ended:?}");

    let mut secrets = wire.secrets();
    secrets.insert(mock.key.clone());
    assert!(secrets.len() > 50, "{} tokens and passwords were on the wire", secrets.len());
    for (name, text) in artefacts(&project, &ended) {
        for secret in &secrets {
            let encoded = STANDARD.encode(format!("api:{secret}"));
            for form in [secret.as_str(), &encoded[8..encoded.len() - 4]] {
                assert!(!text.contains(form), "{name} holds a secret");
            }
        }
    }
}

/// The key of a run.
const KEY: &str = "napi_0123456789abcdefghijklmnopqrstuvwxyz";

/// Each character of the key written by itself.
fn each(written: impl Fn(u32) -> String) -> String {
    KEY.chars().map(|character| written(u32::from(character))).collect()
}

/// Runs a trial at a server that answers so, with every report; all that is left.
fn left_by_a_run(headers: &str, body: &str) -> (Ended, Vec<(String, String)>) {
    let answer = http(headers, body);
    let url = format!(
        "http://{}",
        server("127.0.0.1:0", move |mut stream| {
            head(&mut stream);
            send(&mut stream, answer.as_bytes());
        })
    );
    let project = Project::new();
    let reports = "json=a.json,html=a.html,junit=a.xml,markdown=a.md,github=a.txt,proof=proof.json";
    let mut command = project.command();
    command.args(["run", CASE, "-vv", "--record", "a.har", "--report", reports, "--url", &url]);
    let ended = ended(command.env("NEON_API_KEY", KEY));
    for file in ["a.json", "a.html", "a.xml", "a.md", "a.txt", "a.har"] {
        assert!(project.path(file).exists(), "{file} is not written: {ended:?}");
    }
    let all = artefacts(&project, &ended);
    (ended, all)
}

#[rstest]
#[case::percent(each(|code| format!("%{code:02X}")))]
#[case::percent_in_part(KEY.replace('a', "%61").replace('_', "%5f"))]
#[case::percent_twice(each(|code| format!("%25{code:02x}")))]
#[case::json(each(|code| format!("\\u{code:04x}")))]
#[case::json_in_json(each(|code| format!("\\\\u{code:04x}")))]
#[case::html(each(|code| format!("&#{code};")))]
#[case::html_in_hexadecimal(each(|code| format!("&#x{code:x};")))]
#[case::hexadecimal(each(|code| format!("{code:02x}")))]
#[case::hexadecimal_in_capitals(each(|code| format!("{code:02X}")))]
#[case::base32("NZQXA2K7GAYTEMZUGU3DOOBZMFRGGZDFMZTWQ2LKNNWG23TPOBYXE43UOV3HO6DZPI".to_owned())]
#[case::base64_twice(STANDARD.encode(STANDARD.encode(KEY)))]
#[case::a_space(KEY.replace('7', "7 "))]
#[case::a_line_break(KEY.replace('7', "7\\n"))]
fn a_key_that_comes_back_is_masked_in_any_encoding(#[case] form: String) {
    let body =
        format!(r#"{{"projects":[],"applications":{{}},"integrations":{{}},"note":"no {form} here"}}"#);
    let (ended, artefacts) = left_by_a_run("", &body);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("secret-once") && ended.stdout.contains("no <secret>"), "{ended:?}");
    let shown = form.replace("\\\\", "\\").replace("\\n", "\n");
    for (name, text) in artefacts {
        for form in [&form, &shown, KEY] {
            assert!(!text.contains(form), "{name} holds {form}");
        }
        assert!(!text.contains("ghijklmnopqrstuvwxyz"), "{name} holds a part of the key");
    }
}

#[rstest]
#[case::in_json("", "{\"projects\":\"SIGNS\",\"SIGNS\":1}")]
#[case::in_no_json("", "<p>SIGNS\u{1b}[2J\u{7}\r</p>")]
#[case::in_a_header("x-odd: SIGNS\r\ncontent-type: text/SIGNS\r\n", "{}")]
fn what_turns_a_line_or_moves_a_cursor_is_spelled_out(#[case] headers: &str, #[case] body: &str) {
    const SIGNS: &str = "\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{85}\u{9b}\u{7f}";
    // No header has that one.
    let in_headers = SIGNS.replace('\u{7f}', "");
    let (ended, artefacts) =
        left_by_a_run(&headers.replace("SIGNS", &in_headers), &body.replace("SIGNS", SIGNS));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("\\u{202a}\\u{202e}\\u{2066}"), "{}", ended.stdout);
    for (name, text) in artefacts {
        // Nobody reads what the tests have copied.
        let acts = |character: char| SIGNS.contains(character) || matches!(character, '\u{1b}' | '\u{7}');
        assert!(!text.contains(acts), "{name}: {:?}", text.find(acts).map(|at| &text[..at + 4]));
    }
}

#[test]
fn a_link_out_of_the_suite_shows_no_key() {
    let project = Project::new();
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    let key = outside.path().join("key");
    std::fs::write(&key, format!("{KEY}\n")).expect("it can be written");
    std::os::unix::fs::symlink(&key, project.path("specs/cases/linked.yaml")).expect("it can be made");
    for command in [["check"].as_slice(), &["run"], &["list"]] {
        let ended = project.run(command);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        for told in ["specs/cases/linked.yaml", "it is a link to a file outside the suite"] {
            assert!(ended.stderr.contains(told), "{ended:?}");
        }
        assert!(!format!("{ended:?}").contains(KEY), "{ended:?}");
    }
}

#[test]
fn a_snapshot_that_is_a_link_shows_no_key() {
    let project = Project::new();
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    let key = outside.path().join("key");
    std::fs::write(&key, format!("---\nsource: a\n---\n{KEY}\n")).expect("it can be written");
    let snapshot = project.path("snapshots/users/me.snap");
    std::fs::create_dir_all(snapshot.parent().expect("it has one")).expect("it can be made");
    std::os::unix::fs::symlink(&key, &snapshot).expect("it can be made");
    project.write(
        "specs/cases/users/me.yaml",
        "title: Me\nrequirements: [USER-ME]\noperation: getCurrentUserInfo\n",
    );
    let ended = project.run(&["run", "users/me", "--exact"]);
    assert!(ended.stdout.contains("it is a link to a file outside its directory"), "{ended:?}");
    assert!(!format!("{ended:?}").contains(KEY), "{ended:?}");
}

#[rstest]
#[case::a_key_file(&format!("{KEY}\n"))]
#[case::of_another(&format!("key: ghp_{}\n", &KEY[5..]))]
#[case::a_header(&format!("title: it\nauthorization: Bearer {}\n", &KEY[5..]))]
#[case::in_a_url(&format!("title: it\nurl: postgres://me:{}@host/db\n", &KEY[5..]))]
fn a_mistake_quotes_no_key(#[case] text: &str) {
    let project = Project::new();
    project.write("specs/cases/wrong.yaml", text);
    let ended = project.run(&["check"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("specs/cases/wrong.yaml"), "{ended:?}");
    assert!(!format!("{ended:?}").contains(&KEY[5..]), "{ended:?}");
}

/// Headers of a request and of an answer that authenticate or carry a session, with what is secret in them.
const HEADERS: [(&str, &str, &[&str]); 6] = [
    (
        "Cookie",
        "zenith=secretcookievalue; keycloak_token=0123456a; theme=dark7",
        &["secretcookievalue", "0123456a", "dark7"],
    ),
    ("Proxy-Authorization", "Basic bWU6aHVudGVyMg==", &["bWU6aHVudGVyMg"]),
    ("X-Csrf-Token", "secretcsrfvalue1", &["secretcsrfvalue1"]),
    ("X-Api-Key", "k3y", &["k3y"]),
    ("X-Auth-Token", "secretauthvalue", &["secretauthvalue"]),
    ("Set-Cookie", "zenith=secretsessionvalue; Path=/; HttpOnly", &["secretsessionvalue"]),
];

/// All that is secret in them.
fn secret_values() -> Vec<&'static str> {
    HEADERS.iter().flat_map(|(_, _, secrets)| secrets.iter().copied()).collect()
}

#[test]
fn no_header_that_carries_a_session_is_left_by_a_recording() {
    let project = Project::new();
    let pairs = |names: &[(&str, &str, &[&str])]| -> Vec<Value> {
        names.iter().map(|(name, value, _)| json!({"name": name, "value": value})).collect()
    };
    let har = json!({"log": {"entries": [{
        "request": {
            "method": "GET", "url": "https://console.neon.tech/api/v2/projects?access_token=secretparameter1",
            "headers": pairs(&HEADERS[..5]), "cookies": [{"name": "other", "value": "secretothervalue1"}],
        },
        "response": {
            "status": 200, "headers": pairs(&HEADERS[5..]), "content": {"text": json!({
                "projects": "secretcookievalue secretcsrfvalue1 secretothervalue1 secretsessionvalue secretparameter1",
            }).to_string()},
        },
    }]}});
    project.write("in/browser.har", &har.to_string());
    let reports = "json=a.json,html=a.html,junit=a.xml,markdown=a.md,github=a.txt";
    let ended = project.run(&["run", "--recorded", "in/browser.har", "--report", reports]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("x-csrf-token: $X_CSRF_TOKEN"), "{}", ended.stdout);
    let drafted = project.run(&["new", "har", "in/browser.har"]);
    assert_eq!(drafted.code, Some(0), "{drafted:?}");
    let mut left = artefacts(&project, &ended);
    left.extend(artefacts(&project, &drafted));
    left.retain(|(name, _)| !name.ends_with("in/browser.har"));
    for (name, text) in left {
        for secret in secret_values().into_iter().chain(["secretothervalue1", "secretparameter1"]) {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
}

#[tokio::test]
async fn no_header_that_carries_a_session_is_left_by_a_proxy() {
    let project = Project::new();
    let body = r#"{"projects":"secretcookievalue secretsessionvalue"}"#;
    let answer = http(&format!("set-cookie: {}\r\nconnection: close\r\n", HEADERS[5].1), body);
    let upstream = server("127.0.0.1:0", move |mut stream| {
        head(&mut stream);
        send(&mut stream, answer.as_bytes());
    });
    let proxy = RunningProxy::start(&project, &format!("http://{upstream}"), &["--record", "seen.har"]);
    let mut request = reqwest::Client::new().get(format!("{}/api/v2/projects/{KEY}", proxy.url));
    for (name, value, _) in &HEADERS[..5] {
        request = request.header(*name, *value);
    }
    request.bearer_auth(KEY).send().await.expect("it answers");
    let ended = proxy.stop();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let har = project.read("seen.har");
    assert!(har.contains("zenith=redacted-") && har.contains("; Path=/; HttpOnly"), "{har}");
    for (name, text) in artefacts(&project, &ended) {
        for secret in secret_values().into_iter().chain([KEY]) {
            assert!(!text.contains(secret), "{name} holds {secret}: {text}");
        }
    }
}

#[test]
fn no_cookie_that_an_endpoint_sets_is_left_by_a_run() {
    let project = Project::new();
    let cookies = "set-cookie: zenith=secretcookievalue; Path=/; HttpOnly\r\nset-cookie: keycloak_session=secretsessionvalue\r\n";
    // It is shown in the body as well, which is not as it should be.
    let body = r#"{"projects":"secretcookievalue secretsessionvalue"}"#;
    let answer = http(&format!("{cookies}connection: close\r\n"), body);
    let url = server("127.0.0.1:0", move |mut stream| {
        head(&mut stream);
        send(&mut stream, answer.as_bytes());
    });
    let mut command = project.command();
    let reports =
        "json=run.json,junit=run.xml,html=run.html,proof=proof.json,badge=badge.svg,markdown,github";
    command.args(["run", CASE, "-vv", "--record", "seen.har", "--report", reports, "--snapshots", "review"]);
    let ended = ended(command.args(["--url", &format!("http://{url}")]).env("NEON_API_KEY", KEY));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let har = project.read("seen.har");
    assert!(har.contains("zenith=redacted-") && har.contains("; Path=/; HttpOnly"), "{har}");
    for report in ["run.json", "run.xml", "run.html", "proof.json", "badge.svg"] {
        assert!(project.path(report).exists(), "there is no {report}: {ended:?}");
    }
    for (name, text) in artefacts(&project, &ended) {
        for secret in ["secretcookievalue", "secretsessionvalue", KEY] {
            assert!(!text.contains(secret), "{name} holds {secret}: {text}");
        }
    }
}

/// A proxy that keeps what the server says.
struct Wire {
    url: String,
    said: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    fn before(upstream: &str) -> Self {
        let upstream = upstream.strip_prefix("http://").expect("it is an origin").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let said = Arc::<Mutex<Vec<u8>>>::default();
        let keep = said.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&upstream).expect("the server is there");
                let (client_in, server_in) =
                    (client.try_clone().expect("it can"), server.try_clone().expect("it can"));
                let keep = keep.clone();
                thread::spawn(move || pass(client_in, server, |_| {}));
                thread::spawn(move || {
                    pass(server_in, client, |bytes| keep.lock().expect("nobody panicked").extend(bytes));
                });
            }
        });
        Self { url, said }
    }

    /// Every token and every password that the server has said.
    fn secrets(&self) -> BTreeSet<String> {
        let said = self.said.lock().expect("nobody panicked");
        let text = String::from_utf8_lossy(&said);
        let member = Regex::new(r#""(?:key|password)":"([^"]{6,})""#).expect("it is a regular expression");
        member.captures_iter(&text).map(|found| found[1].to_owned()).collect()
    }
}

/// Passes on what comes, until no more comes.
fn pass(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        see(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // The other side may have closed already.
    let _ = to.shutdown(Shutdown::Write);
}
