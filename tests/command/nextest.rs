//! The suite under `cargo nextest`, which takes a test that ignores itself while it runs for one that has passed.

use std::path::Path;
use std::process::Command;

use rstest::rstest;

use crate::project::{Project, RunningMock, ended};

/// A trial that needs an organization, one that makes something, and one that can be run.
const TRIALS: &str = "test(=authentication/bearer_key_opens_every_read[getOrganization]) \
                      | test(=api-keys/created_key_works) | test(=v1/list_is_an_array_of_projects)";

fn is_there() -> bool {
    Command::new("cargo").args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

#[rstest]
#[case::by_default(None, 100)]
#[case::where_it_is_to_be_ignored(Some("ignore"), 0)]
fn what_is_untested_does_not_pass_without_a_word(#[case] untested: Option<&str>, #[case] code: i32) {
    if !is_there() {
        assert!(std::env::var_os("CI").is_none(), "cargo-nextest is not installed");
        return;
    }
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let junit = project.path("junit.xml");
    project.write(
        "nextest.toml",
        &format!("[profile.default.junit]\npath = {:?}\n", junit.display().to_string()),
    );
    let mut command = Command::new("cargo");
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    command.args(["nextest", "run", "--test", "conformance", "--no-fail-fast", "--config-file"]);
    command.arg(project.path("nextest.toml")).args(["-E", TRIALS]);
    command.env("NEON_API_URL", &mock.url).env("NEON_API_KEY", &mock.key).env_remove("NEON_ORG_ID");
    command.env("XDG_STATE_HOME", project.path("state")).env_remove("NEXTEST").env_remove("NEON_ALLOW");
    if let Some(untested) = untested {
        command.env("NEON_UNTESTED", untested);
    }
    let ended = ended(&mut command);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    // What writes is known not to be run before anything is sent.
    assert!(ended.stderr.contains("skipped"), "{}", ended.stderr);
    let xml = std::fs::read_to_string(&junit).expect("nextest writes it");
    assert!(xml.contains("v1/list_is_an_array_of_projects") && !xml.contains("created_key_works"), "{xml}");
    assert_eq!(xml.contains("<failure"), code != 0, "{xml}");
    assert_eq!(
        ended.stderr.contains("no value for `org_id` could be supplied"),
        code != 0,
        "{}",
        ended.stderr
    );
}
