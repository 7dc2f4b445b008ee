//! How the API shows what the mock holds, field by field as in recorded answers of the service and in its document.

mod account;
mod branch;
mod project;

pub(super) use account::{created_key, listed_key, member, organization, revoked_key, user};
pub(super) use branch::{
    annotation, branch, connection, connection_uri, database, endpoint, operation, role, role_with_password,
};
pub(super) use project::{
    jwks, listed_project, new_project, permission, project, proxy_host, read_project, snapshot, v1_project,
};

use serde_json::Value;

/// An object of values that are there already, of those that are shown most: `json!` would build each value anew, and hash the
/// names for each object.
macro_rules! object {
    ({ $($name:literal: $value:expr),+ $(,)? }) => {{
        static NAMES: std::sync::LazyLock<serde_json::Map<String, serde_json::Value>> = std::sync::LazyLock::new(|| {
            [$($name),+].map(|name| (name.to_owned(), serde_json::Value::Null)).into_iter().collect()
        });
        let mut object = serde_json::Map::clone(&NAMES);
        for (place, value) in object.values_mut().zip([$($value),+]) {
            *place = value;
        }
        serde_json::Value::Object(object)
    }};
}
pub(super) use object;

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
