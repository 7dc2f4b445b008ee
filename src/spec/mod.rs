//! LOAD: from the files under `specs/` to a [`Suite`] that cannot be invalid.

pub mod annotation;
pub mod case;
pub mod case_file;
pub mod contract;
pub mod credential;
mod diagnostic;
mod dialect;
mod document;
pub mod endpoint;
pub mod endpoint_file;
mod example;
mod files;
pub(crate) mod form;
pub mod gate;
mod import;
pub mod known_failure;
pub mod matcher;
pub mod operation_pattern;
mod overlay;
mod reference;
pub mod requirement;
mod resolve;
pub mod schema;
mod structure;
mod suite;
pub mod suite_file;
pub mod template;

pub use diagnostic::{Diagnostic, Diagnostics, closest};
pub use document::{Document, Location, escape, unescape};
pub use files::{Files, Unreadable};
pub use import::Imported;
pub use structure::schema_of;
pub use suite::{ParameterSupply, Source, Suite, Supply};
