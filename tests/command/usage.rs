//! The command line: errors and exit codes.

use std::io::ErrorKind;
use std::net::TcpListener;

use rstest::rstest;
use serde_json::Value;

use crate::project::{Project, ended};

#[rstest]
#[case::unknown_option(&["run", "--job", "3"], "--jobs")]
#[case::no_jobs(&["run", "--jobs", "0"], "1..")]
#[case::unknown_fault(&["run", "--fault", "revoked-key-acepted"], "did you mean `revoked-key-accepted`?")]
#[case::no_such_trial(&["run", "projects/life_of_projects"], "did you mean the trial `projects/life_of_a_project`?")]
#[case::no_such_tag(&["run", "--tag", "v3"], "did you mean the tag `v1`?")]
#[case::no_such_requirement(&["run", "--requirement", "KEY-ONCES"], "did you mean the requirement `KEY-ONCE`?")]
#[case::no_such_folder(&["run", "--specs", "spec"], "omit `--specs`")]
#[case::no_such_fixture(&["mock", "--fixture", "sed"], "did you mean `seed`?")]
#[case::no_such_fixture_file(&["mock", "--fixture", "./none.yaml"], "none.yaml")]
#[case::a_fixture_without_end(&["mock", "--fixture", "/dev/zero"], "it is larger than 64 MiB")]
#[case::a_state_without_end(&["mock", "--port", "0", "--persist", "/dev/zero"], "it is larger than 64 MiB")]
#[case::a_recording_without_end(&["run", "--recorded", "/dev/zero"], "it is larger than 64 MiB")]
#[case::a_contract_without_end(&["coverage", "--contract", "/dev/zero"], "it is larger than 64 MiB")]
#[case::live_without_a_key(&["run", "--url", "http://127.0.0.1:1"], "NEON_API_KEY is not set")]
fn a_wrong_command_line_is_told_how_to_be_right(#[case] arguments: &[&str], #[case] hint: &str) {
    let ended = Project::new().run(arguments);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains(hint), "no `{hint}` in\n{}", ended.stderr);
}

const NO_GATE: &str = "cannot read the gate file `x.yaml`: no such file. See `neon-contract schema gate`";
const NO_ENDPOINT: &str =
    "cannot read the endpoint file `x.yaml`: no such file. See `neon-contract schema endpoint`";
const NO_RESULT: &str =
    "cannot read the result file `x.json`: no such file; create one with `run --report json=x.json`";

#[rstest]
#[case::gate(&["run", "users/", "--gate", "x.yaml"], NO_GATE)]
#[case::gate_of_a_result(&["report", "show", "last.json", "--gate", "x.yaml"], NO_GATE)]
#[case::endpoint(&["run", "users/", "--endpoint", "x.yaml"], NO_ENDPOINT)]
#[case::a_directory(&["run", "users/", "--endpoint", "specs"], "cannot read the endpoint file `specs`: it is a directory")]
#[case::baseline(&["run", "users/", "--baseline", "x.json"], NO_RESULT)]
#[case::result(&["report", "show", "x.json"], NO_RESULT)]
#[case::shard(&["report", "merge", "x.json"], NO_RESULT)]
#[case::badge(&["badge", "x.json"], "cannot read the proof or result file `x.json`: no such file")]
#[case::fixture(&["mock", "--fixture", "./x.yaml"], "cannot read the fixture ./x.yaml: no such file")]
fn a_missing_file_is_named_by_its_kind(#[case] arguments: &[&str], #[case] message: &str) {
    let project = Project::new();
    project.run(&["run", "users/", "--quiet", "--report", "json=last.json"]);
    let ended = project.run(arguments);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains(message), "no `{message}` in\n{}", ended.stderr);
    assert!(!ended.stderr.contains("spec files"), "{}", ended.stderr);
}

