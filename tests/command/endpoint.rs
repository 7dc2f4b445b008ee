//! Endpoints that are less than the whole API: what is declared absent is not applicable, the rest is demanded.

use rstest::rstest;
use serde_json::Value;

use crate::project::Project;

#[test]
fn what_an_endpoint_lacks_is_not_applicable_and_listed() {
    let project = Project::new();
    project.write("endpoint.yaml", "profiles: [v1, v2, organizations]\nabsent: ['tag:Snapshot', '*JWKS*']\n");
    let ended = project.run(&["coverage", "--json", "--endpoint", "endpoint.yaml", "--require", "all-musts"]);
    let ledger: Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    // What binds clients is demanded of no endpoint.
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);

    let snapshots = &ledger["requirements"]["SNAPSHOT-CRUD"];
    assert_eq!((&snapshots["proven"], &snapshots["passed"]), (&false.into(), &0.into()));
    assert!(snapshots["not_applicable"].as_u64() > Some(0), "{snapshots}");
    let absent = &ledger["operations"]["listSnapshots"];
    assert!(
        absent["absent"].as_str().is_some_and(|reason| reason.contains("the profile `snapshots`")),
        "{absent}"
    );
    assert_eq!(absent["succeeded"], false);
    // Who is not let in is refused all the same.
    assert!(absent["refused"]["missing"].as_u64() > Some(0), "{absent}");
    assert_eq!(ledger["operations"]["getProjectJWKS"]["succeeded"], false);
    assert_eq!(ledger["operations"]["listProjects"]["succeeded"], true);
}

#[test]
fn a_run_tells_what_did_not_apply() {
    let ended = Project::new().run(&["run", "--absent", "*Snapshot*", "snapshots/", "users/"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("the endpoint is declared without `createSnapshot`"), "{}", ended.stdout);
    assert!(ended.stdout.contains("not applicable of"), "{}", ended.stdout);
}

#[test]
fn nothing_but_what_is_lacking_proves_nothing() {
    let ended = Project::new().run(&["run", "-q", "--profile", "v1", "snapshots/"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stdout);
}

#[rstest]
#[case::a_profile("profiles: [v3]\n", "endpoint.yaml:1", "there is no profile `v3`")]
#[case::a_pattern("absent:\n  - listSnapshot\n", "endpoint.yaml:2", "did you mean `listSnapshots`?")]
#[case::a_key("absnt: [x]\n", "endpoint.yaml:1", "did you mean `absent`?")]
#[case::no_glob("absent: ['list[']\n", "endpoint.yaml:1", "`list[` is not a pattern")]
#[case::no_yaml("absent: [\n", "endpoint.yaml", "the `[` that starts here is not closed")]
fn what_is_wrong_in_a_declaration_is_told(#[case] text: &str, #[case] place: &str, #[case] message: &str) {
    let project = Project::new();
    project.write("endpoint.yaml", text);
    let ended = project.run(&["run", "users/", "--endpoint", "endpoint.yaml"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stderr.contains(place) && ended.stderr.contains(message), "{}", ended.stderr);
}

#[rstest]
#[case::a_file(&["--endpoint", "no-such.yaml"], "no-such.yaml")]
#[case::a_profile(&["--profile", "orgnizations"], "did you mean `organizations`?")]
#[case::a_pattern(&["--absent", "tag:Snapshots"], "did you mean `tag:Snapshot`?")]
fn so_is_what_is_wrong_in_a_flag(#[case] flags: &[&str], #[case] message: &str) {
    let ended = Project::new().run(&[&["run", "users/"], flags].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stderr.contains(message), "{}", ended.stderr);
}
