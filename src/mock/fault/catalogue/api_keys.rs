//! How keys come and go, and what is told of them.

use super::super::data::Admission::{Made, WearsOut};
use super::super::data::Alter::{
    AsFirstSeen, From, Is, Other, Padded, Remembers, Reversed, Text, Token, Twice, Without,
};
use super::super::data::Change::{Ascii, Lacking, Member};
use super::super::data::Effect::{Also, DoneAndFails, Forgives, NotDone};
use super::super::data::Instead;
use super::super::data::Later::{Again, Listed, Shown, Unlisted};
use super::super::data::When::{FailsAt, Is as Only, Ok};
use super::super::side_effect;
use super::super::texts::shorter;
use super::Break::{Admission, Answer, Change, Effect as Does, Later, Status};
use super::Class::{Effect, KeyLife, Leak, Schema, State, Status as Code, Value};
use super::Entry;
use super::On::{Every, Of, Reads};
use super::Severity::{Advice, Critical, Major, Minor};
use super::row;

#[rustfmt::skip]
pub(super) const FAULTS: &[Entry] = &[
    row(("second-revocation-revives", KeyLife, Critical), "KEY-REVOKE-FINAL", Of(&["revokeApiKey"]), Does(Also(side_effect::revoked_again_revives)), "a second revocation makes a key work again"),
    row(("namesake-revives", KeyLife, Critical), "KEY-REVOKE-FINAL", Of(&["createApiKey"]), Does(Also(side_effect::namesake_revives)), "a new key makes a revoked one of its name work again"),
    row(("revocation-ignored", KeyLife, Critical), "KEY-REVOKE-IMMEDIATE", Of(&["revokeApiKey"]), Does(NotDone), "a revocation is answered with 200, and not done"),
    row(("organization-revocation-ignored", KeyLife, Critical), "ORG-KEYS", Of(&["revokeOrgApiKey"]), Does(NotDone), "the revocation of an organization's key is answered with 200, and not done"),
    row(("revocation-fails-and-is-done", Code, Major), "KEY-REVOKE-IMMEDIATE", Of(&["revokeApiKey"]), Does(DoneAndFails(500)), "a revocation is done, and answered with 500"),
    row(("new-key-replaces-the-others", KeyLife, Critical), "KEY-MANY", Of(&["createApiKey"]), Does(Also(side_effect::other_keys_die)), "a key dies when another is made"),
    row(("one-revocation-revokes-all", KeyLife, Critical), "KEY-REVOKE-ONE", Of(&["revokeApiKey"]), Does(Also(side_effect::all_keys_die)), "revoking one key revokes the others as well"),
    row(("key-wears-out", KeyLife, Critical), "KEY-VALID-UNTIL-REVOKED", Every, Admission(WearsOut(20)), "a key is refused after twenty uses"),
    row(("key-works-once", KeyLife, Critical), "KEY-VALID-UNTIL-REVOKED", Reads, Admission(WearsOut(1)), "a key reads once, and is refused from then on"),
    row(("revocation-takes-projects", Effect, Critical), "KEY-GLOBAL", Of(&["revokeApiKey"]), Does(Also(side_effect::newest_project_goes)), "revoking a key removes the newest project"),
    row(("new-key-is-not-kept", KeyLife, Critical), "KEY-CREATE", Of(&["createApiKey"]), Does(NotDone), "a new key is shown, and does not work"),
    row(("new-key-makes-no-project", KeyLife, Major), "KEY-ALL-ACTIONS", Of(&["createProject"]), Admission(Made), "a key that was made through the API makes no project"),
    row(("new-key-changes-no-project", KeyLife, Major), "KEY-ALL-ACTIONS", Of(&["updateProject"]), Admission(Made), "a key that was made through the API changes no project"),
    row(("new-key-lists-no-keys", KeyLife, Major), "KEY-ALL-ACTIONS", Of(&["listApiKeys"]), Admission(Made), "a key that was made through the API lists no keys"),
    row(("new-key-tells-no-user", KeyLife, Major), "KEY-ALL-ACTIONS", Of(&["getCurrentUserInfo"]), Admission(Made), "a key that was made through the API does not tell whose it is"),
    row(("new-key-revokes-older-namesakes", KeyLife, Critical), "KEY-MANY", Of(&["createApiKey"]), Does(Also(side_effect::older_namesakes_die)), "a new key revokes those of its name"),
    row(("unknown-key-revoked", Code, Advice), "KEY-UNKNOWN", Of(&["revokeApiKey"]), Status(Only(404), 200), "revoking a key that does not exist is answered with 200"),
    row(("unknown-key-forbidden", Code, Advice), "KEY-UNKNOWN", Of(&["revokeApiKey"]), Status(Only(404), 403), "revoking a key that does not exist is answered with 403"),
    row(("unknown-key-fails", Code, Major), "ERR-404", Of(&["revokeApiKey"]), Status(Only(404), 500), "revoking a key that does not exist is answered with 500"),
    row(("largest-key-id-fails", Code, Major), "ERR-404", Of(&["revokeApiKey"]), Status(FailsAt("/9223372036854775807"), 500), "revoking the key with the largest id is answered with 500"),
    row(("malformed-key-id-fails", Code, Major), "ERR-400", Of(&["revokeApiKey"]), Status(Only(400), 500), "revoking what can be no key is answered with 500"),
    row(("long-key-name-is-cut", Value, Minor), "KEY-NAME-LENGTH", Of(&["createApiKey"]), Does(Forgives(400, Instead::Text("/key_name", shorter))), "a name that is too long for a key is cut"),
    row(("nameless-key-is-made", Code, Major), "ERR-400", Of(&["createApiKey"]), Does(Forgives(400, Instead::Body(r#"{"key_name": "unnamed"}"#))), "a key is made without a name"),
    row(("key-name-may-be-missing", Code, Major), "ERR-400", Of(&["createApiKey"]), Change(Lacking("/key_name", r#""unnamed""#)), "a key may be made without a member for its name"),
    row(("key-name-replaced", Value, Advice), "KEY-NAME", Of(&["createApiKey"]), Change(Member("/key_name", r#""key""#)), "every key has the same name"),
    row(("key-name-loses-letters", Value, Advice), "KEY-NAME", Of(&["createApiKey"]), Change(Ascii("/key_name")), "the name of a key loses what is not ASCII"),
    row(("key-name-wrong-in-list", Value, Major), "KEY-LIST", Of(&["listApiKeys"]), Answer(Ok, "/*/name", Is(r#""a key""#)), "the list of keys shows other names than they have"),
    row(("key-name-wrong-when-revoked", Value, Advice), "KEY-NAME", Of(&["revokeApiKey"]), Answer(Ok, "/name", Other), "the answer to a revocation shows another name"),
    row(("key-id-wrong-when-revoked", Value, Major), "ID-ASKED", Of(&["revokeApiKey"]), Answer(Ok, "/id", Other), "the answer to a revocation is about another key"),
    row(("revoked-told-as-false", Value, Major), "KEY-REVOKE-IMMEDIATE", Of(&["revokeApiKey"]), Answer(Ok, "/revoked", Is("false")), "the answer to a revocation says that the key is not revoked"),
    row(("revoked-key-listed", State, Critical), "KEY-LIST", Of(&["listApiKeys"]), Later(Listed { by: &["revokeApiKey"], item: "", list: "" }), "a revoked key stays in the list"),
    row(("key-list-never-forgets", State, Critical), "KEY-LIST", Of(&["listApiKeys"]), Answer(Ok, "", Remembers), "a key that was listed once stays in the list"),
    row(("new-key-unlisted", State, Major), "KEY-LIST", Of(&["listApiKeys"]), Later(Unlisted { by: &["createApiKey"], id: "/id", list: "" }), "a new key is not listed"),
    row(("key-listed-twice", State, Major), "ID-UNIQUE", Of(&["listApiKeys"]), Answer(Ok, "", Twice), "the list of keys shows one twice"),
    row(("oldest-key-first", Value, Advice), "KEY-LIST-ORDER", Of(&["listApiKeys"]), Answer(Ok, "", Reversed), "the oldest key stands first in the list"),
    row(("token-in-key-list", Leak, Critical), "KEY-ONCE", Of(&["listApiKeys"]), Later(Shown { by: &["createApiKey"], member: "key", list: "" }), "the list of keys shows the tokens of new ones"),
    row(("token-in-organization-key-list", Leak, Critical), "KEY-ONCE", Of(&["listOrgApiKeys"]), Later(Shown { by: &["createOrgApiKey"], member: "key", list: "" }), "the list of an organization's keys shows the tokens of new ones"),
    row(("token-as-name-in-list", Leak, Critical), "KEY-ONCE", Of(&["listApiKeys"]), Answer(Ok, "/*/name", Token), "the list of keys shows a token for a name"),
    row(("token-in-user", Leak, Critical), "SECRET-ONCE", Of(&["getCurrentUserInfo"]), Answer(Ok, "/login", Token), "the answer about the user shows the token of the request"),
    row(("token-in-revocation", Leak, Critical), "KEY-ONCE", Of(&["revokeApiKey"]), Later(Again { by: &["createApiKey"], item: "/key", at: "/key" }), "the answer to a revocation shows a token once more"),
    row(("token-in-error", Leak, Critical), "SECRET-ONCE", Every, Answer(Only(404), "/message", Token), "an error repeats the token of the request"),
    row(("key-never-used", Value, Advice), "KEY-LAST-USED", Of(&["listApiKeys"]), Answer(Ok, "/*/last_used_at", AsFirstSeen), "the time of a key's last use stands still"),
    row(("key-used-from-the-start", Value, Advice), "KEY-LAST-USED", Of(&["listApiKeys"]), Answer(Ok, "/*/last_used_at", Is(r#""2024-01-01T00:00:00Z""#)), "a key that was never used shows a time of last use"),
    row(("key-without-address", Value, Advice), "KEY-LAST-USED", Of(&["listApiKeys"]), Answer(Ok, "/*/last_used_from_addr", Is(r#""""#)), "a key that was used shows no address"),
    row(("key-without-token", Schema, Major), "KEY-CREATE", Of(&["createApiKey"]), Answer(Ok, "/key", Without), "a new key is answered without its token"),
    row(("token-ends-with-a-space", Value, Minor), "KEY-CREATE", Of(&["createApiKey"]), Answer(Ok, "/key", Padded), "a new token has a space behind it"),
    row(("key-id-as-text", Schema, Major), "KEY-CREATE", Of(&["createApiKey"]), Answer(Ok, "/id", Text), "the id of a new key is a text"),
    row(("key-id-as-text-in-list", Schema, Major), "KEY-LIST", Of(&["listApiKeys"]), Answer(Ok, "/*/id", Text), "the ids in the list of keys are texts"),
    row(("key-without-creation-time", Schema, Major), "KEY-CREATE", Of(&["createApiKey"]), Answer(Ok, "/created_at", Without), "a new key is answered without its creation time"),
    row(("key-list-without-creator", Schema, Minor), "KEY-LIST", Of(&["listApiKeys"]), Answer(Ok, "/*/created_by", Without), "the list of keys does not tell who made them"),
    row(("same-token-again", KeyLife, Critical), "KEY-DISTINCT", Of(&["createApiKey"]), Answer(Ok, "/key", Token), "a new key is the one of the request"),
    row(("key-creation-moves", State, Minor), "TIME-CREATED-FIXED", Of(&["listApiKeys"]), Answer(Ok, "/*/created_at", Is(r#""2024-01-01T00:00:00Z""#)), "the list of keys shows other creation times"),
    row(("organization-key-id-wrong", Value, Major), "ID-ASKED", Of(&["revokeOrgApiKey"]), Answer(Ok, "/id", Other), "the answer to the revocation of an organization's key is about another one"),
    row(("organization-key-unlisted", State, Major), "ORG-KEYS", Of(&["listOrgApiKeys"]), Later(Unlisted { by: &["createOrgApiKey"], id: "/id", list: "" }), "a new key of an organization is not listed"),
    row(("scoped-key-tells-no-project", Value, Major), "ORG-KEYS", Of(&["createOrgApiKey"]), Change(Member("/project_id", "null")), "a key for one project is made for all of them"),
    row(("organization-key-name-may-be-missing", Code, Major), "ERR-400", Of(&["createOrgApiKey"]), Change(Lacking("/key_name", r#""unnamed""#)), "an organization's key may be made without a member for its name"),
    row(("unknown-member-forbidden", Code, Minor), "ERR-404", Of(&["getOrganizationMember"]), Status(Only(404), 403), "asking for an unknown member of an organization is answered with 403"),
    row(("unknown-organization-fails", Code, Major), "ERR-404", Of(&["getOrganizationMembers"]), Status(Only(404), 500), "asking for the members of an unknown organization is answered with 500"),
    // The user
    row(("user-id-is-another", Value, Major), "USER-ME", Of(&["getCurrentUserInfo"]), Answer(Ok, "/id", Other), "a key tells another user's id"),
    row(("user-without-email", Schema, Major), "USER-ME", Of(&["getCurrentUserInfo"]), Answer(Ok, "/email", Without), "the user has no e-mail address"),
    row(("user-email-is-no-text", Schema, Major), "USER-ME", Of(&["getCurrentUserInfo"]), Answer(Ok, "/email", Is("7")), "the user's e-mail address is a number"),
    row(("user-name-is-another", Value, Minor), "USER-ME", Of(&["getCurrentUserInfo"]), Answer(Ok, "/name", Other), "a key tells another user's name"),
    row(("auth-of-another-account", Value, Major), "AUTH-DETAILS", Of(&["getAuthDetails"]), Answer(Ok, "/account_id", Other), "a key tells another account"),
    row(("auth-of-another-kind", Value, Major), "AUTH-DETAILS", Of(&["getAuthDetails"]), Answer(Ok, "/auth_method", Is(r#""oauth""#)), "a key says that it is of another kind"),
    row(("creator-is-another", Value, Minor), "KEY-CREATE", Of(&["createApiKey"]), Answer(Ok, "/created_by", From("/name")), "a new key tells another maker"),
];
