//! Rules written in Rust.

use serde_json::Value;

use super::check::RuleMistake;
use super::rule::AnswerRule;
use super::written::{Moment, RuleFile};

impl RuleFile {
    /// The number of requests that get the answer, from the first.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The only request that gets the answer, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Every request gets the answer.
    #[must_use]
    pub fn always(self) -> Self {
        self.probability(1.0)
    }

    /// The probability with which a request gets the answer.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// The owner of the key: the ID or e-mail address of a user, or the ID of an organization.
    #[must_use]
    pub fn user(mut self, user: impl ToString) -> Self {
        self.when.user = Some(user.to_string());
        self
    }

    /// The status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.answer.status = Some(status);
        self
    }

    /// A header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.answer.headers.insert(name.to_owned(), Some(value.to_owned()));
        self
    }

    /// The time that the header `Retry-After` names, such as `2s`.
    #[must_use]
    pub fn retry_after(mut self, time: &str) -> Self {
        self.answer.retry_after = Some(time.to_owned());
        self
    }

    /// A body of JSON.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.answer.body = Some(body);
        self
    }

    /// A body of HTML.
    #[must_use]
    pub fn html(mut self, html: &str) -> Self {
        self.answer.html = Some(html.to_owned());
        self
    }

    /// The time before the response is sent, such as `500ms`.
    #[must_use]
    pub fn delay(mut self, time: &str) -> Self {
        self.answer.delay = Some(time.to_owned());
        self
    }

    /// The number of bytes of the body after which the connection breaks.
    #[must_use]
    pub fn cut_at(mut self, bytes: usize) -> Self {
        self.answer.cut_at = Some(bytes);
        self
    }

    /// Reset the connection instead of a response.
    #[must_use]
    pub fn reset(mut self, moment: Moment) -> Self {
        self.answer.reset = Some(moment);
        self
    }

    /// Whether the operation is performed.
    #[must_use]
    pub fn act(mut self, is_performed: bool) -> Self {
        self.answer.act = Some(is_performed);
        self
    }

    /// The rule, checked.
    ///
    /// # Errors
    /// The first thing in it that is wrong.
    pub fn build(self) -> Result<AnswerRule, RuleMistake> {
        self.try_into()
    }
}
