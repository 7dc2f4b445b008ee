//! What a run prints: its target first, what it has not tested by the reasons, and a verdict that claims no more than was tested.

use std::net::TcpListener;

use rstest::rstest;

use crate::project::{Ended, Project, RunningMock, ended};

fn run(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = project.command();
    command.arg("run").args(arguments).envs(variables.iter().copied());
    ended(&mut command)
}

/// A port on which nobody listens any more.
fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    format!("http://{}", listener.local_addr().expect("it has an address"))
}

#[rstest]
#[case::nobody_listens(&dead())]
#[case::a_name_that_nobody_has("https://no-such-host.invalid")]
fn an_endpoint_that_cannot_be_reached_is_told_once(#[case] url: &str) {
    let project = Project::new();
    let run =
        run(&project, &["--url", url, "--report", "json=run.json"], &[("NEON_API_KEY", "napi_of_nobody")]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(run.stdout.matches("cannot reach").count(), 1, "{}", run.stdout);
    assert!(run.stdout.lines().count() < 15, "{}", run.stdout);
    let result: serde_json::Value = serde_json::from_str(&project.read("run.json")).expect("it is JSON");
    assert!(result["counts"]["errored"].as_u64() > Some(100), "{}", result["counts"]);
}

#[test]
fn what_is_skipped_is_told_by_its_reason_and_the_verdict_is_partial() {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let run = run(&project, &["--url", &mock.url], &[("NEON_API_KEY", &mock.key)]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let writes = run.stdout.matches("it writes; allow this with `--allow writes`").count();
    assert_eq!(writes, 1, "{}", run.stdout);
    assert!(run.stdout.contains("conforms where it was tested"), "{}", run.stdout);
    assert!(run.stdout.contains("To prove more, add --allow destroys"), "{}", run.stdout);
    assert!(run.stderr.contains(&format!("testing {}: ", mock.url)), "{}", run.stderr);
}

#[rstest]
#[case::of_all_trials(&[])]
#[case::of_few(&["api-keys/"])]
fn a_quiet_run_prints_the_verdict_only(#[case] filters: &[&str]) {
    let project = Project::new();
    let run = run(&project, &[&["--quiet"], filters].concat(), &[]);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(run.stdout.starts_with("the embedded mock conforms: "), "{}", run.stdout);
}

#[rstest]
#[case::the_mock(&["--target", "embedded"], Some(0), "testing the embedded mock: ")]
#[case::an_endpoint(&["--target", "live"], Some(3), "testing http://")]
#[case::what_the_environment_says(&[], Some(3), "testing http://")]
fn the_target_is_said_and_chosen(#[case] target: &[&str], #[case] code: Option<i32>, #[case] told: &str) {
    let project = Project::new();
    let variables = [("NEON_API_URL", &*dead()), ("NEON_API_KEY", "napi_of_nobody")];
    let run = run(&project, &[&["regions"], target].concat(), &variables);
    assert_eq!(run.code, code, "{run:?}");
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn a_live_target_has_a_url() {
    let run = run(&Project::new(), &["--target", "live"], &[]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("--target live requires --url or NEON_API_URL"), "{}", run.stderr);
}
