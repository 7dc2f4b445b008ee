//! The name of a run: everything that it makes on an account bears it, and nothing else is ever removed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How every name of a run begins.
const MARK: &str = "nc-";

/// How many hexadecimal digits tell one run from another.
const DIGITS: usize = 6;

/// `nc-` and six hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunName(String);

impl RunName {
    /// A name that no other run has.
    #[must_use]
    pub fn random() -> Self {
        let digits = uuid::Uuid::new_v4().simple().to_string();
        Self(format!("{MARK}{}", &digits[..DIGITS]))
    }

    /// The name of a run, where this is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(MARK)?;
        let is_one = digits.len() == DIGITS && digits.bytes().all(is_digit);
        is_one.then(|| Self(text.to_owned()))
    }

    /// The run that made what has this name: a run's name, a dash and more. None for what no run has named.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (run, rest) = name.split_at_checked(MARK.len() + DIGITS)?;
        if rest.starts_with('-') { Self::parse(run) } else { None }
    }

    /// Whether what has this name bears the name of this run.
    #[must_use]
    pub fn is_borne_by(&self, name: &str) -> bool {
        Self::of(name).as_ref() == Some(self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether names of runs may begin with this, and it says at least that they are of a run.
    #[must_use]
    pub fn may_begin_with(prefix: &str) -> bool {
        let Some(rest) = prefix.strip_prefix(MARK) else { return false };
        let (digits, rest) = rest.split_at_checked(DIGITS).unwrap_or((rest, ""));
        digits.bytes().all(is_digit) && (rest.is_empty() || rest.starts_with('-'))
    }
}

/// Names are written in lower case.
fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<RunName> for String {
    fn from(name: RunName) -> Self {
        name.0
    }
}

impl TryFrom<String> for RunName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            format!("`{text}` is not the name of a run: expected `nc-` and six hexadecimal digits")
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("nc-0a1b2c-001-project", Some("nc-0a1b2c"))]
    #[case("nc-0a1b2c-", Some("nc-0a1b2c"))]
    #[case::the_name_alone("nc-0a1b2c", None)]
    #[case::a_word("nc-production", None)]
    #[case::a_word_of_hexadecimal_digits("nc-decade", None)]
    #[case::a_longer_one("nc-0a1b2c3-001", None)]
    #[case::capitals("nc-0A1B2C-001", None)]
    #[case::another_mark("xnc-0a1b2c-001", None)]
    #[case::cut_within_a_character("nc-0a1b2\u{e9}-", None)]
    #[case::nothing("", None)]
    fn only_what_a_run_has_named_is_of_a_run(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(RunName::of(name).as_ref().map(RunName::as_str), expected);
    }

    #[test]
    fn a_random_name_is_a_name() {
        let name = RunName::random();
        assert_eq!(RunName::parse(name.as_str()).as_ref(), Some(&name));
        assert!(name.is_borne_by(&format!("{name}-001")) && !name.is_borne_by("nc-production"));
    }

    #[rstest]
    #[case("nc-", true)]
    #[case("nc-0a", true)]
    #[case("nc-0a1b2c-001", true)]
    #[case("nc", false)]
    #[case("", false)]
    #[case("nc-prod", false)]
    #[case("nc-0a1b2c3", false)]
    fn a_prefix_says_that_it_is_of_runs(#[case] prefix: &str, #[case] expected: bool) {
        assert_eq!(RunName::may_begin_with(prefix), expected);
    }
}
