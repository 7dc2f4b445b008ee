//! Whom a client trusts: those whom the system trusts, and those whose certificates `SSL_CERT_FILE` holds, a server's own included.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::authority::is_of_an_authority;
use super::words;
use crate::input;

/// Names a file of certificates that are trusted.
const VARIABLE: &str = "SSL_CERT_FILE";

/// Whom to trust cannot be found out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file cannot be read, or holds no certificate.
    #[error("{VARIABLE} names `{path}`: {reason}; name a file of PEM certificates, or unset the variable")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is nobody to trust.
    #[error(
        "no certificate is trusted here: install those of the system (the package `ca-certificates`), or name a file in {VARIABLE}"
    )]
    Nobody,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl From<Error> for TrustError {
    fn from(error: Error) -> Self {
        Self::Tls(words::of(&error))
    }
}

/// The rules of the system, with the certificates of the file trusted as well.
pub(super) fn verifier(provider: Arc<CryptoProvider>) -> Result<Verifier, TrustError> {
    let named = match std::env::var_os(VARIABLE) {
        None => Vec::new(),
        Some(path) if path.is_empty() => of_the_system(),
        Some(path) => named(&PathBuf::from(path))?,
    };
    let usual = rustls_platform_verifier::Verifier::new_with_extra_roots(named.clone(), provider);
    let usual = usual.map_err(|error| match error {
        // All other errors are about certificates that were there.
        Error::General(_) => TrustError::Nobody,
        error => error.into(),
    })?;
    Ok(Verifier { usual, named })
}

/// The certificates in a file.
fn named(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let failed = |reason: String| TrustError::File { path: path.to_path_buf(), reason };
    let pem = input::read(path, input::DOCUMENT).map_err(|error| failed(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let certificates =
        certificates.map_err(|_| failed("a certificate in it is cut or damaged".to_owned()))?;
    if certificates.is_empty() {
        return Err(failed("there is no certificate in it".to_owned()));
    }
    if certificates.iter().any(|certificate| ParsedCertificate::try_from(certificate).is_err()) {
        return Err(failed("a certificate in it is damaged".to_owned()));
    }
    Ok(certificates)
}

/// What the system trusts. Its own reader takes a variable that is there and empty for the name of a file.
fn of_the_system() -> Vec<CertificateDer<'static>> {
    #[cfg(all(unix, not(target_vendor = "apple")))]
    let pem = openssl_probe::probe().cert_file.and_then(|file| input::read(&file, input::DOCUMENT).ok());
    #[cfg(not(all(unix, not(target_vendor = "apple"))))]
    let pem: Option<Vec<u8>> = None;
    let certificates = pem.iter().flat_map(|pem| CertificateDer::pem_slice_iter(pem)).flatten();
    certificates.filter(|certificate| ParsedCertificate::try_from(certificate).is_ok()).collect()
}

/// The rules of the system; but a server may show a certificate that is trusted itself, also where that says that it is an
/// authority's, as `openssl req -x509` has it say.
#[derive(Debug)]
pub(super) struct Verifier {
    usual: rustls_platform_verifier::Verifier,
    named: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // Whether it has expired is looked at before that, the name only afterwards.
            Err(error) if is_of_an_authority(&error) && self.named.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing("", "there is no certificate in it")]
    #[case::a_key_only(
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "there is no certificate in it"
    )]
    #[case::cut("-----BEGIN CERTIFICATE-----\nAAAA\n", "cut or damaged")]
    #[case::no_base64("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "cut or damaged")]
    #[case::no_certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is damaged")]
    fn a_file_without_whole_certificates_is_refused(#[case] text: &str, #[case] expected: &str) {
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        std::fs::write(file.path(), text).expect("it can be written");
        let message = named(file.path()).expect_err("it is refused").to_string();
        assert!(message.contains(expected) && message.contains("SSL_CERT_FILE names"), "{message}");
    }
}
