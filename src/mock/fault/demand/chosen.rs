//! A rule that answers a request.

use std::sync::Arc;
use std::time::Duration;

use super::rule::{AnswerRule, Demanded};
use super::written::Moment;

/// A rule that was chosen for a request, with its number.
#[derive(Debug, Clone)]
pub(in crate::mock) struct Chosen {
    pub(in crate::mock) number: usize,
    pub(in crate::mock::fault) rule: Arc<AnswerRule>,
}

impl Chosen {
    /// What is answered.
    pub(in crate::mock::fault) fn answer(&self) -> &Demanded {
        &self.rule.answer
    }

    /// How long the answer waits.
    pub(in crate::mock) fn delay(&self) -> Duration {
        self.answer().delay
    }

    /// When the connection is reset, where it is.
    pub(in crate::mock) fn reset(&self) -> Option<Moment> {
        self.answer().reset
    }
}
