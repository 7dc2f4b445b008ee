//! Who is in an organization, and who is to be.

use jiff::Timestamp;

use super::State;
use crate::mock::error::ApiError;
use crate::mock::model::Caller;
use crate::mock::model::account::{ADMINISTRATOR, Invitation, Member, Organization};

impl State {
    /// An organization that the caller may change: as one of its administrators, or with its own key.
    pub(in crate::mock) fn administered(
        &mut self,
        caller: Caller,
        id: &str,
    ) -> Result<(usize, &mut Organization), ApiError> {
        let (number, organization) = self.organization(caller, id)?;
        let may = number == caller.account || organization.is_administrator(caller.account);
        if let Some(only) = self.key_of(caller).and_then(|key| key.project.as_deref()) {
            return Err(ApiError::outside_scope(only));
        }
        if !may {
            return Err(ApiError::forbidden("only administrators of the organization may do this"));
        }
        let organization = self.accounts[number].owner.organization_mut();
        organization.map(|organization| (number, organization)).ok_or_else(ApiError::internal)
    }

    /// Makes the user of an account a member.
    pub(super) fn join(&mut self, number: usize, account: usize, role: &str, now: Timestamp) {
        let id = self.accounts[number].ids.uuid();
        let Some(organization) = self.accounts[number].owner.organization_mut() else { return };
        if organization.members.iter().any(|member| member.account == account) {
            return;
        }
        organization.members.push(Member { id, account, role: role.to_owned(), joined_at: now });
        self.memberships.entry(account).or_default().push(number);
    }

    /// Makes a new user a member wherever one of this address was invited.
    pub(super) fn accept_invitations(&mut self, account: usize, now: Timestamp) {
        let Some(email) = self.user_at(account).map(|user| user.email.clone()) else { return };
        let roles = |organization: &Organization| {
            let invitation = organization.invitations.iter().find(|invitation| invitation.email == email);
            invitation.map(|invitation| invitation.role.clone())
        };
        let invited: Vec<(usize, String)> = self
            .accounts
            .iter()
            .enumerate()
            .filter_map(|(number, account)| Some((number, roles(account.owner.organization()?)?)))
            .collect();
        for (number, role) in invited {
            self.join(number, account, &role, now);
        }
    }

    /// Invites someone. Who has an account is a member at once.
    pub(in crate::mock) fn invite(
        &mut self,
        caller: Caller,
        number: usize,
        (email, role): (&str, &str),
        now: Timestamp,
    ) -> Result<Invitation, ApiError> {
        self.may_be_invited(number, email)?;
        let invited_by = self.user_only(caller)?.id;
        let id = self.accounts[number].ids.uuid();
        let (email, role) = (email.to_owned(), role.to_owned());
        let invitation = Invitation { id, email, invited_by, invited_at: now, role };
        if let Some(organization) = self.accounts[number].owner.organization_mut() {
            organization.invitations.push(invitation.clone());
        }
        if let Some(account) = self.account_of_address(&invitation.email) {
            self.join(number, account, &invitation.role, now);
        }
        Ok(invitation)
    }

    /// Whether an address is neither invited nor a member's.
    pub(in crate::mock) fn may_be_invited(&self, number: usize, email: &str) -> Result<(), ApiError> {
        let account = self.account_of_address(email);
        let Some(organization) = self.accounts[number].owner.organization() else { return Ok(()) };
        if organization.members.iter().any(|member| Some(member.account) == account) {
            return Err(ApiError::exists("member", email));
        }
        // Who was a member once can be invited again.
        let is_pending = |invitation: &Invitation| invitation.email == email && account.is_none();
        if organization.invitations.iter().any(is_pending) {
            return Err(ApiError::exists("invitation", email));
        }
        Ok(())
    }

    fn account_of_address(&self, email: &str) -> Option<usize> {
        self.users().find(|(_, user)| user.email == email).map(|(number, _)| number)
    }

    /// Gives a member another role.
    pub(in crate::mock) fn set_role(&mut self, number: usize, id: &str, role: &str) -> Result<(), ApiError> {
        let organization = self.accounts[number].owner.organization_mut().ok_or_else(ApiError::internal)?;
        organization.member(id)?;
        if role != ADMINISTRATOR {
            organization.must_keep_an_administrator(id)?;
        }
        for member in organization.members.iter_mut().filter(|member| member.id.to_string() == id) {
            role.clone_into(&mut member.role);
        }
        Ok(())
    }

    /// Takes a member out, who reaches nothing of the organization any more.
    pub(in crate::mock) fn remove_member(&mut self, number: usize, id: &str) -> Result<(), ApiError> {
        let organization = self.accounts[number].owner.organization_mut().ok_or_else(ApiError::internal)?;
        let account = organization.member(id)?.account;
        organization.must_keep_an_administrator(id)?;
        organization.members.retain(|member| member.account != account);
        if let Some(memberships) = self.memberships.get_mut(&account) {
            memberships.retain(|organization| *organization != number);
        }
        Ok(())
    }
}
