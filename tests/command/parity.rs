//! Two targets, and whose a difference between them is.

use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{Ended, Project, RunningMock, ended};

fn parity(project: &Project, mock: &RunningMock, arguments: &[&str]) -> Ended {
    let mut command = project.command();
    command.args(["parity", "--right", &mock.url]).env("NEON_API_KEY", &mock.key).args(arguments);
    ended(&mut command)
}

#[test]
fn the_mock_is_like_the_mock() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let compared = parity(&project, &mock, &["--allow", "destroys", "--sample", "300"]);
    assert_eq!(compared.code, Some(0), "{compared:?}");
    assert!(compared.stdout.contains(" agree"), "{}", compared.stdout);
}

#[rstest]
#[case::of_a_value("revoked-reason-told", "key_may_revoke_itself", "mock", "parity", "401 body /message")]
#[case::of_the_contract("v1-databases-null", "v1/", "api", "response-schema", "body /databases")]
#[case::of_a_rule("limit-ignored", "pages_hold_at_most_limit", "api", "paging", "")]
fn a_difference_is_told_with_whose_it_is(
    #[case] fault: &str,
    #[case] case: &str,
    #[case] drift: &str,
    #[case] check: &str,
    #[case] subject: &str,
) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &["--fault", fault]);
    let compared = parity(&project, &mock, &["--allow", "destroys", "--json", case]);
    assert_eq!(compared.code, Some(1), "{compared:?}");
    let told: Value = serde_json::from_str(&compared.stdout).expect("it is JSON");
    let differences = told["differences"].as_array().expect("there are some");
    let is_it = |found: &&Value| {
        found["drift"] == drift
            && found["check"] == check
            && found["subject"].as_str().is_some_and(|told| told.contains(subject))
    };
    assert!(differences.iter().any(|found| is_it(&found)), "{:#}", told["differences"]);
}

/// A recording of a list of regions with a member that no document knows and the mock does not have.
fn recording(project: &Project) {
    let region = json!({"region_id": "aws-x", "name": "X", "default": true, "geo_lat": "1", "geo_long": "2", "moon": 1});
    let har = json!({"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": [
        {"request": {"method": "GET", "url": "https://console.neon.tech/api/v2/regions", "headers": []},
         "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}],
                      "content": {"text": json!({"regions": [region]}).to_string()}}},
    ]}});
    project.write("day.har", &har.to_string());
}

#[test]
fn a_recording_is_compared_by_its_form() {
    let project = Project::new();
    recording(&project);
    let compared = project.run(&["parity", "--right", "day.har", "regions"]);
    assert_eq!(compared.code, Some(1), "{compared:?}");
    for part in ["Mock drift", "getActiveRegions 200 body /regions/*/moon", "no such member", "a number"] {
        assert!(compared.stdout.contains(part), "`{part}` in {}", compared.stdout);
    }
}

const KNOWN: &str = "known_failures:
  - { check: parity, operation: getActiveRegions, subject: '*moon', reason: the moon is new, date: 2026-01-01 }
";

#[rstest]
#[case::accepted(KNOWN.to_owned(), &[], 0, "known since 2026-01-01: parity in getActiveRegions, the moon is new")]
#[case::expired(KNOWN.replace("date", "expires: 2026-02-01, date"), &[], 1, "has expired")]
#[case::stale(KNOWN.replace("moon'", "sun'"), &[], 1, "no longer occurs in getActiveRegions")]
#[case::not_looked_for(KNOWN.replace("moon'", "sun'"), &["regions"], 1, "differ in 1 place")]
fn what_is_known_is_no_difference(
    #[case] known: String,
    #[case] filters: &[&str],
    #[case] code: i32,
    #[case] told: &str,
) {
    let project = Project::new();
    recording(&project);
    project.write("specs/known-failures/day.yaml", &known);
    let cases = std::fs::read_dir(project.path("specs/cases")).expect("there are cases");
    for entry in cases.flatten().filter(|entry| entry.file_name() != "general") {
        std::fs::remove_dir_all(entry.path()).expect("it can be removed");
    }
    let compared = project.run(&[&["parity", "--right", "day.har"], filters].concat());
    assert_eq!(compared.code, Some(code), "{compared:?}");
    assert!(compared.stdout.contains(told), "{}", compared.stdout);
}

#[rstest]
#[case::the_same(&["--right", "embedded"], "both sides are the same")]
#[case::two_urls(&["--left", "http://a.test", "--right", "http://b.test"], "--record left.har")]
#[case::nothing(&["--right", "no-such.har"], "or an existing HAR file")]
#[case::no_recording(&["--right", "specs/suite.yaml"], "not a HAR file")]
#[case::no_trial(&["--right", "day.har", "no-such-case"], "no trial is selected")]
#[case::unknown_name(&["--right", "day.har", "regions", "--known-failures", "nowhere"], "known-failures/nowhere.yaml")]
fn what_cannot_be_compared_is_refused(#[case] arguments: &[&str], #[case] told: &str) {
    let project = Project::new();
    recording(&project);
    let compared = project.run(&[&["parity"], arguments].concat());
    assert_eq!(compared.code, Some(2), "{compared:?}");
    assert!(compared.stderr.contains(told), "{}", compared.stderr);
    assert!(compared.stdout.is_empty() || !compared.stdout.contains(" agree"));
}
