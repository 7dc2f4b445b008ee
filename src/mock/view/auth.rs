//! Neon Auth.

use serde_json::{Value, json};

use super::project::cloud_host;
use super::{insert, insert_some};
use crate::mock::clock::seconds;
use crate::mock::error::ApiError;
use crate::mock::handlers::SEGMENT;
use crate::mock::model::{AuthData, ComputeType, OauthProvider, Project, Provider};

/// The integration of a branch, without its keys.
pub(in crate::mock) fn auth_integration(project: &Project, branch: &str) -> Result<Value, ApiError> {
    let (integration, data) = project.auth(branch)?;
    let mut view = json!({
        "auth_provider": integration.provider,
        "auth_provider_project_id": integration.project_id,
        "branch_id": branch,
        "db_name": data.database,
        "created_at": seconds(integration.created_at),
        "owned_by": "neon",
        "name": data.settings.name.as_ref().unwrap_or(&project.name),
    });
    insert_some(&mut view, "transfer_status", integration.in_transfer.then_some("initiated"));
    add_urls(&mut view, project, branch)?;
    Ok(view)
}

/// The same when it is new, with the keys of a client and of a server.
pub(in crate::mock) fn auth_with_keys(
    project: &Project,
    branch: &str,
    (client, server): (String, String),
) -> Result<Value, ApiError> {
    let (integration, _) = project.auth(branch)?;
    let mut view = json!({
        "auth_provider": integration.provider,
        "auth_provider_project_id": integration.project_id,
        "pub_client_key": client,
        "secret_server_key": server,
        "schema_name": "neon_auth",
        "table_name": "users_sync",
    });
    add_urls(&mut view, project, branch)?;
    Ok(view)
}

/// Where the keys are published that verify tokens (RFC 7517 §5), and where the service is, if it is Neon's own.
fn add_urls(view: &mut Value, project: &Project, branch: &str) -> Result<(), ApiError> {
    let (integration, _) = project.auth(branch)?;
    let (base, own) = if integration.provider == Provider::Stack {
        (format!("https://api.stack-auth.com/api/v1/projects/{}", integration.project_id), None)
    } else {
        let base = base_url(project, branch)?;
        (base.clone(), Some(base))
    };
    insert(view, "jwks_url", json!(format!("{base}/.well-known/jwks.json")));
    insert_some(view, "base_url", own);
    Ok(())
}

/// `https://ep-jolly-frost-a57qv4wh.neonauth.us-east-2.aws.neon.tech/neondb/auth`: each branch has one of its own.
fn base_url(project: &Project, branch: &str) -> Result<String, ApiError> {
    let (_, data) = project.auth(branch)?;
    let mut writers =
        project.endpoints_of(branch).filter(|endpoint| endpoint.compute.kind == ComputeType::ReadWrite);
    let host = writers.next().map_or(branch, |endpoint| endpoint.id.as_str());
    let database = percent_encoding::utf8_percent_encode(&data.database, SEGMENT);
    Ok(format!("https://{host}.neonauth.{}/{database}/auth", cloud_host(&project.region_id)))
}

/// Where somebody can take the project at the provider over.
pub(in crate::mock) fn auth_transfer_url(
    project: &Project,
    branch: &str,
    code: &str,
) -> Result<String, ApiError> {
    let (integration, _) = project.auth(branch)?;
    let base = if integration.provider == Provider::Stack {
        "https://app.stack-auth.com".to_owned()
    } else {
        base_url(project, branch)?
    };
    Ok(format!("{base}/integrations/neon/projects/transfer/confirm?code={code}"))
}

/// A service by whose accounts users can sign in, as the document has it: with its secret.
pub(in crate::mock) fn oauth_provider(provider: &OauthProvider) -> Value {
    let is_own = provider.client.id.is_some();
    let mut view = json!({ "id": provider.id, "type": if is_own { "standard" } else { "shared" } });
    insert_some(&mut view, "client_id", provider.client.id.clone());
    insert_some(&mut view, "client_secret", provider.client.secret.clone());
    view
}

/// All that can be set of how users sign in, in one.
pub(in crate::mock) fn auth_plugins(data: &AuthData) -> Value {
    let settings = &data.settings;
    json!({
        "organization": settings.organization,
        "magic_link": settings.magic_link,
        "phone_number": settings.phone_number,
        "email_provider": settings.email_provider,
        "email_and_password": settings.email_and_password,
        "oauth_providers": data.oauth.iter().map(oauth_provider).collect::<Vec<_>>(),
        "allow_localhost": settings.allow_localhost,
    })
}
