//! From a request and an answer that someone else has exchanged to what the judge reads.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::named;
use crate::exchange::{Authorization, Exchange, Request, Response, Role};
use crate::json::plain;
use crate::runner::learn;
use crate::secret::placeholder::{SHORTEST_TOKEN, is_token};
use crate::secret::{Secrets, headers};
use crate::spec::annotation::annotations;
use crate::spec::contract::Operation;
use crate::spec::credential::{Credential, Malformed};
use crate::spec::shape::Mark;
use crate::spec::{Location, Suite};

/// How far what is seen of a request can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Everything that authenticates it is seen.
    Whole,
    /// Whoever kept it may have removed what is secret: that a header is missing says nothing, and one key may stand for many.
    Redacted,
}

/// What was exchanged, as someone saw it.
pub struct Observed {
    /// How far the request can be believed.
    pub trust: Trust,
    /// The endpoint, where there may be several.
    pub origin: String,
    /// When it was sent, where that is known.
    pub began: Option<Timestamp>,
    /// By when its answer had come for certain.
    pub ended: Option<Timestamp>,
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

/// A key, by the endpoint, the list that it stands in, and its id there.
type KeyName = (String, String, String);

/// Sees exchanges in the order they are made.
pub struct Observer<'s> {
    suite: &'s Suite,
    secrets: &'s Secrets,
    /// Whether tokens are seen as they are.
    trust: Trust,
    /// The header of the first exchange: what others show may be of another account.
    first: Option<String>,
    /// Tokens that were seen, in a request or when they were made.
    seen: BTreeSet<String>,
    /// Tokens by the names of their keys.
    minted: BTreeMap<KeyName, String>,
    /// Tokens that were revoked, with the time at which the answer that says so had come.
    revoked: BTreeMap<String, Timestamp>,
    /// How many keys were made, or revoked, whose tokens are not known.
    unknown_keys: usize,
}

impl<'s> Observer<'s> {
    /// An observer that has seen nothing yet.
    #[must_use]
    pub fn new(suite: &'s Suite, secrets: &'s Secrets, trust: Trust) -> Self {
        Self {
            suite,
            secrets,
            trust,
            first: None,
            seen: BTreeSet::new(),
            minted: BTreeMap::new(),
            revoked: BTreeMap::new(),
            unknown_keys: 0,
        }
    }

    /// How many keys were made or revoked of which it is not seen whether they are refused afterwards.
    #[must_use]
    pub fn unknown_keys(&self) -> usize {
        self.unknown_keys
    }

    /// Takes note of what is secret in a request, before anything is told of it.
    pub fn learn(&self, request: &Request, authorization: Option<&str>) {
        let token = authorization.and_then(bearer).unwrap_or_default();
        if self.is_clear(token) && token.len() >= SHORTEST_TOKEN {
            self.secrets.add(token);
        } else if token.len() >= SHORTEST_TOKEN {
            // That one word stands for many keys says nothing of what else is shown.
            self.secrets.suspect(token);
        }
        let own = authorization.map(|value| ("authorization".to_owned(), value.to_owned()));
        self.secrets.suspect_headers(own.as_slice());
        self.secrets.suspect_headers(&request.headers);
        self.secrets.suspect_headers(&named::values(request));
        self.secrets.suspect_alike(&request.target);
        for (_, value) in &request.headers {
            self.secrets.suspect_alike(value);
        }
        if let Some(body) = &request.body {
            self.secrets.suspect_alike(&String::from_utf8_lossy(body));
        }
    }

    /// Whether a token is the one that was sent.
    fn is_clear(&self, token: &str) -> bool {
        self.trust == Trust::Whole || is_token(token)
    }

    /// The next exchange.
    pub fn observe(&mut self, seen: Observed) -> Exchange {
        self.learn(&seen.request, seen.authorization.as_deref());
        let path = seen.request.target.split('?').next().unwrap_or_default();
        let known = self.suite.operation_at(&seen.request.method, path);
        let (operation, params) = known.unzip();
        let token = seen.authorization.as_deref().and_then(bearer).unwrap_or_default();
        learn(self.secrets, self.suite, token, operation.map(|operation| &operation.id), &seen.response);
        let credential = self.credential(&seen, operation);
        self.seen.insert(token.to_owned());
        if let Some(operation) = operation {
            self.follow_keys(operation, &seen);
        }
        let Observed { name, location, mut request, authorization, response, .. } = seen;
        request.authorization = authorization.as_deref().map(|header| shown(header, credential));
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let first = self.first.get_or_insert_with(|| authorization.clone().unwrap_or_default());
        let other_key = authorization.as_deref().unwrap_or_default() != first;
        Exchange {
            began: seen.began.unwrap_or_default(),
            role: Role::Step,
            step: name,
            location,
            operation: operation.map(|operation| operation.id.clone()),
            credential,
            other_key,
            params: params.unwrap_or_default(),
            query,
            request,
            response,
            expected: None,
            captured: Vec::new(),
            foreign: None,
            is_borrowed: false,
        }
    }