#[rstest]
#[case::gate("--gate", "max_flakey: 0\n", "1 error in the gate file; nothing was sent")]
#[case::endpoint("--endpoint", "absnt: [x]\n", "1 error in the endpoint file; nothing was sent")]
fn errors_in_a_file_are_counted_for_that_file(
    #[case] option: &str,
    #[case] text: &str,
    #[case] message: &str,
) {
    let project = Project::new();
    project.write("x.yaml", text);
    let ended = project.run(&["run", "users/", option, "x.yaml"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.stderr.contains("x.yaml:1") && ended.stderr.contains(message), "{}", ended.stderr);
}

#[test]
fn a_fixture_of_too_many_projects_is_told_where() {
    let project = Project::new();
    project.write("huge.yaml", "keys: []\nmore_projects: 4000000000\n");
    let ended = project.run(&["mock", "--port", "0", "--fixture", "./huge.yaml"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for part in ["huge.yaml:2", "request at most 1000000"] {
        assert!(ended.stderr.contains(part), "no `{part}` in\n{}", ended.stderr);
    }
}

#[test]
fn an_endpoint_is_named_by_a_url() {
    let project = Project::new();
    let mut command = project.command();
    let ended = ended(command.args(["run", "--url", "console.neon.tech"]).env("NEON_API_KEY", "napi_1"));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("write it as https://console.neon.tech"), "{}", ended.stderr);
}

#[test]
fn sound_specs_are_counted() {
    let ended = Project::new().run(&["check"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains(" trials"), "{}", ended.stdout);
}

#[rstest]
#[case(&["check"])]
#[case(&["list"])]
#[case(&["run"])]
fn all_mistakes_in_specs_are_told_at_once_and_nothing_is_sent(#[case] arguments: &[&str]) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("it can be asked without waiting");
    let url = format!("http://{}", listener.local_addr().expect("it listens"));
    let project = Project::new();
    project.edit("specs/cases/users/seed_user.yaml", "title:", "titel:");
    project.edit("specs/cases/api-keys/created_key_works.yaml", "createApiKey", "createApiKeys");
    let mut command = project.command();
    let ended = ended(command.args(arguments).env("NEON_API_URL", url).env("NEON_API_KEY", "napi_1"));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.stdout, "");
    for part in
        ["did you mean `title`?", "did you mean `createApiKey`?", "in the spec files; nothing was sent"]
    {
        assert!(ended.stderr.contains(part), "no `{part}` in\n{}", ended.stderr);
    }
    assert_eq!(listener.accept().expect_err("nobody called").kind(), ErrorKind::WouldBlock);
}

#[test]
fn an_endpoint_that_is_not_there_has_its_own_exit_code() {
    let project = Project::new();
    let mut command = project.command();
    let ended = ended(command.args(["run", "--url", "http://127.0.0.1:1"]).env("NEON_API_KEY", "napi_1"));
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("cannot reach http://127.0.0.1:1"), "{}", ended.stdout);
}

#[rstest]
#[case("trials", "name", "projects/life_of_a_project")]
#[case("operations", "id", "v1ListProjects")]
#[case("requirements", "id", "KEY-REVOKE-IMMEDIATE")]
#[case("checks", "id", "no-effect")]
#[case("faults", "id", "revoked-key-writes")]
fn lists_are_text_or_json(#[case] of: &str, #[case] member: &str, #[case] one: &str) {
    let project = Project::new();
    let text = project.run(&["list", "--of", of]);
    assert!(text.stdout.lines().any(|line| line.split(' ').next() == Some(one)), "{}", text.stdout);
    let json = project.run(&["list", "--of", of, "--format", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(rows.len(), text.stdout.lines().count());
    assert!(rows.iter().any(|row| row[member] == one));
}

#[test]
fn what_the_list_names_the_run_takes() {
    let project = Project::new();
    let list = project.run(&["list", "--tag", "v1", "revoked"]);
    let names: Vec<&str> = list.stdout.lines().collect();
    assert!(!names.is_empty());
    let run = project.run(&[&["run", "--exact"], names.as_slice()].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stdout.contains(&format!("{} passed of {} trial", names.len(), names.len())),
        "{}",
        run.stdout
    );
}
