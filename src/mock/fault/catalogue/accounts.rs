//! What concerns whole accounts: private networks, consumption, transfers, members, limits.

use super::super::account_side_effect;
use super::super::data::Alter::{Is, LosesLast};
use super::super::data::Change::{Member, WithoutQuery};
use super::super::data::Effect::{Also, Forgives, NotDone};
use super::super::data::Instead;
use super::super::data::When::{Is as Only, Ok};
use super::Break::{Answer, Change, Effect as Does, Status};
use super::Class::{Auth, Effect, Paging, Schema, State, Status as Code, Value};
use super::Entry;
use super::On::Of;
use super::Severity::{Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // VPC endpoints
    row(("vpc-endpoint-not-assigned", Effect, Major), "VPC-ENDPOINTS", Of(&["assignOrganizationVPCEndpoint"]), Does(NotDone), "a VPC endpoint is answered with 200, and not assigned"),
    row(("vpc-endpoint-not-removed", Effect, Critical), "VPC-ENDPOINTS", Of(&["deleteOrganizationVPCEndpoint"]), Does(NotDone), "the removal of a VPC endpoint is answered with 200, and not done"),
    row(("removed-vpc-endpoint-added-again", Code, Major), "VPC-ENDPOINTS", Of(&["assignOrganizationVPCEndpoint"]), Status(Only(422), 200), "a VPC endpoint that was removed is added again"),
    row(("project-not-restricted", Effect, Critical), "VPC-ENDPOINTS", Of(&["assignProjectVPCEndpoint"]), Does(NotDone), "the restriction of a project is answered with 200, and not kept"),
    row(("restriction-not-lifted", Effect, Major), "VPC-ENDPOINTS", Of(&["deleteProjectVPCEndpoint"]), Does(NotDone), "the end of a restriction is answered with 200, and not done"),
    row(("restricted-projects-not-counted", Value, Minor), "VPC-ENDPOINTS", Of(&["getOrganizationVPCEndpointDetails"]), Answer(Ok, "/num_restricted_projects", Is("0")), "a VPC endpoint says that no project is restricted to it"),
    // Consumption
    row(("consumption-ignores-cursor", Paging, Major), "CONSUMPTION-HISTORY", Of(&["getConsumptionHistoryPerProject"]), Change(WithoutQuery("cursor")), "each page of a history of consumption is the first"),
    row(("consumption-ignores-limit", Paging, Major), "CONSUMPTION-HISTORY", Of(&["getConsumptionHistoryPerProject"]), Change(WithoutQuery("limit")), "a page of a history of consumption has more projects than were asked for"),
    row(("consumption-of-all-projects", Value, Major), "CONSUMPTION-HISTORY", Of(&["getConsumptionHistoryPerProjectV2"]), Change(WithoutQuery("project_ids")), "a history of some projects has all of them"),
    row(("consumption-loses-a-branch", State, Major), "CONSUMPTION-HISTORY", Of(&["getConsumptionHistoryPerBranchV2"]), Answer(Ok, "/branches", LosesLast), "a history of branches lacks one"),
    row(("consumption-below-zero", Value, Major), "CONSUMPTION-HISTORY", Of(&["getConsumptionHistoryPerProject"]), Answer(Ok, "/projects/*/periods/*/consumption/*/active_time_seconds", Is("-1")), "endpoints were active for less than no time"),
    row(("consumption-of-any-span", Code, Major), "CONSUMPTION-LIMITS", Of(&["getConsumptionHistoryPerProject"]), Status(Only(406), 500), "a history that is not kept is answered with 500"),
    row(("consumption-for-any-plan", Code, Major), "CONSUMPTION-LIMITS", Of(&["getConsumptionHistoryPerProjectV2"]), Status(Only(403), 404), "a history that a plan does not include is answered with 404"),
    // Transfers
    row(("transferred-project-stays", Effect, Critical), "PROJ-TRANSFER", Of(&["transferProjectsFromUserToOrg"]), Does(NotDone), "a project that was transferred is in both accounts"),
    row(("transfer-goes-halfway", Effect, Critical), "PROJ-TRANSFER", Of(&["transferProjectsFromOrgToOrg"]), Does(Also(account_side_effect::transfer_goes_halfway)), "a transfer that is refused because of one project moves the others"),
    row(("transfer-to-any-plan", Code, Major), "PROJ-TRANSFER", Of(&["transferProjectsFromOrgToOrg"]), Status(Only(406), 200), "a transfer that a plan does not allow is answered with 200"),
    row(("project-taken-over-is-lost", Effect, Critical), "PROJ-OFFER", Of(&["acceptProjectTransferRequest"]), Does(NotDone), "a project that is taken over is in no account"),
    row(("offer-stays", State, Critical), "PROJ-OFFER", Of(&["acceptProjectTransferRequest"]), Does(Also(account_side_effect::offer_stays)), "an offer is taken again and again"),
    row(("offer-to-any-plan", Code, Major), "PROJ-OFFER", Of(&["acceptProjectTransferRequest"]), Status(Only(406), 204), "a project that a plan does not allow is answered with 204"),
    // Members
    row(("member-not-removed", Effect, Critical), "ORG-MEMBERS", Of(&["removeOrganizationMember"]), Does(NotDone), "the removal of a member is answered with 200, and not done"),
    row(("removed-member-keeps-access", Auth, Critical), "ORG-MEMBERS", Of(&["removeOrganizationMember"]), Does(Also(account_side_effect::removed_member_keeps_access)), "a member who was removed still reaches the organization"),
    row(("role-not-changed", Effect, Major), "ORG-MEMBERS", Of(&["updateOrganizationMember"]), Does(NotDone), "another role of a member is answered with 200, and not kept"),
    row(("member-promotes-themselves", Auth, Critical), "ORG-MEMBERS", Of(&["updateOrganizationMember"]), Status(Only(403), 200), "a member who is no administrator is let change roles"),
    row(("last-administrator-removed", Code, Critical), "ORG-MEMBERS", Of(&["removeOrganizationMember"]), Status(Only(422), 200), "the removal of the last administrator is answered with 200"),
    row(("invitation-not-kept", Effect, Major), "ORG-MEMBERS", Of(&["createOrganizationInvitations"]), Does(NotDone), "an invitation is answered with 200, and not kept"),
    row(("invited-as-administrator", Auth, Critical), "ORG-MEMBERS", Of(&["createOrganizationInvitations"]), Change(Member("/invitations/*/role", r#""admin""#)), "everybody is invited as an administrator"),
    // Limits
    row(("spending-limit-not-kept", Effect, Major), "ORG-SPENDING", Of(&["setOrganizationSpendingLimit"]), Does(NotDone), "a spending limit is answered with 200, and not kept"),
    row(("spending-limit-not-removed", Effect, Major), "ORG-SPENDING", Of(&["deleteOrganizationSpendingLimit"]), Does(NotDone), "the removal of a spending limit is answered with 200, and not done"),
    row(("spending-limit-of-none", Effect, Major), "ERR-400", Of(&["setOrganizationSpendingLimit"]), Does(Forgives(400, Instead::Body(r#"{"spending_limit_cents": 1}"#))), "a spending limit that is none is taken for another"),
    row(("spending-limit-on-any-plan", Code, Minor), "ORG-SPENDING", Of(&["getOrganizationSpendingLimit"]), Status(Only(403), 404), "a plan without spending limits is answered with 404"),
    // What can be said of databases
    row(("advice-without-data-api", Code, Minor), "ADVISORS", Of(&["getProjectAdvisorSecurityIssues"]), Status(Only(422), 200), "advice is given where there is no Data API to ask"),
    row(("advice-is-null", Schema, Minor), "ADVISORS", Of(&["getProjectAdvisorSecurityIssues"]), Answer(Ok, "/issues", Is("null")), "where nothing is wrong, the list of it is null"),
    row(("preload-libraries-without-names", Schema, Minor), "PRELOAD-LIBRARIES", Of(&["getAvailablePreloadLibraries"]), Answer(Ok, "/libraries/*/library_name", Is("null")), "the libraries to load have no names"),
];
