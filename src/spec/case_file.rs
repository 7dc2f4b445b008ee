//! The file format of a case: what an author may write in `specs/cases/**/*.yaml`.
//!
//! These types are the format: `specs/case.schema.json` is generated from them and their comments.
//! They hold what was written; [`super::case`] holds what it means.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::requirement::RequirementId;

/// One case: a request, or several steps, and what must be true of the answers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "neon-contract case")]
pub struct CaseFile {
    /// The rule in one sentence, as it should stand in a report.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Why the case is the way it is.
    #[serde(default)]
    pub description: Option<String>,
    /// Why it is there although other cases notice the same: `neon-contract audit` shows it where nothing would be missed without it.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub kept_because: Option<String>,
    /// The ids of the requirements it proves (see `specs/requirements/`).
    #[schemars(length(min = 1))]
    pub requirements: Vec<RequirementId>,
    /// Words to select it by: `neon-contract run --tag v1`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the account must put up with at least; what the requests do is added to it.
    #[serde(default)]
    pub effect: Effect,
    /// The fixture account the case depends on. Targets that cannot start from it skip the case.
    #[serde(default)]
    pub account: Option<String>,
    /// Expands the case into a trial for each combination of these values.
    #[serde(default)]
    pub for_each: Option<MatrixFile>,
    /// The requests, in order. A case of one request may leave this out and stand by itself.
    #[serde(default)]
    pub steps: Vec<StepFile>,
    /// How the answers are kept in `snapshots/`.
    #[serde(default)]
    pub snapshot: SnapshotFile,
    /// The only step, where `steps` is left out.
    #[serde(flatten)]
    pub only: StepFile,
}

/// What a run must be allowed to do to the account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Looks only.
    #[default]
    Reads,
    /// Creates things of its own, changes them and removes them again.
    Writes,
    /// Changes or removes what it did not create.
    Destroys,
}

/// The axes of a case; their order in the file is their order in a trial's name.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(extend("minProperties" = 1))]
pub struct MatrixFile {
    /// Operations by id, or a selection of those in the contracts.
    #[serde(default)]
    pub operation: Option<OperationsFile>,
    /// How each request is authenticated; `malformed` stands for all its shapes.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub credential: Option<Vec<String>>,
    /// Any other name: its values, which templates use as `{{ name }}`.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, ValuesFile>")]
    pub values: BTreeMap<String, Vec<Value>>,
}

/// The values of one axis.
#[derive(JsonSchema)]
#[schemars(transparent)]
#[expect(dead_code, reason = "it only lends its schema to the values of an axis")]
struct ValuesFile(#[schemars(length(min = 1))] Vec<Value>);

/// Which operations a case is repeated for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OperationsFile {
    /// Operations by id.
    Named(#[schemars(length(min = 1))] Vec<String>),
    /// All operations that fit.
    Selected(OperationSelection),
}

/// Selects operations of the contracts; each key narrows the selection.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub struct OperationSelection {
    /// `true`: start from every operation (which is also where the other keys start).
    #[serde(default)]
    pub all: Option<bool>,
    /// Only of these contracts, by file name without its ending.
    #[serde(default)]
    pub contract: Option<Vec<String>>,
    /// Only with these HTTP methods.
    #[serde(default)]
    pub method: Option<Vec<String>>,
    /// `true`: only those whose answers the contract describes.
    #[serde(default)]
    pub described: Option<bool>,
    /// Not these operations.
    #[serde(default)]
    pub except: Vec<String>,
}

