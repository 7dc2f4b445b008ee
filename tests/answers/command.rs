//! The options of `neon-contract mock`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use rstest::rstest;

const FIXTURE: &str = "answers:\n  - when: { operation: listProjects }\n    answer: { status: 423 }\n";

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_neon-contract"));
    command.args(["mock", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A mock that ends with the test.
struct Running {
    child: Child,
    url: String,
    key: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command().args(arguments).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut exported = || {
            let line = lines.next().expect("it is printed").expect("it is text");
            line.split_once('=').expect("it is an export").1.to_owned()
        };
        let (url, key) = (exported(), exported());
        Self { child, url, key }
    }

    async fn statuses(&self, count: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..count {
            let request = Client::new().get(format!("{}/api/v2/projects", self.url)).bearer_auth(&self.key);
            statuses.push(request.send().await.expect("it answers").status().as_u16());
        }
        statuses
    }
}

#[tokio::test]
async fn scenarios_add_up_and_a_file_is_one() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("mine.yaml");
    let mine = "summary: The fifth read fails\nanswers:\n  - { nth: 5, answer: { status: 500 } }\n";
    fs::write(&path, mine).expect("it can be written");
    let path = path.to_str().expect("it is text");
    let mock = Running::start(&["--scenario", "rate-limited", "--scenario", path]);
    assert_eq!(mock.statuses(6).await, [429, 429, 429, 200, 500, 200]);
}

#[tokio::test]
async fn a_fixture_brings_its_answers() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("mine.yaml");
    fs::write(&path, FIXTURE).expect("it can be written");
    let mock = Running::start(&["--fixture", path.to_str().expect("it is text")]);
    assert_eq!(mock.statuses(2).await, [423, 200]);
}

#[rstest]
#[case::no_such_scenario(&["--scenario", "rate-limted"], "did you mean `rate-limited`?")]
#[case::nothing_like_it(&["--scenario", "chaos"], "use gateway-page, locked-then-free, lost-answer, rate-limited, slow-operations, or a YAML file")]
#[case::no_such_file(&["--scenario", "./no-such.yaml"], "cannot read the scenario ./no-such.yaml")]
#[case::a_limit(&["--rate-limit", "40/d"], "write a number of requests per minute, or a rate such as 40/s")]
#[case::a_limit_of_nothing(&["--rate-limit", "0"], "write a number of requests per minute")]
#[case::a_latency(&["--latency", "80"], "write a time such as 80ms")]
#[case::too_wide_a_latency(&["--latency", "80ms±90ms"], "the spread is longer than the latency")]
#[case::an_origin(&["--cors", "localhost:5173"], "such as http://localhost:5173")]
fn what_is_no_option_ends_the_start(#[case] arguments: &[&str], #[case] message: &str) {
    let output = command().args(arguments).output().expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains(message), "{told}");
}

#[rstest]
#[case::a_fixture(
    "--fixture",
    "answers:\n  - when: { operation: listPrjects }\n    answer: { status: 423 }\n",
    "did you mean `listProjects`?",
    2
)]
#[case::a_scenario(
    "--scenario",
    "summary: a\nanswers:\n  - answer: { status: 204, text: a }\n",
    "a response with 204 has no body",
    3
)]
#[case::a_key_of_a_scenario("--scenario", "summary: a\nanswer: []\n", "did you mean `answers`?", 2)]
#[case::a_time_of_a_scenario("--scenario", "summary: a\noperations: soon\n", "write `immediate`", 1)]
fn a_rule_that_is_none_is_shown_with_its_line(
    #[case] option: &str,
    #[case] text: &str,
    #[case] message: &str,
    #[case] line: usize,
) {
    let folder = tempfile::tempdir().expect("there is room");
    fs::write(folder.path().join("mine.yaml"), text).expect("it can be written");
    let output = command().args([option, "./mine.yaml"]).current_dir(folder.path()).output();
    let output = output.expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains(message) && told.contains(&format!("mine.yaml:{line}:")), "{told}");
}
