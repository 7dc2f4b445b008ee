//! The certificate that a client shows to servers that demand one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::input;

/// A client certificate with its key.
#[derive(Clone)]
pub struct Identity(pub(super) Arc<CertifiedKey>);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// A client certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("the client certificate or its key in `{path}` cannot be read: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// There is no certificate.
    #[error("there is no whole PEM certificate in `{0}`; name a file that has one with --client-cert")]
    NoCertificate(PathBuf),
    /// There is no key.
    #[error("there is no whole PEM private key in `{0}`; name a file that has one with --client-key")]
    NoKey(PathBuf),
    /// There is a key, and nothing else.
    #[error(
        "the private key in `{0}` is of no use alone: name the certificate with --client-cert (NEON_CLIENT_CERT)"
    )]
    KeyAlone(PathBuf),
    /// The key is encrypted.
    #[error(
        "the private key in `{0}` is encrypted; decrypt it with `openssl pkey -in FILE -out NEW`, where only you may read NEW"
    )]
    Encrypted(PathBuf),
    /// The key is of another certificate, or of a kind that cannot be used.
    #[error("the private key in `{key}` cannot be used with the certificate in `{certificate}`: {reason}")]
    Unfit {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// The certificate would never be shown.
    #[error(
        "a client certificate (--client-cert, NEON_CLIENT_CERT) is shown in TLS only: write the URL with https://, or give none"
    )]
    WithoutTls,
}

impl Identity {
    /// The certificate in one of these files with its key in the other, or in the same; none where no file is named.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn given(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Self>, IdentityError> {
        match (certificate, key) {
            (Some(certificate), key) => Self::read(&certificate, key.as_deref()).map(Some),
            (None, Some(key)) => Err(IdentityError::KeyAlone(key)),
            (None, None) => Ok(None),
        }
    }

    /// The certificate in a PEM file, with those of the authorities between, and its key, which may be in a file of its own.
    fn read(certificate: &Path, key: Option<&Path>) -> Result<Self, IdentityError> {
        let pem = read(certificate)?;
        let chain: Result<Vec<_>, PemError> = CertificateDer::pem_slice_iter(&pem).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| IdentityError::NoCertificate(certificate.to_path_buf()))?;
        let (path, pem) = match key {
            Some(key) => (key, read(key)?),
            None => (certificate, pem),
        };
        let text = String::from_utf8_lossy(&pem);
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(IdentityError::Encrypted(path.to_path_buf()));
        }
        let key =
            PrivateKeyDer::from_pem_slice(&pem).map_err(|_| IdentityError::NoKey(path.to_path_buf()))?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let identity =
            CertifiedKey::from_der(chain, key, &provider).map_err(|error| IdentityError::Unfit {
                certificate: certificate.to_path_buf(),
                key: path.to_path_buf(),
                reason: match error {
                    rustls::Error::InconsistentKeys(_) => "it is the key of another one",
                    rustls::Error::InvalidCertificate(_) => "the certificate is damaged",
                    _ => "it is neither RSA, ECDSA nor Ed25519, or damaged",
                },
            })?;
        Ok(Self(Arc::new(identity)))
    }

    /// Whether one that is given would ever be shown to this origin.
    ///
    /// # Errors
    /// When no TLS is spoken to it.
    pub(crate) fn check(given: Option<&Self>, origin: &str) -> Result<(), IdentityError> {
        if given.is_none() || origin.starts_with("https://") {
            Ok(())
        } else {
            Err(IdentityError::WithoutTls)
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    input::read(path, input::DOCUMENT)
        .map_err(|error| IdentityError::File { path: path.to_path_buf(), reason: error.to_string() })
}
