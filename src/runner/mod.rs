//! RUN: the steps of trials against a target, many at once; what was exchanged goes to the judge.

mod authorization;
mod breaker;
mod census;
mod cleanup;
mod doctor;
mod guard;
mod harness;
mod heavy;
mod holdings;
mod key;
mod looks;
mod ownership;
mod pool;
mod probe;
mod rehearsal;
mod retry;
mod room;
mod setup;
mod stage;
mod suspicion;
mod traffic;
mod watch;

pub use cleanup::{Cleaned, CleanupTime, Found, USUAL_GRACE, clean, find, remove_by_prefix};
pub use doctor::{Diagnosis, Health, examine, examine_ledgers};
pub use harness::{Harness, SnapshotMode};
pub use key::{KeyError, KeySource};
pub use pool::{Event, Options, run};
pub use rehearsal::Rehearsal;
pub use setup::{Declaration, Endpoint, Setup, SetupError, import, is_unattended, suite};
pub(crate) use suspicion::learn;
pub use traffic::{judge_recording, judge_recordings, recorded_answers};
pub use watch::Watch;
