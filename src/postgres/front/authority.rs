//! The authority of the port's certificates, and a certificate for each name that clients know the port by.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::super::folder::Folder;

/// The maximum number of certificates in memory.
const MOST: usize = 1024;

/// What a client may want to speak on top of TLS.
const PROTOCOLS: [&[u8]; 2] = [b"postgresql", b"http/1.1"];

/// An authority that clients are told of in a file.
pub(in super::super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    path: PathBuf,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Authority {
    /// The one of a folder, which is made where there is none.
    pub(in super::super) fn open(folder: &Folder) -> io::Result<Self> {
        let (path, key_path) = (folder.file("ca.pem"), folder.file("ca.key"));
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "neon-contract mock");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = if path.exists() {
            KeyPair::from_pem(&fs::read_to_string(&key_path)?).map_err(io::Error::other)?
        } else {
            let key = KeyPair::generate().map_err(io::Error::other)?;
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(&key_path)?;
            file.write_all(key.serialize_pem().as_bytes())?;
            let certificate = params.self_signed(&key).map_err(io::Error::other)?;
            fs::write(&path, certificate.pem())?;
            key
        };
        Ok(Self { issuer: Issuer::new(params, key), path, configs: Mutex::default() })
    }

    /// The file with its certificate.
    pub(in super::super) fn path(&self) -> &Path {
        &self.path
    }

    /// How the port speaks TLS with those who know it by a name or address.
    pub(super) fn config(&self, name: &str) -> io::Result<Arc<ServerConfig>> {
        if let Some(config) = crate::sync::lock(&self.configs).get(name) {
            return Ok(config.clone());
        }
        let config = Arc::new(self.make(name)?);
        let mut configs = crate::sync::lock(&self.configs);
        if configs.len() == MOST {
            configs.clear();
        }
        configs.insert(name.to_owned(), config.clone());
        Ok(config)
    }

    fn make(&self, name: &str) -> io::Result<ServerConfig> {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .map_err(io::Error::other)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(config)
    }
}
