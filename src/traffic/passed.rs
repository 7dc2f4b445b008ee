//! An exchange that passed between a client and an endpoint, as whoever stood between them saw it.

use jiff::Timestamp;

use crate::exchange::{Request, Response, TransportFault, Unseen};

/// What has passed through.
#[derive(Debug)]
pub struct Passed {
    /// When it was sent.
    pub began: Timestamp,
    /// The request, without the header that authenticates it.
    pub request: Request,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The answer; why it was not looked at.
    pub response: Result<Response, Missed>,
}

/// Why an answer was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missed {
    /// The client was gone before it came.
    #[error("the client did not wait for the response")]
    Abandoned,
    /// None came, or the connection was reset before the client had one.
    #[error("{0}")]
    Lost(String),
    /// It is larger than what is looked at.
    #[error("the response is larger than {limit} bytes")]
    TooLarge {
        /// Its status.
        status: u16,
        /// The maximum size that is looked at, in bytes.
        limit: usize,
    },
}

impl Missed {
    /// What the client has got in its place.
    #[must_use]
    pub fn response(&self) -> Response {
        match self {
            Self::TooLarge { status, .. } => {
                Response::unseen(*status, Vec::new(), Unseen::NotKept(self.to_string()))
            }
            Self::Abandoned | Self::Lost(_) => {
                Response::default().broken(TransportFault::Broken(self.to_string()))
            }
        }
    }
}
