//! OBSERVE: exchanges that someone else has made, and what is wrong with them.

mod har;
mod observer;
mod recording;

pub use har::{HarError, write_har};
pub use observer::{Observed, Observer, Trust};
pub use recording::{Recording, read};
