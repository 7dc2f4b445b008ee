//! `audit`: what the suite notices of broken rules, and what it does not.

use rstest::rstest;
use serde_json::Value;

use crate::project::Project;

/// A suite of the few cases that this takes.
fn small() -> Project {
    let project = Project::new();
    for folder in
        ["branches", "databases", "endpoints", "organizations", "projects", "roles", "snapshots", "users"]
    {
        std::fs::remove_dir_all(project.path("specs/cases").join(folder)).expect("it is there");
    }
    let authentication = project.path("specs/cases/authentication");
    for file in std::fs::read_dir(authentication).expect("it is there") {
        let path = file.expect("it can be read").path();
        if !path.ends_with("refusals_are_alike.yaml") {
            std::fs::remove_file(path).expect("it can be removed");
        }
    }
    project
}

const FEW: [&str; 3] = ["audit", "--generate", "0"];

#[test]
fn what_is_noticed_is_killed() {
    let project = small();
    let ended = project.run(&[&FEW[..], &["regions-empty", "key-id-as-text", "--require", "100%"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("3 of 3 faults killed (100.0%)"), "{}", ended.stdout);
    // Few faults say nothing of what a case is good for.
    assert!(!ended.stdout.contains("by case"), "{}", ended.stdout);
}

#[test]
fn what_survives_names_what_is_unguarded() {
    let project = small();
    let case = project.path("specs/cases/general/regions_have_a_default.yaml");
    std::fs::remove_file(case).expect("it is there");
    let ended = project.run(
        &[
            &FEW[..],
            &["regions-", "key-name-replaced", "--fast", "--require", "major=0%", "--require", "90%"],
        ]
        .concat(),
    );
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("regions-empty (major, value)"), "{}", ended.stdout);
    assert!(ended.stdout.contains("unguarded: REGIONS"), "{}", ended.stdout);
    assert!(ended.stderr.contains("faults are detected, but 90% are required"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("major"), "{}", ended.stderr);
}

#[test]
fn programs_can_read_it() {
    let project = small();
    let ended = project.run(&[&FEW[..], &["token-in-key-list", "--json"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let audit: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    let [fault] = audit["faults"].as_array().expect("they are listed").as_slice() else {
        panic!("{audit:#}")
    };
    assert_eq!((&fault["killed"], &fault["requirement"]), (&true.into(), &"KEY-ONCE".into()));
    assert!(
        fault["checks"].as_array().is_some_and(|checks| checks.contains(&"secret-once".into())),
        "{fault:#}"
    );
    assert!(fault["fired"].as_u64() > Some(0), "{fault:#}");
}

#[test]
fn an_audit_begins_with_a_suite_that_passes() {
    let project = small();
    project.edit("specs/cases/general/regions_have_a_default.yaml", "^(aws|azure)-", "^never");
    let ended = project.run(&[&FEW[..], &["regions-empty"]].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("general/regions_have_a_default does not pass without faults: "),
        "{}",
        ended.stderr
    );
}

#[rstest]
#[case::severity("critical=100%", "no critical fault is selected")]
#[case::need("needed", "requires all faults")]
fn what_is_required_must_be_within_reach(#[case] required: &str, #[case] told: &str) {
    let ended = small().run(&[&FEW[..], &["regions-empty", "--require", required]].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
    assert!(ended.stdout.is_empty(), "{}", ended.stdout);
}

#[test]
fn no_name_is_in_every_name() {
    let ended = Project::new().run(&["audit", ""]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("omit it to audit all faults"), "{}", ended.stderr);
}

#[test]
fn an_unknown_fault_is_told() {
    let ended = Project::new().run(&["audit", "regions-empty", "revoked-key-acepted"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("did you mean `revoked-key-accepted`?"), "{}", ended.stderr);
}
