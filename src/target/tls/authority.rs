//! Certificates of authorities in the place of a server's.

use rustls::{CertificateError, Error, OtherError};

/// Whether a certificate is refused only because it is an authority's, and no server's.
pub(super) fn is_of_an_authority(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) = error else { return false };
    matches!(inner.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}
