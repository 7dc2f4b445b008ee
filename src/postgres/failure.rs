//! Why a connection or a change is refused.

/// Why a connection or a change is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The code of `PostgreSQL` for it.
    pub(super) code: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn internal(reason: &(impl ToString + ?Sized)) -> Self {
        Self::new("XX000", reason.to_string())
    }

    /// Postgres does not do what the API was asked for.
    pub(super) fn of_the_request(reason: &str) -> Self {
        Self::new(OF_THE_REQUEST, reason)
    }

    /// Whether whoever asked can do something about it.
    pub(crate) fn is_of_the_request(&self) -> bool {
        self.code == OF_THE_REQUEST
    }

    pub(super) fn stopping() -> Self {
        Self::new("57P03", "the mock is stopping")
    }

    pub(super) fn stopped() -> Self {
        Self::new("57P01", "terminating connection due to administrator command")
    }

    pub(super) fn no_endpoint() -> Self {
        Self::new("08004", "the requested endpoint could not be found, or you don't have access to it")
    }

    pub(super) fn disabled(endpoint: &str) -> Self {
        Self::new("08004", format!("the endpoint {endpoint} is disabled; enable it and try again"))
    }

    pub(super) fn busy(most: usize) -> Self {
        let message = format!(
            "all {most} computes are in use; close sessions, or start the mock with a larger --postgres-computes"
        );
        Self::new("53300", message)
    }
}

/// The code of what the state of things does not allow.
const OF_THE_REQUEST: &str = "55000";
