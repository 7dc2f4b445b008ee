//! Endpoints that are slow, endless or silent, and people who press Ctrl-C.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::project::{Project, RunningMock, RunningProxy, ended};

/// A server that treats every connection alike, and its URL.
fn server(answer: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it listens"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                // What was asked does not matter, nor whether it was asked to the end.
                let _ = stream.read(&mut [0; 4096]);
                answer(stream);
            });
        }
    });
    url
}

fn silent(_stream: TcpStream) {
    thread::sleep(Duration::from_secs(60));
}

fn endless(mut stream: TcpStream) {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut go_on = stream.write_all(head).is_ok();
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    while go_on {
        go_on = stream.write_all(chunk.as_bytes()).is_ok();
    }
}

const CASE: &str = "authentication/bearer_key_opens_every_read[listProjects";

#[test]
fn a_silent_endpoint_cannot_be_reached() {
    let project = Project::new();
    let mut command = project.command();
    let arguments = ["run", CASE, "--timeout", "300ms", "--url", &server(silent)];
    let ended = ended(command.args(arguments).env("NEON_API_KEY", "napi_1"));
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("no response within 300ms"), "{}", ended.stdout);
}

#[test]
fn an_endless_answer_is_a_finding_at_the_size_limit() {
    let project = Project::new();
    let mut command = project.command();
    let ended = ended(command.args(["run", CASE, "--url", &server(endless)]).env("NEON_API_KEY", "napi_1"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("a response of more than 8388608 bytes"), "{}", ended.stdout);
}

#[test]
fn ctrl_c_ends_a_run_with_what_is_known_so_far() {
    let project = Project::new();
    let mut command = project.command();
    let child = command
        .args(["run", "--jobs", "2", "--url", &server(silent)])
        .env("NEON_API_KEY", "napi_1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    thread::sleep(Duration::from_secs(1));
    let started = Instant::now();
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().expect("there is a shell").success());
    let output = child.wait_with_output().expect("it ends");
    assert!(started.elapsed() < Duration::from_secs(10), "it waited for the endpoint");
    assert_eq!(output.status.code(), Some(130));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("stopped before the end") && text.contains("not started"), "{text}");
}

#[test]
fn ctrl_c_ends_the_mock() {
    let mut child = Project::new()
        .command()
        .args(["mock", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    // The first byte is printed once it serves.
    child.stdout.as_mut().expect("it is piped").read_exact(&mut [0]).expect("it prints");
    thread::sleep(Duration::from_millis(200));
    let interrupt = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &interrupt]).status().expect("there is a shell").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// A client that has sent half a request, and stays.
fn half_a_request(url: &str) -> TcpStream {
    let mut client = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    client.write_all(b"GET /api/v2/projects HTTP/1.1\r\nhost:").expect("it reads");
    thread::sleep(Duration::from_millis(200));
    client
}

fn terminate(pid: u32) {
    let kill = format!("kill -TERM {pid}");
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("there is a shell").success());
    thread::sleep(Duration::from_millis(200));
}

#[rstest]
#[case::told_once(1, 8)]
#[case::told_twice(2, 2)]
fn half_a_request_does_not_keep_the_mock(#[case] times: u32, #[case] seconds: u64) {
    let project = Project::new();
    let mut mock = RunningMock::start(&project, &[]);
    let _client = half_a_request(&mock.url);
    let started = Instant::now();
    (0..times).for_each(|_| terminate(mock.pid()));
    assert_eq!(mock.wait(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(seconds), "{:?}", started.elapsed());
}

#[rstest]
#[case::told_once(1, 8)]
#[case::told_twice(2, 2)]
fn half_a_request_does_not_keep_the_proxy_from_its_verdict(#[case] times: u32, #[case] seconds: u64) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let proxy = RunningProxy::start(&project, &mock.url, &["--record", "seen.har"]);
    let mut whole = half_a_request(&proxy.url);
    let rest = format!(" x\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n", mock.key);
    whole.write_all(rest.as_bytes()).expect("it reads");
    whole.read_to_end(&mut Vec::new()).expect("it answers");
    let _client = half_a_request(&proxy.url);
    let started = Instant::now();
    (1..times).for_each(|_| terminate(proxy.pid()));
    let stopped = proxy.stop();
    assert!(started.elapsed() < Duration::from_secs(seconds), "{:?}", started.elapsed());
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert!(stopped.stdout.contains("1 request"), "{}", stopped.stdout);
    assert!(project.read("seen.har").contains("/api/v2/projects"));
}
