//! The result of a run: what was done, what it proves, and what it comes to. Data and decisions; how they look is for reports.

mod advice;
mod baseline;
mod cause;
mod collect;
mod counts;
mod coverage;
mod exposed;
mod exposure;
mod file;
mod gate;
mod merge;
mod model;
pub(crate) mod musts;
mod outcome;
mod proof;
mod report;
mod retry;
mod standing;
#[cfg(test)]
pub(crate) mod testing;
mod trend;
mod verdict;

pub use baseline::compare;
pub use cause::{Cause, causes};
pub use collect::Context;
pub use counts::Counts;
pub use coverage::{Coverage, Judged, OperationCoverage};
pub use exposed::Exposed;
pub use file::read_result;
pub use gate::decide;
pub use merge::{MergeError, merge};
pub use model::{
    AdviceResult, Comparison, FindingResult, GateResult, OperationResult, RequirementResult, RetryResult,
    RunResult, SuiteResult, Times, TrialResult, Unchecked, UncheckedResult,
};
pub use outcome::{Outcome, OutcomeWord};
pub use proof::{Proof, read_proof};
pub use report::{NewSnapshot, RunReport, TrialReport};
pub use retry::{Retry, RetryCause};
pub(crate) use standing::Standing;
pub use trend::{Trend, TrendOperation, TrendRun, trends};
pub use verdict::Verdict;
