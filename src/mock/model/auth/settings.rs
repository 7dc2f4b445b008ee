//! What can be set of Neon Auth, and what it is where nobody has set it.

use serde::{Deserialize, Serialize};

use super::email::{EmailAndPassword, EmailProvider};

/// All settings of a branch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Settings {
    /// What mail calls the application; the name of the project, where nothing is said.
    pub(in crate::mock) name: Option<String>,
    pub(in crate::mock) allow_localhost: bool,
    pub(in crate::mock) email_provider: EmailProvider,
    pub(in crate::mock) email_and_password: EmailAndPassword,
    pub(in crate::mock) organization: AuthOrganizations,
    pub(in crate::mock) magic_link: MagicLink,
    pub(in crate::mock) phone_number: PhoneNumber,
    pub(in crate::mock) webhook: Webhook,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            allow_localhost: true,
            email_provider: EmailProvider::default(),
            email_and_password: EmailAndPassword::default(),
            organization: AuthOrganizations::default(),
            magic_link: MagicLink::default(),
            phone_number: PhoneNumber::default(),
            webhook: Webhook::default(),
        }
    }
}

/// Whether users can form organizations.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct AuthOrganizations {
    pub(in crate::mock) enabled: bool,
    pub(in crate::mock) organization_limit: i64,
    pub(in crate::mock) membership_limit: i64,
    pub(in crate::mock) creator_role: CreatorRole,
    pub(in crate::mock) send_invitation_email: bool,
}

impl Default for AuthOrganizations {
    fn default() -> Self {
        Self {
            enabled: true,
            organization_limit: 10,
            membership_limit: 100,
            creator_role: CreatorRole::Owner,
            send_invitation_email: false,
        }
    }
}

/// What whoever has formed an organization is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum CreatorRole {
    Admin,
    Owner,
}

impl CreatorRole {
    pub(in crate::mock) const WORDS: [&str; 2] = ["admin", "owner"];
}

/// Whether users can sign in by a link in a mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct MagicLink {
    pub(in crate::mock) enabled: bool,
    /// In minutes.
    pub(in crate::mock) expires_in: i64,
    pub(in crate::mock) disable_sign_up: bool,
}

impl Default for MagicLink {
    fn default() -> Self {
        Self { enabled: false, expires_in: 5, disable_sign_up: false }
    }
}

/// Whether users can sign in by a code that is sent to their telephone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct PhoneNumber {
    pub(in crate::mock) enabled: bool,
    /// In seconds.
    pub(in crate::mock) otp_expires_in: i64,
}

impl Default for PhoneNumber {
    fn default() -> Self {
        Self { enabled: false, otp_expires_in: 300 }
    }
}

/// Who is told of what users do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Webhook {
    pub(in crate::mock) enabled: bool,
    #[serde(rename = "webhook_url", skip_serializing_if = "Option::is_none")]
    pub(in crate::mock) url: Option<String>,
    pub(in crate::mock) enabled_events: Vec<WebhookEvent>,
    pub(in crate::mock) timeout_seconds: i64,
}

impl Webhook {
    pub(in crate::mock) const DEFAULT_TIMEOUT: i64 = 5;
}

impl Default for Webhook {
    fn default() -> Self {
        Self { enabled: false, url: None, enabled_events: Vec::new(), timeout_seconds: Self::DEFAULT_TIMEOUT }
    }
}

/// What users do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::mock) enum WebhookEvent {
    #[serde(rename = "user.before_create")]
    UserBeforeCreate,
    #[serde(rename = "user.created")]
    UserCreated,
    #[serde(rename = "send.otp")]
    SendOtp,
    #[serde(rename = "send.magic_link")]
    SendMagicLink,
    #[serde(rename = "organization.invitation.created")]
    InvitationCreated,
    #[serde(rename = "organization.invitation.accepted")]
    InvitationAccepted,
    #[serde(rename = "phone_number.verified")]
    PhoneNumberVerified,
}
