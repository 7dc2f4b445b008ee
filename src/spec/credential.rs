//! How a request is authenticated.

use std::fmt;
use std::str::FromStr;

/// How one request is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credential {
    /// The account's own key.
    Valid,
    /// No `Authorization` header (AUTH-MISSING).
    Missing,
    /// A header that is not `Bearer <key>` (AUTH-MALFORMED).
    Malformed(Malformed),
    /// A key of the right form that was never issued (AUTH-INVALID).
    Invalid,
    /// A valid key with something changed, which is no key any more (AUTH-INVALID).
    Altered(Altered),
    /// A key that was minted, proven to work, and revoked (AUTH-REVOKED).
    Revoked,
    /// A key that was minted, proven to work, and used to revoke itself (KEY-SELF-REVOKE).
    SelfRevoked,
    /// A valid key of another user (KEY-OTHER-USER).
    OtherUser,
}

/// The shapes of a malformed `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Malformed {
    /// The key without a scheme.
    NoScheme,
    /// The key as the password of Basic authentication (RFC 7617).
    Basic,
    /// `Bearer` and a space, and no key.
    EmptyToken,
    /// `Bearer` alone.
    SchemeOnly,
}

/// What is changed in a valid key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Altered {
    /// There is one character more.
    Longer,
    /// The last character is missing.
    Shorter,
    /// Its letters are in the other case.
    OtherCase,
}

impl Credential {
    /// Every credential, in the order they are named in reports.
    pub const ALL: [Self; 13] = [
        Self::Valid,
        Self::Missing,
        Self::Malformed(Malformed::NoScheme),
        Self::Malformed(Malformed::Basic),
        Self::Malformed(Malformed::EmptyToken),
        Self::Malformed(Malformed::SchemeOnly),
        Self::Invalid,
        Self::Altered(Altered::Longer),
        Self::Altered(Altered::Shorter),
        Self::Altered(Altered::OtherCase),
        Self::Revoked,
        Self::SelfRevoked,
        Self::OtherUser,
    ];

    /// The words for several credentials at once.
    pub const GROUPS: [&str; 2] = ["malformed", "altered"];

    /// The word for it in cases and in the names of trials.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Missing => "missing",
            Self::Malformed(Malformed::NoScheme) => "malformed-no-scheme",
            Self::Malformed(Malformed::Basic) => "malformed-basic",
            Self::Malformed(Malformed::EmptyToken) => "malformed-empty-token",
            Self::Malformed(Malformed::SchemeOnly) => "malformed-scheme-only",
            Self::Invalid => "invalid",
            Self::Altered(Altered::Longer) => "altered-longer",
            Self::Altered(Altered::Shorter) => "altered-shorter",
            Self::Altered(Altered::OtherCase) => "altered-case",
            Self::Revoked => "revoked",
            Self::SelfRevoked => "revoked-by-itself",
            Self::OtherUser => "other-user",
        }
    }

    /// The credentials a word in a matrix stands for: `malformed` and `altered` are all their shapes.
    #[must_use]
    pub fn group(word: &str) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|credential| {
                credential.word() == word
                    || match credential {
                        Self::Malformed(_) => word == "malformed",
                        Self::Altered(_) => word == "altered",
                        _ => false,
                    }
            })
            .collect()
    }

    /// Whether a key must be minted for it, and revoked.
    #[must_use]
    pub fn is_revoked(self) -> bool {
        matches!(self, Self::Revoked | Self::SelfRevoked)
    }

    /// Whether the API must refuse it with 401.
    #[must_use]
    pub fn is_refused(self) -> bool {
        !matches!(self, Self::Valid | Self::OtherUser)
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Credential {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|credential| credential.word() == word).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_words_stand_for_several_shapes() {
        assert_eq!(Credential::group("malformed").len(), 4);
        assert_eq!(Credential::group("altered").len(), 3);
        assert_eq!(Credential::group("revoked"), [Credential::Revoked]);
        assert!(Credential::group("revokd").is_empty());
    }
}
