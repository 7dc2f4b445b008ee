//! Random walks find what takes a sequence of requests, and nothing where nothing is wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    program.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).env_remove("NEON_API_URL");
    program.output().expect("the program starts")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{error} in {text}\n{}", String::from_utf8_lossy(&output.stderr));
    })
}

/// `steps`: what the fault takes at least; a shrunk walk may take two more.
#[rstest]
#[case::removal_not_done("branch-not-removed", 4)]
#[case::change_ignored("branch-update-ignored", 3)]
#[case::removed_and_readable("removed-branch-readable", 4)]
#[case::removed_and_listed("removed-branch-listed", 4)]
#[case::role_not_removed("role-not-removed", 4)]
#[case::roles_that_go_along("role-removal-takes-others", 5)]
#[case::database_not_removed("database-not-removed", 5)]
#[case::database_change_ignored("database-update-ignored", 5)]
#[case::project_not_removed("project-not-removed", 3)]
#[case::not_shared("sharing-ignored", 3)]
#[case::shared_for_ever("unsharing-ignored", 4)]
#[case::snapshot_not_removed("snapshot-not-removed", 4)]
#[case::snapshot_not_renamed("snapshot-not-renamed", 4)]
#[case::child_changes_its_parent("parent-sees-the-branch", 4)]
#[case::old_password_goes_on("password-not-reset", 4)]
#[case::default_stays("default-does-not-move", 4)]
#[case::not_recovered("recovery-ignored", 4)]
#[case::revoked_key_works("revoked-key-accepted", 3)]
#[case::namesakes_are_revoked("new-key-revokes-older-namesakes", 5)]
fn a_fault_that_takes_a_sequence_is_found_and_shrunk(#[case] fault: &str, #[case] steps: usize) {
    let output = run(&["explore", "--fault", fault, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let explored = json(&output);
    let failures = explored["failures"].as_array().expect("they are a list");
    let shortest = failures.iter().filter_map(|failure| Some(failure["steps"].as_array()?.len())).min();
    assert!(shortest.is_some_and(|shortest| shortest <= steps + 2), "{failures:#?}");
}

#[rstest]
fn nothing_is_found_where_nothing_is_wrong(#[values("0", "1", "2", "3", "4")] seed: &str) {
    let output = run(&["explore", "--seed", seed, "--steps", "40", "--json"]);
    let explored = json(&output);
    assert_eq!(output.status.code(), Some(0), "{explored:#}");
    assert_eq!(explored["parity"]["differences"], Value::Array(Vec::new()));
    let trials = explored["result"]["trials"].as_array().expect("they are a list").iter();
    let untested: Vec<&Value> =
        trials.filter(|trial| trial["outcome"] != "passed").map(|trial| &trial["reason"]).collect();
    assert!(untested.is_empty(), "a walk asks for what the model does not do: {untested:#?}");
}

#[test]
fn the_same_seed_takes_the_same_walks() {
    let names = |seed: &str| {
        let output = run(&["explore", "--fault", "branch-not-removed", "--seed", seed, "--json"]);
        json(&output)["failures"]
            .as_array()
            .expect("they are a list")
            .iter()
            .map(|failure| failure["steps"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("7"), names("7"));
    assert_ne!(names("7"), names("8"));
}

/// The case files in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("it can be read").path()).collect()
}

#[test]
fn a_kept_walk_is_a_case_that_fails_again() {
    let suite = tempfile::tempdir().expect("there is room");
    let begun = run(&["init", suite.path().to_str().expect("it is UTF-8")]);
    assert!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
    let specs = suite.path().join("specs");
    let specs = specs.to_str().expect("it is UTF-8");
    let cases = Path::new(specs).join("cases");
    let fault = "branch-not-removed";
    let found = run(&["explore", "--fault", fault, "--save-failures", cases.to_str().expect("it is UTF-8")]);
    assert_eq!(found.status.code(), Some(1));
    assert!(!files(&cases.join("explore")).is_empty());
    assert_eq!(run(&["check", "--specs", specs]).status.code(), Some(0));
    let arguments = ["run", "explore/", "--specs", specs, "--snapshots", "ignore"];
    assert_eq!(run(&arguments).status.code(), Some(0));
    assert_eq!(run(&[&arguments[..], &["--fault", fault]].concat()).status.code(), Some(1));
}

#[test]
fn an_endpoint_must_be_written_to() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    program.args(["explore", "--url", "http://127.0.0.1:9"]).env("NEON_API_KEY", "napi_x");
    let output = program.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow writes"));
}
