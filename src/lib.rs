//! Contract testing and conformance for [Neon's HTTP API](https://neon.com/docs/reference/api-reference), with a stateful mock.
//!
//! Most people use the command, `neon-contract`; its manual is in `docs/`. The library is for Rust programs and tests.
//!
//! # A mock in a test
//!
//! [`Mock`](mock::Mock) serves a stateful Neon on a loopback port. Give each test an account of its own:
//!
//! ```
//! use neon_contract::mock::{AccountFixture, Mock};
//! use secrecy::ExposeSecret;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mock = Mock::builder().start().await?;
//! let account = mock.create_account(&AccountFixture::default());
//!
//! let projects = format!("{}/api/v2/projects", mock.origin());
//! let request = reqwest::Client::new().get(projects).bearer_auth(account.key.expose_secret());
//! assert_eq!(request.send().await?.status(), 200);
//!
//! mock.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # The suite under `cargo test`
//!
//! [`conformance::main`] runs every trial as a test.
//!
//! # A run of the suite
//!
//! A [`Setup`](runner::Setup) names the suite and the target: the embedded mock, or an [`Endpoint`](runner::Endpoint). Load the
//! suite, [`plan`](plan::plan) the trials and [`run`](runner::run) them:
//!
//! ```
//! use std::sync::Arc;
//!
//! use neon_contract::plan::{Selection, Trial, plan};
//! use neon_contract::runner::{Options, Setup, SnapshotMode, run};
//! use neon_contract::spec::Home;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let setup = Setup {
//!     snapshot_mode: Some(SnapshotMode::Ignore),
//!     ..Setup::embedded(Home::BuiltIn)
//! };
//! let suite = setup.suite().await?;
//! let selection = Selection { filters: vec!["users/".to_owned()], ..Selection::default() };
//! let trials: Arc<[Trial]> = plan(&suite, &selection).into();
//! let harness = Arc::new(setup.harness(suite).await?);
//!
//! let options = Options { jobs: 4, fail_fast: false, budget: None, is_everything: false };
//! let report = run(&harness, &trials, options, |_| {}).await;
//! harness.finish().await;
//! assert_eq!(report.counts().failed, 0);
//! # Ok(())
//! # }
//! ```
//!
//! Data moves in one direction: [`spec`] → [`plan`] → [`target`] and [`runner`] → [`judge`] → [`result`] → [`report`].

// The Rust code in the book is tested as well.
#[cfg(doctest)]
#[doc = include_str!("../docs/src/guides/local-neon.md")]
mod local_neon {}
#[cfg(doctest)]
#[doc = include_str!("../docs/src/guides/misbehave.md")]
mod misbehave {}
#[cfg(doctest)]
#[doc = include_str!("../docs/src/guides/databases.md")]
mod databases {}

mod artefact;
pub mod audit;
mod coding;
pub mod conformance;
pub mod difference;
pub mod draft;
pub mod exchange;
pub mod exit_code;
pub mod explore;
pub mod input;
mod json;
mod json_path;
pub mod judge;
pub mod mock;
mod needles;
pub mod parity;
pub mod plan;
pub mod postgres;
pub mod report;
mod reproduce;
pub mod result;
pub mod runner;
pub mod secret;
mod serve;
pub mod snapshot;
pub mod spec;
mod sync;
pub mod target;
pub mod text;
pub mod traffic;
