//! The operations that an endpoint does without.

use std::collections::BTreeMap;

use super::contract::OperationId;

/// The operations that an endpoint is declared without, each with the reason to report.
pub type Absent = BTreeMap<OperationId, String>;
