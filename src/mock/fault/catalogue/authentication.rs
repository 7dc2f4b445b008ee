//! Who is let in, and what a refusal tells.

use super::super::data::Admission::{AsOwner, ExactScheme, For, From, LetsIn, Near as Like, Secretly, Times};
use super::super::data::Look::{AnyQuery, Body, Project, Query};
use super::super::data::Refused::{NamesUser, Repeats, Says, Status};
use super::super::data::Who::{
    Anyone, Basic, Malformed, Missing, NoScheme, Nothing, Revoked, RevokedItself, Unknown,
};
use super::super::data::{Elsewhere, Near};
use super::Break::{Admission, Looks, Refused};
use super::Class::{Auth, Effect, ErrorShape, KeyLife, Leak};
use super::Entry;
use super::On::{Every, Of, Reads, V1, Writes};
use super::Severity::{Advice, Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // A revoked key
    row(("revoked-key-accepted", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Every, Admission(LetsIn(Revoked)), "a revoked key still works"),
    row(("revoked-key-reads-projects", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["listProjects"]), Admission(LetsIn(Revoked)), "a revoked key still lists projects, and nothing else"),
    row(("revoked-key-reveals-password", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["getProjectBranchRolePassword"]), Admission(LetsIn(Revoked)), "a revoked key still reveals passwords, and nothing else"),
    row(("revoked-key-reads-regions", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["getActiveRegions"]), Admission(LetsIn(Revoked)), "a revoked key still lists regions, and nothing else"),
    row(("revoked-key-in-organization", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["getOrganizationMembers"]), Admission(LetsIn(Revoked)), "a revoked key still lists the members of an organization, and nothing else"),
    row(("revoked-key-reads-consumption", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["getConsumptionHistoryPerProject"]), Admission(LetsIn(Revoked)), "a revoked key still reaches the consumption, and nothing else"),
    row(("revoked-key-in-v1", Auth, Critical), "KEY-REVOKE-EVERYWHERE", V1, Admission(LetsIn(Revoked)), "a revoked key still works in v1"),
    row(("revoked-key-deletes-project", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["deleteProject"]), Admission(LetsIn(Revoked)), "a revoked key still removes projects, and does nothing else"),
    row(("revoked-key-mints-keys", Auth, Critical), "KEY-REVOKE-EVERYWHERE", Of(&["createApiKey"]), Admission(LetsIn(Revoked)), "a revoked key still makes new keys, and does nothing else"),
    row(("self-revoked-key-accepted", KeyLife, Critical), "KEY-SELF-REVOKE", Every, Admission(LetsIn(RevokedItself)), "a key that has revoked itself still works"),
    row(("revocation-takes-a-second", KeyLife, Critical), "KEY-REVOKE-IMMEDIATE", Every, Admission(For(1_000)), "a key works for a second after its revocation"),
    row(("revocation-takes-a-moment", KeyLife, Critical), "KEY-REVOKE-IMMEDIATE", Every, Admission(For(250)), "a key works for a quarter of a second after its revocation"),
    row(("revoked-key-has-one-use-left", KeyLife, Critical), "KEY-REVOKE-IMMEDIATE", Every, Admission(Times(1)), "a key works once more after its revocation"),
    // Other credentials
    row(("invalid-key-accepted", Auth, Critical), "AUTH-INVALID", Every, Admission(LetsIn(Unknown)), "a key that was never issued opens some account"),
    row(("invalid-key-reads-branches", Auth, Critical), "AUTH-INVALID", Of(&["listProjectBranches"]), Admission(LetsIn(Unknown)), "a key that was never issued lists branches, and does nothing else"),
    row(("missing-key-accepted", Auth, Critical), "AUTH-MISSING", Every, Admission(LetsIn(Missing)), "a request without a key is let in"),
    row(("missing-key-reads-project", Auth, Critical), "AUTH-MISSING", Of(&["getProject"]), Admission(LetsIn(Missing)), "a project can be read without a key"),
    row(("missing-key-reads-regions", Auth, Critical), "AUTH-MISSING", Of(&["getActiveRegions"]), Admission(LetsIn(Missing)), "the regions can be read without a key"),
    row(("missing-key-in-v1", Auth, Critical), "AUTH-MISSING", V1, Admission(LetsIn(Missing)), "v1 asks for no key"),
    row(("malformed-header-accepted", Auth, Critical), "AUTH-MALFORMED", Every, Admission(LetsIn(NoScheme)), "a key is accepted without the Bearer scheme"),
    row(("basic-scheme-accepted", Auth, Critical), "AUTH-MALFORMED", Every, Admission(LetsIn(Basic)), "a key is accepted with the Basic scheme"),
    row(("empty-token-accepted", Auth, Critical), "AUTH-MALFORMED", Every, Admission(LetsIn(Nothing)), "the scheme without a token is accepted"),
    row(("token-prefix-accepted", Auth, Critical), "AUTH-INVALID", Every, Admission(Like(Near::Shorter)), "a token without its last character works"),
    row(("longer-token-accepted", Auth, Critical), "AUTH-INVALID", Every, Admission(Like(Near::Longer)), "a token with another character behind it works"),
    row(("case-folded-token-accepted", Auth, Critical), "AUTH-INVALID", Every, Admission(Like(Near::OtherCase)), "a token works in upper and in lower case"),
    row(("key-in-query-accepted", Auth, Major), "AUTH-BEARER", Every, Admission(From(Elsewhere::Query)), "a key is accepted in the query"),
    row(("key-in-other-header-accepted", Auth, Major), "AUTH-BEARER", Every, Admission(From(Elsewhere::Header)), "a key is accepted in `X-API-Key`"),
    row(("other-scheme-accepted", Auth, Major), "AUTH-MALFORMED", Every, Admission(From(Elsewhere::Scheme)), "a key is accepted with the scheme `Token`"),
    row(("scheme-case-matters", Auth, Advice), "AUTH-SCHEME-CASE", Every, Admission(ExactScheme), "the scheme is accepted as `Bearer` only"),
    // What is another user's
    row(("other-users-project-readable", Auth, Critical), "KEY-OTHER-USER", Of(&["getProject"]), Admission(AsOwner), "a project can be read with any user's key"),
    row(("other-users-project-readable-in-v1", Auth, Critical), "KEY-OTHER-USER", Of(&["v1GetProject"]), Admission(AsOwner), "a project can be read in v1 with any user's key"),
    row(("other-users-project-changeable", Auth, Critical), "KEY-OTHER-USER", Of(&["updateProject"]), Admission(AsOwner), "a project can be changed with any user's key"),
    row(("other-users-project-removable", Auth, Critical), "KEY-OTHER-USER", Of(&["deleteProject"]), Admission(AsOwner), "a project can be removed with any user's key"),
    row(("other-users-branches-readable", Auth, Critical), "KEY-OTHER-USER", Of(&["listProjectBranches"]), Admission(AsOwner), "the branches of a project can be listed with any user's key"),
    row(("other-users-password-readable", Auth, Critical), "KEY-OTHER-USER", Of(&["getProjectBranchRolePassword"]), Admission(AsOwner), "a password can be revealed with any user's key"),
    row(("other-users-key-revocable", Auth, Critical), "KEY-OTHER-USER", Of(&["revokeApiKey"]), Admission(AsOwner), "a key can be revoked with any user's key"),
    // Refused, and done all the same
    row(("revoked-key-writes", Effect, Critical), "AUTH-NO-EFFECT", Writes, Admission(Secretly(Revoked)), "a write with a revoked key is answered with 401, and done"),
    row(("refused-project-is-made", Effect, Critical), "AUTH-NO-EFFECT", Of(&["createProject"]), Admission(Secretly(Revoked)), "a project is made with a revoked key, and the answer is 401"),
    row(("refused-project-is-removed", Effect, Critical), "AUTH-NO-EFFECT", Of(&["deleteProject"]), Admission(Secretly(Anyone)), "a project is removed without a usable key, and the answer is 401"),
    row(("refused-project-is-changed", Effect, Critical), "AUTH-NO-EFFECT", Of(&["updateProject"]), Admission(Secretly(Missing)), "a project is changed without a key, and the answer is 401"),
    row(("refused-key-is-made", Effect, Critical), "AUTH-NO-EFFECT", Of(&["createApiKey"]), Admission(Secretly(Revoked)), "a key is made with a revoked key, and the answer is 401"),
    row(("refused-key-is-revoked", Effect, Critical), "AUTH-NO-EFFECT", Of(&["revokeApiKey"]), Admission(Secretly(Unknown)), "a key is revoked with a key that was never issued, and the answer is 401"),
    row(("refused-branch-is-made", Effect, Critical), "AUTH-NO-EFFECT", Of(&["createProjectBranch"]), Admission(Secretly(Malformed)), "a branch is made with a malformed header, and the answer is 401"),
    row(("refused-branch-is-removed", Effect, Critical), "AUTH-NO-EFFECT", Of(&["deleteProjectBranch"]), Admission(Secretly(Revoked)), "a branch is removed with a revoked key, and the answer is 401"),
    row(("refused-role-is-made", Effect, Critical), "AUTH-NO-EFFECT", Of(&["createProjectBranchRole"]), Admission(Secretly(Revoked)), "a role is made with a revoked key, and the answer is 401"),
    row(("refused-database-is-removed", Effect, Critical), "AUTH-NO-EFFECT", Of(&["deleteProjectBranchDatabase"]), Admission(Secretly(Missing)), "a database is removed without a key, and the answer is 401"),
    row(("refused-password-is-reset", Effect, Critical), "AUTH-NO-EFFECT", Of(&["resetProjectBranchRolePassword"]), Admission(Secretly(Revoked)), "a password is reset with a revoked key, and the answer is 401"),
    row(("refused-endpoint-is-suspended", Effect, Critical), "AUTH-NO-EFFECT", Of(&["suspendProjectEndpoint"]), Admission(Secretly(Revoked)), "an endpoint is suspended with a revoked key, and the answer is 401"),
    row(("refused-project-is-shared", Effect, Critical), "AUTH-NO-EFFECT", Of(&["grantPermissionToProject"]), Admission(Secretly(Revoked)), "a project is shared with a revoked key, and the answer is 401"),
    row(("refused-jwks-is-added", Effect, Critical), "AUTH-NO-EFFECT", Of(&["addProjectJWKS"]), Admission(Secretly(Revoked)), "a JWKS URL is added with a revoked key, and the answer is 401"),
    row(("refused-snapshot-is-removed", Effect, Critical), "AUTH-NO-EFFECT", Of(&["deleteSnapshot"]), Admission(Secretly(Revoked)), "a snapshot is removed with a revoked key, and the answer is 401"),
    row(("refused-organization-key-is-made", Effect, Critical), "AUTH-NO-EFFECT", Of(&["createOrgApiKey"]), Admission(Secretly(Revoked)), "a key of an organization is made with a revoked key, and the answer is 401"),
    // What a refusal is
    row(("missing-header-forbidden", Auth, Major), "AUTH-MISSING", Every, Refused(Status(Missing, 403)), "a request without the header is answered with 403"),
    row(("invalid-key-forbidden", Auth, Major), "AUTH-INVALID", Every, Refused(Status(Unknown, 403)), "a key that was never issued is answered with 403"),
    row(("revoked-key-forbidden", Auth, Major), "AUTH-REVOKED", Every, Refused(Status(Revoked, 403)), "a revoked key is answered with 403"),
    row(("malformed-header-is-400", Auth, Major), "AUTH-MALFORMED", Every, Refused(Status(Malformed, 400)), "a malformed header is answered with 400"),
    row(("refused-write-is-404", Auth, Major), "AUTH-EVERY", Writes, Refused(Status(Anyone, 404)), "a write without a usable key is answered with 404"),
    row(("refusal-is-404-in-one-place", Auth, Major), "AUTH-EVERY", Of(&["getSnapshotSchedule"]), Refused(Status(Revoked, 404)), "one operation answers a revoked key with 404"),
    row(("refusal-fails-in-one-place", Auth, Major), "AUTH-EVERY", Of(&["transferProjectsFromUserToOrg"]), Refused(Status(Missing, 500)), "one operation answers a missing key with 500"),
    row(("revoked-reason-told", ErrorShape, Advice), "AUTH-UNIFORM", Every, Refused(Says(Revoked, "this key was revoked")), "the refusal of a revoked key says that it was revoked"),
    row(("missing-reason-told", ErrorShape, Advice), "AUTH-UNIFORM", Every, Refused(Says(Missing, "a key is required")), "the refusal of a request without a key says so"),
    row(("reason-told-in-v1", ErrorShape, Advice), "AUTH-UNIFORM", V1, Refused(Says(Unknown, "there is no such key")), "v1 says of a key that was never issued that there is none"),
    row(("account-data-in-refusal", Leak, Critical), "AUTH-NO-DATA", Every, Refused(NamesUser(Revoked)), "the refusal of a revoked key names its user"),
    row(("account-data-in-one-refusal", Leak, Critical), "AUTH-NO-DATA", Of(&["getProject"]), Refused(NamesUser(Missing)), "the refusal of a request without a key names the owner of the project"),
    row(("token-in-refusal", Leak, Critical), "AUTH-NO-DATA", Every, Refused(Repeats(Revoked)), "the refusal of a revoked key repeats it"),
    row(("invalid-token-in-refusal", Leak, Advice), "AUTH-UNIFORM", Every, Refused(Repeats(Unknown)), "the refusal of a key that was never issued repeats it"),
    // What is looked at first
    row(("unknown-project-before-key", Auth, Major), "AUTH-PRECEDENCE", Every, Looks(Project), "without a usable key, an unknown project is answered with 404"),
    row(("body-before-key", Auth, Major), "AUTH-PRECEDENCE", Writes, Looks(Body), "without a usable key, a body that is no JSON is answered with 400"),
    row(("query-before-key", Auth, Major), "AUTH-PRECEDENCE", Reads, Looks(Query), "without a usable key, a wrong query is answered with 400"),
    row(("unknown-project-before-key-in-one-place", Auth, Major), "AUTH-PRECEDENCE", Of(&["getConnectionURI"]), Looks(Project), "without a usable key, one operation answers an unknown project with 404"),
    row(("unknown-parameter-before-key", Auth, Minor), "AUTH-PRECEDENCE", Of(&["getActiveRegions"]), Looks(AnyQuery), "without a usable key, one operation answers an unknown parameter with 400"),
];
