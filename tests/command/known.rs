//! What is known to fail, and accepted.

use rstest::rstest;

use crate::project::Project;

/// A suite of a few cases, so that all of it is run.
fn small() -> Project {
    let project = Project::new();
    for entry in std::fs::read_dir(project.path("specs/cases")).expect("there are cases").flatten() {
        if entry.file_name() != "users" {
            std::fs::remove_dir_all(entry.path()).expect("it can be removed");
        }
    }
    project
}

const KNOWN: &str = "known_failures:\n  - { check: content-type, reason: it was so, date: 2025-01-01 }\n";

#[rstest]
#[case::known(KNOWN, "wrong-content-type", 0, "3 known to fail of 3 trials")]
#[case::stale(KNOWN, "limit-ignored", 1, "no longer occurs in any operation; remove the entry")]
#[case::looked_for(
    "known_failures:
  - { check: content-type, operation: createProject, reason: it was so, date: 2025-01-01 }
",
    "limit-ignored",
    0,
    "3 passed of 3 trials"
)]
#[case::of_nothing(
    "known_failures:\n  - { check: content-typ, reason: it was so, date: 2025-01-01 }\n",
    "redirect",
    2,
    "did you mean `content-type`?"
)]
fn what_is_known_fails_nothing_while_it_shows(
    #[case] known: &str,
    #[case] fault: &str,
    #[case] code: i32,
    #[case] told: &str,
) {
    let project = small();
    project.write("specs/known-failures/embedded.yaml", known);
    let ended = project.run(&["run", "--generate", "0", "--snapshots", "ignore", "--fault", fault]);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(ended.stdout.contains(told) || ended.stderr.contains(told), "{ended:?}");
}

#[test]
fn a_name_stands_for_an_endpoint() {
    let project = small();
    project.write("specs/known-failures/staging.yaml", KNOWN);
    let arguments = ["run", "--generate", "0", "--snapshots", "ignore", "--fault", "wrong-content-type"];
    let ended = project.run(&[&arguments[..], &["--known-failures", "staging"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("except for known failures"), "{}", ended.stdout);
    let ended = project.run(&[&arguments[..], &["--known-failures", "stagin"]].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("did you mean `staging`?"), "{}", ended.stderr);
}
