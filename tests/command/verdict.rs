//! What a run says of an endpoint, and how it ends.

use std::collections::BTreeSet;

use rstest::rstest;

use crate::project::{Ended, Project};

/// The trials that a run calls failed.
fn failed(ended: &Ended) -> BTreeSet<&str> {
    let lines = ended.stdout.lines().filter(|line| line.trim_start().starts_with("FAIL "));
    lines.filter_map(|line| line.split("] ").nth(1)).collect()
}

#[test]
fn the_whole_suite_conforms_and_tells_of_orphans() {
    let project = Project::new();
    project.write("snapshots/v1/gone.snap", "---\nexpression: v1/gone\n---\n200\n");
    let ended = project.run(&["run"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let [.., verdict, musts] = ended.stdout.lines().collect::<Vec<_>>()[..] else {
        panic!("there is a verdict")
    };
    assert!(musts.contains(" 0 untested, 0 failed; 0 pieces of advice."), "{musts}");
    assert!(verdict.starts_with("the embedded mock conforms: "), "{verdict}");
    let passed = ended.stdout.lines().filter(|line| line.trim_start().starts_with("pass ")).count();
    assert!(passed >= 120, "{passed} trials passed");
    assert!(ended.stdout.contains("snapshots/v1/gone.snap"), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}'), "colours are for terminals");
    assert!(ended.stderr.starts_with("testing the embedded mock: "), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[rstest]
#[case::one_step("projects/unknown_project_is_404", "status: 404", "status: 410", "410", "404")]
#[case::a_step_of_many("api-keys/revoked_key_is_refused", "status: 401", "status: 403", "403", "401")]
#[case::a_matrix("authentication/missing_key_is_refused", "status: 401", "status: 400", "400", "401")]
fn a_changed_expectation_fails_its_case_alone(
    #[case] case: &str,
    #[case] old: &str,
    #[case] new: &str,
    #[case] expected: &str,
    #[case] actual: &str,
) {
    let project = Project::new();
    let file = format!("specs/cases/{case}.yaml");
    project.edit(&file, old, new);
    let line = 1 + project.read(&file).lines().position(|line| line.contains(new)).expect("it was written");

    let ended = project.run(&["run", "--quiet", "--generate", "0", "--sample", "400"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let failed = failed(&ended);
    assert!(!failed.is_empty());
    assert!(failed.iter().all(|name| name.split('[').next() == Some(case)), "{failed:?}");
    for part in [
        format!("--> {file}:{line} in step `"),
        format!("expected  {expected}\n"),
        format!("actual    {actual} "),
        "curl -sSi -X ".to_owned(),
    ] {
        assert!(ended.stdout.contains(&part), "no `{part}` in\n{}", ended.stdout);
    }
}

#[test]
fn all_findings_of_a_trial_are_told() {
    let project = Project::new();
    project.write(
        "specs/cases/mine.yaml",
        "title: Two things are wrong\nrequirements: [V2-LIST]\noperation: listProjects\n\
         expect:\n  headers: { x-none: a }\n  where: { $.projects: [], $.nothing: 1 }\nsnapshot: { omit: true }\n",
    );
    let ended = project.run(&["run", "mine"]);
    assert_eq!(ended.code, Some(1));
    for part in ["header x-none", "body /projects", "$.nothing", "mine.yaml:5", "mine.yaml:6"] {
        assert!(ended.stdout.contains(part), "no `{part}` in\n{}", ended.stdout);
    }
}

#[test]
fn a_file_in_cases_is_a_trial() {
    let project = Project::new();
    project.write(
        "specs/cases/mine/projects_have_names.yaml",
        "title: Projects have names\nrequirements: [V2-LIST]\noperation: listProjects\n\
         expect: { where: { \"$.projects[*].name\": { type: string } } }\n",
    );
    let ended = project.run(&["run", "mine/"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("mine/projects_have_names\n"), "{}", ended.stdout);
    assert!(ended.stdout.contains("new snapshots"), "{}", ended.stdout);
}

#[test]
fn the_first_failure_can_end_a_run() {
    let project = Project::new();
    let arguments = ["run", "--fault", "missing-header-forbidden", "--jobs", "1", "--fail-fast"];
    let ended = project.run(&arguments);
    assert_eq!(ended.code, Some(1));
    assert_eq!(failed(&ended).len(), 1);
    assert!(ended.stdout.contains(" not started\n"), "{}", ended.stdout);
}

#[test]
fn what_could_not_be_tested_is_not_passed() {
    let project = Project::new();
    project.edit("specs/suite.yaml", "key: \"{{ token }}\"", "key: \"no-{{ token }}\"");
    let arguments = ["run", "revoked_key_is_refused[listProjects,revoked]", "--demand-all"];
    let ended = project.run(&arguments);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("no key could be created and revoked"), "{}", ended.stdout);
    assert!(ended.stdout.contains("was not tested"), "{}", ended.stdout);
}

#[rstest]
#[case::by_default(&[], 0)]
#[case::a_line_a_trial(&["-v"], 0)]
#[case::what_was_exchanged(&["-vv"], 1)]
fn what_was_exchanged_is_shown_on_demand(#[case] verbose: &[&str], #[case] times: usize) {
    let ended = Project::new().run(&[&["run", "users/seed_user"], verbose].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let request = "GET /api/v2/users/me\n    authorization: Bearer $NEON_API_KEY\n";
    assert_eq!(ended.stdout.matches(request).count(), times, "{}", ended.stdout);
    assert_eq!(ended.stdout.matches("\"email\": \"").count() > 0, times > 0, "{}", ended.stdout);
}
