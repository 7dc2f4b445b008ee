//! OBSERVE: exchanges that someone else has made, and what is wrong with them.

mod clear;
mod har;
mod named;
mod observer;
mod open;
mod passed;
mod proxy;
mod recording;

pub use har::{HarError, Recorder};
pub use observer::{Observed, Observer, Trust};
pub(crate) use open::{Open, named};
pub use passed::{Missed, Passed};
pub use proxy::{Proxy, ProxyError};
pub(crate) use recording::of_the_api;
pub use recording::{Recording, Unanswered, read, read_text};
