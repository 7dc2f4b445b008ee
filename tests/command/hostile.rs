//! Endpoints that answer in every way but the right one: each ends within the time limit, with a word that says what is wrong.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::project::{Ended, Project, ended};

/// What the account without projects lists.
pub(crate) const EMPTY: &str = r#"{"projects":[],"applications":{},"integrations":{}}"#;

pub(crate) const CASE: &str = "authentication/bearer_key_opens_every_read[listProjects]";

/// A server that treats every connection alike, and its address.
pub(crate) fn server(listen: &str, answer: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind(listen).expect("a port is free");
    let address = listener.local_addr().expect("it listens").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || answer(stream));
        }
    });
    address
}

/// Reads a request's head; what there is of it.
pub(crate) fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Whoever hangs up early is no reason to fail here.
pub(crate) fn send(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).and_then(|()| stream.flush()).is_ok()
}

pub(crate) fn json(headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

/// Answers with these bytes, and closes the connection.
pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> Box<dyn Fn(TcpStream) + Send + Sync> {
    let bytes = bytes.into();
    Box::new(move |mut stream| {
        head(&mut stream);
        send(&mut stream, &bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read(&mut [0; 64]);
    })
}

/// Answers with these bytes, and does not close the connection.
fn stalling(bytes: &'static str) -> Box<dyn Fn(TcpStream) + Send + Sync> {
    Box::new(move |mut stream| {
        head(&mut stream);
        send(&mut stream, bytes.as_bytes());
        thread::sleep(Duration::from_secs(30));
    })
}

fn dripping(mut stream: TcpStream) {
    head(&mut stream);
    send(&mut stream, b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n");
    while send(&mut stream, b" ") {
        thread::sleep(Duration::from_millis(200));
    }
}

fn resetting(mut stream: TcpStream) {
    // What was sent and not read makes the end of the connection a reset.
    let _ = stream.read(&mut [0; 1]);
}

/// Nothing but zeros, many gigabytes of them in a few megabytes.
fn gzip_bomb(mut stream: TcpStream) {
    head(&mut stream);
    send(&mut stream, b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n");
    let mut gzip = Command::new("sh")
        .args(["-c", "head -c 200000000 /dev/zero | gzip -c"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let mut out = gzip.stdout.take().expect("it is piped");
    let mut chunk = [0; 0x4000];
    while let Ok(read @ 1..) = out.read(&mut chunk) {
        if !send(&mut stream, &chunk[..read]) {
            break;
        }
    }
    let _ = gzip.kill();
    let _ = gzip.wait();
}

pub(crate) fn run(url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let project = Project::new();
    let mut command = project.command();
    let time = if arguments.contains(&"--timeout") { &[][..] } else { &["--timeout", "400ms"] };
    command.args(["run", CASE, "--url", url]).args(time).args(arguments);
    ended(command.env("NEON_API_KEY", "napi_0123456789abcdef").envs(variables.iter().copied()))
}

#[rstest]
#[case::half_a_head(stalling("HTTP/1.1 200 OK\r\ncontent-"), "no complete response within 400ms")]
#[case::half_a_body(
    stalling(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n{\"projects\":["
    ),
    "no complete response within 400ms"
)]
#[case::a_byte_now_and_then(Box::new(dripping), "no complete response within 400ms")]
#[case::less_than_it_says(
    bytes("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n{\"projects\":["),
    "a complete HTTP response"
)]
#[case::more_than_it_says(
    bytes(json("", EMPTY).replace(&format!("length: {}", EMPTY.len()), "length: 20")),
    "json-body"
)]
#[case::a_chunk_that_is_none(
    bytes("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
    "a complete HTTP response"
)]
#[case::a_reset(Box::new(resetting), "a complete HTTP response")]
#[case::no_http(bytes("220 mail.example.com ESMTP\r\n"), "a complete HTTP response")]
#[case::no_utf8(bytes([json("", "xxxxxx").replace("xxxxxx", "").as_bytes(), b"\"\xff\xfe\xfd\""].concat()), "json-body")]
#[case::no_gzip(bytes(json("content-encoding: gzip\r\n", EMPTY)), "a complete HTTP response")]
#[case::an_encoding_that_was_not_asked_for(
    bytes(json("content-encoding: br\r\n", EMPTY)),
    "a complete HTTP response"
)]
#[case::deep(bytes(json("", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)))), "json-body")]
#[case::a_huge_header(bytes(json(&format!("x-huge: {}\r\n", "a".repeat(2_000_000)), EMPTY)), "a complete HTTP response")]
#[case::thousands_of_headers(bytes(json(&"x-more: 1\r\n".repeat(3000), EMPTY)), "too many lines or bytes for a client to read")]
#[case::a_header_that_is_none(bytes(json("x request id: 1\r\n", EMPTY)), "line 4, `x request id…`")]
#[case::two_lengths(bytes(json("content-length: 20\r\n", EMPTY)), "is repeated with different values")]
#[case::two_types(bytes(json("content-type: text/html\r\n", EMPTY)), "one media type")]
#[case::a_status_that_is_none(bytes("HTTP/1.1 OK\r\n\r\n"), "the status of the response is not three digits")]
#[case::a_length_and_chunks(
    bytes(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{EMPTY}\r\n0\r\n\r\n",
        EMPTY.len()
    )),
    "none together with transfer-encoding"
)]
fn what_is_wrong_is_found(#[case] answer: Box<dyn Fn(TcpStream) + Send + Sync>, #[case] expected: &str) {
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> = answer.into();
    let url = format!("http://{}", server("127.0.0.1:0", move |stream| answer(stream)));
    let started = Instant::now();
    let ended = run(&url, &[], &[]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    assert!(ended.stdout.len() < 20_000, "an answer is shown in part");
}

#[rstest]
#[case::no_json(json("", "<html></html>"), "json-body", &["HTTP-JSON-UNIQUE"])]
#[case::another_status(json("", EMPTY).replace("200 OK", "202 Accepted"), "documented-status", &["ERR-400", "ERR-404"])]
fn only_the_rules_that_are_broken_are_named(
    #[case] answer: String,
    #[case] check: &str,
    #[case] unbroken: &[&str],
) {
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> = bytes(answer).into();
    let url = format!("http://{}", server("127.0.0.1:0", move |stream| answer(stream)));
    let ended = run(&url, &["--quiet"], &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains(check), "{}", ended.stdout);
    assert!(unbroken.iter().all(|id| !ended.stdout.contains(id)), "{}", ended.stdout);
}

/// Runs what the arguments select; with it, the most memory that was held at once, in kB (where the system tells).
pub(crate) fn measured(url: &str, arguments: &[&str]) -> (Ended, u64) {
    let project = Project::new();
    let mut command = project.command();
    command.args(["run", "--url", url]).args(arguments).env("NEON_API_KEY", "napi_0123456789abcdef");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let watcher = thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find(|line| line.starts_with("VmHWM")) else { break };
            peak =
                line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or(peak);
            thread::sleep(Duration::from_millis(5));
        }
        peak
    });
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let ended =
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    (ended, watcher.join().expect("nobody panics"))
}

