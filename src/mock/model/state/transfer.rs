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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use rstest::rstest;

    use super::*;
    use crate::mock::fixture::AccountFixture;
    use crate::mock::model::{TransferRequest, hash};

    /// A state with the company's account, its user's key, and the numbers of the accounts of the user and the organizations.
    fn company() -> (State, Caller, [usize; 4]) {
        let mut state = State::new(1);
        let fixture = AccountFixture::builtin("company").expect("it is built in");
        let (_, token) = state.create_account(&fixture, Timestamp::UNIX_EPOCH);
        let caller = state.key(&hash(&token)).expect("the key is in force");
        let organizations: Vec<usize> = state.organizations(caller).map(|(number, _)| number).collect();
        let [paid, other, free] = organizations[..] else { panic!("there are three") };
        (state, caller, [caller.account, paid, other, free])
    }

    fn newest(state: &State, account: usize) -> String {
        state.account_at(account).projects.iter().last().expect("there is one").id.clone()
    }

    #[rstest]
    #[case(0, true)]
    #[case(59, true)]
    #[case(60, false)]
    fn an_offer_is_good_until_it_expires(#[case] seconds: i64, #[case] is_good: bool) {
        let (mut state, caller, [own, ..]) = company();
        let id = newest(&state, own);
        let now = Timestamp::UNIX_EPOCH;
        let opened = state.open(caller, &id, now).expect("it is there");
        let request = TransferRequest {
            id: opened.ids.uuid(),
            created_at: now,
            expires_at: now + SignedDuration::from_secs(60),
        };
        opened.project.transfer_requests.push(request.clone());
        let offered = state.offered(&id, &request.id.to_string(), now + SignedDuration::from_secs(seconds));
        assert_eq!(offered.ok(), is_good.then_some(own));
    }

    #[test]
    fn limits_stand_against_lower_plans_and_too_many_projects() {
        let (state, _, [own, paid, other, free]) = company();
        let names = |from, to, count| -> Vec<&str> {
            state.unsatisfied(from, to, count).iter().map(|limit| limit.name).collect()
        };
        assert_eq!(names(paid, other, 1), [""; 0]);
        assert_eq!(names(paid, free, 1), ["subscription_type"]);
        assert_eq!(names(paid, free, 11), ["subscription_type", "projects_count"]);
        assert_eq!(names(own, free, 10), [""; 0]);
        assert_eq!(names(own, free, 11), ["projects_count"]);
    }

    #[test]
    fn a_project_that_is_shared_is_shared_wherever_it_goes() {
        let (mut state, caller, [own, paid, ..]) = company();
        let id = newest(&state, own);
        state.share(own, &id, "sam@example.com", true);
        state.move_project(own, paid, &id, Timestamp::UNIX_EPOCH);
        assert_eq!(state.account_of(caller, &id).ok(), Some(paid));
        let sam = state.users().find(|(_, user)| user.email == "sam@example.com").expect("there is one");
        let sam = Caller { account: sam.0, key: 0 };
        assert_eq!(state.shared(sam).len(), 1);
    }

    #[test]
    fn what_is_set_up_is_kept_with_the_account() {
        let (mut state, caller, [own, paid, ..]) = company();
        let id = newest(&state, own);
        let now = Timestamp::UNIX_EPOCH;
        let (number, organization) = {
            let id = state.account_at(paid).owner.id();
            state.administered(caller, &id).expect("the user is an administrator")
        };
        organization.spending_limit_cents = Some(7);
        state.invite(caller, number, ("new@example.com", "viewer"), now).expect("nobody has the address");
        let project = state.open(caller, &id, now).expect("it is there").project;
        let branch = project.default_branch().expect("there is one").id.clone();
        let database = project.branch(&branch).expect("it is there").databases[0].name.clone();
        project.create_data_api(&branch, &database, serde_json::Map::new()).expect("there is none yet");
        project.set_up_anonymization(&branch, Vec::new(), now).expect("it is there");
        project.anonymize(&branch, None, now).expect("it is not under way");
        let mut again: State = serde_json::from_value(serde_json::to_value(&state).expect("it can be kept"))
            .expect("it can be read");
        let shown = |state: &mut State| {
            let project = serde_json::to_value(&*state.open(caller, &id, now).expect("it is there").project);
            let organization = serde_json::to_value(&state.account_at(paid).owner);
            (project.expect("it can be kept"), organization.expect("it can be kept"))
        };
        assert_eq!(shown(&mut again), shown(&mut state));
    }

    #[test]
    fn a_new_user_is_in_the_organization_that_has_invited_them() {
        let (mut state, caller, [_, paid, ..]) = company();
        let now = Timestamp::UNIX_EPOCH;
        let email = "robin@example.com";
        state.invite(caller, paid, (email, "member"), now).expect("nobody has the address");
        let (_, token) = state.create_account(&AccountFixture::default(), now);
        let robin = state.key(&hash(&token)).expect("the key is in force");
        assert_eq!(state.user(robin).map(|user| user.email.as_str()), Some(email));
        assert_eq!(state.organizations(robin).map(|(number, _)| number).collect::<Vec<_>>(), [paid]);
        let id = state.account_at(paid).owner.id();
        assert_eq!(state.administered(robin, &id).err().map(|error| error.status.as_u16()), Some(403));
    }
}
