//! Snapshots: what a trial's answers look like once everything that changes from run to run is replaced.

mod compare;
mod confirmed;
mod contents;
mod normalise;
mod render;
mod store;

pub use compare::{Comparison, Mode};
pub use confirmed::{Confirmation, Confirmed, ConfirmedError, Standing};
pub use render::{normalised, render};
pub use store::Store;