#[test]
fn a_bomb_goes_off_at_the_size_limit() {
    let url = format!("http://{}", server("127.0.0.1:0", gzip_bomb));
    let (ended, peak) = measured(&url, &[CASE, "--timeout", "20s"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    // The bomb is of 200 MB; the harness itself with its suite takes some 60.
    assert!(peak < 150_000, "{peak} kB were held");
    assert!(ended.stdout.contains("a response of more than 8388608 bytes"), "{}", ended.stdout);
}

#[rstest]
#[case::of_http_1_0(bytes(json("", EMPTY).replace("HTTP/1.1", "HTTP/1.0")))]
#[case::that_ends_with_the_connection(bytes(format!("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{EMPTY}")))]
#[case::after_a_continue(bytes(format!("HTTP/1.1 100 Continue\r\n\r\n{}", json("", EMPTY))))]
#[case::after_hints(bytes(format!("HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n{}", json("", EMPTY))))]
#[case::with_hundreds_of_headers(bytes(json(&"x-more: 1\r\n".repeat(400), EMPTY)))]
#[case::in_chunks(bytes(format!(
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{EMPTY}\r\n0\r\n\r\n",
    EMPTY.len()
)))]
fn what_is_unusual_and_right_passes(#[case] answer: Box<dyn Fn(TcpStream) + Send + Sync>) {
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> = answer.into();
    let url = format!("http://{}", server("127.0.0.1:0", move |stream| answer(stream)));
    let ended = run(&url, &[], &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn over_ipv6_it_is_the_same() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> = bytes(json("", EMPTY)).into();
    let url = format!("http://{}", server("[::1]:0", move |stream| answer(stream)));
    assert_eq!(run(&url, &[], &[]).code, Some(0));
}

#[test]
fn a_key_goes_to_no_other_host() {
    let seen = Arc::new(Mutex::new(String::new()));
    let other = server("127.0.0.1:0", {
        let seen = seen.clone();
        move |mut stream| {
            let head = head(&mut stream);
            seen.lock().expect("nobody panics").push_str(&head);
        }
    });
    let moved = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{other}/api/v2/projects\r\ncontent-length: 0\r\n\r\n"
    );
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> = bytes(moved).into();
    let url = format!("http://{}", server("127.0.0.1:0", move |stream| answer(stream)));
    let ended = run(&url, &[], &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("no-redirect"), "{}", ended.stdout);
    assert_eq!(*seen.lock().expect("nobody panics"), "");
}

