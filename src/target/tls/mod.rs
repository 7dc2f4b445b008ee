//! TLS of every client: whom it trusts, and what is said where it fails.

mod authority;
mod identity;
mod trust;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};

pub use identity::{Identity, IdentityError};
pub use trust::TrustError;
pub(super) use words::{in_words, is_refusal};

use crate::target::proxies::Proxies;

/// TLS as a client speaks it.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
    asked: Arc<Asked>,
}

impl Tls {
    /// TLS 1.2 and 1.3, with those trusted whom the system and `SSL_CERT_FILE` name.
    pub(crate) fn new(identity: Option<Identity>) -> Result<Self, TrustError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let asked = Arc::new(Asked { identity, is_asked: AtomicBool::new(false) });
        let mut config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust::verifier(provider)?))
            .with_client_cert_resolver(asked.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), asked })
    }

    /// TLS where it is spoken to an origin, or to a proxy before it.
    pub(crate) fn to(
        origin: &str,
        proxies: Proxies,
        identity: Option<Identity>,
    ) -> Result<Option<Self>, TrustError> {
        let is_tls = |name: &str| std::env::var(name).is_ok_and(|url| url.starts_with("https://"));
        let has_proxy = || ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].into_iter().any(is_tls);
        let is_spoken = origin.starts_with("https://") || proxies == Proxies::FromEnvironment && has_proxy();
        is_spoken.then(|| Self::new(identity)).transpose()
    }

    /// The same client, speaking TLS like this, or none.
    pub(crate) fn set_up(tls: Option<&Self>, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        match tls {
            Some(tls) => client.tls_backend_preconfigured(ClientConfig::clone(&tls.config)),
            // No certificate will be looked at: those of the system need not be read.
            None => client.tls_certs_only([]),
        }
    }

    /// The configuration, for what is no HTTP client.
    pub(super) fn config(&self) -> Arc<ClientConfig> {
        self.config.clone()
    }

    /// What is said of a server that has asked for a client certificate, and then refuses the client.
    pub(super) fn demand(&self) -> Option<&'static str> {
        let demand = if self.has_identity() { words::NOT_ACCEPTED } else { words::DEMANDED };
        self.asked.is_asked.load(Ordering::Relaxed).then_some(demand)
    }

    /// Whether it has a certificate to show.
    pub(super) fn has_identity(&self) -> bool {
        self.asked.identity.is_some()
    }
}

/// The client's certificate, and whether a server has asked for it.
#[derive(Debug)]
struct Asked {
    identity: Option<Identity>,
    is_asked: AtomicBool,
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.is_asked.store(true, Ordering::Relaxed);
        self.identity.as_ref().map(|identity| identity.0.clone())
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}
