//! Errors of TLS in words, with what to do about them.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error, OtherError};

use super::authority::is_of_an_authority;
use crate::target::failure::causes;

/// What is said of a server that demands a certificate.
pub(super) const DEMANDED: &str =
    "the server demands a client certificate: give the one for the endpoint with --client-cert";

/// What is said of a server that has seen the client's certificate and gives no answer.
pub(super) const NOT_ACCEPTED: &str = "the server does not accept the client certificate: is --client-cert the one for this endpoint, and still valid?";

/// What an error says where one of TLS is behind it.
pub(crate) fn in_words(error: &(dyn StdError + 'static)) -> Option<String> {
    for error in causes(error) {
        if let Some(tls) = error.downcast_ref::<Error>() {
            return Some(of(tls));
        }
        if let Some(io) = error.downcast_ref::<io::Error>()
            && io.kind() == io::ErrorKind::UnexpectedEof
            && io.to_string().contains("tls handshake")
        {
            return Some(
                "it closed the connection in the middle of the TLS handshake: is the port one for https://?"
                    .to_owned(),
            );
        }
    }
    None
}

/// Whether the other side has said in TLS that it refuses the connection.
pub(crate) fn is_refusal(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|error| matches!(error.downcast_ref(), Some(Error::AlertReceived(_))))
}

/// An error of TLS.
pub(super) fn of(error: &Error) -> String {
    match error {
        _ if is_of_an_authority(error) => {
            "its certificate is an authority's: to trust it as the server's own, name it in SSL_CERT_FILE"
                .to_owned()
        }
        Error::InvalidCertificate(reason) => of_a_certificate(reason),
        Error::InvalidMessage(_) => "the port does not speak TLS; use an http:// URL".to_owned(),
        Error::AlertReceived(alert) => of_an_alert(*alert),
        Error::PeerIncompatible(reason) => {
            format!("the server and neon-contract have no way to speak TLS in common ({})", spelled(reason))
        }
        Error::PeerMisbehaved(reason) => {
            format!("the server breaks the rules of TLS ({})", spelled(reason))
        }
        Error::General(reason) => reason.clone(),
        other => format!("TLS fails ({})", spelled(other)),
    }
}

fn of_a_certificate(reason: &CertificateError) -> String {
    use CertificateError as Reason;
    match reason {
        Reason::UnknownIssuer => {
            "nobody here trusts the issuer of its certificate: name the certificate of that authority in SSL_CERT_FILE"
                .to_owned()
        }
        Reason::Expired | Reason::ExpiredContext { .. } => {
            "its certificate has expired, or the clock of this machine is wrong".to_owned()
        }
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            "its certificate is not valid yet, or the clock of this machine is wrong".to_owned()
        }
        Reason::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            // As many as a line bears.
            let names: Vec<String> = presented.iter().take(5).map(|name| plain(name)).collect();
            format!(
                "its certificate is for another name ({}): is the host in the URL right?",
                names.join(", ")
            )
        }
        Reason::NotValidForName | Reason::NotValidForNameContext { .. } => {
            "its certificate names no host (subjectAltName), or not this one".to_owned()
        }
        Reason::BadSignature => {
            "its signature does not fit the certificate of its issuer that is trusted here: is the one in SSL_CERT_FILE still right?"
                .to_owned()
        }
        Reason::Revoked => "its certificate is revoked".to_owned(),
        Reason::Other(OtherError(inner)) => {
            format!("its certificate is not accepted ({})", spelled(inner))
        }
        other => format!("its certificate is not accepted ({})", spelled(other)),
    }
}

fn of_an_alert(alert: AlertDescription) -> String {
    use AlertDescription as Alert;
    match alert {
        Alert::CertificateRequired => DEMANDED.to_owned(),
        Alert::ProtocolVersion => "the server speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
        Alert::UnrecognisedName => {
            "the server knows no host of this name: is the host in the URL right?".to_owned()
        }
        other => format!("the server refuses the TLS connection ({})", spelled(&other)),
    }
}

/// `DnsName("localhost")` as `localhost`.
fn plain(name: &str) -> String {
    name.split('"').nth(1).unwrap_or(name).to_owned()
}

/// The name of a variant in words: `BadSignature` as `bad signature`.
fn spelled(variant: &impl std::fmt::Debug) -> String {
    let name = format!("{variant:?}");
    let name: &str = name.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
    let mut words = String::new();
    let mut was_lower = false;
    for character in name.chars() {
        if character.is_uppercase() && was_lower {
            words.push(' ');
        }
        was_lower = !character.is_uppercase();
        words.extend(character.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;
    use rustls::{InvalidMessage, PeerIncompatible};

    use super::*;

    fn other(error: webpki::Error) -> Error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
    }

    #[rstest]
    #[case::of_an_issuer(Error::InvalidCertificate(CertificateError::UnknownIssuer), "in SSL_CERT_FILE")]
    #[case::of_an_authority(other(webpki::Error::CaUsedAsEndEntity), "in SSL_CERT_FILE")]
    #[case::another_one(other(webpki::Error::UnsupportedCertVersion), "(unsupported cert version)")]
    #[case::of_a_signature(Error::InvalidCertificate(CertificateError::BadSignature), "in SSL_CERT_FILE")]
    #[case::no_tls(Error::InvalidMessage(InvalidMessage::InvalidContentType), "use an http:// URL")]
    #[case::an_alert(Error::AlertReceived(AlertDescription::HandshakeFailure), "(handshake failure)")]
    #[case::a_version(Error::AlertReceived(AlertDescription::ProtocolVersion), "neither TLS 1.2 nor")]
    #[case::a_demand(Error::AlertReceived(AlertDescription::CertificateRequired), "--client-cert")]
    #[case::nothing_in_common(
        Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
        "(no cipher suites in common)"
    )]
    fn an_error_is_said_in_words(#[case] error: Error, #[case] expected: &str) {
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, error);
        let words = in_words(&wrapped).expect("it is one of TLS");
        assert!(words.contains(expected), "{words}");
        assert!(!words.contains("Error") && !words.contains("::"), "{words}");
    }
}
