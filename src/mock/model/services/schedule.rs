//! When snapshots of a branch are to be taken.

use serde_json::{Map, Value};

/// The items of a schedule, as they were sent.
pub(in crate::mock) type Schedule = Vec<Map<String, Value>>;

/// How often a snapshot may be taken.
pub(in crate::mock) const FREQUENCIES: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "yearly"];
