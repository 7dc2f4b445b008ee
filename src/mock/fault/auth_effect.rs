//! What may be done to Neon Auth besides what was asked for. Each tells whether there was anything to do: `None` where not.

use super::side_effect::{branch, names, project};
use crate::mock::handlers::{Answer, Call};
use crate::mock::model::{AuthData, Branch, State};

/// The Neon Auth of the branch that a request is about, where it was done.
fn data<'s>(call: &Call<'_>, answer: &Answer, state: &'s mut State) -> Option<&'s mut AuthData> {
    let project = project(call, answer, state)?;
    Some(project.auth_mut(call.param("branch_id")).ok()?.1)
}

/// The parent of the branch that a request is about, where it was done.
fn parent<'s>(call: &Call<'_>, answer: &Answer, state: &'s mut State) -> Option<&'s mut Branch> {
    let parent = branch(call, answer, state)?.parent.clone()?;
    project(call, answer, state)?.branch_mut(&parent.id).ok()
}

pub(super) fn new_branch_has_none(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    project(call, answer, state)?.branches.last_mut()?.auth.take().map(drop)
}

pub(super) fn new_branch_has_no_users(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    project(call, answer, state)?.branches.last_mut()?.auth.as_mut()?.data.remove_users();
    Some(())
}

pub(super) fn parent_has_none(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    parent(call, answer, state)?.auth.take().map(drop)
}

pub(super) fn parent_loses_users(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    parent(call, answer, state)?.auth.as_mut()?.data.remove_users();
    Some(())
}

pub(super) fn parent_follows(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let settings = data(call, answer, state)?.settings.clone();
    parent(call, answer, state)?.auth.as_mut()?.data.settings = settings;
    Some(())
}

pub(super) fn parent_trusts_it(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let domains = data(call, answer, state)?.domains.clone();
    parent(call, answer, state)?.auth.as_mut()?.data.domains = domains;
    Some(())
}

pub(super) fn all_domains_go(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let domains = &mut data(call, answer, state)?.domains;
    (!std::mem::take(domains).is_empty()).then_some(())
}

pub(super) fn sign_up_is_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let data = data(call, answer, state).filter(|_| !names(call, "/disable_sign_up"))?;
    data.settings.email_and_password.disable_sign_up = false;
    Some(())
}

pub(super) fn organizations_are_reset(call: &Call<'_>, answer: &Answer, state: &mut State) -> Option<()> {
    let data = data(call, answer, state).filter(|_| !names(call, "/organization_limit"))?;
    data.settings.organization.organization_limit = 10;
    Some(())
}
