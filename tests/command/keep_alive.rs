//! Servers that close connections which they have kept: no fault of theirs (RFC 9112 §9.5), and no finding.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use rstest::rstest;

use crate::hostile::{head, send, server};
use crate::project::{Project, RunningMock, RunningProxy, ended};

/// When a server closes a connection on which it has answered. It says so in no answer.
#[derive(Debug, Clone, Copy)]
enum Closes {
    /// At once.
    AtOnce,
    /// When the next request has come.
    OnTheNextRequest,
    /// When it has been idle for so long.
    After(Duration),
    /// With the answer that nothing came in time, which is the next that the client reads.
    WithATimeout,
}

/// A server in front of a mock, and its URL.
fn before(mock: &RunningMock, closes: Closes) -> String {
    let mock = mock.url.replace("http://", "");
    let address = server("127.0.0.1:0", move |mut client| {
        let Some(request) = whole_request(&mut client) else { return };
        answer(&mut client, &mock, &request);
        match closes {
            Closes::AtOnce => {}
            Closes::OnTheNextRequest => {
                let _ = whole_request(&mut client);
            }
            Closes::WithATimeout => {
                let _ = whole_request(&mut client);
                send(
                    &mut client,
                    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                );
            }
            Closes::After(time) => {
                client.set_read_timeout(Some(time)).expect("there can be one");
                while client.peek(&mut [0]).is_ok_and(|read| read == 1) {
                    let Some(request) = whole_request(&mut client) else { return };
                    answer(&mut client, &mock, &request);
                }
            }
        }
    });
    format!("http://{address}")
}

/// A request to its end; nothing, where it does not come.
fn whole_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let head = head(client);
    let length = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
    let mut body = vec![0; head.lines().find_map(length).unwrap_or(0)];
    client.read_exact(&mut body).ok()?;
    let request = [head.as_bytes(), &body].concat();
    head.ends_with("\r\n\r\n").then_some(request)
}

/// Passes on what the mock answers, without a word about the connection.
fn answer(client: &mut TcpStream, mock: &str, request: &[u8]) {
    let mut there = TcpStream::connect(mock).expect("the mock runs");
    let end = request.windows(2).position(|pair| pair == b"\r\n").expect("it has a first line");
    let (line, rest) = request.split_at(end);
    there.write_all(&[line, b"\r\nconnection: close", rest].concat()).expect("the mock reads");
    let mut answer = Vec::new();
    there.read_to_end(&mut answer).expect("the mock answers");
    let word = b"connection: close\r\n";
    if let Some(place) = answer.windows(word.len()).position(|part| part == word) {
        answer.drain(place..place + word.len());
    }
    send(client, &answer);
}

#[rstest]
#[case::at_once(Closes::AtOnce)]
#[case::on_the_next_request(Closes::OnTheNextRequest)]
#[case::with_a_timeout(Closes::WithATimeout)]
#[case::after_a_millisecond(Closes::After(Duration::from_millis(1)))]
#[case::after_twenty(Closes::After(Duration::from_millis(20)))]
fn a_server_that_closes_idle_connections_conforms(#[case] closes: Closes) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let url = before(&mock, closes);
    let mut command = project.command();
    command.args(["run", "projects/", "--allow", "destroys", "--url", &url]).env("NEON_API_KEY", &mock.key);
    let ended = ended(&mut command);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("conforms"), "{}", ended.stdout);
    assert!(
        !ended.stdout.contains("Retried requests"),
        "the run itself asks nothing again: {}",
        ended.stdout
    );
}

#[rstest]
#[case::read("GET", "HTTP/1.1 200 OK")]
#[case::read_without_a_body("HEAD", "HTTP/1.1 200 OK")]
#[case::put("PUT", "HTTP/1.1 405 Method Not Allowed")]
#[case::removed("DELETE", "HTTP/1.1 404 Not Found")]
#[case::made("POST", "HTTP/1.1 201 Created")]
fn the_proxy_passes_on_what_meets_a_closed_connection(#[case] method: &str, #[case] expected: &str) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let proxy = RunningProxy::start(&project, &before(&mock, Closes::OnTheNextRequest), &[]);
    let address = proxy.url.replace("http://", "");
    let path = if method == "DELETE" { "/none-0" } else { "" };
    let body = if method == "POST" { r#"{"project":{}}"# } else { "" };
    for _ in 0..3 {
        let mut client = TcpStream::connect(&address).expect("the proxy runs");
        let (key, length) = (&mock.key, body.len());
        let request = format!(
            "{method} /api/v2/projects{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        send(&mut client, request.as_bytes());
        let answer = head(&mut client);
        assert!(answer.starts_with(expected), "{answer}");
    }
    proxy.stop();
}

#[rstest]
#[case::of_a_read("GET /api/v2/projects?")]
#[case::of_a_write("POST /api/v2/projects ")]
fn a_new_connection_that_breaks_is_a_finding(#[case] broken: &'static str) {
    let project = Project::new();
    let mock = RunningMock::start(&project, &[]);
    let there = mock.url.replace("http://", "");
    let address = server("127.0.0.1:0", move |mut client| {
        let Some(request) = whole_request(&mut client) else { return };
        // Only in trials, and on their first request on a connection.
        if !request.starts_with(broken.as_bytes()) || String::from_utf8_lossy(&request).contains("limit=1 ") {
            answer(&mut client, &there, &request);
        }
    });
    let mut command = project.command();
    command.args([
        "run",
        "projects/",
        "--allow",
        "destroys",
        "--grace",
        "0s",
        "--url",
        &format!("http://{address}"),
    ]);
    let ended = ended(command.env("NEON_API_KEY", &mock.key));
    assert!(matches!(ended.code, Some(1 | 3)), "{ended:?}");
    assert!(ended.stdout.contains("connection closed before message completed"), "{}", ended.stdout);
}
