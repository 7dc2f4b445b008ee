//! Requests that were sent again.

use std::time::Duration;

/// A request that was sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The method and the path, as the contract writes them.
    pub route: String,
    /// The cause.
    pub cause: RetryCause,
    /// The waiting time.
    pub waited: Duration,
}

/// The cause of a retry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetryCause {
    /// An answer that asks for it: 423, 429 or 503.
    Status(u16),
    /// No connection, or one that ended before an answer came.
    Network(String),
}

impl std::fmt::Display for RetryCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Network(cause) => f.write_str(cause),
        }
    }
}
