//! Projects that go to another account.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::State;
use crate::mock::error::ApiError;
use crate::mock::model::Caller;

/// So many projects fit into an account with a plan that costs nothing, and into others.
const ROOM: [usize; 2] = [10, 1_000];

/// A limit of an account that stands against a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mock) struct Unsatisfied {
    pub(in crate::mock) name: &'static str,
    pub(in crate::mock) expected: String,
    pub(in crate::mock) actual: String,
}

/// How much a plan allows: one that is higher allows more.
fn rank(plan: &str) -> usize {
    match plan {
        plan if plan.starts_with("free") => 0,
        plan if plan.starts_with("launch") => 1,
        plan if plan.starts_with("scale") => 2,
        _ => 3,
    }
}

impl State {
    /// What stands against moving so many projects from one account to another.
    pub(in crate::mock) fn unsatisfied(&self, from: usize, to: usize, count: usize) -> Vec<Unsatisfied> {
        let (source, target) = (self.accounts[from].owner.plan(), &self.accounts[to]);
        let plan = target.owner.plan();
        let mut limits = Vec::new();
        if rank(plan) < rank(source) {
            let (expected, actual) = (source.to_owned(), plan.to_owned());
            limits.push(Unsatisfied { name: "subscription_type", expected, actual });
        }
        let (room, wanted) = (ROOM[rank(plan).min(1)], target.projects.len() + count);
        if wanted > room {
            let (expected, actual) = (room.to_string(), wanted.to_string());
            limits.push(Unsatisfied { name: "projects_count", expected, actual });
        }
        limits
    }

    /// Whether all these projects can be moved: they are there, and no other has one of their ids where they go.
    pub(in crate::mock) fn must_be_movable(
        &self,
        from: usize,
        to: usize,
        ids: &BTreeSet<String>,
    ) -> Result<(), ApiError> {
        let (source, target) = (&self.accounts[from].projects, &self.accounts[to].projects);
        for id in ids {
            source.get(id).ok_or_else(|| ApiError::not_found("project", id))?;
            if target.get(id).is_some() || target.removed(id).is_some() {
                return Err(ApiError::exists("project", id));
            }
        }
        Ok(())
    }

    /// Moves a project to another account, with all that is in it. What bound it to the one it comes from ends.
    pub(in crate::mock) fn move_project(&mut self, from: usize, to: usize, id: &str, now: Timestamp) {
        let Some(mut project) = self.accounts[from].projects.take(id) else { return };
        project.transfer_requests.clear();
        project.vpc_endpoints.clear();
        project.updated_at = now.max(project.created_at);
        self.accounts[to].projects.insert(project);
        for shared in self.shared_with.values_mut() {
            if shared.remove(&(from, id.to_owned())) {
                shared.insert((to, id.to_owned()));
            }
        }
    }

    /// In which account a project is that can be taken over by a request.
    pub(in crate::mock) fn offered(
        &self,
        project: &str,
        request: &str,
        now: Timestamp,
    ) -> Result<usize, ApiError> {
        let is_it = |number: &usize| {
            let project = self.accounts[*number].projects.get(project);
            project.is_some_and(|project| {
                project
                    .transfer_requests
                    .iter()
                    .any(|offer| offer.id.to_string() == request && offer.expires_at > now)
            })
        };
        let offered = (0..self.accounts.len()).find(is_it);
        offered.ok_or_else(|| ApiError::not_found("transfer request", request))
    }

    /// The caller's own account has a project, which is not only shared with the caller.
    pub(in crate::mock) fn must_own(&self, caller: Caller, number: usize) -> Result<(), ApiError> {
        if let Some(only) = self.key_of(caller).and_then(|key| key.project.as_deref()) {
            return Err(ApiError::outside_scope(only));
        }
        if self.reached(caller).any(|reached| reached == number) {
            return Ok(());
        }
        Err(ApiError::forbidden("only the owner of a project may transfer it"))
    }
}
