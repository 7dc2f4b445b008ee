//! The lines of a ledger, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::target::run_name::RunName;

/// A line of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Event {
    /// A run begins.
    Began {
        /// The version of the format.
        #[serde(default)]
        version: u32,
        /// Where it sends its requests.
        origin: String,
        /// What the names of all that it makes begin with.
        prefix: RunName,
        /// When, by the clock of this machine.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// The organization that it works in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organization: Option<String>,
    },
    /// The account listed these before the run's first write: they are not the run's.
    Present {
        /// The path parameter that names such a thing.
        parameter: String,
        /// What stands for their ids; the ids themselves in the first version.
        ids: BTreeSet<String>,
    },
    /// A read has shown this under a name that is not the run's: it is not the run's, whatever else is shown of it.
    Foreign {
        /// The path parameter that names such a thing.
        parameter: String,
        /// What stands for its id.
        id: String,
    },
    /// A request is about to be sent that makes something.
    Intends { number: u64, route: String },
    /// It has made something, and this takes it back.
    Made { number: u64, undo: Undo },
    /// It has made nothing, or what it made is gone.
    Settled { number: u64 },
}

/// The request that takes back what was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// The method.
    pub method: String,
    /// Path and query, percent-encoded, from the origin.
    pub target: String,
    /// The path parameters: they name what was made, and what it is in.
    pub params: BTreeMap<String, String>,
    /// The JSON body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What is not settled yet, by the order in which it was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// Made, and to be taken back.
    pub made: BTreeMap<u64, Undo>,
    /// Asked for, without an answer: by their routes.
    pub unanswered: BTreeMap<u64, String>,
}

impl Outstanding {
    pub(super) fn note(&mut self, event: Event) {
        match event {
            Event::Began { .. } | Event::Present { .. } | Event::Foreign { .. } => {}
            Event::Intends { number, route } => {
                self.unanswered.insert(number, route);
            }
            Event::Made { number, undo } => {
                self.unanswered.remove(&number);
                self.made.insert(number, undo);
            }
            Event::Settled { number } => {
                self.unanswered.remove(&number);
                self.made.remove(&number);
            }
        }
    }
}

/// The version of the format that is written. Ledgers without one are older, and read all the same.
pub(super) const VERSION: u32 = 3;

/// Since this version, ids that are not the run's are not written themselves.
pub(super) const WITH_DIGESTS: u32 = 2;
