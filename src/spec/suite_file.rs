//! The file format of `specs/suite.yaml`: what a step may leave out, and how it is supplied.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::case_file::{MatcherFile, StepFile};
use super::credential::Credential;
use super::operation_pattern::OperationPattern;
use super::requirement::RequirementId;

/// The suite: its contracts, and what it supplies to cases.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract suite")]
pub struct SuiteFile {
    /// The contracts, as paths relative to this file.
    #[schemars(length(min = 1))]
    pub contracts: Vec<String>,
    /// Parts of the API that an endpoint may do without as a whole, each with its operations.
    #[serde(default)]
    pub profiles: BTreeMap<String, Vec<OperationPattern>>,
    /// The requirements that requests generated from the contracts prove; without any, none are generated.
    #[serde(default)]
    pub generated_requirements: Vec<RequirementId>,
    /// What is supplied where a step names no value.
    #[serde(default)]
    pub supply: SupplyFile,
    /// How a revoked key comes to be: its steps must capture `token`, and send it once while it works.
    #[serde(default)]
    pub revoked_key: Vec<StepFile>,
    /// The same for a key that revokes itself.
    #[serde(default)]
    pub self_revoked_key: Vec<StepFile>,
    /// A request that any good key opens: an endpoint is asked for it before trials are sent there.
    #[serde(default)]
    pub key_check: Option<StepFile>,
    /// The work that a response begins, and how it is seen to end: a step with `settles: true` waits for it.
    #[serde(default)]
    pub work: Option<WorkFile>,
    /// A request that tells of which kind the key is, with what its response must be: with another key nothing is sent.
    #[serde(default)]
    pub key_kind: Option<StepFile>,
    /// Requests that show whether a refused write took effect. Each is sent before and after the
    /// write, with the account's own key, where all its path parameters are known.
    #[serde(default)]
    pub witnesses: Vec<StepFile>,
}

/// Work that goes on after a response, and how it is seen to end.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkFile {
    /// A JSONPath (RFC 9535) to each piece of work that a response tells of.
    pub begun: String,
    /// The request that shows one of them, which templates use as `{{ work }}`.
    pub read: StepFile,
    /// JSONPath → what every value it finds is when the work has ended, well or not.
    pub ended: BTreeMap<String, MatcherFile>,
    /// JSONPath → what every value it finds is when the work has ended well; otherwise the trial is untested.
    pub succeeded: BTreeMap<String, MatcherFile>,
    /// The pause between two requests, such as `500ms`.
    #[serde(default)]
    pub every: Option<String>,
    /// How long to wait for one piece, such as `60s`.
    #[serde(default)]
    pub limit: Option<String>,
}

/// What is supplied where a step names no value.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SupplyFile {
    /// Path parameters and required query parameters by name.
    #[serde(default)]
    pub params: BTreeMap<String, ParameterSupplyFile>,
    /// Bodies by `operationId`.
    #[serde(default)]
    pub bodies: BTreeMap<String, Value>,
    /// How an account that works in an organization names it.
    #[serde(default)]
    pub organization: Option<OrganizationSupplyFile>,
}

/// Where the id of an organization stands in requests that do not name one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OrganizationSupplyFile {
    /// The path parameter that it is the value of.
    pub param: String,
    /// Query parameters by `operationId`.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Places in bodies by `operationId`, as JSON Pointers (RFC 6901).
    #[serde(default)]
    pub bodies: BTreeMap<String, String>,
}

/// Where the value of a path parameter comes from: `make`, or `value`. Each step must capture it by its name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ParameterSupplyFile {
    /// The fixture account to start from where a trial needs this and its case names none.
    #[serde(default)]
    pub account: Option<String>,
    /// How to find one that is there already, for trials that only read.
    #[serde(default)]
    pub find: Option<StepFile>,
    /// How to make one, for trials that write.
    #[serde(default)]
    pub make: Option<StepFile>,
    /// A value that names nothing, where none can be made: good enough for requests that must be refused.
    #[serde(default)]
    pub value: Option<Value>,
}

impl SuiteFile {
    /// How revoked keys come to be, with the keys that the steps stand under; those that are there.
    pub(super) fn revoked_keys(&self) -> impl Iterator<Item = (Credential, &'static str, &Vec<StepFile>)> {
        let all = [
            (Credential::Revoked, "revoked_key", &self.revoked_key),
            (Credential::SelfRevoked, "self_revoked_key", &self.self_revoked_key),
        ];
        all.into_iter().filter(|(_, _, steps)| !steps.is_empty())
    }
}
