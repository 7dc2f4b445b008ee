//! From a step to a request that is ready to be sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use super::{Halt, Stage};
use crate::exchange::{Authorization, Request};
use crate::json::plain;
use crate::runner::authorization;
use crate::spec::case::{Body, Call, Step};
use crate::spec::contract::OperationId;
use crate::spec::credential::Credential;

/// What stands as it is in one segment of a path (RFC 3986 §3.3: unreserved characters).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request that is ready to be sent.
pub(super) struct Prepared {
    pub(super) operation: Option<OperationId>,
    pub(super) credential: Credential,
    pub(super) params: BTreeMap<String, String>,
    pub(super) query: BTreeMap<String, String>,
    /// Values of query parameters that are sent before the one that counts.
    repeated: BTreeMap<String, Vec<String>>,
    pub(super) request: Request,
    pub(super) path: String,
    /// The method and the path, as the contract writes them.
    pub(super) route: String,
    /// Where what it makes stands in the ledger.
    pub(super) entry: Option<u64>,
    /// Another trial may have asked for the same since then.
    pub(super) since: Option<Instant>,
    /// When another trial has sent it.
    pub(super) borrowed: Option<Timestamp>,
}

impl Stage<'_> {
    pub(super) async fn prepare(&mut self, step: &Step) -> Result<Prepared, Halt> {
        let credential = self.trial.variant.credential_of(step);
        let (operation, method, mut path, mut params) =
            match (self.trial.variant.operation_of(step), &step.call) {
                (Some(id), _) => {
                    let params = self.path_parameters(step, id).await?;
                    let operation = self.suite.operation(id);
                    (Some(id.clone()), operation.method.clone(), fill_path(&operation.path, &params), params)
                }
                (None, Call::Raw { method, path }) => {
                    let path = self.text(path)?;
                    let known = self.suite.operation_at(method, &path);
                    let (id, params) =
                        known.map(|(operation, params)| (operation.id.clone(), params)).unzip();
                    (id, method.clone(), path, params.unwrap_or_default())
                }
                (None, _) => return Err(Halt::Untested("the step has no operation".to_owned())),
            };
        if let (Some(id), Credential::Valid) = (&operation, credential) {
            self.lists_what_is_made(id)?;
        }
        // A header that the step spells out is sent as it is, in place of the credential's.
        let spelled_out = step.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization"));
        let authorization = if spelled_out { None } else { self.authorization(step, credential).await? };
        let (mut query, mut repeated) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in &step.query {
            let mut values = match self.value(value)? {
                Value::Array(values) => values.iter().map(plain).collect(),
                value => vec![plain(&value)],
            };
            query.extend(values.pop().map(|last| (name.clone(), last)));
            repeated.insert(name.clone(), values);
        }
        if let (Some(id), Call::Operation(_) | Call::EachOperation) = (&operation, &step.call) {
            let mut supplied = Vec::new();
            for name in self.suite.operation(id).required_query() {
                if !query.contains_key(name) && self.suite.supply.params.contains_key(name) {
                    let value = match self.supply(name).await {
                        // What must be refused must be so whether what it asks for is there or not.
                        Err(Halt::Untested(_)) if credential.is_refused() => {
                            self.nothing(self.suite.operation(id), name)
                        }
                        value => value?,
                    };
                    query.insert(name.to_owned(), plain(&value));
                    supplied.push(name);
                }
            }
            // What was found first may have been found again since.
            for name in &supplied {
                if let Some(known) = self.known(name) {
                    query.insert((*name).to_owned(), plain(known));
                }
            }
            if !supplied.is_empty() {
                params = self.path_parameters(step, id).await?;
                path = fill_path(&self.suite.operation(id).path, &params);
            }
        }
        if let (Some(organization), Some(id), false) =
            (self.organization_of(credential), &operation, path.contains('?'))
        {
            self.suite.supply.name_organization(organization, id, &mut query);
        }
        let mut headers = vec![("accept".to_owned(), "application/json".to_owned())];
        let body = self.body(step, operation.as_ref(), credential)?;
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        for (name, value) in &step.headers {
            let (name, value) = (name.to_ascii_lowercase(), self.text(value)?);
            if name == "authorization" {
                self.secrets.suspect(value.rsplit(' ').next().unwrap_or(&value));
            }
            headers.retain(|(header, _)| *header != name);
            headers.push((name, value));
        }
        let request =
            Request { method, target: repeating(&path, &query, &repeated), headers, authorization, body };
        if let Some((_, spelled_out)) = path.split_once('?') {
            query.extend(url::form_urlencoded::parse(spelled_out.as_bytes()).into_owned());
        }
        let written = operation
            .as_ref()
            .map_or(path.split('?').next().unwrap_or_default(), |id| &self.suite.operation(id).path);
        let route = format!("{} {written}", request.method);
        Ok(Prepared {
            operation,
            credential,
            params,
            query,
            repeated,
            request,
            path,
            route,
            entry: None,
            since: None,
            borrowed: None,
        })
    }

    /// What a trial has made in an organization need not be on a list that takes none.
    fn lists_what_is_made(&self, list: &OperationId) -> Result<(), Halt> {
        let list = self.suite.operation(list);
        let mut made = self.exchanges.iter().filter_map(|exchange| exchange.operation.as_ref());
        if self.target.organization().is_some() && made.any(|made| self.suite.supply.may_lack(list, made)) {
            let reason =
                format!("`{}` takes no organization, and need not show what was made in one", list.id);
            return Err(Halt::Untested(reason));
        }
        Ok(())
    }

    /// The organization that a request names. Another user need not be in it, and what one is not in is unknown.
    fn organization_of(&self, credential: Credential) -> Option<&str> {
        self.target.organization().filter(|_| credential != Credential::OtherUser)
    }

    /// The values of an operation's path parameters: the step's, or the suite's.
    pub(super) async fn path_parameters(
        &mut self,
        step: &Step,
        id: &OperationId,
    ) -> Result<BTreeMap<String, String>, Halt> {
        let mut params = BTreeMap::new();
        for name in self.suite.operation(id).path_parameters() {
            let value = match step.params.get(name) {
                Some(value) => self.value(value)?,
                // What must be refused must be so whether what it asks for is there or not.
                None if self.trial.variant.credential_of(step).is_refused() && !self.can_supply(name) => {
                    self.nothing(self.suite.operation(id), name)
                }
                None => match self.supply(name).await {
                    Err(Halt::Untested(_)) if self.trial.variant.credential_of(step).is_refused() => {
                        self.nothing(self.suite.operation(id), name)
                    }
                    value => value?,
                },
            };
            params.insert(name.to_owned(), plain(&value));
        }
        // While the rest was looked for, others may have removed what was found first, and something else was found.
        for (name, value) in params.iter_mut().filter(|(name, _)| !step.params.contains_key(*name)) {
            if let Some(known) = self.known(name) {
                *value = plain(known);
            }
        }
        Ok(params)
    }

    pub(super) async fn authorization(
        &mut self,
        step: &Step,
        credential: Credential,
    ) -> Result<Option<Authorization>, Halt> {
        if let Some(key) = &step.key {
            let filled = SecretString::from(self.text(key)?);
            self.secrets.suspect(filled.expose_secret());
            let variable = key.trim_matches(['{', '}', ' ']).to_owned();
            return Ok(Some(authorization::bearer(&filled, &variable)));
        }
        Ok(match credential {
            Credential::Valid => Some(authorization::bearer(&self.session.key, "NEON_API_KEY")),
            Credential::Missing => None,
            Credential::Malformed(shape) => Some(authorization::malformed(shape, &self.session.key)),
            Credential::Invalid => Some(authorization::never_issued(&self.session.key, &self.trial.name)),
            Credential::OtherUser => match &self.session.other_user {
                Some(key) => Some(authorization::bearer(key, "NEON_API_KEY_OTHER")),
                None => {
                    return Err(Halt::Untested(
                        "no key of another user is available; set NEON_API_KEY_OTHER".to_owned(),
                    ));
                }
            },
            Credential::Altered(change) => {
                let header = authorization::altered(change, &self.session.key);
                let header = header
                    .ok_or_else(|| Halt::Untested(format!("the key cannot be sent as {credential}")))?;
                // All but one character of a key is a key to whoever tries the rest.
                self.secrets.suspect(header.value.expose_secret().rsplit(' ').next().unwrap_or_default());
                Some(header)
            }
            Credential::Revoked | Credential::SelfRevoked => {
                Some(authorization::bearer(&self.revoked_key(credential).await?, "token"))
            }
        })
    }

    pub(super) fn body(
        &self,
        step: &Step,
        operation: Option<&OperationId>,
        credential: Credential,
    ) -> Result<Option<Vec<u8>>, Halt> {
        let json = |body: &Value| {
            let mut body = self.value(body)?;
            if let (Some(organization), Some(id)) = (self.organization_of(credential), operation) {
                self.suite.supply.name_organization_in(organization, id, &mut body);
            }
            Ok(body.to_string().into_bytes())
        };
        Ok(match &step.body {
            Body::Json(body) => Some(json(body)?),
            Body::Raw(raw) if raw.is_empty() => None,
            Body::Raw(raw) => Some(self.text(raw)?.into_bytes()),
            Body::Default => match operation {
                Some(id) if self.suite.operation(id).body_required => {
                    match self.suite.supply.bodies.get(id) {
                        Some(body) => Some(json(body)?),
                        // What must be refused whatever it says may as well say nothing.
                        None if credential.is_refused() => Some(b"{}".to_vec()),
                        None => return Err(Halt::Untested(format!("the suite supplies no body for `{id}`"))),
                    }
                }
                _ => None,
            },
        })
    }
}

