//! The stateful mock: a Neon of your own on a loopback port.
//!
//! It speaks real HTTP, keeps accounts, keys and projects in memory, and behaves as the requirements in `specs/` say.
//! Each account sees only its own things, so that many tests can share one mock.
//!
#![doc = include_str!("MANUAL.md")]

mod admin;
mod auth;
mod body;
mod clock;
mod console;
mod control;
mod cors;
mod directory;
mod error;
mod evidence;
mod fault;
mod fixture;
mod framing;
mod generated;
mod handlers;
mod ids;
mod journal;
mod latency;
mod limiter;
mod model;
mod multipart;
mod origin;
mod persist;
mod real;
mod router;
mod scenario;
mod schema;
mod server;
mod service;
mod tap;
mod view;
mod wire;

pub use admin::ADMIN;
pub use console::CONSOLE;
pub use control::SeedError;
pub use cors::{PageOrigin, UnknownOrigin};
pub use evidence::{BEHAVIOURS, Behaviour, Grade, manual};
pub use fault::{
    AnswerFile, AnswerRule, Given, Moment, RetryAfterForm, RuleFile, RuleMistake, SentKey, WhenFile,
};
pub use fault::{Class, Fault, Severity, Traffic, UnknownFault};
pub(crate) use fixture::MOST_PROJECTS;
pub use fixture::{AccountFixture, DatabaseFixture, OrganizationFixture, ProjectFixture, UserFixture};
pub use generated::{ContractSupport, GeneratedOperation};
pub use journal::JournalEntry;
pub use latency::{Latency, UnknownLatency};
pub use limiter::{RateLimit, UnknownRateLimit};
pub use model::{OperationClock, UnknownClock};
pub use router::{NearMiss, Supported, support};
pub use scenario::Scenario;
pub use server::{Account, Mock, MockBuilder, MockError, PostgresServer};
pub use service::VerdictAsked;