/// One request, and what is expected of its answer. Strings are templates.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StepFile {
    /// What the step is called in reports; by default the operation's id.
    #[serde(default)]
    pub name: Option<String>,
    /// The operation of a contract, by its `operationId`.
    #[serde(default)]
    pub operation: Option<String>,
    /// A request spelled out, `METHOD /path`, where no operation fits.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Z]+ (/|\{\{)"))]
    pub request: Option<String>,
    /// Path parameters. What is left out is supplied by `specs/suite.yaml`.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// Query parameters. One with a list is sent once for each of its values.
    #[serde(default)]
    pub query: BTreeMap<String, Value>,
    /// Request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The JSON body. What is left out is supplied by `specs/suite.yaml` where one is required.
    #[serde(default)]
    pub body: Option<Value>,
    /// The body byte for byte, sent as `application/json`, for what is not JSON.
    #[serde(default)]
    pub raw_body: Option<String>,
    /// The API key to send instead of the account's own.
    #[serde(default)]
    pub key: Option<String>,
    /// How the request is authenticated: valid (the default), missing, invalid, revoked,
    /// other-user, or one of the shapes of malformed.
    #[serde(default)]
    pub credential: Option<String>,
    /// What must be true of the answer.
    #[serde(default)]
    pub expect: ExpectFile,
    /// Values to take from the answer, for templates of later steps.
    #[serde(default)]
    pub capture: BTreeMap<String, CaptureFile>,
    /// The request that takes this one back; sent at the end of the trial, whatever happened.
    #[serde(default)]
    pub undo: Option<UndoFile>,
    /// Repeat the request until the answer is so.
    #[serde(default)]
    pub until: Option<UntilFile>,
    /// Repeat the request with each answer's cursor, until there are no more pages.
    #[serde(default)]
    pub pages: Option<PagesFile>,
    /// Statuses with which an endpoint may have its reasons to do nothing: the rest of the trial is untested then.
    #[serde(default)]
    pub may_decline: Option<StatusFile>,
    /// Which of the case's requirements a response that is not as expected breaks; by default all that must hold.
    #[serde(default)]
    pub proves: Vec<RequirementId>,
    /// `true`: wait until the work that the response begins has ended (see `work` in `specs/suite.yaml`).
    #[serde(default)]
    pub settles: bool,
}

/// What must be true of an answer, beyond what is judged of every answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ExpectFile {
    /// By default the operation's documented success; 401 where the credential is not valid.
    #[serde(default)]
    pub status: Option<StatusFile>,
    /// A schema of `specs/schemas/`, by file name without its ending, instead of the contract's.
    #[serde(default)]
    pub schema: Option<String>,
    /// Response headers, each equal to a value or matched.
    #[serde(default)]
    pub headers: BTreeMap<String, MatcherFile>,
    /// JSONPath (RFC 9535) → what every value it finds must be; it must find one at least.
    #[serde(default, rename = "where")]
    pub r#where: BTreeMap<String, MatcherFile>,
    /// `JSONPaths` (RFC 9535) that must find nothing.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A status, a class of statuses, or several.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StatusFile {
    /// One status.
    Code(#[schemars(range(min = 100, max = 599))] u16),
    /// A class, such as `4xx`.
    Class(#[schemars(regex(pattern = "^[1-5]xx$"))] String),
    /// Any of these.
    Any(#[schemars(length(min = 1))] Vec<StatusFile>),
}

/// A literal value, or a mapping of matchers, all of which must hold.
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
            "description": "A literal value, or a mapping of matchers, all of which must hold",
            "if": { "type": "object" },
            "then": matchers,
        })
    }
}

/// Matchers; all that are given must hold of every value found.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub struct MatchersFile {
    /// Equal to this, a mapping included.
    #[serde(default, deserialize_with = "present")]
    pub equals: Option<Value>,
    /// The opposite of a value or of matchers.
    #[serde(default, deserialize_with = "present_matcher")]
    pub not: Option<MatcherFile>,
    /// Equal to one of these.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub one_of: Option<Vec<Value>>,
    /// A string that this regular expression finds something in.
    #[serde(default)]
    pub matches: Option<String>,
    /// A string with this in it, or a list with an element equal to this.
    #[serde(default, deserialize_with = "present")]
    pub contains: Option<Value>,
    /// Of this JSON type.
    #[serde(default)]
    pub r#type: Option<JsonType>,
    /// A string of so many characters, or a list or an object of so many members.
    #[serde(default)]
    pub length: Option<Value>,
    /// A number not below this.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// A number not above this.
    #[serde(default)]
    pub at_most: Option<f64>,
    /// So many values are found by the path (any number from one up, where it is not given).
    #[serde(default)]
    pub count: Option<usize>,
    /// The values found by the path are these, in this order.
    #[serde(default)]
    pub in_order: Option<Vec<Value>>,
}

/// The JSON types, with integers told from other numbers.
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

/// Where a captured value stands in the answer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CaptureFile {
    /// A JSONPath (RFC 9535) that finds one value.
    Path(String),
    /// A path with what else is to be known of the value.
    Full(FullCaptureFile),
}

/// A captured value in full.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FullCaptureFile {
    /// A JSONPath (RFC 9535) that finds one value.
    pub path: String,
    /// The value is never shown.
    #[serde(default)]
    pub secret: bool,
}

/// The request that takes a step back.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UndoFile {
    /// The operation of a contract, by its `operationId`.
    pub operation: String,
    /// Path parameters.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
    /// The JSON body.
    #[serde(default)]
    pub body: Option<Value>,
}

/// When to stop repeating a request, and how long to try.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UntilFile {
    /// The status to wait for; any, where it is not given.
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
