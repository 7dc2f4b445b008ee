//! Exit codes: a promise to scripts.

use std::process;

use crate::result::Verdict;

/// What the program's end says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything asked for was done, and the endpoint conforms.
    Conformant = 0,
    /// The endpoint does something wrong.
    Findings = 1,
    /// The specs, the command line or the environment are wrong; nothing was sent.
    Usage = 2,
    /// The endpoint could not be reached, or something was left behind there, whatever else was found.
    Unreachable = 3,
    /// Something could not be tested, though that was demanded; or nothing at all was tested.
    Untested = 4,
    /// A bug in the harness.
    Bug = 70,
    /// The run was stopped (128 + SIGINT).
    Interrupted = 130,
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Conforms | Verdict::ConformsButForKnown => Self::Conformant,
            Verdict::DoesNotConform => Self::Findings,
            Verdict::Stopped => Self::Interrupted,
            Verdict::CouldNotBeTested => Self::Unreachable,
            Verdict::NotTested => Self::Untested,
        }
    }
}
