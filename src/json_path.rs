//! `JSONPath` (RFC 9535): what a path finds in a body. A run asks for few paths, each again and again: they are parsed once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use serde_json_path::JsonPath;

/// Longer ones are refused: what is nested deeply in them would take all of the stack.
const LONGEST: usize = 1000;

/// So many paths are kept by each thread; those with an id filled in are not asked for again.
const KEPT: usize = 1024;

thread_local! {
    static PARSED: RefCell<HashMap<String, Rc<JsonPath>>> = RefCell::default();
}

/// What is found, each with its place as a JSON Pointer; nothing, where the path is none.
pub(crate) fn located<'v>(path: &str, body: &'v Value) -> Vec<(String, &'v Value)> {
    let Ok(path) = parsed(path) else { return Vec::new() };
    let found = path.query_located(body).all();
    found.into_iter().map(|node| (node.location().to_json_pointer(), node.node())).collect()
}

/// What is found; nothing, where the path is none.
pub(crate) fn find<'v>(path: &str, body: &'v Value) -> Vec<&'v Value> {
    parsed(path).map(|path| path.query(body).all()).unwrap_or_default()
}

/// Whether it is a path.
///
/// # Errors
/// Why it is none.
pub(crate) fn check(path: &str) -> Result<(), String> {
    parsed(path).map(|_| ())
}

fn parsed(path: &str) -> Result<Rc<JsonPath>, String> {
    PARSED.with_borrow_mut(|known| {
        if let Some(parsed) = known.get(path) {
            return Ok(parsed.clone());
        }
        if path.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let parsed = Rc::new(JsonPath::parse(path).map_err(|error| error.message().to_owned())?);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(path.to_owned(), parsed.clone());
        Ok(parsed)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_found_is_told_with_its_place() {
        let body = json!({"a": [{"b": 1}, {"b": 2}]});
        for _ in 0..2 {
            assert_eq!(find("$.a[*].b", &body), [&json!(1), &json!(2)]);
            assert_eq!(located("$.a[?@.b == 2].b", &body), [("/a/1/b".to_owned(), &json!(2))]);
        }
        assert!(check(&format!("$[?{}@.a{}]", "(".repeat(1000), ")".repeat(1000))).is_err());
        assert!(find("$[", &body).is_empty() && check("$[").is_err() && check("$.a").is_ok());
    }

    #[test]
    fn more_paths_than_are_kept_find_what_they_find() {
        let body = json!([7]);
        for place in 0..2 * KEPT {
            assert_eq!(find(&format!("$[{place}]"), &body).len(), usize::from(place == 0));
        }
        assert_eq!(find("$[0]", &body), [&json!(7)]);
    }
}
