//! The services by whose accounts users can sign in.

use serde_json::{Value, json};

use super::super::{Answer, Call, Reply};
use super::{data, word};
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{Client, OauthId, OauthProvider, State};
use crate::mock::view;

/// All of them.
pub(in crate::mock) fn list(call: &Call<'_>, state: &mut State) -> Answer {
    let providers: Vec<Value> = data(call, state)?.oauth.iter().map(view::oauth_provider).collect();
    Ok(Reply::ok(json!({ "providers": providers })))
}

/// One more.
pub(in crate::mock) fn add(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let id = request.required("id", request.choice("id", &OauthId::WORDS)?)?;
    let new = OauthProvider { id, client: client(&request)? };
    Ok(Reply::ok(view::oauth_provider(data(call, state)?.add_oauth(new)?)))
}

/// Another registration at one.
pub(in crate::mock) fn update(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let by = client(&Object::root(&body)?)?;
    let id = word(call, "oauth_provider_id", &OauthId::WORDS)?;
    Ok(Reply::ok(view::oauth_provider(data(call, state)?.change_oauth(id, by)?)))
}

/// Gone.
pub(in crate::mock) fn delete(call: &Call<'_>, state: &mut State) -> Answer {
    let id = word(call, "oauth_provider_id", &OauthId::WORDS)?;
    data(call, state)?.remove_oauth(id)?;
    Ok(Reply::done())
}

fn client(request: &Object<'_>) -> Result<Client, ApiError> {
    Ok(Client {
        id: request.string("client_id", 1..=1024)?,
        secret: request.string("client_secret", 1..=1024)?,
        tenant: request.string("microsoft_tenant_id", 1..=1024)?,
    })
}
