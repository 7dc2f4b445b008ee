//! Certificates: whose are trusted, and what is said of the others.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rstest::rstest;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};

use crate::hostile::{EMPTY, head, json, run, send, server};
use crate::project::{Project, ended};

/// A certificate of a server's own.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Kind {
    /// As a server has it.
    #[default]
    Plain,
    /// It says that it is an authority's, as `openssl req -x509` has it say.
    OfAnAuthority,
    /// Its time is over.
    Expired,
    /// Its time is over, and it says that it is an authority's.
    ExpiredOfAnAuthority,
}

/// Whether a server wants a certificate of the client.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Demand {
    #[default]
    Never,
    /// It refuses the connection without one.
    Always,
    /// It refuses requests without one, as nginx does.
    InAnswers,
}

/// What is special about a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    pub(crate) kind: Kind,
    pub(crate) demand: Demand,
    pub(crate) version: &'static SupportedProtocolVersion,
    /// What whoever speaks no TLS is answered: `alert` for what the library says, nothing for the end of the connection.
    pub(crate) plain: &'static str,
}

impl Default for Own {
    fn default() -> Self {
        Self { kind: Kind::Plain, demand: Demand::Never, version: &rustls::version::TLS13, plain: "alert" }
    }
}

/// A server that runs, with its certificate, and one with its key that it accepts of clients.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) certificate: String,
    pub(crate) client_certificate: String,
    pub(crate) client_key: String,
}

/// A server with a certificate of its own making for a name. It lists no projects.
pub(crate) fn tls_server(name: &str, own: Own) -> Served {
    let key = KeyPair::generate().expect("a key can be made");
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("it is a name");
    if matches!(own.kind, Kind::OfAnAuthority | Kind::ExpiredOfAnAuthority) {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    if matches!(own.kind, Kind::Expired | Kind::ExpiredOfAnAuthority) {
        params.not_after = date_time_ymd(2001, 1, 1);
        params.not_before = date_time_ymd(2000, 1, 1);
    }
    let made = params.self_signed(&key).expect("a certificate can be made");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (authority, issuer) = authority();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("it is a certificate");
    let client_key = KeyPair::generate().expect("a key can be made");
    let params = CertificateParams::new(Vec::new()).expect("it needs no name");
    let client_certificate = params.signed_by(&client_key, &issuer).expect("a certificate can be made").pem();
    let mut clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
    if matches!(own.demand, Demand::InAnswers) {
        clients = clients.allow_unauthenticated();
    }
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[own.version])
        .expect("it is known");
    let config = match own.demand {
        Demand::Never => config.with_no_client_auth(),
        _ => config.with_client_cert_verifier(clients.build().expect("there is an authority")),
    };
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = config.with_single_cert(vec![made.der().clone()], key.into());
    let config = Arc::new(config.expect("the certificate can be served"));
    let address = server("127.0.0.1:0", move |stream| answer(stream, &config, own));
    let port = address.rsplit(':').next().expect("it has a port");
    Served {
        url: format!("https://localhost:{port}"),
        certificate: made.pem(),
        client_certificate,
        client_key: client_key.serialize_pem(),
    }
}

