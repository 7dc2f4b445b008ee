//! Lists as long as an answer may be: they are judged in bounded memory, and a run that is to end does not judge one after another.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use regex::Regex;
use rstest::rstest;

use crate::hostile::{CASE, EMPTY, bytes, json, measured, server};
use crate::project::{Project, ended};

/// The same in the first version of the API.
const V1: &str = "authentication/bearer_key_opens_every_read[v1ListProjects]";

/// All that reads, which the endpoint answers with the same list.
const READS: &str = "authentication/bearer_key_opens_every_read";

/// Lists so many projects, in as many bytes as an answer may have.
fn many_projects(count: usize, project: impl Fn(usize) -> String) -> String {
    EMPTY.replacen("[]", &many(count, project), 1)
}

fn many(count: usize, item: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (0..count).map(item).collect();
    format!("[{}]", items.join(","))
}

/// Answers with the same body each time, and its URL.
fn answering(body: &str) -> String {
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> = bytes(json("", body)).into();
    format!("http://{}", server("127.0.0.1:0", move |stream| answer(stream)))
}

const WRONG: &[&str] = &["response-schema", "a valid body", "more here)"];

#[rstest]
#[case::that_are_sound(V1, many(40_000, |number| {
    format!(r#"{{"id":"calm-sea-{number:08}","current_state":"idle","databases":[],"deleted":false,"created_at":"2025-01-01T00:00:00.000Z","updated_at":"2025-01-01T00:00:00.000Z"}}"#)
}), 0, 300_000, &["conforms"])]
#[case::with_little_in_each(CASE, many_projects(40_000, |number| {
    format!(r#"{{"id":"calm-sea-{number:08}","name":"shop","created_at":"2025-01-01T00:00:00Z","updated_at":"2025-01-01T00:00:00Z"}}"#)
}), 1, 300_000, WRONG)]
#[case::with_nothing_in_each(CASE, many_projects(2_000_000, |_| "{}".to_owned()), 1, 700_000, WRONG)]
#[case::all_of_them_the_same(CASE, many_projects(40_000, |_| r#"{"id":"calm-sea-00000001"}"#.to_owned()), 1, 300_000, WRONG)]
#[case::that_are_numbers(CASE, many_projects(4_000_000, |_| "1".to_owned()), 1, 1_000_000, WRONG)]
fn a_list_of_many_projects_is_judged(
    #[case] case: &str,
    #[case] list: String,
    #[case] code: i32,
    #[case] most: u64,
    #[case] told: &[&str],
) {
    let started = Instant::now();
    let (ended, peak) = measured(&answering(&list), &[case, "--timeout", "20s"]);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(peak < most, "{peak} kB were held");
    for told in told {
        assert!(ended.stdout.contains(told), "{told}: {}", ended.stdout);
    }
    assert!(ended.stdout.len() < 200_000, "{}", ended.stdout.len());
}

/// How many trials have failed, by the last lines.
fn failed(told: &str) -> usize {
    let count = Regex::new(r"(\d+) failed").expect("it is one").captures(told);
    count.map_or(0, |count| count[1].parse().expect("it is a number"))
}

#[test]
fn a_run_whose_time_is_over_judges_no_more_long_lists() {
    let url = answering(&many_projects(2_000_000, |_| "{}".to_owned()));
    let project = Project::new();
    let mut command = project.command();
    command.args(["run", READS, "--url", &url, "--timeout", "30s", "--time-budget", "2s", "--jobs", "16"]);
    let ended = ended(command.env("NEON_API_KEY", "napi_0123456789abcdef"));
    assert!(ended.stdout.contains("the time budget of the run is exhausted"), "{}", ended.stdout);
    // Those that a fast machine has judged before, and those that were being judged then, on each thread: not all.
    assert!(failed(&ended.stdout) <= 8, "{}", ended.stdout);
}

#[test]
fn a_run_that_is_told_to_end_judges_no_more_long_lists() {
    let url = answering(&many_projects(2_000_000, |_| "{}".to_owned()));
    let project = Project::new();
    let mut command = project.command();
    command.args(["run", READS, "--quiet", "--url", &url, "--timeout", "30s", "--jobs", "16"]);
    command.env("NEON_API_KEY", "napi_0123456789abcdef").stdout(Stdio::piped()).stderr(Stdio::null());
    let run = command.spawn().expect("it starts");
    std::thread::sleep(Duration::from_secs(3));
    let told = Command::new("kill").args(["-TERM", &run.id().to_string()]).status();
    assert!(told.expect("there is a kill").success());
    let ended = run.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&ended.stdout);
    // What was found before is found.
    assert!(matches!(ended.status.code(), Some(1 | 130)), "{:?}: {told}", ended.status);
    assert!(told.contains("not started"), "{told}");
    assert!(failed(&told) <= 8, "{told}");
}
