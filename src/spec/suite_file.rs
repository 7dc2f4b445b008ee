//! The file format of `specs/suite.yaml`: what a step may leave out, and how it is supplied.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::case_file::{MatcherFile, StepFile};
use super::credential::Credential;
use super::operation_pattern::OperationPattern;
use super::requirement::RequirementId;

/// The suite: its contracts, and the values that it supplies to cases.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract suite")]
pub struct SuiteFile {
    /// The paths of the contracts, relative to this file.
    #[schemars(length(min = 1))]
    pub contracts: Vec<String>,
    /// Parts of the API that an endpoint can lack as a whole, each with its operations.
    #[serde(default)]
    pub profiles: BTreeMap<String, Vec<OperationPattern>>,
    /// The requirements that generated requests prove. Without any, no requests are generated.
    #[serde(default)]
    pub generated_requirements: Vec<RequirementId>,
    /// The values for parameters and bodies that a step omits.
    #[serde(default)]
    pub supply: SupplyFile,
    /// The steps that create and revoke a key. They must capture `token`, and use it once before the revocation.
    #[serde(default)]
    pub revoked_key: Vec<StepFile>,
    /// The steps that create a key which revokes itself.
    #[serde(default)]
    pub self_revoked_key: Vec<StepFile>,
    /// A request that every valid key is allowed to send. A run sends it to the endpoint first.
    #[serde(default)]
    pub key_check: Option<StepFile>,
    /// The work that a response starts, and how to detect its end. A step with `settles: true` waits for it.
    #[serde(default)]
    pub work: Option<WorkFile>,
    /// A request that identifies the kind of the key, with the expected response. A run does not start with another kind of key.
    #[serde(default)]
    pub key_kind: Option<StepFile>,
    /// Requests that show whether a rejected write took effect. Each is sent before and after the write, with the key of the account, if
    /// all its path parameters are known.
    #[serde(default)]
    pub witnesses: Vec<StepFile>,
}

/// Work that continues after a response, and how to detect its end.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkFile {
    /// A JSONPath (RFC 9535) to each piece of work in a response.
    pub begun: String,
    /// The request that reads one piece of work, which templates use as `{{ work }}`.
    pub read: StepFile,
    /// JSONPath → the value or matchers for every value that it finds when the work has ended, successfully or not.
    pub ended: BTreeMap<String, MatcherFile>,
    /// JSONPath → the value or matchers for every value that it finds when the work has succeeded; otherwise the trial is untested.
    pub succeeded: BTreeMap<String, MatcherFile>,
    /// The pause between two requests, such as `500ms`.
    #[serde(default)]
    pub every: Option<String>,
    /// The maximum time to wait for one piece of work, such as `60s`.
    #[serde(default)]
    pub limit: Option<String>,
}

/// The values for parameters and bodies that a step omits.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SupplyFile {
    /// Path parameters and required query parameters by name.
    #[serde(default)]
    pub params: BTreeMap<String, ParameterSupplyFile>,
    /// Bodies by `operationId`.
    #[serde(default)]
    pub bodies: BTreeMap<String, Value>,
    /// The location of the organization ID in requests of an account that belongs to an organization.
    #[serde(default)]
    pub organization: Option<OrganizationSupplyFile>,
}

/// The location of the organization ID in requests that omit it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OrganizationSupplyFile {
    /// The path parameter for the ID.
    pub param: String,
    /// Query parameters by `operationId`.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// JSON Pointers (RFC 6901) into bodies, by `operationId`.
    #[serde(default)]
    pub bodies: BTreeMap<String, String>,
}

/// The source of the value of a path parameter: `make` or `value`. Each step must capture the value by its name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ParameterSupplyFile {
    /// The fixture account for trials that need this value and whose case names no account.
    #[serde(default)]
    pub account: Option<String>,
    /// The step that finds an existing resource, for trials that only read.
    #[serde(default)]
    pub find: Option<StepFile>,
    /// The step that creates a resource, for trials that write.
    #[serde(default)]
    pub make: Option<StepFile>,
    /// A value that names no resource, for requests that must be rejected.
    #[serde(default)]
    pub value: Option<Value>,
}

impl SuiteFile {
    /// The steps for each kind of revoked key that the suite describes, with the name of their key in the file.
    pub(super) fn revoked_keys(&self) -> impl Iterator<Item = (Credential, &'static str, &Vec<StepFile>)> {
        let all = [
            (Credential::Revoked, "revoked_key", &self.revoked_key),
            (Credential::SelfRevoked, "self_revoked_key", &self.self_revoked_key),
        ];
        all.into_iter().filter(|(_, _, steps)| !steps.is_empty())
    }
}
