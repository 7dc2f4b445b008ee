//! A rule that can be followed.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::written::{Moment, RetryAfterForm, RuleFile, WhenFile};
use crate::mock::model::TokenHash;

/// An answer on demand that is sound: its operation exists, and what it asks for can be done.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "RuleFile", into = "RuleFile")]
pub struct AnswerRule {
    /// As it was written.
    pub(super) file: RuleFile,
    pub(super) when: When,
    pub(super) often: Often,
    pub(in crate::mock::fault) answer: Demanded,
}

/// The requests that a rule is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct When {
    /// The operations; all, where there is none.
    pub(super) operations: Option<Vec<&'static str>>,
    pub(super) method: Option<Method>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) key: Option<TokenHash>,
    pub(super) user: Option<String>,
    pub(super) body: Option<Value>,
}

/// How often a rule answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Often {
    /// So many requests, from the first.
    Times(u32),
    /// One request, counted from 1.
    Nth(u32),
    /// Any request, with this probability.
    Probability(f64),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::mock::fault) struct Demanded {
    pub(in crate::mock::fault) status: Option<StatusCode>,
    /// A header, or that it is not there.
    pub(in crate::mock::fault) headers: Vec<(HeaderName, Option<HeaderValue>)>,
    pub(in crate::mock::fault) retry_after: Option<RetryAfter>,
    pub(in crate::mock::fault) content: Content,
    pub(in crate::mock::fault) delay: Duration,
    pub(in crate::mock::fault) cut_at: Option<usize>,
    pub(in crate::mock::fault) bytes_per_second: Option<u32>,
    pub(in crate::mock::fault) reset: Option<Moment>,
    pub(in crate::mock::fault) act: bool,
}

/// The body of what is answered.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::mock::fault) enum Content {
    /// As the operation or an error has it.
    Real,
    Json(Value),
    /// A text, with its content type.
    Text(&'static str, String),
}

/// When a client may come again, and how it is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::mock::fault) struct RetryAfter {
    pub(super) time: Duration,
    pub(super) form: RetryAfterForm,
}

impl RetryAfter {
    /// The value of the header, which is never too early (RFC 9110 §10.2.3).
    pub(in crate::mock::fault) fn header(self, now: SystemTime) -> HeaderValue {
        let whole = |time: Duration| time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
        match self.form {
            RetryAfterForm::Seconds => whole(self.time).into(),
            RetryAfterForm::Date => {
                let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                let then = Duration::from_secs(whole(since.saturating_add(self.time)).min(LAST_DATE));
                let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + then);
                HeaderValue::try_from(date).unwrap_or_else(|_| HeaderValue::from_static("0"))
            }
        }
    }
}

/// The end of the year 9999: later dates have no form.
const LAST_DATE: u64 = 253_402_300_799;

/// Responses with these statuses end with their headers (RFC 9110 §6.4.1).
pub(in crate::mock::fault) fn is_without_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::RESET_CONTENT)
}

impl AnswerRule {
    /// A rule for an operation; see [`RuleFile`] for what it can say, and [`build`](RuleFile::build) it.
    #[must_use]
    pub fn on(operation: &str) -> RuleFile {
        let when = WhenFile { operation: Some(operation.to_owned()), ..WhenFile::default() };
        RuleFile { when, ..RuleFile::default() }
    }

    /// A rule for every request to the API.
    #[must_use]
    pub fn on_all() -> RuleFile {
        RuleFile::default()
    }

    /// The rule as it was written.
    #[must_use]
    pub fn written(&self) -> &RuleFile {
        &self.file
    }

    /// The same for the keys of one user, unless it names another.
    pub(in crate::mock) fn of(mut self, user: &str) -> Self {
        if self.when.user.is_none() {
            self.when.user = Some(user.to_owned());
            self.file.when.user = Some(user.to_owned());
        }
        self
    }
}

impl From<AnswerRule> for RuleFile {
    fn from(rule: AnswerRule) -> Self {
        rule.file
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(RetryAfterForm::Seconds, 1500, "2")]
    #[case(RetryAfterForm::Seconds, 0, "0")]
    #[case(RetryAfterForm::Date, 1500, "Thu, 01 Jan 1970 00:00:12 GMT")]
    #[case(RetryAfterForm::Date, 500, "Thu, 01 Jan 1970 00:00:11 GMT")]
    #[case(RetryAfterForm::Date, u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT")]
    fn a_client_never_comes_too_early(
        #[case] form: RetryAfterForm,
        #[case] milliseconds: u64,
        #[case] expected: &str,
    ) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(10_500);
        let header = RetryAfter { time: Duration::from_millis(milliseconds), form }.header(now);
        assert_eq!(header, expected);
    }
}