#[test]
fn what_asks_to_come_again_is_asked_again() {
    let times = Arc::new(AtomicUsize::new(0));
    let answers = [
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n".to_owned(),
        json("", EMPTY),
    ];
    let url = format!(
        "http://{}",
        server("127.0.0.1:0", move |mut stream| {
            // What is asked before the trials is answered.
            let head = head(&mut stream);
            let is_trial = !head.contains("limit=1") && !head.contains("/auth");
            let time = if is_trial { times.fetch_add(1, Ordering::SeqCst).min(2) } else { 2 };
            send(&mut stream, answers[time].as_bytes());
        })
    );
    let ended = run(&url, &[], &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for told in ["1 time  GET /api/v2/projects, after 429; waited 0.0s", "after 503; waited 1.0s"] {
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
    }
}

#[test]
fn without_end_it_is_untested() {
    let answer: Arc<dyn Fn(TcpStream) + Send + Sync> =
        bytes("HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n").into();
    let url = format!("http://{}", server("127.0.0.1:0", move |stream| answer(stream)));
    let ended = run(&url, &[], &[]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("GET /api/v2/projects kept returning 429"), "{}", ended.stdout);
}

/// A case that sends a body far larger than any buffer on the way.
const LARGE: &str = "title: A large body is refused
requirements: [ERR-400]
effect: destroys
steps:
  - request: POST /api/v2/projects
    body: { project: { name: \"{{ run.prefix }}-LARGE\" } }
    undo: { operation: deleteProject, params: { project_id: x } }
    expect: { status: 4xx }
";

#[rstest]
#[case::that_waits_for_the_rest(false)]
#[case::that_hangs_up(true)]
fn an_early_answer_is_an_answer(#[case] hangs_up: bool) {
    let address = server("127.0.0.1:0", move |mut stream| {
        let is_large = head(&mut stream).starts_with("POST");
        let refusal = "{\"code\":\"\",\"message\":\"too large\"}";
        let early = json("connection: close\r\n", refusal).replace("200 OK", "413 Content Too Large");
        let listed = json("connection: close\r\n", EMPTY);
        send(&mut stream, if is_large { early } else { listed }.as_bytes());
        if is_large && !hangs_up {
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    let project = Project::new();
    project.write("specs/cases/own/large.yaml", &LARGE.replace("LARGE", &"x".repeat(4_000_000)));
    let mut command = project.command();
    command.args(["run", "own/large", "--allow", "destroys", "--timeout", "5s", "--url"]);
    let ended = ended(command.arg(format!("http://{address}")).env("NEON_API_KEY", "napi_0123456789abcdef"));
    let told = ended.stdout.replace('x', "");
    // Whoever hangs up while it is being spoken to may not be understood.
    let is_lost = hangs_up && ended.code == Some(1) && told.contains("transport");
    assert!(is_lost || ended.code == Some(0), "{told}");
}

#[test]
fn a_proxy_of_the_environment_is_used_except_on_this_machine() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let proxy = server("127.0.0.1:0", {
        let seen = seen.clone();
        move |mut stream| {
            let head = head(&mut stream);
            seen.lock().expect("nobody panics").push(head.lines().next().unwrap_or_default().to_owned());
            send(&mut stream, json("", EMPTY).as_bytes());
        }
    });
    let proxy = format!("http://{proxy}");
    let far = run("http://neon.invalid", &[], &[("http_proxy", &proxy)]);
    assert_eq!(far.code, Some(0), "{far:?}");
    let asked = "GET http://neon.invalid/api/v2/projects";
    let kind = "GET http://neon.invalid/api/v2/auth HTTP/1.1".to_owned();
    let expected = [format!("{asked}?limit=1 HTTP/1.1"), kind, format!("{asked} HTTP/1.1")];
    assert_eq!(*seen.lock().expect("nobody panics"), expected);
    let here: Arc<dyn Fn(TcpStream) + Send + Sync> = bytes(json("", EMPTY)).into();
    let url = format!("http://{}", server("127.0.0.1:0", move |stream| here(stream)));
    assert_eq!(run(&url, &[], &[("http_proxy", &proxy)]).code, Some(0));
    assert_eq!(seen.lock().expect("nobody panics").len(), 3, "the proxy was asked for this machine");
}
