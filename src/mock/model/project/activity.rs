//! How long the endpoints of a project were active: its operations tell, also of endpoints that are gone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Project;
use crate::mock::model::operation::{Action, Operation};

/// What endpoints have used in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::mock) struct Activity {
    /// So many seconds they were active.
    pub(in crate::mock) seconds: f64,
    /// The same, each second as often as the endpoint had compute units.
    pub(in crate::mock) unit_seconds: f64,
}

impl Project {
    /// What the endpoints of a branch, or of all, have used from one moment until another.
    pub(in crate::mock) fn activity(
        &self,
        branch: Option<&str>,
        (from, until): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Activity {
        let mut activity = Activity::default();
        let mut add = |endpoint: &str, began: Timestamp, ended: Timestamp| {
            let (began, ended) = (began.max(from), ended.min(until).min(now));
            let seconds = ended.duration_since(began).as_secs_f64();
            if seconds > 0.0 {
                activity.seconds += seconds;
                activity.unit_seconds += seconds * self.units(endpoint);
            }
        };
        let mut began: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for operation in &self.operations {
            let Some(endpoint) = operation.endpoint_id.as_deref() else { continue };
            if branch.is_some_and(|branch| operation.branch_id.as_deref() != Some(branch)) {
                continue;
            }
            let Some(done) = done_at(operation, now) else { continue };
            match operation.action {
                Action::StartCompute => {
                    began.entry(endpoint).or_insert(done);
                }
                Action::SuspendCompute => {
                    if let Some(began) = began.remove(endpoint) {
                        add(endpoint, began, done);
                    }
                }
                _ => {}
            }
        }
        for (endpoint, began) in began {
            add(endpoint, began, now);
        }
        activity
    }

    /// The compute units that an endpoint has at the least, or that new ones have where it is gone.
    fn units(&self, endpoint: &str) -> f64 {
        let own = self.endpoint(endpoint).ok().and_then(|endpoint| endpoint.compute.min_cu.as_f64());
        let usual = || self.default_endpoint_settings.get("autoscaling_limit_min_cu")?.as_f64();
        own.or_else(usual).unwrap_or(0.25)
    }
}

/// When an operation was done, where it is.
fn done_at(operation: &Operation, now: Timestamp) -> Option<Timestamp> {
    if operation.is_finished() { Some(operation.updated_at) } else { operation.due_by(now) }
}
