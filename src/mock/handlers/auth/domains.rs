//! Where users may be sent after they have been authenticated.

use serde_json::{Value, json};
use url::Url;

use super::super::{Answer, Call, Reply};
use super::{branch_id, data, must_be, provider};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Domain, State};

/// All of them.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let domains = &data(call, state)?.domains;
    let domains: Vec<Value> = domains
        .iter()
        .map(|known| json!({ "domain": known.domain, "auth_provider": known.provider }))
        .collect();
    Ok(Reply::ok(json!({ "domains": domains })))
}

/// One more.
pub(in crate::mock) fn add(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let provider = provider(&request)?;
    let domain = uri(&request)?;
    let project = call.open(state)?.project;
    let branch = branch_id(call, project)?;
    let (integration, data) = project.auth_mut(&branch)?;
    must_be(integration, provider)?;
    data.trust(Domain { domain, provider })?;
    Ok(Reply::made())
}

/// Some fewer, whether or not they were there.
pub(in crate::mock) fn remove(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let provider = provider(&request)?;
    request.required("domains", request.members().get("domains"))?;
    let domains: Vec<String> = request.objects("domains")?.iter().map(uri).collect::<Result<_, _>>()?;
    let project = call.open(state)?.project;
    let branch = branch_id(call, project)?;
    let (integration, data) = project.auth_mut(&branch)?;
    must_be(integration, provider)?;
    data.distrust(&domains);
    Ok(Reply::done())
}

/// A domain is a URI (RFC 3986 §3): it has a scheme.
fn uri(of: &Object<'_>) -> Result<String, ApiError> {
    let domain = of.required_string("domain", 1..=2048)?;
    let is_uri = domain.bytes().all(|byte| byte.is_ascii_graphic()) && Url::parse(&domain).is_ok();
    if is_uri { Ok(domain) } else { Err(of.invalid("domain", "must be a URI")) }
}
