//! Snapshots: a difference is shown, and accepted or refused.

use std::fs;

use crate::project::{Project, RunningMock, ended};

const CASE: &str = "v1/documented_example";
const SNAPSHOT: &str = "snapshots/v1/documented_example.snap";

fn changed() -> Project {
    let project = Project::new();
    project.edit(SNAPSHOT, "\"current_state\": \"init\"", "\"current_state\": \"idle\"");
    project
}

#[test]
fn a_difference_fails_and_is_shown_and_waits_for_review() {
    let project = changed();
    let before = project.read(SNAPSHOT);
    let ended = project.run(&["run", CASE]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let squeezed = ended.stdout.replace(' ', "");
    assert!(squeezed.contains("-\"current_state\":\"idle\""), "{}", ended.stdout);
    assert!(squeezed.contains("+\"current_state\":\"init\""), "{}", ended.stdout);
    assert_eq!(project.read(SNAPSHOT), before, "nobody has accepted it");
    let waiting = project.path(&format!("{SNAPSHOT}.new"));
    let waiting = insta::Snapshot::from_file(&waiting).expect("insta can read what waits for review");
    assert!(waiting.as_text().expect("it is text").to_string().contains("\"init\""));
    assert_eq!(waiting.metadata().expression(), Some(CASE));
}

#[test]
fn an_update_accepts_and_settles_what_waited() {
    let project = changed();
    project.run(&["run", CASE]);
    let update = project.run(&["run", CASE, "--update"]);
    assert_eq!(update.code, Some(0), "{update:?}");
    assert!(!project.path(&format!("{SNAPSHOT}.new")).exists());
    assert_eq!(project.run(&["run", CASE, "--snapshots", "strict"]).code, Some(0));
}

#[test]
fn what_waited_is_settled_by_an_answer_that_is_as_before() {
    let project = Project::new();
    project.write(&format!("{SNAPSHOT}.new"), "---\nexpression: x\n---\nold news\n");
    assert_eq!(project.run(&["run", CASE]).code, Some(0));
    assert!(!project.path(&format!("{SNAPSHOT}.new")).exists());
}

#[test]
fn a_missing_snapshot_is_offered_at_a_desk_and_an_error_in_ci() {
    let project = Project::new();
    fs::remove_file(project.path(SNAPSHOT)).expect("it was there");
    let ci = ended(project.command().args(["run", CASE]).env("CI", "true"));
    assert_eq!(ci.code, Some(1), "{ci:?}");
    assert!(ci.stdout.contains("neon-contract run --update"), "{}", ci.stdout);
    assert!(!project.path(&format!("{SNAPSHOT}.new")).exists(), "nothing is written in CI");

    let desk = project.run(&["run", CASE]);
    assert_eq!(desk.code, Some(0), "{desk:?}");
    assert!(project.path(&format!("{SNAPSHOT}.new")).exists());
}

#[test]
fn an_orphan_is_an_error_in_ci() {
    let project = Project::new();
    project.write("snapshots/v1/gone.snap", "---\nexpression: v1/gone\n---\n200\n");
    let ci = ended(project.command().args(["run", "--quiet", "--generate", "0"]).env("CI", "true"));
    assert_eq!(ci.code, Some(1), "{ci:?}");
    assert!(ci.stdout.contains("snapshots/v1/gone.snap"), "{}", ci.stdout);
    let part = ended(project.command().args(["run", CASE]).env("CI", "true"));
    assert_eq!(part.code, Some(0), "a part of the suite says nothing about orphans");
}

#[test]
fn a_snapshot_that_is_none_is_told() {
    let project = Project::new();
    fs::write(project.path(SNAPSHOT), [0xff, 0xfe]).expect("it can be written");
    let ended = project.run(&["run", CASE]);
    assert_ne!(ended.code, Some(0));
    assert!(ended.stdout.contains(SNAPSHOT) && ended.stdout.contains("--update"), "{}", ended.stdout);
}

#[test]
fn what_holds_at_an_endpoint_is_noted_down() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let mut command = project.command();
    command.args(["run", "bearer_key", "general/", "--snapshots", "confirm", "--allow", "destroys"]);
    let ended = ended(command.args(["--url", &mock.url]).env("NEON_API_KEY", &mock.key));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("confirmed "), "{}", ended.stderr);
    let standing = |name: &str| {
        let listed = project.run(&["list", "--of", "snapshots"]).stdout;
        listed.lines().find(|line| line.starts_with(name)).expect("it is listed").to_owned()
    };
    let held = "general/regions_have_a_default.snap";
    assert!(standing(held).contains(&format!("at {}", mock.url)), "{}", standing(held));
    assert!(standing("projects/life_of_a_project.snap").ends_with("never confirmed"));
    project.edit(&format!("snapshots/{held}"), "200", "201");
    assert!(standing(held).contains("changed since"), "{}", standing(held));
    let nowhere = project.run(&["run", "general/", "--snapshots", "confirm"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
}
