//! RUN: the steps of trials against a target, many at once; what was exchanged goes to the judge.

mod authorization;
mod coverage;
mod harness;
mod outcome;
mod pool;
mod setup;
mod stage;
mod suspicion;

pub use coverage::{Coverage, Judged, OperationCoverage};
pub use harness::{Harness, SnapshotMode};
pub use outcome::{Counts, NewSnapshot, Outcome, RunReport, TrialReport};
pub use pool::{Event, Options, run};
pub use setup::{Declaration, Endpoint, Setup, SetupError, import, is_unattended, suite};
