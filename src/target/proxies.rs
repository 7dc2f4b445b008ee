//! Proxies between here and a server.

/// Whether the proxies of the environment are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proxies {
    /// As `HTTPS_PROXY` and the like say.
    FromEnvironment,
    /// Never: the server is on this machine.
    None,
}
