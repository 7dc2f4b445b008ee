//! Recordings: made, and judged again.

use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Project, ended};

/// A recording of one exchange, in which a project has these members more.
fn recording(path: &str, status: u16, body: &Value) -> String {
    let har = json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [
        {"startedDateTime": "2025-01-01T00:00:00Z",
         "request": {"method": "GET", "url": format!("https://console.neon.tech{path}"), "headers": []},
         "response": {"status": status, "headers": [{"name": "Content-Type", "value": "application/json"}],
                      "content": {"text": body.to_string()}}},
        {"request": {"method": "GET", "url": "https://example.com/style.css"}, "response": {"status": 200}},
        {"request": {"method": "GET", "url": "https://console.neon.tech/api/v2/projects"}, "response": {"status": 0}},
    ]}});
    format!("{har:#}")
}

#[test]
fn what_was_recorded_conforms_again() {
    let project = Project::new();
    let made = project.run(&["run", "--sample", "250", "--generate", "0", "--record", "run.har"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stderr.contains(" exchanges"), "{}", made.stderr);
    let har: Value = serde_json::from_str(&project.read("run.har")).expect("it is JSON");
    let entries = har["log"]["entries"].as_array().expect("there are entries");
    let shows_a_key = |entry: &Value| entry["response"].to_string().replace("openapi_", "").contains("napi_");
    assert!(!entries.iter().any(shows_a_key), "a key was kept");
    assert!(entries.iter().any(|entry| entry["request"].to_string().contains("Bearer redacted-")));
    let judged = project.run(&["run", "--recorded", "run.har"]);
    assert_eq!(judged.code, Some(0), "{}", judged.stdout);
    for (word, check) in [("passed", "response-schema"), ("passed", "refusal"), ("untested", "no-effect")] {
        let line =
            judged.stdout.lines().find(|line| line.contains(&format!(" {check} "))).expect("it is told");
        assert!(line.trim_start().starts_with(word), "{line}");
    }
}

#[test]
fn what_is_wrong_in_a_recording_is_found() {
    let project = Project::new();
    project.write("odd.har", &recording("/api/v2/regions", 200, &json!({"regions": [{"region_id": 1}]})));
    let judged = project.run(&["run", "--recorded", "odd.har"]);
    assert_eq!(judged.code, Some(1), "{judged:?}");
    for part in ["response-schema", "odd.har:", "GET /api/v2/regions", "body /regions/*/region_id"] {
        assert!(judged.stdout.contains(part), "`{part}` in {}", judged.stdout);
    }
    assert!(judged.stdout.contains("1 entry is ignored: not requests to the API"), "{}", judged.stdout);
    assert!(judged.stdout.contains("1 entry is ignored: without a response"), "{}", judged.stdout);
}

const KNOWN: &str = "known_failures:
  - { check: error-shape, operation: listProjects, reason: it was so, date: 2025-01-01 }
  - { check: response-schema, operation: listProjects, reason: it was so, date: 2025-01-01 }
";

#[rstest]
#[case::known(KNOWN.to_owned(), json!({"oops": 1}), 0, "known since 2025-01-01: error-shape in listProjects")]
#[case::stale(KNOWN.to_owned(), json!({"code": "", "message": "no"}), 1, "no longer occurs in")]
#[case::expired(KNOWN.replace("date:", "expires: 2025-02-01, date:"), json!({"oops": 1}), 1, "has expired")]
#[case::of_another(KNOWN.replace("listProjects", "getProject"), json!({"oops": 1}), 1, "a member `message`")]
#[case::no_such_operation(KNOWN.replace("listProjects", "listProject"), json!({}), 2, "there is no operation `listProject`")]
#[case::no_day(KNOWN.replace("2025-01-01", "2025-02-30"), json!({}), 2, "is not a calendar date")]
fn what_is_known_fails_nothing(
    #[case] known: String,
    #[case] body: Value,
    #[case] code: i32,
    #[case] told: &str,
) {
    let project = Project::new();
    project.write("specs/known-failures/old.yaml", &known);
    project.write("old.har", &recording("/api/v2/projects", 404, &body));
    let judged = project.run(&["run", "--recorded", "old.har"]);
    assert_eq!(judged.code, Some(code), "{judged:?}");
    assert!(judged.stdout.contains(told) || judged.stderr.contains(told), "{judged:?}");
}

#[test]
fn what_is_known_of_a_recording_is_no_pass() {
    let project = Project::new();
    project.write("specs/known-failures/old.yaml", KNOWN);
    project.write("old.har", &recording("/api/v2/projects", 404, &json!({"oops": 1})));
    let judged = project.run(&["run", "--recorded", "old.har", "--report", "junit=a.xml"]);
    assert_eq!(judged.code, Some(0), "{judged:?}");
    assert!(project.read("a.xml").contains("type=\"pytest.xfail\""), "{}", project.read("a.xml"));
}

#[rstest]
#[case::no_file("none.har", None, "none.har: No such file")]
#[case::no_json("odd.har", Some("<html>"), "odd.har:1: not a HAR file")]
#[case::no_entries("odd.har", Some("{\"log\":\n{}}"), "odd.har:2: not a HAR file: missing field `entries`")]
#[case::a_list("odd.har", Some("{\"log\": []}"), "odd.har:1: not a HAR file: `log` is a list")]
#[case::an_archive("odd.har", Some("PK\u{3}\u{4}"), "it is a ZIP archive")]
#[case::with_an_endpoint("odd.har --url http://localhost", Some("{}"), "cannot be used with")]
fn what_is_no_recording_is_told(#[case] arguments: &str, #[case] text: Option<&str>, #[case] told: &str) {
    let project = Project::new();
    if let Some(text) = text {
        project.write("odd.har", text);
    }
    let judged = ended(project.command().args(["run", "--recorded"]).args(arguments.split(' ')));
    assert_eq!(judged.code, Some(2), "{judged:?}");
    assert!(judged.stderr.contains(told), "{}", judged.stderr);
}

#[test]
fn little_is_told_quietly() {
    let project = Project::new();
    project.write("odd.har", &recording("/api/v2/regions", 200, &json!({"regions": [{"region_id": 1}]})));
    let judged = project.run(&["run", "--quiet", "--recorded", "odd.har"]);
    assert_eq!(judged.code, Some(1), "{judged:?}");
    assert!(judged.stdout.contains("body /regions/*/region_id"), "{}", judged.stdout);
    assert!(!judged.stdout.contains(" examined"), "{}", judged.stdout);
    project.write("even.har", &recording("/api/v2/regions", 200, &json!({"regions": []})));
    let judged = project.run(&["run", "-q", "--recorded", "even.har"]);
    assert_eq!(judged.code, Some(0), "{judged:?}");
    assert!(judged.stdout.starts_with("the recording conforms"), "{}", judged.stdout);
}

#[test]
fn a_recording_without_the_api_proves_nothing() {
    let project = Project::new();
    project.write("other.har", &recording("/blog", 200, &json!({})));
    let judged = project.run(&["run", "--recorded", "other.har"]);
    assert_eq!(judged.code, Some(4), "{judged:?}");
}
