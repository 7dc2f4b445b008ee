//! Contract testing for the Neon API.

pub mod exchange;
mod json;
pub mod judge;
pub mod mock;
pub mod plan;
mod reproduce;
pub mod runner;
pub mod secret;
pub mod snapshot;
pub mod spec;
pub mod target;
