//! What the mock holds, and the rules by which it changes. Nothing here knows of HTTP but the errors it answers.

mod account;
mod auth;
mod branch;
mod caller;
mod data;
mod endpoint;
mod jwks;
mod operation;
mod project;
mod projects;
mod services;
mod snapshot;
mod state;

pub(super) use account::{
    Account, Invitation, Key, MEMBER_ROLES, Member, Organization, Owner, User, VpcEndpoint,
};
pub(super) use auth::{
    AuthData, AuthUser, Client, CreatorRole, Domain, EmailProvider, EmailServer, Integration, OauthId,
    OauthProvider, Provider, Verification, Webhook, WebhookEvent,
};
pub(super) use branch::{Branch, Database, NewBranch, Role};
pub(super) use caller::{Caller, TokenHash, hash};
pub(super) use data::{Data, is_at};
pub(super) use endpoint::{Compute, ComputeType, Endpoint};
pub(super) use jwks::{Jwks, NewJwks};
pub(super) use operation::Operation;
pub use operation::{OperationClock, UnknownClock};
pub(super) use project::{Activity, NewProject, Permission, Project, TransferRequest, recoverable_until};
pub(super) use services::{
    Anonymization, Bucket, Credential, DataApi, Deployment, FREQUENCIES, Function, NewDeployment, SCOPES,
};
pub(super) use snapshot::{NewSnapshot, Snapshot, SnapshotRestoration};
pub(super) use state::{Opened, State, Unsatisfied};