fn authority() -> (rcgen::Certificate, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key can be made");
    let mut params = CertificateParams::new(Vec::new()).expect("it needs no name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("a certificate can be made");
    (authority, Issuer::new(params, key))
}

fn answer(mut stream: TcpStream, config: &Arc<ServerConfig>, own: Own) {
    let mut first = [0];
    let is_plain = stream.peek(&mut first).is_ok() && first[0].is_ascii_uppercase();
    if is_plain && own.plain != "alert" {
        head(&mut stream);
        send(&mut stream, own.plain.as_bytes());
        return;
    }
    let Ok(connection) = ServerConnection::new(config.clone()) else { return };
    let mut stream = rustls::StreamOwned::new(connection, stream);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let is_unknown = matches!(own.demand, Demand::InAnswers) && stream.conn.peer_certificates().is_none();
    let answer = if is_unknown {
        json("", "<center>No required SSL certificate was sent</center>").replace("200 OK", "400 Bad Request")
    } else {
        json("", EMPTY)
    };
    let _ = stream.write_all(answer.as_bytes());
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

/// A file of certificates.
pub(crate) fn with_trust(pem: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("trusted.pem");
    std::fs::write(&file, pem).expect("it can be written");
    let file = file.to_str().expect("it is UTF-8").to_owned();
    (folder, file)
}

/// What a server showed before, and shows no more.
fn earlier(_: &Served) -> String {
    let names = vec!["localhost".to_owned()];
    rcgen::generate_simple_self_signed(names).expect("a certificate can be made").cert.pem()
}

/// The certificate of somebody else.
fn another(_: &Served) -> String {
    let mut params = CertificateParams::new(Vec::new()).expect("it needs no name");
    params.distinguished_name.push(rcgen::DnType::CommonName, "another");
    let key = KeyPair::generate().expect("a key can be made");
    params.self_signed(&key).expect("a certificate can be made").pem()
}

fn own(served: &Served) -> String {
    served.certificate.clone()
}

#[rstest]
#[case::trusted("localhost", Kind::Plain, own, 0, "conforms")]
#[case::trusted_though_it_is_an_authoritys("localhost", Kind::OfAnAuthority, own, 0, "conforms")]
#[case::of_its_own_making("localhost", Kind::Plain, another, 3, "of that authority in SSL_CERT_FILE")]
#[case::of_an_authority_of_its_own_making(
    "localhost",
    Kind::OfAnAuthority,
    another,
    3,
    "name it in SSL_CERT_FILE"
)]
#[case::of_its_own_making_and_new(
    "localhost",
    Kind::Plain,
    earlier,
    3,
    "is the one in SSL_CERT_FILE still right?"
)]
#[case::of_another_name("neon.invalid", Kind::Plain, own, 3, "for another name (neon.invalid)")]
#[case::of_another_name_and_an_authoritys(
    "neon.invalid",
    Kind::OfAnAuthority,
    own,
    3,
    "for another name (neon.invalid)"
)]
#[case::expired("localhost", Kind::Expired, own, 3, "its certificate has expired")]
#[case::expired_and_an_authoritys(
    "localhost",
    Kind::ExpiredOfAnAuthority,
    own,
    3,
    "its certificate has expired"
)]
fn a_certificate_must_be_good(
    #[case] name: &str,
    #[case] kind: Kind,
    #[case] trusted: fn(&Served) -> String,
    #[case] code: i32,
    #[case] told: &str,
    #[values(&rustls::version::TLS12, &rustls::version::TLS13)] version: &'static SupportedProtocolVersion,
) {
    let served = tls_server(name, Own { kind, version, ..Own::default() });
    let (_folder, file) = with_trust(&trusted(&served));
    let ended = run(&served.url, &["--timeout", "5s"], &[("SSL_CERT_FILE", &file)]);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    for debug in ["InvalidCertificate", "Other(", "DnsName"] {
        assert!(!ended.stdout.contains(debug), "{}", ended.stdout);
    }
}

#[test]
fn a_server_of_a_trusted_authority_is_trusted() {
    let (authority, issuer) = authority();
    let key = KeyPair::generate().expect("a key can be made");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("it is a name");
    let made = params.signed_by(&key, &issuer).expect("a certificate can be made");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("they are known").with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = config.with_single_cert(vec![made.der().clone()], key.into());
    let config = Arc::new(config.expect("the certificate can be served"));
    let address = server("127.0.0.1:0", move |stream| answer(stream, &config, Own::default()));
    let url = format!("https://localhost:{}", address.rsplit(':').next().expect("it has a port"));
    let (_folder, file) = with_trust(&authority.pem());
    assert_eq!(run(&url, &["--timeout", "5s"], &[("SSL_CERT_FILE", &file)]).code, Some(0));
}

#[rstest]
#[case::that_is_not_there("no/such.pem", "No such file")]
#[case::that_is_a_folder("specs", "Is a directory")]
#[case::without_a_certificate("specs/suite.yaml", "there is no certificate in it")]
fn trust_that_cannot_be_read_is_reported(
    #[case] file: &str,
    #[case] reason: &str,
    #[values("run", "sweep", "doctor", "proxy", "parity")] command: &str,
) {
    let project = Project::new();
    let mut asked = project.command();
    asked.env("SSL_CERT_FILE", file).env("NEON_API_KEY", "napi_0123456789abcdef").arg(command);
    let url = "https://localhost:1";
    match command {
        "proxy" => asked.args(["--port", "0", "--upstream", url]),
        "sweep" => asked.args(["--prefix", "nc-", "--url", url]),
        "parity" => asked.args(["--right", url]),
        _ => asked.args(["--url", url]),
    };
    let ended = ended(&mut asked);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let told = format!("{}{}", ended.stdout, ended.stderr);
    for part in ["SSL_CERT_FILE names", file, reason] {
        assert!(told.contains(part), "no `{part}` in {told}");
    }
}

#[test]
fn a_contract_is_fetched_with_the_same_trust() {
    let served = tls_server("localhost", Own { kind: Kind::OfAnAuthority, ..Own::default() });
    let (_folder, file) = with_trust(&served.certificate);
    let project = Project::new();
    let mut command = project.command();
    command.args(["check", "--contract", &format!("{}/api.yaml", served.url)]);
    let told = ended(command.env("SSL_CERT_FILE", &file)).stderr;
    // It is fetched, and is no contract.
    assert!(!told.contains("cannot fetch") && told.contains("api.yaml"), "{told}");
    let told = ended(command.env("SSL_CERT_FILE", "no/such.pem")).stderr;
    assert!(told.contains("SSL_CERT_FILE names `no/such.pem`"), "{told}");
}

#[test]
fn an_empty_name_of_a_file_is_none() {
    let served = tls_server("localhost", Own::default());
    let ended = run(&served.url, &["--timeout", "5s"], &[("SSL_CERT_FILE", "")]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stdout.contains("nobody here trusts the issuer"), "{}", ended.stdout);
}
