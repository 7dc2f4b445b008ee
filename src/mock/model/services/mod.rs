//! What is set up for a branch beside its roles and databases. Most branches have nothing of it.

mod data_api;
mod schedule;

use serde::{Deserialize, Serialize};

pub(in crate::mock) use data_api::DataApi;
pub(in crate::mock) use schedule::{FREQUENCIES, Schedule};

/// All of one branch.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::mock) struct Services {
    pub(in crate::mock) data_apis: Vec<DataApi>,
    pub(in crate::mock) schedule: Schedule,
}

/// What a branch has of which nothing is set up.
static NOTHING: Services = Services { data_apis: Vec::new(), schedule: Schedule::new() };

impl Services {
    pub(super) fn nothing() -> &'static Self {
        &NOTHING
    }
}
