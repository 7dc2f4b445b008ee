//! How mail is sent to users, and what they need an address for.

use serde::{Deserialize, Serialize};

/// Whose server sends mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::mock) enum EmailProvider {
    /// The platform's.
    Shared {
        #[serde(skip_serializing_if = "Option::is_none")]
        sender_email: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        sender_name: Option<String>,
    },
    /// One of their own.
    Standard(EmailServer),
}

impl Default for EmailProvider {
    fn default() -> Self {
        Self::Shared { sender_email: None, sender_name: None }
    }
}

/// A server that takes mail by SMTP.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct EmailServer {
    pub(in crate::mock) host: String,
    pub(in crate::mock) port: i64,
    pub(in crate::mock) username: String,
    pub(in crate::mock) password: String,
    pub(in crate::mock) sender_email: String,
    pub(in crate::mock) sender_name: String,
}

/// How users prove that an address is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::mock) enum Verification {
    Link,
    Otp,
}

impl Verification {
    pub(in crate::mock) const WORDS: [&str; 2] = ["link", "otp"];
}

/// Whether and how users sign in with an address and a password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are settings of their own")]
pub(in crate::mock) struct EmailAndPassword {
    pub(in crate::mock) enabled: bool,
    pub(in crate::mock) email_verification_method: Verification,
    pub(in crate::mock) require_email_verification: bool,
    pub(in crate::mock) auto_sign_in_after_verification: bool,
    pub(in crate::mock) send_verification_email_on_sign_up: bool,
    pub(in crate::mock) send_verification_email_on_sign_in: bool,
    pub(in crate::mock) disable_sign_up: bool,
}

impl Default for EmailAndPassword {
    fn default() -> Self {
        Self {
            enabled: true,
            email_verification_method: Verification::Otp,
            require_email_verification: false,
            auto_sign_in_after_verification: true,
            send_verification_email_on_sign_up: false,
            send_verification_email_on_sign_in: false,
            disable_sign_up: false,
        }
    }
}
