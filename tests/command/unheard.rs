//! Endpoints of which nothing can be asked: each is told from one that answers wrongly, with a word on what to do.

use std::io::Read as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;

use crate::hostile::{CASE, EMPTY, head, json, run, send, server};
use crate::project::{Project, ended};
use crate::tls::{Demand, Own, tls_server, with_trust};

const BAD_REQUEST: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Says nothing, whatever it hears.
fn silent(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

/// Answers at the end of a head, of which a greeting of TLS has none.
fn patient(mut stream: TcpStream) {
    head(&mut stream);
    send(&mut stream, BAD_REQUEST);
}

/// Answers whatever it hears.
fn hasty(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
    send(&mut stream, BAD_REQUEST);
}

fn hangs_up(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
}

#[rstest]
#[case::that_is_silent("http", silent, "no response within 400ms; check the port")]
#[case::that_is_silent_in_the_handshake("https", silent, "no response within 400ms; check the port")]
#[case::without_tls("https", hasty, "the port does not speak TLS; use an http:// URL")]
#[case::without_tls_that_waits("https", patient, "the port does not speak TLS; use an http:// URL")]
#[case::that_hangs_up_in_the_handshake("https", hangs_up, "is the port one for https://?")]
fn a_server_cannot_be_reached(#[case] scheme: &str, #[case] answer: fn(TcpStream), #[case] told: &str) {
    let ended = run(&format!("{scheme}://{}", server("127.0.0.1:0", answer)), &[], &[]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    for told in ["cannot reach", told] {
        assert!(ended.stdout.contains(told), "no `{told}` in {}", ended.stdout);
    }
}

#[rstest]
#[case::that_hangs_up("")]
#[case::that_answers_with_an_alert("alert")]
#[case::that_says_so("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 3\r\n\r\nTLS")]
fn a_port_that_speaks_tls_is_named(#[case] plain: &'static str) {
    let served = tls_server("localhost", Own { plain, ..Own::default() });
    let ended = run(&served.url.replace("https://", "http://"), &["--timeout", "5s"], &[]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("the port speaks TLS; use an https:// URL"), "{}", ended.stdout);
}

#[test]
fn what_answers_other_requests_is_not_silent() {
    let url = server("127.0.0.1:0", |mut stream| {
        let head = head(&mut stream);
        if head.starts_with("GET / ") {
            send(&mut stream, BAD_REQUEST);
        } else {
            silent(stream);
        }
    });
    let ended = run(&format!("http://{url}"), &[], &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("no complete response within 400ms"), "{}", ended.stdout);
}

#[test]
fn a_bad_request_is_no_sign_of_tls() {
    let url = server("127.0.0.1:0", |mut stream| {
        let is_trial = !head(&mut stream).contains("limit=1");
        send(
            &mut stream,
            if is_trial { json("connection: close\r\n", EMPTY).into_bytes() } else { BAD_REQUEST.to_vec() }
                .as_slice(),
        );
    });
    assert_eq!(run(&format!("http://{url}"), &[], &[]).code, Some(0));
}

#[rstest]
#[case::in_tls_1_3(Demand::Always, &rustls::version::TLS13)]
#[case::in_tls_1_2(Demand::Always, &rustls::version::TLS12)]
#[case::in_an_answer(Demand::InAnswers, &rustls::version::TLS13)]
fn a_server_that_demands_a_certificate_cannot_be_reached(
    #[case] demand: Demand,
    #[case] version: &'static rustls::SupportedProtocolVersion,
) {
    let served = tls_server("localhost", Own { demand, version, ..Own::default() });
    let (_folder, file) = with_trust(&served.certificate);
    let ended = run(&served.url, &["--timeout", "5s"], &[("SSL_CERT_FILE", &file)]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    for told in ["cannot reach", "demands a client certificate", "--client-cert"] {
        assert!(ended.stdout.contains(told), "no `{told}` in {}", ended.stdout);
    }
}

#[test]
fn the_doctor_knows_a_port_without_tls() {
    let project = Project::new();
    let mut command = project.command();
    let url = format!("https://{}", server("127.0.0.1:0", hasty));
    let ended = ended(command.args(["doctor", "--url", &url]).env("NEON_API_KEY", "napi_0123456789abcdef"));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stdout.contains("use an http:// URL"), "{}", ended.stdout);
}

#[test]
fn silence_is_listened_to_once() {
    let connections = Arc::new(AtomicUsize::new(0));
    let url = server("127.0.0.1:0", {
        let connections = connections.clone();
        move |stream| {
            connections.fetch_add(1, Ordering::SeqCst);
            silent(stream);
        }
    });
    let project = Project::new();
    let mut command = project.command();
    let all_reads = CASE.split('[').next().unwrap_or_default();
    command.args(["run", all_reads, "--timeout", "400ms", "--url", &format!("http://{url}")]);
    let ended = ended(command.env("NEON_API_KEY", "napi_0123456789abcdef"));
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_eq!(connections.load(Ordering::SeqCst), 3, "the first request, and a second look of two");
}
