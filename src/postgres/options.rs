//! What Postgres is to be like, and what the hosts in connection URIs look like.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// The place of the endpoint in a domain.
const PLACE: &str = "{endpoint}";

/// How a Postgres behind the mock is to be.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// The directory of the programs; where nothing is said, they are looked for.
    pub programs: Option<PathBuf>,
    /// The port of all endpoints; 0 lets the system choose.
    pub port: u16,
    /// What the hosts in connection URIs look like.
    pub hosts: Hosts,
    /// The directory that keeps the data; where nothing is said, it is a temporary one.
    pub data: Option<PathBuf>,
    /// The maximum number of servers that run at once.
    pub computes: usize,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { programs: None, port: 5432, hosts: Hosts::Localhost, data: None, computes: 8 }
    }
}

/// What the hosts in connection URIs look like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Hosts {
    /// `localhost` for all; the endpoint stands in the `options` of the URI.
    #[default]
    Localhost,
    /// A loopback address for each endpoint. Linux only.
    Loopback,
    /// A name in a domain that leads here.
    Domain(Domain),
}

/// A domain with a place for the endpoint: `{endpoint}.db.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

/// Hosts cannot look so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write `localhost`, `loopback`, or a domain that begins with `{{endpoint}}.`")]
pub struct UnknownHosts;

impl FromStr for Hosts {
    type Err = UnknownHosts;

    fn from_str(text: &str) -> Result<Self, UnknownHosts> {
        match text {
            "localhost" => Ok(Self::Localhost),
            "loopback" => Ok(Self::Loopback),
            domain => {
                let rest = domain.strip_prefix(PLACE).and_then(|rest| rest.strip_prefix('.'));
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
                match rest {
                    Some(rest) if !rest.is_empty() && rest.bytes().all(is_name) => {
                        Ok(Self::Domain(Domain(domain.to_ascii_lowercase())))
                    }
                    _ => Err(UnknownHosts),
                }
            }
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Localhost => f.write_str("localhost"),
            Self::Loopback => f.write_str("loopback"),
            Self::Domain(Domain(domain)) => f.write_str(domain),
        }
    }
}

impl Hosts {
    /// The host of an endpoint.
    pub(crate) fn host(&self, endpoint: &str) -> String {
        match self {
            Self::Localhost => "localhost".to_owned(),
            // The pooled host is the same.
            Self::Loopback => loopback(pooled(endpoint).0).to_string(),
            Self::Domain(Domain(domain)) => domain.replace(PLACE, endpoint),
        }
    }

    /// The host that is the same for all endpoints.
    pub(crate) fn common(&self) -> String {
        match self {
            Self::Localhost => "localhost".to_owned(),
            Self::Loopback => Ipv4Addr::LOCALHOST.to_string(),
            Self::Domain(Domain(domain)) => domain.replace(PLACE, "").trim_start_matches('.').to_owned(),
        }
    }

    /// What the options of a URI have to say: which endpoint is meant, where the host does not tell.
    pub(crate) fn endpoint_option(&self, endpoint: &str) -> Option<String> {
        (*self == Self::Localhost).then(|| format!("endpoint={endpoint}"))
    }
}

/// The endpoint that a name means, and whether through the pooler.
pub(super) fn pooled(name: &str) -> (&str, bool) {
    match name.strip_suffix("-pooler") {
        Some(endpoint) => (endpoint, true),
        None => (name, false),
    }
}

/// The loopback address of an endpoint. Two endpoints hardly ever have the same one; if they do, it leads to neither.
pub(super) fn loopback(endpoint: &str) -> Ipv4Addr {
    let digest = Sha256::digest(endpoint);
    // Not 127.0.0.0/16: what runs on this machine listens there.
    Ipv4Addr::new(127, digest[0].max(1), digest[1], digest[2].clamp(1, 254))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("localhost", Some(Hosts::Localhost))]
    #[case("loopback", Some(Hosts::Loopback))]
    #[case("{endpoint}.DB.example", Some(Hosts::Domain(Domain("{endpoint}.db.example".to_owned()))))]
    #[case("db.example", None)]
    #[case("{endpoint}", None)]
    #[case("{endpoint}.a/b", None)]
    #[case("x{endpoint}.example", None)]
    fn hosts_are_read(#[case] text: &str, #[case] expected: Option<Hosts>) {
        assert_eq!(text.parse().ok(), expected);
    }

    #[test]
    fn a_pooled_host_leads_to_the_same_endpoint() {
        let domain: Hosts = "{endpoint}.db.example".parse().expect("it is a domain");
        assert_eq!(domain.host("ep-a-b-1-pooler"), "ep-a-b-1-pooler.db.example");
        assert_eq!(domain.common(), "db.example");
        assert_eq!(Hosts::Loopback.host("ep-a-b-1-pooler"), Hosts::Loopback.host("ep-a-b-1"));
        assert_eq!(pooled("ep-a-b-1-pooler"), ("ep-a-b-1", true));
    }
}
