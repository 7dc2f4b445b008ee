//! The file format of a case: `specs/cases/**/*.yaml`.
//!
//! These types define the format: `specs/case.schema.json` is generated from them and their comments.
//! They hold the text of a file; [`super::case`] holds its meaning.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::requirement::RequirementId;

/// A case: one request or several steps, and the expected responses.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract case")]
pub struct CaseFile {
    /// The rule that the case proves, in one sentence for reports.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Background of the case.
    #[serde(default)]
    pub description: Option<String>,
    /// The reason to keep the case although other cases detect the same faults; shown by `neon-contract audit`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub kept_because: Option<String>,
    /// The IDs of the requirements that the case proves (see `specs/requirements/`).
    #[schemars(length(min = 1))]
    pub requirements: Vec<RequirementId>,
    /// Tags to select the case by: `neon-contract run --tag v1`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The least effect on the account that the case requires; the effects of its requests are added.
    #[serde(default)]
    pub effect: Effect,
    /// The fixture account that the case requires. A target without fixture accounts skips the case.
    #[serde(default)]
    pub account: Option<String>,
    /// Expands the case into one trial for each combination of these values.
    #[serde(default)]
    pub for_each: Option<MatrixFile>,
    /// The requests, in order. A case of one request can omit `steps` and have the keys of the step at the top level.
    #[serde(default)]
    pub steps: Vec<StepFile>,
    /// The snapshot of the responses in `snapshots/`.
    #[serde(default)]
    pub snapshot: SnapshotFile,
    /// The only step, if `steps` is omitted.
    #[serde(flatten)]
    pub only: StepFile,
}

/// An effect on the account that a run must be allowed to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Only reads.
    #[default]
    Reads,
    /// Creates, changes and removes resources of its own.
    Writes,
    /// Changes or removes resources that it did not create.
    Destroys,
}

/// The axes of a case. Their order in the file is their order in the names of trials.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(extend("minProperties" = 1))]
pub struct MatrixFile {
    /// Operations by ID, or a selection of the operations of the contracts.
    #[serde(default)]
    pub operation: Option<OperationsFile>,
    /// The credentials of the requests; `malformed` stands for all malformed credentials.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub credential: Option<Vec<String>>,
    /// An axis with another name: its values, which templates use as `{{ name }}`.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, ValuesFile>")]
    pub values: BTreeMap<String, Vec<Value>>,
}

/// The values of one axis.
#[derive(JsonSchema)]
#[schemars(transparent)]
#[expect(dead_code, reason = "it only lends its schema to the values of an axis")]
struct ValuesFile(#[schemars(length(min = 1))] Vec<Value>);

/// The operations that a case is repeated for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OperationsFile {
    /// Operations by ID.
    Named(#[schemars(length(min = 1))] Vec<String>),
    /// All operations that match a selection.
    Selected(OperationSelection),
}

/// A selection of operations of the contracts; each key narrows it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub struct OperationSelection {
    /// `true`: select all operations. The other keys narrow all operations as well.
    #[serde(default)]
    pub all: Option<bool>,
    /// Select operations of these contracts, by file name without extension.
    #[serde(default)]
    pub contract: Option<Vec<String>>,
    /// Select operations with these HTTP methods.
    #[serde(default)]
    pub method: Option<Vec<String>>,
    /// `true`: select operations whose responses the contract describes.
    #[serde(default)]
    pub described: Option<bool>,
    /// Exclude these operations.
    #[serde(default)]
    pub except: Vec<String>,
}

/// One request and its expected response. Strings are templates.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StepFile {
    /// The name of the step in reports. Default: the ID of the operation.
    #[serde(default)]
    pub name: Option<String>,
    /// The `operationId` of an operation of a contract.
    #[serde(default)]
    pub operation: Option<String>,
    /// A literal request, `METHOD /path`, instead of an operation.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Z]+ (/|\{\{)"))]
    pub request: Option<String>,
    /// Path parameters. `specs/suite.yaml` supplies omitted ones.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// Query parameters. A list is sent as one parameter per value.
    #[serde(default)]
    pub query: BTreeMap<String, Value>,
    /// Request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The JSON body. `specs/suite.yaml` supplies an omitted body if the operation requires one.
    #[serde(default)]
    pub body: Option<Value>,
    /// A body that is sent unchanged as `application/json`, for bodies that are not JSON.
    #[serde(default)]
    pub raw_body: Option<String>,
    /// The API key to send instead of the key of the account.
    #[serde(default)]
    pub key: Option<String>,
    /// The credential of the request: valid (the default), missing, invalid, altered-longer, altered-shorter, altered-case, revoked,
    /// revoked-by-itself, other-user, or a malformed one.
    #[serde(default)]
    pub credential: Option<String>,
    /// The expected response.
    #[serde(default)]
    pub expect: ExpectFile,
    /// Values to capture from the response, for the templates of later steps.
    #[serde(default)]
    pub capture: BTreeMap<String, CaptureFile>,
    /// The request that undoes this one. It is sent at the end of the trial in any case.
    #[serde(default)]
    pub undo: Option<UndoFile>,
    /// Repeat the request until the response meets this condition.
    #[serde(default)]
    pub until: Option<UntilFile>,
    /// Repeat the request with the cursor of each response, until the last page.
    #[serde(default)]
    pub pages: Option<PagesFile>,
    /// The step sends, on purpose, query parameters or members of the body that the contract does not know.
    #[serde(default)]
    pub unknown: bool,
    /// Statuses with which an endpoint may decline the request; the rest of the trial is then untested.
    #[serde(default)]
    pub may_decline: Option<StatusFile>,
    /// The requirements of the case that an unexpected response breaks. Default: its `must` requirements, or all if it has none.
    #[serde(default)]
    pub proves: Vec<RequirementId>,
    /// `true`: wait until the work that the response starts has ended (see `work` in `specs/suite.yaml`).
    #[serde(default)]
    pub settles: bool,
}

