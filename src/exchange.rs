//! A request as it was sent, and the answer as it came.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use crate::json::{self, Parsed};
use crate::spec::Location;
use crate::spec::case::{Expectation, StatusSet};
use crate::spec::contract::{Operation, OperationId};
use crate::spec::credential::Credential;
use crate::spec::requirement::RequirementId;
use crate::spec::schema_ref::SchemaRef;

/// One request and its answer, with what was meant by it.
#[derive(Debug)]
pub struct Exchange {
    /// When it was sent.
    pub began: Timestamp,
    /// Why it was sent.
    pub role: Role,
    /// The step's name.
    pub step: String,
    /// Where the step stands.
    pub location: Location,
    /// The operation, where the request is one of a contract.
    pub operation: Option<OperationId>,
    /// How it was authenticated.
    pub credential: Credential,
    /// A key that the step names was sent, instead of the account's own.
    pub other_key: bool,
    /// The path parameters, as sent.
    pub params: BTreeMap<String, String>,
    /// The query parameters, as sent.
    pub query: BTreeMap<String, String>,
    /// The request.
    pub request: Request,
    /// The answer.
    pub response: Response,
    /// What the case expects, with its templates filled in.
    pub expected: Option<Expected>,
    /// What was taken from the answer.
    pub captured: Vec<Captured>,
    /// Why what the answer claims to have made is not the run's, where it is not.
    pub foreign: Option<String>,
    /// Another trial has sent it, at the same time and for the same reason.
    pub is_borrowed: bool,
}

impl Exchange {
    /// Returns `true` if the case expects the status that came.
    #[must_use]
    pub fn has_expected_status(&self) -> bool {
        self.expected.as_ref().is_some_and(|expected| expected.status.contains(self.response.status))
    }

    /// Whether the answer has a body that can be looked at, if only an empty one.
    #[must_use]
    pub fn shows_a_body(&self) -> bool {
        self.response.unseen.is_none()
            && self.request.method != "HEAD"
            && !(Response::has_no_content(self.response.status) && self.response.body.is_empty())
    }

    /// The plainest request for an operation, sent with a good key by the step at `location`, and what was answered.
    #[must_use]
    pub fn plain(operation: &Operation, location: Location, response: Response) -> Self {
        Self {
            began: Timestamp::default(),
            role: Role::Step,
            step: operation.id.to_string(),
            location,
            operation: Some(operation.id.clone()),
            credential: Credential::Valid,
            other_key: false,
            params: BTreeMap::new(),
            query: BTreeMap::new(),
            request: Request {
                method: operation.method.clone(),
                target: operation.path.clone(),
                headers: Vec::new(),
                authorization: None,
                body: None,
            },
            response,
            expected: None,
            captured: Vec::new(),
            foreign: None,
            is_borrowed: false,
        }
    }
}

/// Why a request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A step of the case.
    Step,
    /// Another page of the list that a step asks for.
    Page,
    /// An answer of a step that was not yet the one it waits for.
    Poll,
    /// To make or find what the case needs.
    Supply,
    /// To see what the account holds before a write that must be refused.
    WitnessBefore,
    /// To see what the account holds after it.
    WitnessAfter,
    /// To take a step back.
    Undo,
}

/// What a case expects of one answer.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The requirements that are broken where it is not so; where there is none, all of the case that must hold.
    pub proves: Arc<[RequirementId]>,
    /// The status.
    pub status: StatusSet,
    /// Where the status is written, or the step that implies it.
    pub status_at: Location,
    /// A schema in place of the contract's.
    pub schema: Option<SchemaRef>,
    /// Header name → what it must be.
    pub headers: Arc<[Expectation]>,
    /// JSONPath → what each value it finds must be.
    pub values: Arc<[Expectation]>,
    /// `JSONPaths` that must find nothing.
    pub absent: Vec<(String, Location)>,
}

/// A value taken from an answer.
#[derive(Debug, Clone)]
pub struct Captured {
    /// Its name.
    pub name: String,
    /// The JSONPath it was found by.
    pub path: String,
    /// The value.
    pub value: Value,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// Path and query, percent-encoded, from the origin.
    pub target: String,
    /// All headers but `Authorization`.
    pub headers: Vec<(String, String)>,
    /// The `Authorization` header.
    pub authorization: Option<Authorization>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// An `Authorization` header, and how it may be shown.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The header's value.
    pub value: SecretString,
    /// The value with the name of a shell variable where the key stands: `Bearer $NEON_API_KEY`.
    pub shown: String,
}

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The status; 0 where no answer came.
    pub status: u16,
    /// The headers, in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded (RFC 9110 §8.4).
    pub body: Vec<u8>,
    /// What went wrong between the two ends.
    pub fault: Option<TransportFault>,
    /// Why the body is not known, where it is not.
    pub unseen: Option<Unseen>,
    /// From sending the request to the end of the answer.
    pub elapsed: Duration,
    /// Read when it is asked for: it takes many times the room of the body.
    parsed: OnceLock<Option<Parsed>>,
}

/// What can go wrong between the two ends once a connection stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportFault {
    /// The answer took too long.
    #[error("no complete response within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than the limit, in bytes.
    #[error("a response of more than {0} bytes")]
    TooLarge(usize),
    /// The connection ended, or what came is not HTTP, or not as long as it said, or cannot be decoded.
    #[error("{0}")]
    Broken(String),
}

/// Why a body that came is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unseen {
    /// Whoever saw it did not keep it.
    #[error("{0}")]
    NotKept(String),
    /// What was kept is not what came.
    #[error("{0}")]
    Undecodable(String),
}

impl Response {
    /// An answer that came, but for its body.
    #[must_use]
    pub fn unseen(status: u16, headers: Vec<(String, String)>, why: Unseen) -> Self {
        Self { status, headers, unseen: Some(why), ..Self::default() }
    }

    /// Whether an answer of this status never has content, whatever its headers say (RFC 9110 §6.4.1).
    #[must_use]
    pub fn has_no_content(status: u16) -> bool {
        matches!(status, 100..=199 | 204 | 205 | 304)
    }

    /// An answer that came.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, ..Self::default() }
    }

    /// No answer, or the part of one.
    #[must_use]
    pub fn broken(mut self, fault: TransportFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// The body as JSON, whatever the content type says; the last of members of the same name counts.
    #[must_use]
    pub fn json(&self) -> Option<&Value> {
        self.parsed().map(|parsed| &parsed.value)
    }

    fn parsed(&self) -> Option<&Parsed> {
        self.parsed.get_or_init(|| json::parse(&self.body).ok()).as_ref()
    }

    /// A value of the body, found at a place in it (JSON Pointer), with its numbers as they came.
    #[must_use]
    pub(crate) fn written(&self, pointer: &str, value: &Value) -> String {
        let text = std::str::from_utf8(&self.body).ok().filter(|_| json::has_fraction(value));
        let written = text.and_then(|text| json::at(text, pointer)).unwrap_or_default();
        json::exact(value, written, false)
    }

    /// The name of a member that stands twice in one object (RFC 8259 §4).
    #[must_use]
    pub fn repeated_name(&self) -> Option<&str> {
        self.parsed()?.repeated_name.as_deref()
    }

    /// The body as text, with replacement characters where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first header of this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a header.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The media type, without its parameters, in lower case (RFC 9110 §8.3.1).
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
