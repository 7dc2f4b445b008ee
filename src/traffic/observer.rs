//! From a request and an answer that someone else has exchanged to what the judge reads.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::exchange::{Exchange, Request, Response, Role};
use crate::json::plain;
use crate::runner::learn;
use crate::secret::Secrets;
use crate::spec::annotation::{Mark, annotations};
use crate::spec::contract::OperationId;
use crate::spec::credential::{Credential, Malformed};
use crate::spec::{Location, Suite};

/// A token of fewer characters may be any word.
const SHORTEST_TOKEN: usize = 12;

/// How far what is seen can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Everything that was sent is seen.
    Whole,
    /// Whoever kept it may have removed what is secret: that a header is missing says nothing, and one key may stand for many.
    Redacted,
}

/// What was exchanged, as someone saw it.
pub struct Observed {
    /// When it was sent.
    pub began: Timestamp,
    /// What it is called in findings.
    pub name: String,
    /// Where it was seen.
    pub location: Location,
    /// The request, without the header that authenticates it.
    pub request: Request,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The answer.
    pub response: Response,
}

/// Sees exchanges in the order they are made.
pub struct Observer<'s> {
    suite: &'s Suite,
    secrets: &'s Secrets,
    trust: Trust,
    /// The header of the first exchange: what others show may be of another account.
    first: Option<String>,
    /// Tokens by the ids of their keys.
    minted: BTreeMap<String, String>,
    /// Tokens that were revoked, with the time at which the answer that says so had come.
    revoked: BTreeMap<String, Timestamp>,
}

impl<'s> Observer<'s> {
    /// An observer that has seen nothing yet.
    #[must_use]
    pub fn new(suite: &'s Suite, secrets: &'s Secrets, trust: Trust) -> Self {
        Self { suite, secrets, trust, first: None, minted: BTreeMap::new(), revoked: BTreeMap::new() }
    }

    /// Takes note of what is secret in a request, before anything is told of it.
    pub fn learn(&self, request: &Request, authorization: Option<&str>) {
        let token = authorization.and_then(bearer).unwrap_or_default();
        // Shorter ones are no keys of anyone's.
        if token.len() >= SHORTEST_TOKEN {
            match self.trust {
                Trust::Whole => self.secrets.add(token),
                // That one key stands for many says nothing of what else is shown.
                Trust::Redacted => self.secrets.suspect(token),
            }
        }
        let own = authorization.map(|value| ("authorization".to_owned(), value.to_owned()));
        self.secrets.suspect_headers(own.as_slice());
        self.secrets.suspect_headers(&request.headers);
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let parameters: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        self.secrets.suspect_headers(&parameters);
        self.secrets.suspect_alike(&request.target);
        if let Some(body) = &request.body {
            self.secrets.suspect_alike(&String::from_utf8_lossy(body));
        }
    }

    /// The next exchange.
    pub fn observe(&mut self, seen: Observed) -> Exchange {
        let Observed { began, name, location, request, authorization, response } = seen;
        self.learn(&request, authorization.as_deref());
        let path = request.target.split('?').next().unwrap_or_default();
        let known = self.suite.operation_at(&request.method, path);
        let (operation, params) = known.map(|(operation, params)| (operation.id.clone(), params)).unzip();
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let token = authorization.as_deref().and_then(bearer).unwrap_or_default();
        learn(self.secrets, self.suite, token, operation.as_ref(), &response);
        let credential = self.credential(authorization.as_deref(), &response, began);
        self.follow_keys(operation.as_ref(), params.as_ref(), &response, began + response.elapsed);
        let first = self.first.get_or_insert_with(|| authorization.clone().unwrap_or_default());
        let other_key = authorization.as_deref().unwrap_or_default() != first;
        Exchange {
            began,
            role: Role::Step,
            step: name,
            location,
            operation,
            credential,
            other_key,
            params: params.unwrap_or_default(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            request,
            response,
            expected: None,
            captured: Vec::new(),
            foreign: None,
        }
    }

    /// How a request is authenticated, as far as that can be told: a key that was refused may be one that opens nothing.
    fn credential(&self, authorization: Option<&str>, response: &Response, began: Timestamp) -> Credential {
        let is_refused = response.status == 401;
        let Some(header) = authorization else {
            return if is_refused || self.trust == Trust::Whole {
                Credential::Missing
            } else {
                Credential::Valid
            };
        };
        match bearer(header) {
            // What was under way when its key was revoked may have been let in.
            Some(token) if self.revoked.get(token).is_some_and(|at| began > *at) => Credential::Revoked,
            Some(_) if is_refused => Credential::Invalid,
            Some(_) => Credential::Valid,
            None if self.trust == Trust::Redacted && !is_refused => Credential::Valid,
            None => Credential::Malformed(match header.trim() {
                header if header.eq_ignore_ascii_case("bearer") && header.len() < 7 => Malformed::SchemeOnly,
                header if header.to_ascii_lowercase().starts_with("basic ") => Malformed::Basic,
                _ => Malformed::NoScheme,
            }),
        }
    }

    /// Which keys come to be, and which are revoked.
    fn follow_keys(
        &mut self,
        operation: Option<&OperationId>,
        params: Option<&BTreeMap<String, String>>,
        response: &Response,
        ended: Timestamp,
    ) {
        let (Some(operation), Some(params), Some(body)) = (operation, params, response.json()) else {
            return;
        };
        if !response.is_success() || self.trust == Trust::Redacted {
            return;
        }
        let operation = self.suite.operation(operation);
        let is_of_keys = operation.path.contains("/api_keys");
        if !is_of_keys {
            return;
        }
        if operation.method == "DELETE" {
            let named = operation.path_parameters().last().and_then(|name| params.get(name));
            let token = named.and_then(|id| self.minted.get(id));
            self.revoked.extend(token.map(|token| (token.clone(), ended)));
            return;
        }
        let schema = operation.annotated(response.status);
        let marks = schema.map(|schema| annotations(&self.suite.schemas, schema, body)).unwrap_or_default();
        let token = marks
            .iter()
            .filter(|annotation| annotation.mark == Mark::Secret)
            .find_map(|annotation| body.pointer(&annotation.pointer).and_then(Value::as_str));
        if let (Some(id), Some(token)) = (body.get("id"), token) {
            self.minted.insert(plain(id), token.to_owned());
        }
    }
}

/// The token of a `Bearer` header (RFC 6750 §2.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim_start().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
