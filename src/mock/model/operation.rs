//! Operations: the work that the answers of a project promise, and the clock that finishes it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// When operations are finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum OperationClock {
    /// By the next request.
    #[default]
    Immediate,
    /// After so long.
    Timed(Duration),
    /// When told.
    Manual,
}

impl fmt::Display for OperationClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immediate => f.write_str("immediate"),
            Self::Manual => f.write_str("manual"),
            Self::Timed(length) => humantime::format_duration(*length).fmt(f),
        }
    }
}

/// No clock is called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write `immediate`, `manual`, or a time such as 2s or 500ms")]
pub struct UnknownClock;

impl FromStr for OperationClock {
    type Err = UnknownClock;

    fn from_str(text: &str) -> Result<Self, UnknownClock> {
        match text {
            "immediate" => Ok(Self::Immediate),
            "manual" => Ok(Self::Manual),
            time => humantime::parse_duration(time).map(Self::Timed).map_err(|_| UnknownClock),
        }
    }
}

impl TryFrom<String> for OperationClock {
    type Error = UnknownClock;

    fn try_from(text: String) -> Result<Self, UnknownClock> {
        text.parse()
    }
}

impl OperationClock {
    /// When what begins now will be done; never, unless told, where there is none.
    pub(super) fn due(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Immediate => Some(now),
            Self::Timed(length) => now.checked_add(jiff::SignedDuration::try_from(length).ok()?).ok(),
            Self::Manual => None,
        }
    }
}

/// A piece of work on a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Operation {
    pub(in crate::mock) id: Uuid,
    pub(in crate::mock) branch_id: Option<String>,
    pub(in crate::mock) endpoint_id: Option<String>,
    pub(in crate::mock) action: Action,
    pub(in crate::mock) status: Status,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
    pub(super) due: Option<Timestamp>,
}

/// What is done: those of the document's actions that the mock performs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum Action {
    CreateTimeline,
    CreateBranch,
    DeleteTimeline,
    StartCompute,
    SuspendCompute,
    ApplyConfig,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum Status {
    Scheduling,
    Running,
    Finished,
}

impl Operation {
    pub(in crate::mock) fn is_finished(&self) -> bool {
        self.status == Status::Finished
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        !self.is_finished() && self.due.is_some_and(|due| due <= now)
    }

    /// When it was due, where that is over and nobody has finished it yet.
    pub(super) fn due_by(&self, now: Timestamp) -> Option<Timestamp> {
        self.due.filter(|due| *due <= now)
    }

    /// Done, at the time it was due, or now.
    pub(super) fn finish(&mut self, now: Timestamp) {
        self.status = Status::Finished;
        self.updated_at = self.due.unwrap_or(now);
    }
}
