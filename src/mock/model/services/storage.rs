//! Buckets of objects. There is no store behind them: they are always empty.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::mock) struct Bucket {
    pub(in crate::mock) name: String,
    pub(in crate::mock) access_level: String,
    pub(in crate::mock) created_at: Timestamp,
}
