//! Answers on demand: what a test wants a client to be answered, and when.
//!
//! A rule is data, like a row of the catalogue. It is chosen for a request at `admission`, and the later points read what it says there.

mod builder;
mod check;
mod chosen;
mod rule;
mod rules;
mod written;

pub use check::RuleMistake;
pub(in crate::mock) use chosen::Chosen;
pub use rule::AnswerRule;
pub(super) use rule::{Content, Demanded, is_without_body};
pub use rules::Given;
pub(in crate::mock) use rules::Rules;
pub(super) use rules::Sight;
pub use written::{AnswerFile, Moment, RetryAfterForm, RuleFile, SentKey, WhenFile};
