//! Whether a key is good for anything at an endpoint, before trials are sent there.

use std::collections::BTreeMap;

use super::authorization;
use super::stage::target as target_of;
use crate::exchange::Request;
use crate::json::plain;
use crate::spec::Suite;
use crate::spec::case::Call;
use crate::spec::endpoint::Absent;
use crate::target::Target;

/// Asks for what any good key opens. An endpoint that cannot be reached, or that answers in any other way, is left to the trials.
///
/// # Errors
/// Why no trial could tell anything: the key is refused, or the account must be told an organization.
pub(super) async fn probe(target: &dyn Target, suite: &Suite, absent: &Absent) -> Result<(), String> {
    let (Some(key), Some(step)) = (target.shared_key(), &suite.supply.key_check) else { return Ok(()) };
    let Call::Operation(id) = &step.call else { return Ok(()) };
    if absent.contains_key(id) {
        return Ok(());
    }
    let operation = suite.operation(id);
    let query = step.query.iter().map(|(name, value)| (name.clone(), plain(value)));
    let mut query: BTreeMap<String, String> = query.collect();
    if let Some(organization) = target.organization() {
        suite.supply.name_organization(organization, id, &mut query);
    }
    let request = Request {
        method: operation.method.clone(),
        target: target_of(&operation.path, &query),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        authorization: Some(authorization::bearer(key, "NEON_API_KEY")),
        body: None,
    };
    target.ready(&operation.path).await;
    let Ok(response) = target.send(&request).await else { return Ok(()) };
    let (asked, origin) = (format!("{} {}", operation.method, operation.path), target.describe());
    let parameter = suite.supply.organization.as_ref().and_then(|supply| supply.query.get(id));
    let names_it = |parameter: &&String| response.text().contains(parameter.as_str());
    match response.status {
        401 => Err(format!(
            "{origin} refuses the key: {asked} answered 401; give one that is valid there (NEON_API_KEY, --key-file or --key-command)"
        )),
        400 if target.organization().is_none() && parameter.is_some_and(|parameter| names_it(&parameter)) => {
            Err(format!(
                "the account at {origin} works in an organization: {asked} answered 400 and asks for \
                 `{}`; give it with --org-id (NEON_ORG_ID)",
                parameter.map(String::as_str).unwrap_or_default()
            ))
        }
        _ => Ok(()),
    }
}
