//! What is in a project: branches, roles, databases, endpoints, operations, snapshots.

use super::super::data::Alter::{
    AsFirstSeen, Is, LosesFirst, LosesLast, Other, Repeats, Reversed, Text, Twice, Without,
};
use super::super::data::Change::{AnyBranch, AnyParent, Member, WithoutMember, WithoutQuery};
use super::super::data::Effect::{Also, Forgives, NotDone};
use super::super::data::Instead;
use super::super::data::Later::{Again, Listed, Readable, Unlisted};
use super::super::data::When::{Is as Only, Ok, With};
use super::super::side_effect;
use super::super::texts::another_name;
use super::Break::{Answer, Change, Effect as Does, Later, Status};
use super::Class::{Effect, Leak, Paging, Schema, State, Status as Code, Value};
use super::Entry;
use super::On::Of;
use super::Severity::{Advice, Critical, Major, Minor};
use super::row;

const PARTS: &[&str] = &["getProjectBranch", "getProjectEndpoint", "getProjectOperation"];

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // Parents
    row(("child-under-another-parent", State, Critical), "CHILD-PARENT", Of(PARTS), Change(AnyParent), "a part of one project is found under another"),
    row(("branch-under-another-project", State, Critical), "CHILD-PARENT", Of(&["getProjectBranch"]), Change(AnyParent), "a branch of one project is read under another"),
    row(("branch-removed-under-another-project", State, Critical), "CHILD-PARENT", Of(&["deleteProjectBranch"]), Change(AnyParent), "a branch of one project is removed under another"),
    row(("branch-changed-under-another-project", State, Critical), "CHILD-PARENT", Of(&["updateProjectBranch"]), Change(AnyParent), "a branch of one project is changed under another"),
    row(("endpoint-under-another-project", State, Critical), "CHILD-PARENT", Of(&["getProjectEndpoint"]), Change(AnyParent), "an endpoint of one project is read under another"),
    row(("operation-under-another-project", State, Major), "CHILD-PARENT", Of(&["getProjectOperation"]), Change(AnyParent), "an operation of one project is read under another"),
    row(("role-under-another-branch", State, Major), "CHILD-PARENT", Of(&["getProjectBranchRole"]), Change(AnyBranch), "a role of one branch is found under another"),
    row(("database-under-another-branch", State, Major), "CHILD-PARENT", Of(&["getProjectBranchDatabase"]), Change(AnyBranch), "a database of one branch is found under another"),
    row(("branch-of-another-project", Value, Major), "ID-PARENT", Of(&["listProjectBranches"]), Answer(Ok, "/branches/0/project_id", Is(r#""another-project-00000000""#)), "a list of branches shows one of another project"),
    row(("endpoint-of-another-project", Value, Major), "ID-PARENT", Of(&["listProjectEndpoints"]), Answer(Ok, "/endpoints/0/project_id", Is(r#""another-project-00000000""#)), "a list of endpoints shows one of another project"),
    row(("operation-of-another-project", Value, Major), "ID-PARENT", Of(&["listProjectOperations"]), Answer(Ok, "/operations/0/project_id", Is(r#""another-project-00000000""#)), "a list of operations shows one of another project"),
    row(("role-of-another-branch", Value, Major), "ID-PARENT", Of(&["listProjectBranchRoles"]), Answer(Ok, "/roles/0/branch_id", Is(r#""br-another-branch-00000000""#)), "a list of roles shows one of another branch"),
    row(("branch-answered-is-another", Value, Critical), "ID-ASKED", Of(&["getProjectBranch"]), Answer(Ok, "/branch/id", Other), "reading a branch answers another one"),
    row(("endpoint-answered-is-another", Value, Critical), "ID-ASKED", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/id", Other), "reading an endpoint answers another one"),
    row(("role-answered-is-another", Value, Critical), "ID-ASKED", Of(&["getProjectBranchRole"]), Answer(Ok, "/role/name", Other), "reading a role answers another one"),
    row(("database-answered-is-another", Value, Critical), "ID-ASKED", Of(&["getProjectBranchDatabase"]), Answer(Ok, "/database/name", Other), "reading a database answers another one"),
    row(("operation-answered-is-another", Value, Major), "ID-ASKED", Of(&["getProjectOperation"]), Answer(Ok, "/operation/id", Other), "reading an operation answers another one"),
    // Branches
    row(("branch-not-made", Effect, Critical), "BRANCH-CRUD", Of(&["createProjectBranch"]), Does(NotDone), "a branch is answered with 201, and not made"),
    row(("branch-not-removed", Effect, Critical), "BRANCH-CRUD", Of(&["deleteProjectBranch"]), Does(NotDone), "the removal of a branch is answered with 200, and not done"),
    row(("branch-update-ignored", Effect, Major), "BRANCH-CRUD", Of(&["updateProjectBranch"]), Does(NotDone), "a change to a branch is answered with 200, and not made"),
    row(("new-branch-becomes-default", State, Major), "BRANCH-DEFAULT", Of(&["createProjectBranch"]), Does(Also(side_effect::branch_becomes_default)), "a new branch becomes the default one"),
    row(("default-does-not-move", Effect, Major), "BRANCH-DEFAULT", Of(&["setDefaultProjectBranch"]), Does(NotDone), "another default branch is answered with 200, and not set"),
    row(("every-branch-is-default", State, Major), "BRANCH-DEFAULT", Of(&["listProjectBranches"]), Answer(Ok, "/branches/*/default", Is("true")), "every branch says that it is the default one"),
    row(("no-branch-is-default", State, Major), "BRANCH-DEFAULT", Of(&["listProjectBranches"]), Answer(Ok, "/branches/*/default", Is("false")), "no branch is the default one"),
    row(("branch-name-taken-twice", State, Advice), "BRANCH-NAME-UNIQUE", Of(&["createProjectBranch"]), Does(Forgives(409, Instead::Text("/branch/name", another_name))), "a branch is made where its name is taken"),
    row(("branch-without-parents-parts", State, Major), "BRANCH-PARENT", Of(&["listProjectBranchRoles"]), Answer(Ok, "/roles", LosesFirst), "a list of roles lacks the first one"),
    row(("branch-parent-is-another", Value, Major), "BRANCH-PARENT", Of(&["createProjectBranch"]), Answer(Ok, "/branch/parent_id", Other), "a new branch names another parent"),
    row(("branch-parent-overlooked", Value, Major), "BRANCH-PARENT", Of(&["createProjectBranch"]), Change(WithoutMember("/branch/parent_id")), "a new branch begins at the default one, whichever was named"),
    row(("branch-name-overlooked", Value, Major), "BRANCH-CRUD", Of(&["createProjectBranch"]), Change(WithoutMember("/branch/name")), "a new branch does not get the name it was given"),
    row(("branch-endpoints-overlooked", Value, Major), "BRANCH-CRUD", Of(&["createProjectBranch"]), Change(WithoutMember("/endpoints")), "a new branch does not get the endpoint that was asked for"),
    row(("branch-unlisted", State, Critical), "BRANCH-CRUD", Of(&["listProjectBranches"]), Later(Unlisted { by: &["createProjectBranch"], id: "/branch/id", list: "/branches" }), "a new branch is not listed"),
    row(("removed-branch-listed", State, Critical), "BRANCH-CRUD", Of(&["listProjectBranches"]), Later(Listed { by: &["deleteProjectBranch"], item: "/branch", list: "/branches" }), "a branch that was removed is still listed"),
    row(("removed-branch-readable", State, Critical), "BRANCH-CRUD", Of(&["getProjectBranch"]), Later(Readable { by: &["deleteProjectBranch"], item: "/branch", under: "branch" }), "a branch that was removed can still be read"),
    row(("branch-count-off-by-one", State, Minor), "BRANCH-CRUD", Of(&["countProjectBranches"]), Answer(Ok, "/count", Other), "the count of branches is one too many"),
    row(("branch-name-stands-still", State, Major), "BRANCH-CRUD", Of(&["getProjectBranch"]), Answer(Ok, "/branch/name", AsFirstSeen), "reading a branch shows a name that was changed as it was"),
    row(("branch-search-ignored", Paging, Minor), "BRANCH-PAGES", Of(&["listProjectBranches"]), Change(WithoutQuery("search")), "a search among branches finds everything"),
    row(("branch-order-ignored", Paging, Minor), "BRANCH-PAGES", Of(&["listProjectBranches"]), Change(WithoutQuery("sort_by")), "branches are not sorted as asked for"),
    row(("branch-order-reversed", Paging, Minor), "BRANCH-PAGES", Of(&["listProjectBranches"]), Answer(With("sort_order"), "/branches", Reversed), "branches are sorted the other way round"),
    row(("branch-limit-ignored", Paging, Major), "BRANCH-PAGES", Of(&["listProjectBranches"]), Change(WithoutQuery("limit")), "the list of branches ignores its limit"),
    row(("branch-cursor-ignored", Paging, Major), "BRANCH-PAGES", Of(&["listProjectBranches"]), Change(WithoutQuery("cursor")), "every page of branches is the first one"),
    row(("branch-page-repeats-item", Paging, Major), "BRANCH-PAGES", Of(&["listProjectBranches"]), Answer(Ok, "/branches", Repeats), "a page of branches begins with the last item of the one before"),
    row(("branch-page-loses-item", Paging, Major), "BRANCH-PAGES", Of(&["listProjectBranches"]), Answer(With("cursor"), "/branches", LosesFirst), "a page of branches leaves out the item after the cursor"),
    row(("branch-listed-twice", Paging, Major), "ID-UNIQUE", Of(&["listProjectBranches"]), Answer(Ok, "/branches", Twice), "a list of branches shows one twice"),
    row(("default-branch-removable", Code, Critical), "BRANCH-DEFAULT", Of(&["deleteProjectBranch"]), Status(Only(422), 200), "removing the default branch is answered with 200"),
    row(("branch-restore-ignored", Effect, Critical), "BRANCH-RESTORE", Of(&["restoreProjectBranch"]), Does(NotDone), "a branch that is to be restored stays as it was"),
    row(("branch-restore-keeps-nothing", Effect, Critical), "BRANCH-RESTORE", Of(&["restoreProjectBranch"]), Change(WithoutMember("/preserve_under_name")), "what a restored branch had is not kept under its other name"),
    row(("branch-recovery-ignored", Effect, Advice), "BRANCH-RECOVER", Of(&["recoverProjectBranch"]), Does(NotDone), "the recovery of a branch is answered with 200, and not done"),
    row(("branch-id-missing", Schema, Major), "BRANCH-CRUD", Of(&["getProjectBranch"]), Answer(Ok, "/branch/id", Without), "reading a branch shows no id"),
    row(("branch-default-as-text", Schema, Major), "BRANCH-CRUD", Of(&["getProjectBranch"]), Answer(Ok, "/branch/default", Text), "a flag of a branch is a text"),
    row(("branch-created-at-differs", State, Minor), "TIME-CREATED-FIXED", Of(&["listProjectBranches"]), Answer(Ok, "/branches/*/created_at", Is(r#""2020-02-02T02:02:02Z""#)), "the list of branches shows other creation times"),
    row(("unknown-branch-fails", Code, Major), "ERR-404", Of(&["getProjectBranch"]), Status(Only(404), 500), "asking for an unknown branch is answered with 500"),
    row(("unknown-branch-is-empty", Code, Major), "ERR-404", Of(&["getProjectBranch"]), Status(Only(404), 200), "asking for an unknown branch is answered with 200"),
    row(("parent-sees-the-branch", State, Major), "BRANCH-PARENT", Of(&["createProjectBranchRole", "createProjectBranchDatabase"]), Does(Also(side_effect::parent_gets_it)), "what is made on a branch is made on its parent as well"),
    row(("branch-removal-stops-endpoints", Effect, Critical), "BRANCH-CRUD", Of(&["deleteProjectBranch"]), Does(Also(side_effect::all_endpoints_go)), "removing a branch removes the endpoints of the others"),
    row(("parent-loses-with-the-branch", Effect, Critical), "BRANCH-PARENT", Of(&["deleteProjectBranchRole", "deleteProjectBranchDatabase"]), Does(Also(side_effect::parent_loses_it)), "what is removed from a branch is removed from its parent as well"),
    // Roles
    row(("role-not-made", Effect, Critical), "ROLE-CRUD", Of(&["createProjectBranchRole"]), Does(NotDone), "a role is answered with 201, and not made"),
    row(("role-not-removed", Effect, Critical), "ROLE-CRUD", Of(&["deleteProjectBranchRole"]), Does(NotDone), "the removal of a role is answered with 200, and not done"),
    row(("role-removal-takes-others", Effect, Critical), "ROLE-CRUD", Of(&["deleteProjectBranchRole"]), Does(Also(side_effect::all_roles_go)), "removing a role removes others as well"),
    row(("password-not-reset", Effect, Critical), "ROLE-CRUD", Of(&["resetProjectBranchRolePassword"]), Does(NotDone), "a new password is shown, and the old one goes on"),
    row(("password-reset-shows-old-one", Value, Major), "ROLE-CRUD", Of(&["resetProjectBranchRolePassword"]), Later(Again { by: &["getProjectBranchRolePassword"], item: "/password", at: "/role/password" }), "the answer to a reset shows the old password"),
    row(("new-role-changes-passwords", Effect, Critical), "ROLE-CRUD", Of(&["createProjectBranchRole"]), Does(Also(side_effect::passwords_change)), "a new role changes the passwords of the others"),
    row(("password-in-role", Leak, Critical), "SECRET-ONCE", Of(&["getProjectBranchRole"]), Later(Again { by: &["createProjectBranchRole"], item: "/role/password", at: "/role/password" }), "reading a role shows its password"),
    row(("password-in-role-list", Leak, Critical), "SECRET-ONCE", Of(&["listProjectBranchRoles"]), Later(Again { by: &["createProjectBranchRole"], item: "/role/password", at: "/roles/*/password" }), "the list of roles shows passwords"),
    row(("password-in-role-removal", Leak, Critical), "SECRET-ONCE", Of(&["deleteProjectBranchRole"]), Later(Again { by: &["createProjectBranchRole"], item: "/role/password", at: "/role/password" }), "the answer to the removal of a role shows its password"),
    row(("role-without-password", Schema, Major), "ROLE-CRUD", Of(&["createProjectBranchRole"]), Answer(Ok, "/role/password", Without), "a new role is answered without a password"),
    row(("owner-removable", Code, Advice), "ROLE-OWNS", Of(&["deleteProjectBranchRole"]), Status(Only(422), 200), "removing a role that owns a database is answered with 200"),
    row(("role-unlisted", State, Major), "ROLE-CRUD", Of(&["listProjectBranchRoles"]), Later(Unlisted { by: &["createProjectBranchRole"], id: "/role/name", list: "/roles" }), "a new role is not listed"),
    row(("role-name-replaced", Value, Major), "ROLE-CRUD", Of(&["createProjectBranchRole"]), Change(Member("/role/name", r#""someone""#)), "every new role has the same name"),
    row(("unknown-role-fails", Code, Major), "ERR-404", Of(&["getProjectBranchRole"]), Status(Only(404), 500), "asking for an unknown role is answered with 500"),
    // Databases
    row(("database-not-made", Effect, Critical), "DATABASE-CRUD", Of(&["createProjectBranchDatabase"]), Does(NotDone), "a database is answered with 201, and not made"),
    row(("database-not-removed", Effect, Critical), "DATABASE-CRUD", Of(&["deleteProjectBranchDatabase"]), Does(NotDone), "the removal of a database is answered with 200, and not done"),
    row(("database-removal-takes-others", Effect, Critical), "DATABASE-CRUD", Of(&["deleteProjectBranchDatabase"]), Does(Also(side_effect::all_databases_go)), "removing a database removes the others as well"),
    row(("database-update-ignored", Effect, Major), "DATABASE-CRUD", Of(&["updateProjectBranchDatabase"]), Does(NotDone), "a change to a database is answered with 200, and not made"),
    row(("database-owner-overlooked", Value, Major), "DATABASE-CRUD", Of(&["createProjectBranchDatabase"]), Answer(Ok, "/database/owner_name", Other), "a new database has another owner"),
    row(("database-id-as-text", Schema, Major), "DATABASE-CRUD", Of(&["listProjectBranchDatabases"]), Answer(Ok, "/databases/*/id", Text), "the ids in the list of databases are texts"),
    row(("database-unlisted", State, Major), "DATABASE-CRUD", Of(&["listProjectBranchDatabases"]), Later(Unlisted { by: &["createProjectBranchDatabase"], id: "/database/id", list: "/databases" }), "a new database is not listed"),
    row(("removed-database-readable", State, Critical), "DATABASE-CRUD", Of(&["getProjectBranchDatabase"]), Later(Readable { by: &["deleteProjectBranchDatabase"], item: "/database", under: "database" }), "a database that was removed can still be read"),
    // Endpoints
    row(("endpoint-not-made", Effect, Critical), "ENDPOINT-CRUD", Of(&["createProjectEndpoint"]), Does(NotDone), "an endpoint is answered with 201, and not made"),
    row(("endpoint-not-removed", Effect, Critical), "ENDPOINT-CRUD", Of(&["deleteProjectEndpoint"]), Does(NotDone), "the removal of an endpoint is answered with 200, and not done"),
    row(("endpoint-update-ignored", Effect, Major), "ENDPOINT-CRUD", Of(&["updateProjectEndpoint"]), Does(NotDone), "a change to an endpoint is answered with 200, and not made"),
    row(("endpoint-not-suspended", Effect, Major), "ENDPOINT-STATE", Of(&["suspendProjectEndpoint"]), Does(NotDone), "an endpoint that is suspended goes on"),
    row(("endpoint-not-started", Effect, Major), "ENDPOINT-STATE", Of(&["startProjectEndpoint"]), Does(NotDone), "an endpoint that is started stays idle"),
    row(("endpoint-always-active", Value, Major), "ENDPOINT-STATE", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/current_state", Is(r#""active""#)), "every endpoint says that it is active"),
    row(("endpoint-state-unknown", Schema, Major), "ENDPOINT-STATE", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/current_state", Is(r#""sleeping""#)), "the state of an endpoint is no word of the contract"),
    row(("second-writing-endpoint", State, Critical), "ENDPOINT-ONE-WRITES", Of(&["createProjectEndpoint"]), Status(Only(409), 201), "a second endpoint that writes is answered with 201"),
    row(("endpoint-type-overlooked", Value, Major), "ENDPOINT-CRUD", Of(&["createProjectEndpoint"]), Answer(Ok, "/endpoint/type", Is(r#""read_write""#)), "a new endpoint says that it writes, whatever was asked for"),
    row(("endpoint-unlisted", State, Major), "ENDPOINT-CRUD", Of(&["listProjectEndpoints"]), Later(Unlisted { by: &["createProjectEndpoint"], id: "/endpoint/id", list: "/endpoints" }), "a new endpoint is not listed"),
    row(("endpoint-listed-elsewhere", State, Minor), "ENDPOINT-CRUD", Of(&["listProjectBranchEndpoints"]), Answer(Ok, "/endpoints", LosesLast), "the list of a branch's endpoints lacks one"),
    row(("endpoint-host-missing", Schema, Major), "ENDPOINT-CRUD", Of(&["getProjectEndpoint"]), Answer(Ok, "/endpoint/host", Without), "an endpoint has no host"),
    // Operations
    row(("operations-never-finish", State, Major), "OPS-FINISH", Of(&["getProjectOperation"]), Answer(Ok, "/operation/status", Is(r#""running""#)), "an operation never finishes"),
    row(("operations-fail", State, Advice), "OPS-SUCCEED", Of(&["getProjectOperation"]), Answer(Ok, "/operation/status", Is(r#""failed""#)), "every operation fails"),
    row(("operations-unlisted", State, Major), "OPS-FINISH", Of(&["listProjectOperations"]), Answer(Ok, "/operations", Is("[]")), "no operation is listed"),
    row(("operation-status-unknown", Schema, Major), "OPS-FINISH", Of(&["listProjectOperations"]), Answer(Ok, "/operations/*/status", Is(r#""done""#)), "the status of an operation is no word of the contract"),
    row(("operation-listed-twice", Paging, Major), "ID-UNIQUE", Of(&["listProjectOperations"]), Answer(Ok, "/operations", Twice), "a list of operations shows one twice"),
    // Snapshots
    row(("snapshot-not-made", Effect, Critical), "SNAPSHOT-CRUD", Of(&["createSnapshot"]), Does(NotDone), "a snapshot is answered with 200, and not made"),
    row(("snapshot-not-removed", Effect, Critical), "SNAPSHOT-CRUD", Of(&["deleteSnapshot"]), Does(NotDone), "the removal of a snapshot is answered with 200, and not done"),
    row(("snapshot-not-renamed", Effect, Major), "SNAPSHOT-CRUD", Of(&["updateSnapshot"]), Does(NotDone), "another name for a snapshot is answered with 200, and not kept"),
    row(("moment-of-a-snapshot-overlooked", Code, Major), "ERR-400", Of(&["createSnapshot"]), Does(Forgives(400, Instead::WithoutQuery)), "a snapshot of two moments at once is made of another one"),
    row(("malformed-snapshot-change-fails", Code, Major), "ERR-400", Of(&["updateSnapshot"]), Status(Only(400), 500), "a change to a snapshot that breaks the contract is answered with 500"),
    row(("unknown-snapshot-restored", Code, Major), "ERR-404", Of(&["restoreSnapshot"]), Status(Only(404), 200), "restoring a snapshot that does not exist is answered with 200"),
    row(("snapshot-not-restored", Effect, Critical), "SNAPSHOT-RESTORE", Of(&["restoreSnapshot"]), Does(NotDone), "a branch of a snapshot is answered with 200, and not made"),
    row(("snapshot-not-finalized", Effect, Major), "SNAPSHOT-RESTORE", Of(&["finalizeRestoreBranch"]), Does(NotDone), "the end of a restoration is answered with 200, and not done"),
    row(("snapshot-name-missing", Schema, Major), "SNAPSHOT-CRUD", Of(&["listSnapshots"]), Answer(Ok, "/snapshots/*/name", Without), "the list of snapshots has no names"),
    // Organizations and regions
    row(("organization-is-another", Value, Critical), "ID-ASKED", Of(&["getOrganization"]), Answer(Ok, "/id", Other), "reading an organization answers another one"),
    row(("organization-without-members", Value, Major), "ORG-READ", Of(&["getOrganizationMembers"]), Answer(Ok, "/members", Is("[]")), "an organization has no members"),
    row(("organizations-unlisted", State, Major), "ORG-READ", Of(&["getCurrentUserOrganizations"]), Answer(Ok, "/organizations", Is("[]")), "a user has no organizations"),
    row(("regions-without-default", Value, Minor), "REGIONS", Of(&["getActiveRegions"]), Answer(Ok, "/regions/*/default", Is("false")), "no region is the default one"),
    row(("regions-empty", Value, Major), "REGIONS", Of(&["getActiveRegions"]), Answer(Ok, "/regions", Is("[]")), "there are no regions"),
];
