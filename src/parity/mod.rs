//! COMPARE: what two targets answered to the same cases, where they differ, and whose the difference is.

mod answers;
mod drift;
mod shape;

pub use answers::Answers;
pub use drift::{Difference, Drift, Parity, Side, compare};
