//! A folder without a suite: the one in the binary is there, and one of one's own begins with a command.

use std::path::Path;
use std::process::Command;

use rstest::rstest;
use tempfile::TempDir;

use crate::project::{Ended, ended};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// Runs the command in a folder, with nothing in its environment.
fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    ended(command.env_clear().env("PATH", path).env("HOME", folder).current_dir(folder).args(arguments))
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("it is a folder").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[rstest]
#[case::run(&["run", "-q", "projects/life_of_a_project", "users/"], "the embedded mock conforms")]
#[case::list(&["list", "users/"], "users/seed_user")]
#[case::snapshots(&["list", "--of", "snapshots"], "projects/life_of_a_project.snap")]
#[case::explain(&["explain", "PAGE-LIMIT"], "PAGE-LIMIT")]
#[case::check(&["check"], "the spec files are valid")]
#[case::doctor(&["doctor"], "in the binary")]
#[case::coverage(&["coverage", "users/"], "getCurrentUserInfo")]
#[case::print(&["new", "operation", "listProjects", "--print"], "operation: listProjects")]
fn the_suite_in_the_binary_is_used(#[case] arguments: &[&str], #[case] expected: &str) {
    let folder = folder();
    let ended = run(folder.path(), arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(expected), "{ended:?}");
    assert!(files(folder.path()).is_empty(), "{:?}", files(folder.path()));
}

#[test]
fn a_suite_of_ones_own_builds_on_it() {
    let folder = folder();
    let made = run(folder.path(), &["init", "--ci", "github"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let written: Vec<&str> = made.stdout.lines().map(|line| line.trim_start_matches("./")).collect();
    assert_eq!(
        written,
        ["specs/suite.yaml", "specs/cases/mine/pages_are_limited.yaml", ".github/workflows/conformance.yml"]
    );
    assert!(folder.path().join(".github/workflows/conformance.yml").is_file());
    let both = run(folder.path(), &["run", "-q", "mine/", "users/seed_user"]);
    assert!(both.code == Some(0) && both.stdout.contains("2 passed of 2 trials"), "{both:?}");
    let kept = folder.path().join("snapshots/mine/pages_are_limited.snap.new");
    assert!(kept.is_file(), "its snapshot is offered for review");
    let case = folder.path().join("specs/cases/mine/pages_are_limited.yaml");
    std::fs::write(&case, "title: x\nrequirements: [NO-SUCH]\noperation: listProjects\n")
        .expect("it can be written");
    let wrong = run(folder.path(), &["check"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("NO-SUCH"), "{wrong:?}");
    let again = run(folder.path(), &["init"]);
    assert!(again.code == Some(2) && again.stderr.contains("exist already"), "{again:?}");
    assert!(std::fs::read_to_string(case).is_ok_and(|text| text.contains("NO-SUCH")));
}

#[test]
fn a_file_of_ones_own_stands_in_the_place_of_one_in_the_binary() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["init"]).code, Some(0));
    let own = folder.path().join("specs/cases/users/seed_user.yaml");
    std::fs::create_dir_all(own.parent().expect("it has one")).expect("a folder can be made");
    std::fs::write(own, "title: There is no user\nrequirements: [AUTH-BEARER]\noperation: getCurrentUserInfo\nexpect: { status: 404 }\n")
        .expect("it can be written");
    let ended = run(folder.path(), &["run", "-q", "users/seed_user"]);
    assert!(ended.code == Some(1) && ended.stdout.contains("expected  404"), "{ended:?}");
}

#[test]
fn a_new_case_in_an_empty_folder_can_be_run() {
    let folder = folder();
    let made =
        run(folder.path(), &["new", "curl", "curl 'https://console.neon.tech/api/v2/projects?limit=2'"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let name = made.stdout.trim().trim_start_matches("specs/cases/").trim_end_matches(".yaml").to_owned();
    let ended = run(folder.path(), &["run", "-q", "--exact", &name]);
    assert!(ended.code == Some(0) && ended.stdout.contains("1 passed of 1 trial"), "{ended:?}");
}

#[rstest]
#[case::another("extends: neon\n", "no suite that can be extended")]
#[case::more("extends: built-in\nprofiles: {}\n", "`profiles` stands beside `extends`")]
fn a_suite_extends_the_one_in_the_binary_only(#[case] text: &str, #[case] told: &str) {
    let folder = folder();
    std::fs::create_dir(folder.path().join("specs")).expect("a folder can be made");
    std::fs::write(folder.path().join("specs/suite.yaml"), text).expect("it can be written");
    let ended = run(folder.path(), &["check"]);
    assert!(ended.code == Some(2) && ended.stderr.contains(told), "{ended:?}");
}

#[rstest]
#[case::watch(&["run", "--watch"], 2, "neon-contract init")]
#[case::no_such_folder(&["check", "--specs", "no/such"], 2, "omit `--specs`")]
fn what_needs_a_folder_says_so(#[case] arguments: &[&str], #[case] code: i32, #[case] told: &str) {
    let folder = folder();
    let ended = run(folder.path(), arguments);
    assert!(ended.code == Some(code) && ended.stderr.contains(told), "{ended:?}");
}

#[test]
fn the_version_names_the_suite() {
    let folder = folder();
    let version = run(folder.path(), &["--version"]).stdout;
    let digest = version.lines().find_map(|line| line.strip_prefix("suite: ")).expect("it is told");
    assert!(run(folder.path(), &["doctor"]).stdout.contains(digest), "{version}");
}
