//! TELL: what came of a run, for people.

mod advice;
mod audit;
mod badge;
mod baseline;
mod cause;
mod coverage;
mod difference;
mod doctor;
mod explain;
mod exposure;
mod failures;
mod format;
mod gate;
mod github;
mod html;
mod junit;
mod markdown;
mod merge;
mod musts;
mod parity;
mod progress;
mod proof;
mod rehearsal;
mod result;
mod standing;
mod terminal;
#[cfg(test)]
mod testing;
mod text;
mod traffic;

pub use advice::AdviceResult;
pub use audit::{audit, audit_json, verdict_line};
pub use badge::badge;
pub use baseline::{Comparison, compare};
pub use cause::{Cause, causes};
pub use coverage::{Unproven, coverage, coverage_json, unproven};
pub use difference::{difference, difference_json};
pub use doctor::doctor;
pub use explain::explain;
pub use failures::save_failures;
pub use format::{FORMATS, Format};
pub use gate::{GateResult, decide};
pub use merge::{MergeError, merge};
pub use parity::{answered, parity, parity_json};
pub use progress::Progress;
pub use proof::{Proof, read_proof};
pub use rehearsal::rehearsal;
pub use result::{
    Context, FindingResult, OperationResult, OutcomeWord, RequirementResult, RetryResult, RunResult,
    SuiteResult, Times, TrialResult, Verdict, read_result,
};
pub use terminal::{conclusion, counted, exchanges, failure, notes, summary, trial_line};
pub use traffic::traffic;

pub use crate::artefact::{ArtefactError, check_writable, write};
