//! How the API shows what the mock holds, field by field as in recorded answers of the service and in its document.

mod account;
mod auth;
mod branch;
mod project;
mod services;

pub(super) use account::{created_key, invitation, listed_key, member, organization, revoked_key, user};
pub(super) use auth::{auth_integration, auth_plugins, auth_transfer_url, auth_with_keys, oauth_provider};
pub(super) use branch::{
    annotation, branch, connection, connection_uri, database, endpoint, operation, role, role_with_password,
};
pub(super) use project::{
    jwks, listed_project, new_project, permission, project, proxy_host, read_project, snapshot, v1_project,
};
pub(super) use services::{
    ai_gateway, anonymization, bucket, credential, data_api, deployment, function, storage,
};

use serde_json::Value;

fn insert(view: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = view {
        members.insert(name.to_owned(), value);
    }
}

/// Puts a member in where there is a value.
fn insert_some(view: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        insert(view, name, value.into());
    }
}
