//! TELL: what came of a run, for people.

mod audit;
mod badge;
mod coverage;
mod difference;
mod doctor;
mod explain;
mod explored;
mod failures;
mod format;
mod github;
mod html;
mod junit;
mod markdown;
mod parity;
mod progress;
mod rehearsal;
mod terminal;
mod text;
mod traffic;
mod trend;

pub use audit::{audit, audit_json, verdict_line};
pub use badge::badge;
pub use coverage::{Unproven, coverage, coverage_json, unproven};
pub use difference::{difference, difference_json};
pub use doctor::doctor;
pub use explain::explain;
pub use explored::{explored, explored_json};
pub use failures::{save_failure, save_failures};
pub use format::{FORMATS, Format};
pub use parity::{answered, parity, parity_json};
pub use progress::Progress;
pub use rehearsal::rehearsal;
pub use terminal::{conclusion, exchanges, failure, notes, summary, trial_line};
pub use traffic::{client, exchange_line, traffic};
pub use trend::{trend, trend_html, trend_json};

pub use crate::artefact::{ArtefactError, check_writable, write};
