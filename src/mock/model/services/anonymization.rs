//! That the data of a branch are to be masked: the rules, and how far it is. The data themselves stay as they are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// How a branch is masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Anonymization {
    /// As they were sent.
    pub(in crate::mock) rules: Vec<Map<String, Value>>,
    pub(in crate::mock) created_at: Timestamp,
    pub(in crate::mock) updated_at: Timestamp,
    pub(in crate::mock) last_run: Option<Run>,
}

/// One time that the rules were applied.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Run {
    pub(in crate::mock) started_at: Timestamp,
    pub(in crate::mock) completed_at: Option<Timestamp>,
    /// When it will be, unless somebody has to tell.
    pub(in crate::mock::model) due: Option<Timestamp>,
    /// The user with the name to sign in with; an organization's key has none.
    pub(in crate::mock) triggered_by: Option<(Uuid, String)>,
    pub(in crate::mock) masked_columns: usize,
}

impl Anonymization {
    pub(in crate::mock::model) fn new(rules: Vec<Map<String, Value>>, now: Timestamp) -> Self {
        Self { rules, created_at: now, updated_at: now, last_run: None }
    }

    /// Whether the rules are being applied.
    pub(in crate::mock) fn is_running(&self) -> bool {
        self.last_run.as_ref().is_some_and(|run| run.completed_at.is_none())
    }

    /// What is under way is done, if it is due, or in any case.
    pub(in crate::mock::model) fn finish(&mut self, now: Timestamp, in_any_case: bool) {
        let Some(run) = self.last_run.as_mut().filter(|run| run.completed_at.is_none()) else { return };
        let done = if in_any_case { Some(now) } else { run.due.filter(|due| *due <= now) };
        if let Some(done) = done {
            run.completed_at = Some(done);
            self.updated_at = done;
        }
    }
}
