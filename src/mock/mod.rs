//! The stateful mock: a Neon of your own on a loopback port.
//!
//! It speaks real HTTP, keeps accounts, keys and projects in memory, and behaves as the requirements in `specs/` say.
//! Each account sees only its own things, so that many tests can share one mock.
//!
#![doc = include_str!("MANUAL.md")]

mod auth;
mod body;
mod clock;
mod error;
mod evidence;
mod fault;
mod fixture;
mod handlers;
mod ids;
mod limiter;
mod model;
mod persist;
mod router;
mod server;
mod view;

pub use evidence::{BEHAVIOURS, Behaviour, Grade, manual};
pub use fault::{Fault, UnknownFault};
pub use fixture::{AccountFixture, DatabaseFixture, OrganizationFixture, ProjectFixture, UserFixture};
pub use model::OperationClock;
pub use router::{Supported, support};
pub use server::{Account, Mock, MockBuilder, MockError};