/// The expected response of a step, in addition to the checks of every response.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ExpectFile {
    /// The expected status. Default: the documented success of the operation, or 401 for an unusable credential.
    #[serde(default)]
    pub status: Option<StatusFile>,
    /// A schema of `specs/schemas/`, by file name without extension, instead of the schema of the contract.
    #[serde(default)]
    pub schema: Option<String>,
    /// Response headers, each with a value or matchers.
    #[serde(default)]
    pub headers: BTreeMap<String, MatcherFile>,
    /// JSONPath (RFC 9535) → the value or matchers for every value that it finds. It must find at least one.
    #[serde(default, rename = "where")]
    pub r#where: BTreeMap<String, MatcherFile>,
    /// `JSONPaths` (RFC 9535) that must find nothing.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A status, a class of statuses, or a list of them.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StatusFile {
    /// One status.
    Code(#[schemars(range(min = 100, max = 599))] u16),
    /// A class, such as `4xx`.
    Class(#[schemars(regex(pattern = "^[1-5]xx$"))] String),
    /// One of these.
    Any(#[schemars(length(min = 1))] Vec<StatusFile>),
}

/// A literal value, or a mapping of matchers that must all match.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct MatcherFile(pub Value);

impl JsonSchema for MatcherFile {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Matcher".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let matchers = generator.subschema_for::<MatchersFile>();
        json_schema!({
            "description": "A literal value, or a mapping of matchers that must all match",
            "if": { "type": "object" },
            "then": matchers,
        })
    }
}

/// Matchers. Every value that is found must match all of them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub struct MatchersFile {
    /// Equals this value, which can be a mapping.
    #[serde(default, deserialize_with = "present")]
    pub equals: Option<Value>,
    /// Does not match this value or these matchers.
    #[serde(default, deserialize_with = "present_matcher")]
    pub not: Option<MatcherFile>,
    /// Equals one of these values.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub one_of: Option<Vec<Value>>,
    /// A string that contains a match of this regular expression.
    #[serde(default)]
    pub matches: Option<String>,
    /// A string that contains this text, or a list that contains this value.
    #[serde(default, deserialize_with = "present")]
    pub contains: Option<Value>,
    /// Has this JSON type.
    #[serde(default)]
    pub r#type: Option<JsonType>,
    /// The number of characters of a string, or of members of a list or an object.
    #[serde(default)]
    pub length: Option<Value>,
    /// A number that is at least this.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// A number that is at most this.
    #[serde(default)]
    pub at_most: Option<f64>,
    /// The number of values that the path finds. Default: one or more.
    #[serde(default)]
    pub count: Option<usize>,
    /// The values that the path finds, in this order.
    #[serde(default)]
    pub in_order: Option<Vec<Value>>,
}

/// The JSON types, with integers distinguished from other numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names of JSON's own types")]
pub enum JsonType {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// The location of a captured value in the response.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CaptureFile {
    /// A JSONPath (RFC 9535) that finds one value.
    Path(String),
    /// A path with properties of the value.
    Full(FullCaptureFile),
}

/// A captured value with its properties.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FullCaptureFile {
    /// A JSONPath (RFC 9535) that finds one value.
    pub path: String,
    /// Whether the value is a secret, which is never shown.
    #[serde(default)]
    pub secret: bool,
}

/// The request that undoes a step.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UndoFile {
    /// The `operationId` of an operation of a contract.
    pub operation: String,
    /// Path parameters.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// The JSON body.
    #[serde(default)]
    pub body: Option<Value>,
}

/// The condition that ends the repetition of a request, and its limits.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UntilFile {
    /// The status to wait for. Default: any status.
    #[serde(default)]
    pub status: Option<StatusFile>,
    /// JSONPath → what every value it finds must be.
    #[serde(default, rename = "where")]
    pub r#where: BTreeMap<String, MatcherFile>,
    /// The pause between two requests, such as `250ms`.
    #[serde(default)]
    pub every: Option<String>,
    /// How long to try in all, such as `10s`.
    #[serde(default)]
    pub limit: Option<String>,
}

/// How to follow the pages of a list.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PagesFile {
    /// A JSONPath (RFC 9535) to the cursor of the next page; pages end where it finds nothing.
    pub cursor: String,
    /// A JSONPath to the items; pages end where it finds none.
    pub items: String,
    /// The query parameter that takes the cursor.
    #[serde(default = "cursor_parameter")]
    pub parameter: String,
    /// No more than so many requests.
    #[serde(default = "page_limit")]
    #[schemars(range(min = 1))]
    pub at_most: usize,
}

fn cursor_parameter() -> String {
    "cursor".to_owned()
}

fn page_limit() -> usize {
    100
}

/// How the answers of a case are kept.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SnapshotFile {
    /// One snapshot for all trials of this name: their last answers must read the same.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z0-9_-]+$"))]
    pub family: Option<String>,
    /// Keep none: what comes back has no fixed form.
    #[serde(default)]
    pub omit: bool,
    /// JSONPath → the word that stands for each value it finds, such as `<name>`.
    #[serde(default)]
    pub replace: BTreeMap<String, String>,
}

/// `null` as a value of its own, told from a key that is not there.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn present_matcher<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<MatcherFile>, D::Error> {
    MatcherFile::deserialize(deserializer).map(Some)
}
