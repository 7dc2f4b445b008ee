//! Client certificates: shown to endpoints that demand one, and refused before anything is sent if they cannot be used.

use rstest::rstest;
use rustls::SupportedProtocolVersion;

use crate::hostile::CASE;
use crate::project::{Ended, Project, RunningProxy, ended};
use crate::tls::{Demand, Own, Served, tls_server};

const KEY: &str = "napi_0123456789abcdef";

/// A folder with the certificates of a server and its client.
fn project_for(served: &Served) -> Project {
    let project = Project::new();
    project.write("trusted.pem", &served.certificate);
    project.write("client.pem", &served.client_certificate);
    project.write("client.key", &served.client_key);
    project.write("both.pem", &format!("{}{}", served.client_key, served.client_certificate));
    project
}

fn run(project: &Project, url: &str, arguments: &[&str]) -> Ended {
    let mut command = project.command();
    command.args(["run", CASE, "--timeout", "5s", "--url", url]).args(arguments);
    ended(command.env("SSL_CERT_FILE", "trusted.pem").env("NEON_API_KEY", KEY))
}

#[rstest]
#[case::in_two_files(&["--client-cert", "client.pem", "--client-key", "client.key"])]
#[case::in_one_file(&["--client-cert", "both.pem"])]
fn a_certificate_opens_what_demands_one(
    #[case] arguments: &[&str],
    #[values(Demand::Always, Demand::InAnswers, Demand::Never)] demand: Demand,
    #[values(&rustls::version::TLS12, &rustls::version::TLS13)] version: &'static SupportedProtocolVersion,
) {
    let served = tls_server("localhost", Own { demand, version, ..Own::default() });
    let ended = run(&project_for(&served), &served.url, arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[rstest]
fn a_certificate_of_another_authority_is_not_accepted(
    #[values(&rustls::version::TLS12, &rustls::version::TLS13)] version: &'static SupportedProtocolVersion,
) {
    let served = tls_server("localhost", Own { demand: Demand::Always, version, ..Own::default() });
    let project = project_for(&served);
    let other = tls_server("localhost", Own::default());
    project.write("both.pem", &format!("{}{}", other.client_key, other.client_certificate));
    let ended = run(&project, &served.url, &["--client-cert", "both.pem"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("does not accept the client certificate"), "{}", ended.stdout);
}

#[rstest]
#[case::that_is_not_there(&["--client-cert", "none.pem"], "`none.pem` cannot be read: No such file")]
#[case::that_is_none(&["--client-cert", "client.key"], "there is no whole PEM certificate in `client.key`")]
#[case::without_a_key(&["--client-cert", "client.pem"], "there is no whole PEM private key in `client.pem`")]
#[case::with_anothers_key(
    &["--client-cert", "client.pem", "--client-key", "other.key"],
    "`other.key` cannot be used with the certificate in `client.pem`: it is the key of another one"
)]
#[case::with_an_encrypted_key(&["--client-cert", "client.pem", "--client-key", "encrypted.key"], "is encrypted; decrypt it with")]
#[case::with_a_key_encrypted_as_before(
    &["--client-cert", "client.pem", "--client-key", "old.key"],
    "is encrypted; decrypt it with"
)]
#[case::that_is_missing(&["--client-key", "client.key"], "of no use alone: name the certificate with --client-cert")]
#[case::without_tls(&["--client-cert", "both.pem", "--url", "http://localhost:1"], "shown in TLS only: write the URL with https://")]
fn a_certificate_that_cannot_be_used_is_reported(
    #[case] arguments: &[&str],
    #[case] told: &str,
    #[values("run", "sweep", "doctor", "proxy", "parity")] command: &str,
) {
    let served = tls_server("localhost", Own::default());
    let project = project_for(&served);
    project.write("other.key", &tls_server("localhost", Own::default()).client_key);
    project.write(
        "encrypted.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    project.write(
        "old.key",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    );
    let mut asked = project.command();
    asked.env("SSL_CERT_FILE", "trusted.pem").env("NEON_API_KEY", KEY).arg(command);
    let url = if arguments.contains(&"--url") { "http://localhost:1" } else { &served.url };
    match command {
        "proxy" => asked.args(["--port", "0", "--upstream", url]),
        "sweep" => asked.args(["--prefix", "nc-", "--url", url]),
        "parity" => asked.args(["--right", url]),
        _ => asked.args(["--url", url]),
    };
    asked.args(arguments.iter().take_while(|argument| **argument != "--url"));
    let ended = ended(&mut asked);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert!(all.contains(told), "no `{told}` in {all}");
}

/// By the environment, as CI gives it.
#[rstest]
#[case::given("both.pem", 0)]
#[case::given_as_nothing("", 3)]
fn the_environment_names_a_certificate(#[case] file: &str, #[case] code: i32) {
    let served = tls_server("localhost", Own { demand: Demand::Always, ..Own::default() });
    let project = project_for(&served);
    let mut command = project.command();
    command.args(["run", CASE, "--timeout", "5s", "--url", &served.url]).env("SSL_CERT_FILE", "trusted.pem");
    command.env("NEON_API_KEY", KEY).env("NEON_CLIENT_CERT", file).env("NEON_CLIENT_KEY", "");
    assert_eq!(ended(&mut command).code, Some(code));
}

#[tokio::test]
async fn the_proxy_shows_its_certificate() {
    let served = tls_server("localhost", Own { demand: Demand::Always, ..Own::default() });
    let project = project_for(&served);
    let mut command = project.command();
    command.args(["proxy", "--port", "0", "--upstream", &served.url, "--client-cert", "both.pem"]);
    let proxy = RunningProxy::spawn(command.env("SSL_CERT_FILE", "trusted.pem"));
    let answer = reqwest::get(format!("{}/api/v2/projects", proxy.url)).await.expect("it answers");
    assert_eq!(answer.text().await.expect("it is text"), crate::hostile::EMPTY);
    proxy.stop();
}