impl Prepared {
    pub(super) fn again(&self) -> Self {
        Self {
            operation: self.operation.clone(),
            credential: self.credential,
            params: self.params.clone(),
            query: self.query.clone(),
            repeated: self.repeated.clone(),
            request: self.request.clone(),
            path: self.path.clone(),
            route: self.route.clone(),
            entry: None,
            since: None,
            borrowed: None,
        }
    }

    pub(super) fn with_query(&self, name: &str, value: String) -> Self {
        let mut next = self.again();
        next.query.insert(name.to_owned(), value);
        let path = next.path.split('?').next().unwrap_or_default();
        next.repeated.remove(name);
        next.request.target = repeating(path, &next.query, &next.repeated);
        next
    }
}

/// A path template with its parameters filled in, each as one segment.
pub(in crate::runner) fn fill_path(template: &str, params: &BTreeMap<String, String>) -> String {
    params.iter().fold(template.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), &utf8_percent_encode(value, SEGMENT).to_string())
    })
}

/// Path and query, percent-encoded.
pub(in crate::runner) fn target(path: &str, query: &BTreeMap<String, String>) -> String {
    repeating(path, query, &BTreeMap::new())
}

/// The same with parameters that stand more than once: what is repeated stands before the value that counts.
fn repeating(
    path: &str,
    query: &BTreeMap<String, String>,
    repeated: &BTreeMap<String, Vec<String>>,
) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        for value in repeated.get(name).into_iter().flatten().chain([value]) {
            encoded.append_pair(name, value);
        }
    }
    let encoded = encoded.finish();
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_parameter_stays_one_segment() {
        let params = BTreeMap::from([("id".to_owned(), "odd/name 1".to_owned())]);
        assert_eq!(fill_path("/a/{id}/b", &params), "/a/odd%2Fname%201/b");
    }

    #[test]
    fn a_query_is_encoded() {
        let query = BTreeMap::from([("search".to_owned(), "a&b".to_owned())]);
        assert_eq!(target("/p", &query), "/p?search=a%26b");
        assert_eq!(target("/p?x=1", &query), "/p?x=1&search=a%26b");
        let repeated = BTreeMap::from([("search".to_owned(), vec!["1".to_owned(), "2".to_owned()])]);
        assert_eq!(repeating("/p", &query, &repeated), "/p?search=1&search=2&search=a%26b");
    }
}
