//! What runs beside the databases of a branch: buckets, credentials, functions; and branches that are anonymized.

use super::super::data::Alter::{Is, LosesLast, Other};
use super::super::data::Change::{Member, WithoutMember};
use super::super::data::Effect::NotDone;
use super::super::data::Later::Again;
use super::super::data::When::{Is as Only, Ok};
use super::Break::{Answer, Change, Effect as Does, Later, Status};
use super::Class::{Effect, Leak, Schema, State, Status as Code, Value};
use super::Entry;
use super::On::Of;
use super::Severity::{Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // Buckets
    row(("bucket-not-made", Effect, Major), "BUCKETS", Of(&["createProjectBranchBucket"]), Does(NotDone), "a bucket is answered with 201, and not made"),
    row(("bucket-not-removed", Effect, Critical), "BUCKETS", Of(&["deleteProjectBranchBucket"]), Does(NotDone), "the removal of a bucket is answered with 204, and not done"),
    row(("bucket-access-overlooked", Value, Critical), "BUCKETS", Of(&["createProjectBranchBucket"]), Change(WithoutMember("/access_level")), "a bucket is private, whatever was asked for"),
    row(("bucket-listed-as-public", Value, Critical), "BUCKETS", Of(&["listProjectBranchBuckets"]), Answer(Ok, "/buckets/*/access_level", Is(r#""private""#)), "a list says that public buckets are private"),
    row(("bucket-taken-twice", Code, Major), "BUCKETS", Of(&["createProjectBranchBucket"]), Status(Only(409), 201), "a second bucket of a name is answered with 201"),
    row(("half-a-folder-removed", Code, Major), "BUCKETS", Of(&["deleteProjectBranchBucketObjectsByPrefix"]), Status(Only(400), 200), "what is no folder is removed as one"),
    row(("unknown-object-fails", Code, Major), "ERR-404", Of(&["getProjectBranchBucketObject"]), Status(Only(404), 500), "an object that does not exist is answered with 500"),
    row(("storage-without-reason", Schema, Major), "BUCKETS", Of(&["getProjectBranchStorage"]), Answer(Only(404), "/reason", Is("null")), "a branch without storage does not tell why"),
    // Credentials
    row(("credential-not-made", Effect, Major), "CREDENTIALS", Of(&["createCredential"]), Does(NotDone), "a credential is answered with 201, and not made"),
    row(("credential-not-revoked", Effect, Critical), "CREDENTIALS", Of(&["revokeCredential"]), Does(NotDone), "the revocation of a credential is answered with 204, and not done"),
    row(("secret-in-credential-list", Leak, Critical), "CREDENTIALS", Of(&["listCredentials"]), Later(Again { by: &["createCredential"], item: "/s3_secret_access_key", at: "/credentials/*/s3_secret_access_key" }), "the list of credentials shows their secrets"),
    row(("token-in-credential-list", Leak, Critical), "SECRET-ONCE", Of(&["listCredentials"]), Later(Again { by: &["createCredential"], item: "/api_token", at: "/credentials/*/api_token" }), "the list of credentials shows their tokens"),
    row(("credential-of-more-scopes", Value, Critical), "CREDENTIALS", Of(&["createCredential"]), Change(Member("/scopes", r#"["ai_gateway:invoke", "storage:write"]"#)), "a credential is good for more than was asked for"),
    row(("second-revocation-of-a-credential", Code, Minor), "CREDENTIALS", Of(&["revokeCredential"]), Status(Only(404), 204), "revoking a credential that does not exist is answered with 204"),
    // Functions
    row(("function-not-removed", Effect, Critical), "FUNCTIONS", Of(&["deleteProjectBranchFunction"]), Does(NotDone), "the removal of a function is answered with 204, and not done"),
    row(("function-not-deployed", Effect, Major), "FUNCTIONS", Of(&["createProjectBranchFunctionDeployment"]), Does(NotDone), "a deployment is answered with 201, and not made"),
    row(("function-not-renamed", Effect, Major), "FUNCTIONS", Of(&["updateProjectBranchFunction"]), Does(NotDone), "another name of a function is answered with 200, and not kept"),
    row(("function-without-variables", Value, Major), "FUNCTIONS", Of(&["createProjectBranchFunctionDeployment"]), Answer(Ok, "/deployment/environment", LosesLast), "a deployment lacks a variable"),
    row(("function-is-another", Value, Critical), "FUNCTIONS", Of(&["getProjectBranchFunction"]), Answer(Ok, "/function/slug", Other), "reading a function answers another one"),
    row(("values-of-variables-shown", Leak, Critical), "FUNCTIONS", Of(&["getProjectBranchFunction"]), Answer(Ok, "/function/current_deployment/environment", Is(r#"["GREETING", "unseen-value"]"#)), "a function shows the values of its variables"),
    row(("inherited-function-renamed", Code, Major), "FUNCTIONS", Of(&["updateProjectBranchFunction"]), Status(Only(404), 200), "a function that a branch has inherited is renamed there"),
    // Anonymized branches
    row(("anonymized-branch-without-rules", Effect, Critical), "ANONYMIZED-BRANCH", Of(&["createProjectBranchAnonymized"]), Change(WithoutMember("/masking_rules")), "a branch that is to be anonymized lacks its rules"),
    row(("masking-rules-not-replaced", Effect, Critical), "ANONYMIZED-BRANCH", Of(&["updateMaskingRules"]), Does(NotDone), "masking rules are answered with 200, and not kept"),
    row(("masking-value-lost", Value, Critical), "ANONYMIZED-BRANCH", Of(&["createProjectBranchAnonymized"]), Change(WithoutMember("/masking_rules/*/masking_value")), "a masking rule loses what it masks with"),
    row(("anonymized-before-it-is", State, Critical), "ANONYMIZED-BRANCH", Of(&["getAnonymizedBranchStatus"]), Answer(Ok, "/state", Is(r#""anonymized""#)), "every branch says that it is anonymized"),
    row(("malformed-masking-rules-fail", Code, Major), "ERR-400", Of(&["updateMaskingRules"]), Status(Only(400), 500), "masking rules that break the contract are answered with 500"),
];
