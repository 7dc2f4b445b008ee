//! HAR 1.2, the format in which browsers and proxies keep what they have seen.

mod body;
mod read;
mod recorder;
mod write;

pub(super) use body::Beside;
pub use read::HarError;
pub(super) use read::{Entries, Entry, parse, text};
pub use recorder::Recorder;
