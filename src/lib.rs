#![doc = include_str!("../README.md")]

mod artefact;
pub mod audit;
mod coding;
pub mod conformance;
pub mod difference;
pub mod draft;
pub mod exchange;
pub mod exit_code;
pub mod input;
mod json;
mod json_path;
pub mod judge;
pub mod mock;
mod needles;
pub mod parity;
pub mod plan;
pub mod report;
mod reproduce;
pub mod runner;
pub mod secret;
mod serve;
pub mod snapshot;
pub mod spec;
mod sync;
pub mod target;
pub mod text;
pub mod traffic;
