//! The operations of a project.

use jiff::Timestamp;

use super::Project;
use crate::mock::error::ApiError;
use crate::mock::ids::Ids;
use crate::mock::model::operation::{Action, Operation, Status};

impl Project {
    /// Brings about what is due.
    pub(in crate::mock::model) fn settle(&mut self, now: Timestamp) {
        // What is finished stays behind what is not, except for a few: the last ones are enough to look at.
        self.finish_anonymizations(now, false);
        let last = self.operations.iter().rposition(Operation::is_finished);
        self.finish(last.map_or(0, |last| last.saturating_sub(64)), now, |operation| operation.is_due(now));
    }

    /// Finishes all that is under way, due or not; how many operations that was.
    pub(in crate::mock) fn finish_all(&mut self, now: Timestamp) -> usize {
        self.finish_anonymizations(now, true);
        self.finish(0, now, |operation| !operation.is_finished())
    }

    pub(super) fn finish(
        &mut self,
        from: usize,
        now: Timestamp,
        which: impl Fn(&Operation) -> bool,
    ) -> usize {
        let mut count = 0;
        for index in from..self.operations.len() {
            if which(&self.operations[index]) {
                self.operations[index].finish(now);
                let done = self.operations[index].clone();
                self.effect(&done);
                count += 1;
            }
        }
        count
    }

    /// What it means that an operation is done.
    pub(super) fn effect(&mut self, done: &Operation) {
        let branch = self.branches.iter_mut().find(|branch| Some(&branch.id) == done.branch_id.as_ref());
        let endpoint =
            self.endpoints.iter_mut().find(|endpoint| Some(&endpoint.id) == done.endpoint_id.as_ref());
        match (done.action, branch, endpoint) {
            (Action::CreateTimeline | Action::CreateBranch, Some(branch), _) => {
                branch.is_ready = true;
                branch.state_changed_at = done.updated_at;
            }
            (Action::StartCompute, _, Some(endpoint)) => endpoint.started(done.updated_at),
            (Action::SuspendCompute, _, Some(endpoint)) => endpoint.suspended(done.updated_at),
            _ => {}
        }
    }

    /// Begins an operation, which is about a branch, and about an endpoint of it.
    pub(in crate::mock::model) fn begin(
        &mut self,
        action: Action,
        status: Status,
        (branch, endpoint): (Option<&str>, Option<&str>),
        ids: &mut Ids,
        now: Timestamp,
    ) {
        // No two operations of a project have one time: cursors tell them by it.
        let previous = self.operations.last().map_or(i64::MIN, |last| last.created_at.as_microsecond());
        let time = now.as_microsecond().max(previous.saturating_add(1));
        let created_at = Timestamp::from_microsecond(time).unwrap_or(now);
        self.operations.push(Operation {
            id: ids.uuid(),
            branch_id: branch.map(str::to_owned),
            endpoint_id: endpoint.map(str::to_owned),
            action,
            status,
            created_at,
            updated_at: created_at,
            due: self.clock.due(created_at),
        });
    }

    /// Work under way on a branch keeps other work from beginning.
    pub(in crate::mock) fn must_be_idle(&self, branch: &str) -> Result<(), ApiError> {
        let conflicts = |operation: &Operation| {
            !operation.is_finished() && operation.branch_id.as_deref() == Some(branch)
        };
        if self.operations.iter().rev().take(64).any(conflicts) { Err(ApiError::locked()) } else { Ok(()) }
    }
}
