//! Checks that an endpoint accepts the key, before trials are sent.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use super::authorization;
use super::stage::target as target_of;
use crate::exchange::{Request, Response};
use crate::json::plain;
use crate::json_path::find;
use crate::spec::Suite;
use crate::spec::absent::Absent;
use crate::spec::case::{Call, Step};
use crate::spec::contract::Operation;
use crate::target::{Target, Unreachable};

/// The pauses before an endpoint that could not be reached is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Why no trial could tell anything.
#[derive(Debug, thiserror::Error)]
pub(super) enum Hindrance {
    /// The endpoint cannot be reached.
    #[error(transparent)]
    Unreachable(Unreachable),
    /// The key is refused or of another kind, or the account must be told an organization.
    #[error("{0}")]
    Unfit(String),
}

/// Asks for what any good key opens, and of which kind the key is. An endpoint that answers in any other way is left to the trials.
///
/// # Errors
/// See [`Hindrance`].
pub(super) async fn probe(target: &dyn Target, suite: &Suite, absent: &Absent) -> Result<(), Hindrance> {
    let Some(key) = target.shared_key() else { return Ok(()) };
    let ask = async |step: &Option<Step>| {
        let Some((step, operation)) =
            step.as_ref().and_then(|step| Some((step, asked(suite, absent, step)?)))
        else {
            return Ok(None);
        };
        let response = send(target, suite, key, step, operation).await.map_err(Hindrance::Unreachable)?;
        Ok(Some((operation, response)))
    };
    if let Some((operation, response)) = ask(&suite.supply.key_check).await? {
        opens(target, suite, operation, &response).map_err(Hindrance::Unfit)?;
    }
    if let (Some(step), Some((operation, response))) =
        (&suite.supply.key_kind, ask(&suite.supply.key_kind).await?)
        && response.is_success()
    {
        is_fit(target, step, operation, &response).map_err(Hindrance::Unfit)?;
    }
    Ok(())
}

/// The operation that a step asks for, where the endpoint has it.
fn asked<'s>(suite: &'s Suite, absent: &Absent, step: &Step) -> Option<&'s Operation> {
    let Call::Operation(id) = &step.call else { return None };
    (!absent.contains_key(id)).then(|| suite.operation(id))
}

async fn send(
    target: &dyn Target,
    suite: &Suite,
    key: &SecretString,
    step: &Step,
    operation: &Operation,
) -> Result<Response, Unreachable> {
    let query = step.query.iter().map(|(name, value)| (name.clone(), plain(value)));
    let mut query: BTreeMap<String, String> = query.collect();
    if let Some(organization) = target.organization() {
        suite.supply.name_organization(organization, &operation.id, &mut query);
    }
    let request = Request {
        method: operation.method.clone(),
        target: target_of(&operation.path, &query),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        authorization: Some(authorization::bearer(key, "NEON_API_KEY")),
        body: None,
    };
    for pause in PAUSES {
        target.ready(&operation.path).await;
        match target.send(&request).await {
            Ok(response) => return Ok(response),
            Err(_) => tokio::time::sleep(pause).await,
        }
    }
    target.ready(&operation.path).await;
    target.send(&request).await
}

/// Checks that the endpoint accepts the key.
fn opens(
    target: &dyn Target,
    suite: &Suite,
    operation: &Operation,
    response: &Response,
) -> Result<(), String> {
    let (asked, origin) = (format!("{} {}", operation.method, operation.path), target.describe());
    let parameter = suite.supply.organization.as_ref().and_then(|supply| supply.query.get(&operation.id));
    let names_it = |parameter: &&String| response.text().contains(parameter.as_str());
    match response.status {
        401 => Err(format!(
            "{origin} rejects the key: {asked} returned 401; provide a valid one (NEON_API_KEY, --key-file or --key-command)"
        )),
        403 => Err(format!(
            "{origin} denies the key what a user may do: {asked} returned 403; provide the personal key of a user, \
             not one of an organization or a project (NEON_API_KEY, --key-file or --key-command)"
        )),
        400 if target.organization().is_none() && parameter.is_some_and(|parameter| names_it(&parameter)) => {
            Err(format!(
                "the account at {origin} belongs to an organization: {asked} returned 400 and requires \
                 `{}`; set it with --org-id (NEON_ORG_ID)",
                parameter.map(String::as_str).unwrap_or_default()
            ))
        }
        _ => Ok(()),
    }
}

/// Checks that the key is of the kind that the suite requires.
fn is_fit(
    target: &dyn Target,
    step: &Step,
    operation: &Operation,
    response: &Response,
) -> Result<(), String> {
    let body = response.json().unwrap_or(&Value::Null);
    for expectation in step.expect.values.iter() {
        let found = find(&expectation.subject, body);
        if found.iter().any(|value| !expectation.matcher.holds(value)) {
            return Err(format!(
                "the key is of the wrong kind: {} {} at {} reports `{}` in {}; provide the personal key of a user \
                 (NEON_API_KEY, --key-file or --key-command)",
                operation.method,
                operation.path,
                target.describe(),
                found.into_iter().map(plain).collect::<Vec<_>>().join("`, `"),
                expectation.subject,
            ));
        }
    }
    Ok(())
}
