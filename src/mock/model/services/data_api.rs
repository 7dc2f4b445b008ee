//! The Data API: REST for one database.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The Data API of one database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct DataApi {
    /// The number of the database, which keeps it under another name.
    pub(in crate::mock) database: i64,
    /// The endpoint that it is reached at.
    pub(in crate::mock) endpoint: String,
    pub(in crate::mock) settings: Map<String, Value>,
}
