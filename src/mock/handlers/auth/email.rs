//! How mail is sent to users, and what they need an address for.

use serde_json::json;

use super::super::{Answer, Call, Reply};
use super::{data, set};
use crate::mock::body::{Object, is_address};
use crate::mock::error::ApiError;
use crate::mock::model::{EmailProvider, EmailServer, State, Verification};

/// So long are the texts of a server at most.
const LONGEST: usize = 1024;

/// Whose server sends mail.
pub(in crate::mock) fn get_provider(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(json!(data(call, state)?.settings.email_provider)))
}

/// Another server.
pub(in crate::mock) fn update_provider(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let kind = request.required_string("type", 1..=LONGEST)?;
    let provider = match kind.as_str() {
        "standard" => EmailProvider::Standard(server(&request)?),
        "shared" => EmailProvider::Shared {
            sender_email: request.string("sender_email", 0..=LONGEST)?,
            sender_name: request.string("sender_name", 0..=LONGEST)?,
        },
        _ => return Err(request.invalid("type", "must be one of standard, shared")),
    };
    let settings = &mut data(call, state)?.settings;
    settings.email_provider = provider;
    Ok(Reply::ok(json!(settings.email_provider)))
}

/// What would come of a mail through a server. The mock sends none, and says so.
pub(in crate::mock) fn send_test(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    server(&request)?;
    let recipient = request.required_string("recipient_email", 1..=256)?;
    if !is_address(&recipient) {
        return Err(request.invalid("recipient_email", "must be an e-mail address"));
    }
    data(call, state)?;
    Ok(Reply::ok(json!({ "success": false, "error_message": "the mock sends no mail" })))
}

fn server(request: &Object<'_>) -> Result<EmailServer, ApiError> {
    let text = |name: &str| request.required_string(name, 0..=LONGEST);
    Ok(EmailServer {
        host: text("host")?,
        port: request.required("port", request.integer("port", 1..=65_535)?)?,
        username: text("username")?,
        password: text("password")?,
        sender_email: text("sender_email")?,
        sender_name: text("sender_name")?,
    })
}

/// Whether and how users sign in with an address and a password.
pub(in crate::mock) fn get_password(call: &Call<'_>, state: &mut State) -> Answer {
    Ok(Reply::ok(json!(data(call, state)?.settings.email_and_password)))
}

/// Changes what is named and leaves the rest.
pub(in crate::mock) fn update_password(call: &Call<'_>, state: &mut State) -> Answer {
    let body = call.json()?;
    let request = Object::root(&body)?;
    let mut config = data(call, state)?.settings.email_and_password.clone();
    let method = request.choice("email_verification_method", &Verification::WORDS)?;
    set(&mut config.email_verification_method, method);
    for (name, flag) in [
        ("enabled", &mut config.enabled),
        ("require_email_verification", &mut config.require_email_verification),
        ("auto_sign_in_after_verification", &mut config.auto_sign_in_after_verification),
        ("send_verification_email_on_sign_up", &mut config.send_verification_email_on_sign_up),
        ("send_verification_email_on_sign_in", &mut config.send_verification_email_on_sign_in),
        ("disable_sign_up", &mut config.disable_sign_up),
    ] {
        set(flag, request.boolean(name)?);
    }
    let settings = &mut data(call, state)?.settings;
    settings.email_and_password = config;
    Ok(Reply::ok(json!(settings.email_and_password)))
}
