//! The name of the application, whether it may run on the developer's machine, and who is told of what users do.

use serde::Deserialize as _;
use serde_json::json;
use url::Url;

use super::super::{Answer, Call, Reply};
use super::data;
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{State, Webhook, WebhookEvent};

/// What mail calls the application.
pub(in crate::mock) fn update_name(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let name = Object::root(&body)?.required_string("name", 1..=256)?;
    data(call, state)?.settings.name = Some(name.clone());
    Ok(Reply::ok(json!({ "name": name })))
}

/// Whether users may be sent to the machine that they are at.
pub(in crate::mock) fn get_localhost(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(json!({ "allow_localhost": data(call, state)?.settings.allow_localhost })))
}

/// The same, from now on.
pub(in crate::mock) fn update_localhost(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let allow = request.required("allow_localhost", request.boolean("allow_localhost")?)?;
    data(call, state)?.settings.allow_localhost = allow;
    Ok(Reply::ok(json!({ "allow_localhost": allow })))
}

/// Who is told of what users do.
pub(in crate::mock) fn get_webhook(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(json!(data(call, state)?.settings.webhook)))
}

/// Somebody else is; what is not named is as it was at first. The mock has no users who do anything: nobody is told.
pub(in crate::mock) fn update_webhook(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let webhook = Webhook {
        enabled: request.required("enabled", request.boolean("enabled")?)?,
        url: url(&request)?,
        enabled_events: events(&request)?,
        timeout_seconds: request.integer("timeout_seconds", 1..=10)?.unwrap_or(Webhook::DEFAULT_TIMEOUT),
    };
    let settings = &mut data(call, state)?.settings;
    settings.webhook = webhook;
    Ok(Reply::ok(json!(settings.webhook)))
}

fn url(request: &Object<'_>) -> Result<Option<String>, ApiError> {
    let url = request.string("webhook_url", 1..=2048)?;
    let is_https =
        |text: &String| Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    match url {
        Some(url) if !is_https(&url) => Err(request.invalid("webhook_url", "must be an https URL")),
        url => Ok(url),
    }
}

fn events(request: &Object<'_>) -> Result<Vec<WebhookEvent>, ApiError> {
    let Some(value) = request.members().get("enabled_events") else { return Ok(Vec::new()) };
    Vec::deserialize(value).map_err(|_| request.invalid("enabled_events", "must be a list of known events"))
}
