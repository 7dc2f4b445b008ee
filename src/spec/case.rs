//! Cases as they are meant: everything that was written has been checked and resolved.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::case_file::Effect;
use super::contract::OperationId;
use super::credential::Credential;
use super::matcher::Matcher;
use super::requirement::RequirementId;
use super::schema_ref::SchemaRef;
use super::source::{Location, SourceText};
use crate::json::plain;

/// A case: a file in `specs/cases/`.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its path in `specs/cases/`, without the ending: `api-keys/revoked_key_is_refused`.
    pub name: String,
    /// The rule in one sentence.
    pub title: Arc<str>,
    /// Why it is there although other cases notice the same.
    pub kept_because: Option<String>,
    /// What it proves.
    pub requirements: Arc<[RequirementId]>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// What the author says it does to an account.
    pub effect: Effect,
    /// The fixture account it depends on.
    pub account: Option<String>,
    /// Its matrix, in the order of the file.
    pub axes: Vec<Arc<Axis>>,
    /// Its requests, in order; never empty.
    pub steps: Vec<Step>,
    /// How its answers are kept.
    pub snapshot: SnapshotRule,
    /// The file it was read from.
    pub source: Arc<SourceText>,
}

/// One axis of a matrix; never empty.
#[derive(Debug, Clone)]
pub struct Axis {
    /// The name templates use.
    pub name: String,
    /// Its values.
    pub values: AxisValues,
}

/// The values of an axis.
#[derive(Debug, Clone)]
pub enum AxisValues {
    /// The case is repeated for each operation.
    Operations(Vec<OperationId>),
    /// The case is repeated for each credential.
    Credentials(Vec<Credential>),
    /// The case is repeated for each value of the author's own.
    Values(Vec<Value>),
}

impl AxisValues {
    /// How many there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Operations(values) => values.len(),
            Self::Credentials(values) => values.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// One of them, as templates see it.
    #[must_use]
    pub(crate) fn value(&self, index: usize) -> Value {
        match self {
            Self::Operations(ids) => ids[index].0.clone().into(),
            Self::Credentials(credentials) => credentials[index].word().into(),
            Self::Values(values) => values[index].clone(),
        }
    }

    /// The same as text.
    #[must_use]
    pub(crate) fn text(&self, index: usize) -> String {
        match self {
            Self::Operations(ids) => ids[index].0.clone(),
            Self::Credentials(credentials) => credentials[index].word().to_owned(),
            Self::Values(values) => plain(&values[index]),
        }
    }
}

/// One request of a case and what is expected of it. Strings may be templates.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it is called in reports.
    pub name: String,
    /// The file it stands in.
    pub source: Arc<SourceText>,
    /// Where it stands in the file (JSON Pointer).
    pub pointer: String,
    /// What is called.
    pub call: Call,
    /// Path parameters that the author named.
    pub params: BTreeMap<String, Value>,
    /// Query parameters.
    pub query: BTreeMap<String, Value>,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Body,
    /// The key to send instead of the credential's.
    pub key: Option<String>,
    /// How it is authenticated.
    pub credential: CredentialRef,
    /// What must be true of the answer.
    pub expect: Expect,
    /// What is taken from the answer.
    pub captures: Vec<Capture>,
    /// What takes the request back.
    pub undo: Option<Box<Step>>,
    /// When to stop repeating it.
    pub until: Option<Box<Until>>,
    /// How to follow its pages.
    pub pages: Option<Box<Pages>>,
    /// Statuses with which an endpoint may do nothing: the rest of the trial is untested then.
    pub may_decline: Option<StatusSet>,
    /// Which of the case's requirements a response that is not as expected breaks; where there is none, all that must hold.
    pub proves: Arc<[RequirementId]>,
    /// What its response begins has ended before the next step.
    pub settles: bool,
}

impl Step {
    /// Where a part of the step stands: `at("expect/status")`, `at("")` for the step itself.
    #[must_use]
    pub fn at(&self, part: &str) -> Location {
        if part.is_empty() {
            self.source.at(self.pointer.as_str())
        } else {
            self.source.at(format!("{}/{part}", self.pointer))
        }
    }
}

/// What a step calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// An operation of a contract.
    Operation(OperationId),
    /// The operation of the variant.
    EachOperation,
    /// A request spelled out.
    Raw {
        /// The method, in capitals.
        method: String,
        /// The path from the origin, a template.
        path: String,
    },
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The suite's sample where the operation needs a body, else none.
    Default,
    /// JSON.
    Json(Value),
    /// Bytes as they are.
    Raw(String),
}

/// How a step is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialRef {
    /// Always so.
    Fixed(Credential),
    /// The credential of the variant.
    Each,
}

/// What must be true of an answer.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// The status; `None` for the operation's documented success.
    pub status: Option<StatusSet>,
    /// The schema of the body; `None` for the contract's.
    pub schema: Option<SchemaRef>,
    /// Response headers.
    pub headers: Arc<[Expectation]>,
    /// JSONPath templates, and what each value found must be.
    pub values: Arc<[Expectation]>,
    /// JSONPath templates that must find nothing.
    pub absent: Vec<String>,
}

/// What something in an answer must be.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// A header's name or a JSONPath.
    pub subject: Arc<str>,
    /// What it must be.
    pub matcher: Matcher,
    /// Where this is written.
    pub location: Location,
    /// Its subject, or a value of its matcher, is a template.
    pub is_template: bool,
}

/// A set of statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusSet(pub Vec<StatusRange>);

/// A status or a class of statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRange {
    /// One status.
    Code(u16),
    /// All that begin with this digit.
    Class(u16),
}

impl StatusSet {
    /// Whether the status is in the set.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|range| match range {
            StatusRange::Code(code) => *code == status,
            StatusRange::Class(class) => *class == status / 100,
        })
    }
}

impl fmt::Display for StatusSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            match range {
                StatusRange::Code(code) => write!(f, "{code}")?,
                StatusRange::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}

/// A value to take from an answer.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The name templates use.
    pub name: String,
    /// A JSONPath template that finds it.
    pub path: String,
    /// It is never shown.
    pub secret: bool,
}

/// When to stop repeating a request.
#[derive(Debug, Clone)]
pub struct Until {
    /// The status to wait for; any, where there is none.
    pub status: Option<StatusSet>,
    /// JSONPath templates, and what each value found must be.
    pub values: Arc<[Expectation]>,
    /// The pause between two requests.
    pub every: Duration,
    /// How long to try in all.
    pub limit: Duration,
}

/// How to follow the pages of a list.
#[derive(Debug, Clone)]
pub struct Pages {
    /// A JSONPath to the cursor.
    pub cursor: String,
    /// A JSONPath to the items.
    pub items: String,
    /// The query parameter that takes the cursor.
    pub parameter: String,
    /// No more than so many requests.
    pub at_most: usize,
}

/// How the answers of a case are kept.
#[derive(Debug, Clone, Default)]
pub struct SnapshotRule {
    /// One snapshot for all trials of this name.
    pub family: Option<String>,
    /// Keep none.
    pub omit: bool,
    /// `JSONPaths`, and the word that stands for what each finds.
    pub replace: Vec<(String, String)>,
}
