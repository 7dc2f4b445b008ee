//! Requests and answers: the two ways that a body goes.

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// From the client.
    Request,
    /// To the client.
    Answer,
}

impl Way {
    /// The keyword that keeps a member from going this way.
    pub(crate) fn kept_from(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Answer => "writeOnly",
        }
    }
}
