//! What several answers show of one thing, and show otherwise than each other; and what a change changes beside what it names.

use super::super::data::Admission::AsOwner;
use super::super::data::Alter::{AsFirstSeen, Is, Other, Padded};
use super::super::data::Change::{AnyParent, WithoutMember, WithoutQuery};
use super::super::data::Effect::Also;
use super::super::data::When::Ok;
use super::super::side_effect;
use super::Break::{Admission, Answer, Change, Effect as Does};
use super::Class::{Auth, Effect, State, Value};
use super::Entry;
use super::On::Of;
use super::Severity::{Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    row(("project-region-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProject"]), Answer(Ok, "/project/region_id", Is(r#""aws-eu-west-2""#)), "reading a project shows another region than the answer that made it"),
    row(("project-region-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjects"]), Answer(Ok, "/projects/*/region_id", Is(r#""aws-eu-west-2""#)), "the list of projects shows another region"),
    row(("project-version-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProject"]), Answer(Ok, "/project/pg_version", Is("14")), "reading a project shows another version of PostgreSQL"),
    row(("project-version-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjects"]), Answer(Ok, "/projects/*/pg_version", Is("14")), "the list of projects shows another version of PostgreSQL"),
    row(("project-update-shows-other-version", State, Major), "UNNAMED-STAYS", Of(&["updateProject"]), Answer(Ok, "/project/pg_version", Is("14")), "the answer to a change shows another version of PostgreSQL"),
    row(("project-retention-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProject"]), Answer(Ok, "/project/history_retention_seconds", Is("3600")), "reading a project shows another history than it keeps"),
    row(("project-retention-differs-in-list", State, Minor), "UNNAMED-STAYS", Of(&["listProjects"]), Answer(Ok, "/projects/*/history_retention_seconds", Is("3600")), "the list of projects shows another history than is kept"),
    row(("project-update-shows-other-owner", State, Major), "UNNAMED-STAYS", Of(&["updateProject"]), Answer(Ok, "/project/owner_id", Other), "the answer to a change shows another owner"),
    row(("project-owner-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjects"]), Answer(Ok, "/projects/*/owner_id", Other), "the list of projects shows another owner"),
    row(("project-passwords-differ-when-read", State, Minor), "UNNAMED-STAYS", Of(&["getProject"]), Answer(Ok, "/project/store_passwords", Other), "reading a project says the contrary of whether it stores passwords"),
    row(("project-name-first-seen-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjects"]), Answer(Ok, "/projects/*/name", AsFirstSeen), "the list of projects shows names as they were first seen"),
    row(("project-removal-shows-other-name", State, Minor), "UNNAMED-STAYS", Of(&["deleteProject"]), Answer(Ok, "/project/name", Other), "the answer to a removal names the project otherwise"),
    row(("branch-protected-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProjectBranch"]), Answer(Ok, "/branch/protected", Other), "reading a branch says the contrary of whether it is protected"),
    row(("branch-protected-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectBranches"]), Answer(Ok, "/branches/*/protected", Other), "the list of branches says the contrary of whether they are protected"),
    row(("branch-parent-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProjectBranch"]), Answer(Ok, "/branch/parent_id", Other), "reading a branch shows another parent"),
    row(("branch-parent-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectBranches"]), Answer(Ok, "/branches/*/parent_id", Other), "the list of branches shows other parents"),
    row(("branch-update-shows-other-parent", State, Major), "UNNAMED-STAYS", Of(&["updateProjectBranch"]), Answer(Ok, "/branch/parent_id", Other), "the answer to a change shows another parent"),
    row(("branch-source-differs-when-read", State, Minor), "UNNAMED-STAYS", Of(&["getProjectBranch"]), Answer(Ok, "/branch/creation_source", Other), "reading a branch shows another way in which it was made"),
    row(("endpoint-limit-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/autoscaling_limit_max_cu", Is("9")), "reading an endpoint shows another limit to its size"),
    row(("endpoint-limit-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectEndpoints"]), Answer(Ok, "/endpoints/*/autoscaling_limit_max_cu", Is("9")), "the list of endpoints shows other limits to their size"),
    row(("endpoint-type-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectEndpoints"]), Answer(Ok, "/endpoints/*/type", Is(r#""read_only""#)), "the list of endpoints says that none writes"),
    row(("endpoint-branch-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/branch_id", Other), "reading an endpoint shows another branch"),
    row(("endpoint-branch-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectEndpoints"]), Answer(Ok, "/endpoints/*/branch_id", Other), "the list of endpoints shows other branches"),
    row(("endpoint-disabled-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/disabled", Other), "reading an endpoint says the contrary of whether it is disabled"),
    row(("endpoint-timeout-differs-when-read", State, Minor), "UNNAMED-STAYS", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/suspend_timeout_seconds", Is("77")), "reading an endpoint shows another time until it is suspended"),
    row(("endpoint-update-shows-other-region", State, Minor), "UNNAMED-STAYS", Of(&["updateProjectEndpoint"]), Answer(Ok, "/endpoint/region_id", Is(r#""aws-eu-west-2""#)), "the answer to a change shows another region"),
    row(("role-branch-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectBranchRoles"]), Answer(Ok, "/roles/*/branch_id", Other), "the list of roles shows another branch"),
    row(("database-owner-differs-when-read", State, Major), "UNNAMED-STAYS", Of(&["getProjectBranchDatabase"]), Answer(Ok, "/database/owner_name", Other), "reading a database shows another owner"),
    row(("database-owner-differs-in-list", State, Major), "UNNAMED-STAYS", Of(&["listProjectBranchDatabases"]), Answer(Ok, "/databases/*/owner_name", Other), "the list of databases shows other owners"),
    row(("database-update-shows-other-name", State, Minor), "UNNAMED-STAYS", Of(&["updateProjectBranchDatabase"]), Answer(Ok, "/database/owner_name", Other), "the answer to a change of a database shows another owner"),
    row(("key-name-differs-in-list", State, Minor), "UNNAMED-STAYS", Of(&["listApiKeys"]), Answer(Ok, "/*/name", Padded), "the list of keys shows names with a space behind them"),
    row(("revocation-shows-other-name", State, Minor), "UNNAMED-STAYS", Of(&["revokeApiKey"]), Answer(Ok, "/name", Other), "the answer to a revocation names the key otherwise"),
    row(("operation-action-differs-when-read", State, Minor), "UNNAMED-STAYS", Of(&["getProjectOperation"]), Answer(Ok, "/operation/action", Is(r#""start_compute""#)), "reading an operation shows another action"),
    row(("snapshot-source-differs-in-list", State, Minor), "UNNAMED-STAYS", Of(&["listSnapshots"]), Answer(Ok, "/snapshots/*/source_branch_id", Other), "the list of snapshots shows another branch"),
    row(("endpoint-update-resets-limit", Effect, Major), "UNNAMED-STAYS", Of(&["updateProjectEndpoint"]), Does(Also(side_effect::limits_are_reset)), "a change to an endpoint resets the limits to its size"),
    row(("endpoint-update-resets-timeout", Effect, Major), "UNNAMED-STAYS", Of(&["updateProjectEndpoint"]), Does(Also(side_effect::timeout_is_reset)), "a change to an endpoint resets the time until it is suspended"),
    row(("branch-update-changes-protection", Effect, Major), "UNNAMED-STAYS", Of(&["updateProjectBranch"]), Does(Also(side_effect::protection_changes)), "a change to a branch changes whether it is protected"),
    row(("branch-update-renames-siblings", Effect, Major), "UNNAMED-STAYS", Of(&["updateProjectBranch"]), Does(Also(side_effect::siblings_are_renamed)), "a change to a branch renames the others"),
    row(("database-update-changes-owners", Effect, Major), "UNNAMED-STAYS", Of(&["updateProjectBranchDatabase"]), Does(Also(side_effect::owners_change)), "a change to a database changes who owns the others"),
    row(("project-update-changes-passwords", Effect, Major), "UNNAMED-STAYS", Of(&["updateProject"]), Does(Also(side_effect::password_storage_changes)), "a change to a project changes whether it stores passwords"),
    row(("password-reset-reaches-parent", Effect, Critical), "BRANCH-PARENT", Of(&["resetProjectBranchRolePassword"]), Does(Also(side_effect::parent_password_changes)), "a new password on a branch replaces that on its parent"),
    // Options and parameters that nobody looks at
    row(("pooled-overlooked", Value, Major), "CONN-URI", Of(&["getConnectionURI"]), Change(WithoutQuery("pooled")), "a connection through the pool is asked for, and a direct one is told"),
    row(("branch-of-connection-overlooked", Value, Critical), "CONN-URI", Of(&["getConnectionURI"]), Change(WithoutQuery("branch_id")), "the connection to a branch leads to the default one"),
    row(("branch-count-ignores-search", Value, Minor), "BRANCH-PAGES", Of(&["countProjectBranches"]), Change(WithoutQuery("search")), "the count of branches ignores the search"),
    row(("database-owner-change-overlooked", Effect, Major), "DATABASE-CRUD", Of(&["updateProjectBranchDatabase"]), Change(WithoutMember("/database/owner_name")), "another owner of a database is answered with 200, and not set"),
    row(("password-storage-overlooked", Value, Major), "ROLE-CRUD", Of(&["createProject"]), Change(WithoutMember("/project/store_passwords")), "a project stores passwords that are not to be stored"),
    // Under another parent, and for another user
    row(("endpoint-changed-under-another-project", State, Critical), "CHILD-PARENT", Of(&["updateProjectEndpoint"]), Change(AnyParent), "an endpoint of one project is changed under another"),
    row(("endpoint-removed-under-another-project", State, Critical), "CHILD-PARENT", Of(&["deleteProjectEndpoint"]), Change(AnyParent), "an endpoint of one project is removed under another"),
    row(("operation-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["getProjectOperation"]), Admission(AsOwner), "another user reads an operation"),
    row(("endpoint-change-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["updateProjectEndpoint"]), Admission(AsOwner), "another user changes an endpoint"),
    row(("restart-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["restartProjectEndpoint"]), Admission(AsOwner), "another user restarts an endpoint"),
    row(("database-change-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["updateProjectBranchDatabase"]), Admission(AsOwner), "another user changes a database"),
];
