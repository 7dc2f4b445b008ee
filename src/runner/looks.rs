//! What trials under way at once look at together: around writes that must be refused, many ask for the same, and one answer serves all who
//! may believe it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::exchange::Response;
use crate::sync::lock;

/// What was seen longer ago is asked for anew: much changes by itself.
const FRESH: Duration = Duration::from_secs(10);

/// One answer to a read that changes nothing.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// The read was not sent before.
    pub(super) asked: Instant,
    /// When it was sent.
    pub(super) began: Timestamp,
    pub(super) response: Response,
}

/// The last look at one place. Whoever holds it is the only one to look.
pub(super) type Place = Arc<tokio::sync::Mutex<Option<Look>>>;

/// The last looks of a run, by what was asked for.
#[derive(Debug, Default)]
pub(super) struct Looks {
    places: Mutex<BTreeMap<String, Place>>,
}

impl Looks {
    /// Where what a request asks for is looked at.
    pub(super) fn at(&self, target: &str) -> Place {
        lock(&self.places).entry(target.to_owned()).or_default().clone()
    }

    /// Has everything looked at anew.
    pub(super) fn forget(&self) {
        lock(&self.places).clear();
    }
}

/// Since when a look must have been asked for to show what is there now, as far as no trial has changed it.
pub(super) fn fresh() -> Option<Instant> {
    Instant::now().checked_sub(FRESH)
}
