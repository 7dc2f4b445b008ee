//! Neon Auth.

use super::super::auth_effect;
use super::super::data::Admission::AsOwner;
use super::super::data::Alter::{Is, Text, Without};
use super::super::data::Change::{Member, WithoutMember};
use super::super::data::Effect::{Also, Forgives, NotDone};
use super::super::data::Instead;
use super::super::data::Later::Again;
use super::super::data::When::{Is as Only, Ok};
use super::super::texts::of_https;
use super::Break::{Admission, Answer, Change, Effect as Does, Later, Status};
use super::Class::{Auth, Effect, Leak, Schema, State, Status as Code, Value};
use super::Entry;
use super::On::Of;
use super::Severity::{Advice, Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    // The integration
    row(("auth-not-enabled", Effect, Critical), "NEONAUTH-ENABLE", Of(&["createNeonAuth"]), Does(NotDone), "Neon Auth is answered with 201, and not enabled"),
    row(("auth-not-disabled", Effect, Critical), "NEONAUTH-ENABLE", Of(&["disableNeonAuth"]), Does(NotDone), "Neon Auth is answered with 200, and not disabled"),
    row(("auth-enabled-twice", Code, Major), "NEONAUTH-ENABLE", Of(&["createNeonAuth"]), Status(Only(409), 201), "enabling Neon Auth where it is enabled is answered with 201"),
    row(("auth-provider-overlooked", Value, Major), "NEONAUTH-ENABLE", Of(&["createNeonAuth"]), Change(Member("/auth_provider", r#""mock""#)), "Neon Auth is enabled with another provider"),
    row(("auth-of-another-branch", Value, Critical), "NEONAUTH-ENABLE", Of(&["getNeonAuth"]), Answer(Ok, "/branch_id", Is(r#""br-another-branch-00000000""#)), "reading Neon Auth answers that of another branch"),
    row(("auth-without-jwks", Schema, Major), "NEONAUTH-ENABLE", Of(&["getNeonAuth"]), Answer(Ok, "/jwks_url", Without), "reading Neon Auth shows nowhere to find its public keys"),
    row(("server-key-shown-again", Leak, Critical), "SECRET-ONCE", Of(&["getNeonAuth"]), Later(Again { by: &["createNeonAuth"], item: "/secret_server_key", at: "/secret_server_key" }), "reading Neon Auth shows the key of its server"),
    row(("server-key-listed", Leak, Critical), "SECRET-ONCE", Of(&["listNeonAuthIntegrations"]), Later(Again { by: &["createNeonAuthIntegration"], item: "/secret_server_key", at: "/data/*/secret_server_key" }), "the list of integrations shows the key of a server"),
    row(("missing-auth-is-empty", Code, Major), "ERR-404", Of(&["getNeonAuth"]), Status(Only(404), 200), "reading Neon Auth where it is off is answered with 200"),
    row(("missing-auth-fails", Code, Major), "ERR-404", Of(&["getNeonAuthWebhookConfig"]), Status(Only(404), 500), "asking for the webhook where Neon Auth is off is answered with 500"),
    row(("malformed-auth-fails", Code, Major), "ERR-400", Of(&["createNeonAuth"]), Status(Only(400), 500), "a malformed request to enable Neon Auth is answered with 500"),
    row(("malformed-localhost-taken", Code, Major), "ERR-400", Of(&["updateNeonAuthAllowLocalhost"]), Does(Forgives(400, Instead::Body(r#"{"allow_localhost": false}"#))), "a request that does not say whether localhost is allowed forbids it"),
    row(("auth-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["getNeonAuth"]), Admission(AsOwner), "another user reads Neon Auth"),
    row(("auth-disabled-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["disableNeonAuth"]), Admission(AsOwner), "another user disables Neon Auth"),
    row(("domain-trusted-for-another-user", Auth, Critical), "KEY-OTHER-USER", Of(&["addBranchNeonAuthTrustedDomain"]), Admission(AsOwner), "another user has a domain trusted"),
    // Its data
    row(("auth-data-lost", Effect, Critical), "NEONAUTH-DATA", Of(&["disableNeonAuth"]), Change(Member("/delete_data", "true")), "disabling Neon Auth deletes its data, whatever was asked for"),
    row(("auth-data-left", Effect, Critical), "NEONAUTH-DATA", Of(&["disableNeonAuth"]), Change(WithoutMember("/delete_data")), "disabling Neon Auth leaves its data, whatever was asked for"),
    // Branches
    row(("branch-without-auth", State, Major), "NEONAUTH-BRANCH", Of(&["createProjectBranch"]), Does(Also(auth_effect::new_branch_has_none)), "a new branch has no Neon Auth"),
    row(("branch-without-users", State, Major), "NEONAUTH-BRANCH", Of(&["createProjectBranch"]), Does(Also(auth_effect::new_branch_has_no_users)), "a new branch has no users"),
    row(("branch-shares-auth-address", Value, Major), "NEONAUTH-BRANCH", Of(&["getNeonAuth"]), Later(Again { by: &["createNeonAuth"], item: "/jwks_url", at: "/jwks_url" }), "all branches show the Neon Auth of one address"),
    row(("domain-trusted-by-parent", Effect, Critical), "NEONAUTH-BRANCH", Of(&["addBranchNeonAuthTrustedDomain"]), Does(Also(auth_effect::parent_trusts_it)), "a domain of one branch is trusted on its parent"),
    row(("setting-reaches-parent", Effect, Major), "NEONAUTH-BRANCH", Of(&["updateNeonAuthAllowLocalhost"]), Does(Also(auth_effect::parent_follows)), "a setting of one branch is set on its parent"),
    row(("users-of-parent-deleted", Effect, Critical), "NEONAUTH-BRANCH", Of(&["deleteBranchNeonAuthUser"]), Does(Also(auth_effect::parent_loses_users)), "deleting a user of one branch deletes those of its parent"),
    row(("auth-of-parent-disabled", Effect, Critical), "NEONAUTH-BRANCH", Of(&["disableNeonAuth"]), Does(Also(auth_effect::parent_has_none)), "disabling Neon Auth on one branch disables it on its parent"),
    // Users
    row(("auth-user-not-made", Effect, Critical), "NEONAUTH-USERS", Of(&["createBranchNeonAuthNewUser"]), Does(NotDone), "a user is answered with 201, and not made"),
    row(("auth-user-not-deleted", Effect, Critical), "NEONAUTH-USERS", Of(&["deleteBranchNeonAuthUser"]), Does(NotDone), "the deletion of a user is answered with 204, and not done"),
    row(("auth-address-taken-twice", State, Advice), "NEONAUTH-EMAIL-UNIQUE", Of(&["createBranchNeonAuthNewUser"]), Status(Only(409), 400), "a second user of an address is answered with 400"),
    row(("unknown-auth-user-deleted", Code, Major), "ERR-404", Of(&["deleteBranchNeonAuthUser"]), Status(Only(404), 204), "deleting an unknown user is answered with 204"),
    row(("auth-user-without-id", Schema, Major), "NEONAUTH-USERS", Of(&["updateNeonAuthUserRole"]), Answer(Ok, "/id", Without), "a role is answered without the user who has it"),
    // Domains
    row(("domain-not-trusted", Effect, Major), "NEONAUTH-DOMAINS", Of(&["addBranchNeonAuthTrustedDomain"]), Does(NotDone), "a trusted domain is answered with 201, and not kept"),
    row(("domain-still-trusted", Effect, Critical), "NEONAUTH-DOMAINS", Of(&["deleteBranchNeonAuthTrustedDomain"]), Does(NotDone), "the removal of a domain is answered with 200, and not done"),
    row(("domain-removal-takes-others", Effect, Major), "NEONAUTH-DOMAINS", Of(&["deleteBranchNeonAuthTrustedDomain"]), Does(Also(auth_effect::all_domains_go)), "removing a domain removes the others as well"),
    // OAuth providers
    row(("oauth-provider-not-added", Effect, Major), "NEONAUTH-OAUTH", Of(&["addBranchNeonAuthOauthProvider"]), Does(NotDone), "an OAuth provider is answered with 200, and not added"),
    row(("oauth-provider-not-removed", Effect, Critical), "NEONAUTH-OAUTH", Of(&["deleteBranchNeonAuthOauthProvider"]), Does(NotDone), "the removal of an OAuth provider is answered with 200, and not done"),
    row(("oauth-client-not-changed", Effect, Major), "NEONAUTH-OAUTH", Of(&["updateBranchNeonAuthOauthProvider"]), Does(NotDone), "another client of an OAuth provider is answered with 200, and not kept"),
    row(("oauth-client-shared", Value, Major), "NEONAUTH-OAUTH", Of(&["addBranchNeonAuthOauthProvider"]), Change(Member("", r#"{"id": "github"}"#)), "an OAuth provider shares the client of the platform, whatever was asked for"),
    row(("unknown-oauth-provider-removed", Code, Advice), "NEONAUTH-OFF", Of(&["deleteBranchNeonAuthOauthProvider"]), Status(Only(404), 200), "removing an OAuth provider that is not there is answered with 200"),
    // Settings
    row(("auth-name-overlooked", Effect, Minor), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthConfig"]), Does(NotDone), "the name of the application is answered with 200, and not kept"),
    row(("localhost-still-allowed", Effect, Critical), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthAllowLocalhost"]), Does(NotDone), "localhost is forbidden with 200, and still allowed"),
    row(("sign-up-still-open", Effect, Critical), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthEmailAndPasswordConfig"]), Does(NotDone), "sign-up is closed with 200, and still open"),
    row(("sign-up-opens-again", Effect, Critical), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthEmailAndPasswordConfig"]), Does(Also(auth_effect::sign_up_is_reset)), "another change opens sign-up again"),
    row(("mail-server-not-kept", Effect, Major), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthEmailProvider"]), Does(NotDone), "another server of mail is answered with 200, and not kept"),
    row(("mail-port-as-text", Schema, Major), "NEONAUTH-SETTINGS", Of(&["getNeonAuthEmailProvider"]), Answer(Ok, "/port", Text), "the port of the server of mail is a text"),
    row(("organization-limit-reset", Effect, Major), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthOrganizationPlugin"]), Does(Also(auth_effect::organizations_are_reset)), "another change resets how many organizations there may be"),
    row(("magic-link-not-kept", Effect, Major), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthMagicLinkPlugin"]), Does(NotDone), "a change to magic links is answered with 200, and not kept"),
    row(("phone-code-not-kept", Effect, Major), "NEONAUTH-SETTINGS", Of(&["updateNeonAuthPhoneNumberPlugin"]), Does(NotDone), "a change to codes by telephone is answered with 200, and not kept"),
    row(("plugins-stand-still", State, Major), "NEONAUTH-SETTINGS", Of(&["getNeonAuthPluginConfigs"]), Answer(Ok, "/email_provider", Is(r#"{"type": "shared"}"#)), "the plugins show another server of mail than is set"),
    row(("test-mail-always-sent", Value, Advice), "NEONAUTH-TEST-MAIL", Of(&["sendNeonAuthTestEmail"]), Answer(Ok, "/success", Is("true")), "a mail that cannot be sent is reported as sent"),
    // Webhooks
    row(("webhook-not-kept", Effect, Major), "NEONAUTH-WEBHOOK", Of(&["updateNeonAuthWebhookConfig"]), Does(NotDone), "a webhook is answered with 200, and not kept"),
    row(("webhook-without-https", Effect, Critical), "NEONAUTH-WEBHOOK", Of(&["updateNeonAuthWebhookConfig"]), Does(Forgives(400, Instead::Text("/webhook_url", of_https))), "a webhook without https is taken"),
    // The operations of a project
    row(("domain-of-project-not-trusted", Effect, Advice), "NEONAUTH-PROJECT", Of(&["addNeonAuthDomainToRedirectURIWhitelist"]), Does(NotDone), "a trusted domain of a project is answered with 201, and not kept"),
    row(("user-of-project-not-deleted", Effect, Advice), "NEONAUTH-PROJECT", Of(&["deleteNeonAuthUser"]), Does(NotDone), "the deletion of a user of a project is answered with 204, and not done"),
    row(("auth-of-project-not-disabled", Effect, Advice), "NEONAUTH-PROJECT", Of(&["deleteNeonAuthIntegration"]), Does(NotDone), "Neon Auth of a project is answered with 200, and not disabled"),
    row(("auth-transfer-forgotten", State, Advice), "NEONAUTH-PROJECT", Of(&["transferNeonAuthProviderProject"]), Does(NotDone), "a project at a provider that is handed over is not shown to be"),
];
