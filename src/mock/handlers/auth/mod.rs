//! Neon Auth. What is asked of a project is about its default branch; of a branch, about that branch.

pub(in crate::mock) mod domains;
pub(in crate::mock) mod email;
pub(in crate::mock) mod integration;
pub(in crate::mock) mod oauth;
pub(in crate::mock) mod plugins;
pub(in crate::mock) mod settings;
pub(in crate::mock) mod users;

use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};

use super::Call;
use crate::mock::body::Object;
use crate::mock::error::ApiError;
use crate::mock::model::{AuthData, Integration, Project, Provider, State};

/// The branch that the path names, or the default one.
fn branch_id(call: &Call<'_>, project: &Project) -> Result<String, ApiError> {
    match call.param("branch_id") {
        "" => Ok(project.default_branch()?.id.clone()),
        id => Ok(id.to_owned()),
    }
}

/// What Neon Auth has on the branch that a request is about.
fn data<'s>(call: &Call<'_>, state: &'s mut State) -> Result<&'s mut AuthData, ApiError> {
    let project = call.open(state)?.project;
    let branch = branch_id(call, project)?;
    Ok(project.auth_mut(&branch)?.1)
}

/// The provider that a body names, which must be the one of the branch.
fn provider(request: &Object<'_>) -> Result<Provider, ApiError> {
    let provider = request.choice("auth_provider", &Provider::WORDS)?;
    request.required("auth_provider", provider)
}

/// Refuses what is about another provider than the branch has.
fn must_be(integration: &Integration, provider: Provider) -> Result<(), ApiError> {
    if integration.provider == provider {
        return Ok(());
    }
    Err(ApiError::not_found("integration with auth_provider", Provider::WORDS[provider as usize]))
}

/// A word in the path.
fn word<T: DeserializeOwned>(call: &Call<'_>, name: &str, words: &[&str]) -> Result<T, ApiError> {
    let text: StrDeserializer<'_, Error> = StrDeserializer::new(call.param(name));
    T::deserialize(text)
        .map_err(|_| ApiError::parameter(name, &format!("must be one of {}", words.join(", "))))
}

/// Sets what is named.
fn set<T>(of: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *of = value;
    }
}
