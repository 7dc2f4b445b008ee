//! Faults: switches that make the mock break one rule each, to prove that the suite notices.
//!
//! A fault is a row of the catalogue: the requests it concerns, and what it does to them at one of the points that every request passes.
//! Handlers know nothing of faults. The points, in the order in which they are passed:
//!
//! | point | what a fault can do there |
//! |---|---|
//! | `admission` | let in who must be refused, refuse who must be let in, tell more than a refusal may, look at other things first |
//! | `change` | have the operation see another request than the one that was sent |
//! | `effect` | take back what was done, do it though it was refused, or do something else as well |
//! | `answer` | alter the status, the headers and the values of an answer |
//! | `wire` | spoil the bytes of its body |
//! | `socket` | send what a server's library never would, or reset the connection |
//!
//! What a test wants a client to be answered passes the same points: see `demand`.

mod account_side_effect;
mod admission;
mod answer;
mod asked;
mod auth_effect;
mod catalogue;
mod change;
mod data;
mod demand;
mod effect;
mod entry;
mod faults;
mod peer;
mod pointer;
mod side_effect;
mod socket;
mod texts;
mod wire;

pub(super) use admission::{Admitted, Attempt};
pub(super) use asked::Asked;
pub use data::{Class, Severity};
pub use demand::{
    AnswerFile, AnswerRule, Given, Moment, RetryAfterForm, RuleFile, RuleMistake, SentKey, WhenFile,
};
pub(super) use demand::{Chosen, Rules};
pub use entry::{Fault, Traffic, UnknownFault};
pub(super) use faults::Faults;
pub(super) use peer::Peer;
pub(super) use socket::Listener;
