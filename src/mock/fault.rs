//! Faults: switches that make the mock break one rule each, to prove that the suite notices.

use std::collections::BTreeSet;
use std::str::FromStr;

/// One rule broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is described by its summary")]
pub enum Fault {
    RevokedKeyAccepted,
    RevokedKeyWrites,
    RevokedKeyListed,
    RevokedReasonTold,
    InvalidKeyAccepted,
    MalformedHeaderAccepted,
    MissingHeaderForbidden,
    AccountDataInRefusal,
    TokenInKeyList,
    OtherUsersProjectReadable,
    V1DatabasesNull,
    V1TimesWithoutMilliseconds,
    ProjectPasswordShown,
    CreatedProjectUnlisted,
    DeletedProjectReadable,
    DeletedProjectListed,
    UpdateIgnored,
    WrongProjectAnswered,
    LimitIgnored,
    PageRepeatsItem,
    PageLosesItem,
    DuplicateInList,
    CreatedAtMoves,
    UpdatedBeforeCreated,
    UnknownProjectFails,
    ErrorAsHtml,
    ErrorWithoutCode,
    BranchOfAnotherProject,
    RepeatedJsonName,
    WrongContentType,
    Redirect,
    TruncatedBody,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 32] = [
        Self::RevokedKeyAccepted,
        Self::RevokedKeyWrites,
        Self::RevokedKeyListed,
        Self::RevokedReasonTold,
        Self::InvalidKeyAccepted,
        Self::MalformedHeaderAccepted,
        Self::MissingHeaderForbidden,
        Self::AccountDataInRefusal,
        Self::TokenInKeyList,
        Self::OtherUsersProjectReadable,
        Self::V1DatabasesNull,
        Self::V1TimesWithoutMilliseconds,
        Self::ProjectPasswordShown,
        Self::CreatedProjectUnlisted,
        Self::DeletedProjectReadable,
        Self::DeletedProjectListed,
        Self::UpdateIgnored,
        Self::WrongProjectAnswered,
        Self::LimitIgnored,
        Self::PageRepeatsItem,
        Self::PageLosesItem,
        Self::DuplicateInList,
        Self::CreatedAtMoves,
        Self::UpdatedBeforeCreated,
        Self::UnknownProjectFails,
        Self::ErrorAsHtml,
        Self::ErrorWithoutCode,
        Self::BranchOfAnotherProject,
        Self::RepeatedJsonName,
        Self::WrongContentType,
        Self::Redirect,
        Self::TruncatedBody,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.describe().0
    }

    /// What it does, in one sentence.
    #[must_use]
    pub fn summary(self) -> &'static str {
        self.describe().1
    }

    fn describe(self) -> (&'static str, &'static str) {
        match self {
            Self::RevokedKeyAccepted => ("revoked-key-accepted", "a revoked key still works"),
            Self::RevokedKeyWrites => {
                ("revoked-key-writes", "a write with a revoked key is answered with 401, and done")
            }
            Self::RevokedKeyListed => ("revoked-key-listed", "a revoked key stays in the list"),
            Self::RevokedReasonTold => {
                ("revoked-reason-told", "the refusal of a revoked key says that it was revoked")
            }
            Self::InvalidKeyAccepted => {
                ("invalid-key-accepted", "a key that was never issued opens some account")
            }
            Self::MalformedHeaderAccepted => {
                ("malformed-header-accepted", "a key is accepted without the Bearer scheme")
            }
            Self::MissingHeaderForbidden => {
                ("missing-header-forbidden", "a request without the header is answered with 403")
            }
            Self::AccountDataInRefusal => {
                ("account-data-in-refusal", "the refusal of a revoked key names its user")
            }
            Self::TokenInKeyList => ("token-in-key-list", "the list of keys shows their tokens"),
            Self::OtherUsersProjectReadable => {
                ("other-users-project-readable", "a project can be read with any user's key")
            }
            Self::V1DatabasesNull => ("v1-databases-null", "v1 projects have `databases: null`"),
            Self::V1TimesWithoutMilliseconds => {
                ("v1-times-without-milliseconds", "v1 times have whole seconds")
            }
            Self::ProjectPasswordShown => {
                ("project-password-shown", "reading a project shows the password of its role")
            }
            Self::CreatedProjectUnlisted => {
                ("created-project-unlisted", "a project that was created is not listed")
            }
            Self::DeletedProjectReadable => {
                ("deleted-project-readable", "a project that was removed can still be read")
            }
            Self::DeletedProjectListed => {
                ("deleted-project-listed", "a project that was removed is still listed")
            }
            Self::UpdateIgnored => {
                ("update-ignored", "a change to a project is answered with 200, and not made")
            }
            Self::WrongProjectAnswered => ("wrong-project-answered", "reading a project answers another one"),
            Self::LimitIgnored => ("limit-ignored", "a list ignores its limit"),
            Self::PageRepeatsItem => {
                ("page-repeats-item", "a page begins with the last item of the one before")
            }
            Self::PageLosesItem => ("page-loses-item", "a page leaves out the item after the cursor"),
            Self::DuplicateInList => ("duplicate-in-list", "a list shows its first item twice"),
            Self::CreatedAtMoves => ("created-at-moves", "a change to a project moves its creation time"),
            Self::UpdatedBeforeCreated => {
                ("updated-before-created", "a project's last change lies before its creation")
            }
            Self::UnknownProjectFails => {
                ("unknown-project-fails", "asking for an unknown project is answered with 500")
            }
            Self::ErrorAsHtml => ("error-as-html", "errors are HTML pages"),
            Self::ErrorWithoutCode => ("error-without-code", "errors have no code"),
            Self::BranchOfAnotherProject => {
                ("branch-of-another-project", "a list of branches shows one of another project")
            }
            Self::RepeatedJsonName => ("repeated-json-name", "objects have two members of the same name"),
            Self::WrongContentType => ("wrong-content-type", "answers say they are text/plain"),
            Self::Redirect => ("redirect", "the list of projects redirects"),
            Self::TruncatedBody => ("truncated-body", "answers break off before their end"),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

/// No fault has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault `{0}`")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(id: &str) -> Result<Self, UnknownFault> {
        Self::ALL.into_iter().find(|fault| fault.id() == id).ok_or_else(|| UnknownFault(id.to_owned()))
    }
}

/// The faults that are switched on.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(BTreeSet<Fault>);

impl Faults {
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn every_fault_is_found_by_its_name() {
        for fault in Fault::ALL {
            assert_eq!(fault.id().parse(), Ok(fault));
        }
        assert!("no-such-fault".parse::<Fault>().is_err());
    }
}
