//! Lists that come in pages: the number of items that a page may have, and where it names the next page.

use std::collections::BTreeMap;

use serde_json::Value;

use super::contract::{Operation, Place};

/// The query parameter for the number of items.
pub const LIMIT: &str = "limit";

/// The query parameter for the page.
pub const CURSOR: &str = "cursor";

impl Operation {
    /// Returns `true` if a response need not show the whole list.
    #[must_use]
    pub fn is_paged(&self) -> bool {
        self.parameter(LIMIT, Place::Query).is_some()
    }

    /// The maximum number of items in the response to a request: its `limit`, or else the documented default.
    #[must_use]
    pub fn page_limit(&self, query: &BTreeMap<String, String>) -> Option<u64> {
        match query.get(LIMIT) {
            Some(limit) => limit.parse().ok(),
            None => self.parameter(LIMIT, Place::Query)?.default.as_ref()?.as_u64(),
        }
    }

    /// The cursor of the next page. It may be there although nothing remains, and a page with fewer items than its limit need not be
    /// the last: `limit` is documented as a maximum.
    #[must_use]
    pub fn next_page<'b>(&self, body: &'b Value) -> Option<&'b str> {
        self.parameter(CURSOR, Place::Query)?;
        let pagination = body.get("pagination")?;
        [CURSOR, "next"].into_iter().find_map(|name| pagination.get(name)?.as_str())
    }
}

/// Returns `true` if a list leaves out what it has, and says so.
#[must_use]
pub fn is_partial(body: &Value) -> bool {
    body.get("unavailable_project_ids").and_then(Value::as_array).is_some_and(|left_out| !left_out.is_empty())
}
