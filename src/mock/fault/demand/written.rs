//! A rule as it is written: in a fixture, in a scenario, in the body of a request, or with Rust.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::secret::MASK;

/// An answer on demand: the requests that it is for, how often they get it, and what it is. Without `times`, `nth` and
/// `probability`, one request gets it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The requests that the rule is for; every request to the API where this is omitted.
    #[serde(default)]
    pub when: WhenFile,
    /// The number of requests that get the answer, from the first; 1 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub times: Option<u32>,
    /// The only request that gets the answer, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub nth: Option<u32>,
    /// The probability with which a request gets the answer, drawn from the seed of the mock; 1 for every request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: Option<f64>,
    /// What the client gets.
    pub answer: AnswerFile,
}

/// The requests that a rule is for. All of it must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhenFile {
    /// The ID of an operation, such as `createProject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path of an operation. A parameter in braces stands for any value: `/api/v2/projects/{project_id}/branches`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Values of parameters, in the path or the query.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The key that is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub key: Option<SentKey>,
    /// The owner of the key: the ID or e-mail address of a user, or the ID of an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Members of the body, with their values. The body may have others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What a client gets. What is omitted is as without the rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerFile {
    /// The status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 200, max = 599))]
    pub status: Option<u16>,
    /// Headers by name. Null removes a header.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// The time that the header `Retry-After` names, such as `2s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// The form of the header `Retry-After`; seconds by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_as: Option<RetryAfterForm>,
    /// A body of JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// A body of plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A body of HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The time before the response is sent, such as `500ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// The number of bytes of the body after which the connection breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_at: Option<usize>,
    /// The pace of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub bytes_per_second: Option<u32>,
    /// Reset the connection instead of a response: before the operation is performed, or after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Moment>,
    /// Whether the operation is performed. By default, it is unless the status is not a success or the connection is reset before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<bool>,
}

/// The form of a time in the header `Retry-After` (RFC 9110 §10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfterForm {
    /// A number of seconds.
    Seconds,
    /// A date.
    Date,
}

/// When a connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Before the operation is performed.
    Before,
    /// After the operation was performed.
    After,
}

/// A key that is sent with a request. It is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SentKey(String);

impl SentKey {
    pub(super) fn token(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SentKey {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl Serialize for SentKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl fmt::Debug for SentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}