    /// How a request is authenticated, as far as that can be told: a key that was refused may be one that opens nothing.
    fn credential(&self, seen: &Observed, operation: Option<&Operation>) -> Credential {
        let is_refused = seen.response.status == 401;
        let is_whole = seen.trust == Trust::Whole;
        let Some(header) = seen.authorization.as_deref() else {
            // A browser asks without a key whether it may ask (Fetch §3.2.2); another document may know what needs none.
            let needs_a_key =
                seen.request.method != "OPTIONS" && operation.is_none_or(|operation| !operation.is_foreign);
            return if is_refused || (is_whole && needs_a_key) {
                Credential::Missing
            } else {
                Credential::Valid
            };
        };
        match bearer(header) {
            // What was under way when its key was revoked may have been let in.
            Some(token) if (is_whole || is_refused) && self.is_revoked(token, seen.began) => {
                Credential::Revoked
            }
            Some(_) if is_refused => Credential::Invalid,
            Some(_) => Credential::Valid,
            None if !is_whole && !is_refused => Credential::Valid,
            None => Credential::Malformed(match header.trim() {
                header if header.eq_ignore_ascii_case("bearer") && header.len() < 7 => Malformed::SchemeOnly,
                header if header.to_ascii_lowercase().starts_with("basic ") => Malformed::Basic,
                _ => Malformed::NoScheme,
            }),
        }
    }

    fn is_revoked(&self, token: &str, began: Option<Timestamp>) -> bool {
        // Without its time, it was sent when it was seen.
        self.revoked.get(token).is_some_and(|at| began.is_none_or(|began| began > *at))
    }

    /// Which keys come to be, and which are revoked.
    fn follow_keys(&mut self, operation: &Operation, seen: &Observed) {
        let is_of_keys = operation.path.contains("/api_keys");
        if !seen.response.is_success() || !is_of_keys {
            return;
        }
        let path = seen.request.target.split('?').next().unwrap_or_default();
        let body = seen.response.json();
        if operation.method == "DELETE" {
            let Some((list, id)) = path.rsplit_once('/') else { return };
            if body.and_then(|body| body.get("revoked")) == Some(&Value::Bool(false)) {
                return;
            }
            let key = (seen.origin.clone(), list.to_owned(), id.to_owned());
            match (self.minted.get(&key), seen.ended) {
                (Some(token), Some(ended)) => _ = self.revoked.insert(token.clone(), ended),
                _ => self.unknown_keys += 1,
            }
            return;
        }
        let (Some(schema), Some(body)) = (operation.annotated(seen.response.status), body) else { return };
        let marks = annotations(&self.suite.schemas, schema, body);
        let token = marks
            .iter()
            .filter(|annotation| annotation.mark == Mark::Secret)
            .find_map(|annotation| body.pointer(&annotation.pointer).and_then(Value::as_str));
        let (Some(id), Some(token)) = (body.get("id"), token) else { return };
        // A token that was there before its key was made stands for several.
        if self.is_clear(token) && self.seen.insert(token.to_owned()) {
            self.minted.insert((seen.origin.clone(), path.to_owned(), plain(id)), token.to_owned());
        } else {
            self.revoked.remove(token);
            self.minted.retain(|_, known| known != token);
            self.unknown_keys += 1;
        }
    }
}

/// A header as a shell would write it: with a variable in the place of what is secret in it.
fn shown(header: &str, credential: Credential) -> Authorization {
    let shown = match credential {
        Credential::Revoked => "Bearer $NEON_REVOKED_API_KEY".to_owned(),
        Credential::Malformed(_) => headers::hide("authorization", header, |_| "$AUTHORIZATION".to_owned()),
        _ => "Bearer $NEON_API_KEY".to_owned(),
    };
    Authorization { shown, value: header.to_owned().into() }
}

/// The token of a `Bearer` header (RFC 6750 §2.1).
pub(super) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim_start().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
