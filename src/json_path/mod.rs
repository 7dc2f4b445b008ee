//! `JSONPath` (RFC 9535): what a path finds in a body. A run asks for few paths, each again and again: they are parsed once.

mod exact;
mod expression;
mod mistake;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;
use serde_json_path::JsonPath;

pub(crate) use mistake::Mistake;

/// Longer ones are refused: what is nested deeply in them would take all of the stack.
const LONGEST: usize = 1000;

/// So many paths are kept by each thread; those with an id filled in are not asked for again.
const KEPT: usize = 1024;

thread_local! {
    static PARSED: RefCell<HashMap<String, Rc<Path>>> = RefCell::default();
}

/// A path that is known to be one.
struct Path {
    query: JsonPath,
    /// It compares with integers that the body is to have as text.
    is_exact: bool,
    /// Where it is made of names and indices only: it leads to one place, and nothing has to be searched.
    steps: Option<Vec<Step>>,
}

enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    fn find<'v>(&self, body: &'v Value) -> Vec<&'v Value> {
        let Some(steps) = &self.steps else {
            if self.is_exact {
                return self.located(body).into_iter().map(|(_, found)| found).collect();
            }
            return self.query.query(body).all();
        };
        let found = steps.iter().try_fold(body, |value, step| match step {
            Step::Name(name) => value.as_object()?.get(name),
            Step::Index(index) => value.as_array()?.get(*index),
        });
        found.into_iter().collect()
    }

    fn located<'v>(&self, body: &'v Value) -> Vec<(String, &'v Value)> {
        let with_text = self.is_exact.then(|| exact::with_text(body));
        let found = self.query.query_located(with_text.as_ref().unwrap_or(body)).all();
        let pointers = found.into_iter().map(|node| node.location().to_json_pointer());
        pointers.filter_map(|pointer| body.pointer(&pointer).map(|found| (pointer, found))).collect()
    }
}

/// The steps of `$.a[0].b`; `None` for all that is not written so.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(named) = rest.strip_prefix('.') {
            let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = named.find(|c| !is_of_a_name(c)).unwrap_or(named.len());
            let (name, after) = named.split_at(end);
            steps.push(Step::Name(Some(name).filter(|name| !name.is_empty())?.to_owned()));
            rest = after;
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            rest = after;
        }
    }
    Some(steps)
}

/// What is found, each with its place as a JSON Pointer; nothing, where the path is none.
pub(crate) fn located<'v>(path: &str, body: &'v Value) -> Vec<(String, &'v Value)> {
    parsed(path).map(|path| path.located(body)).unwrap_or_default()
}

/// What is found; nothing, where the path is none.
pub(crate) fn find<'v>(path: &str, body: &'v Value) -> Vec<&'v Value> {
    parsed(path).map(|path| path.find(body)).unwrap_or_default()
}

/// Whether it is a path.
///
/// # Errors
/// Why it is none, or can find nothing.
pub(crate) fn check(path: &str) -> Result<(), Mistake> {
    parsed(path).map(|_| ())
}

fn parsed(path: &str) -> Result<Rc<Path>, Mistake> {
    PARSED.with_borrow_mut(|known| {
        if let Some(parsed) = known.get(path) {
            return Ok(parsed.clone());
        }
        if path.len() > LONGEST {
            let message = format!("it is longer than {LONGEST} characters");
            return Err(Mistake::new(0, message, "look for less at once"));
        }
        let mut query = JsonPath::parse(path).map_err(|error| mistake::explain(path, &error))?;
        expression::check(path)?;
        let as_text = exact::as_text(path).and_then(|path| JsonPath::parse(&path).ok());
        let is_exact = as_text.is_some();
        query = as_text.unwrap_or(query);
        let parsed = Rc::new(Path { query, is_exact, steps: steps(path) });
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(path.to_owned(), parsed.clone());
        Ok(parsed)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
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

    #[rstest]
    #[case("$", true)]
    #[case("$.a", true)]
    #[case("$.a[1].b_2", true)]
    #[case("$.a[0].b_2.none", true)]
    #[case("$.a[9]", true)]
    #[case("$[0]", true)]
    #[case("$.a[-1].b_2", false)]
    #[case("$.a[*].b_2", false)]
    #[case("$['a'][0]", false)]
    #[case("$.ö", false)]
    #[case("$ .a", false)]
    #[case("$.a[ 0 ]", false)]
    #[case("$..b_2", false)]
    fn a_place_is_found_as_a_query_finds_it(#[case] path: &str, #[case] is_place: bool) {
        let body = json!({"a": [{"b_2": 1}, {"b_2": null}], "ö": 3, "0": 4});
        let Ok(parsed) = parsed(path) else { panic!("{path} is a path") };
        assert_eq!(parsed.steps.is_some(), is_place);
        for body in [body, json!([[1]]), json!(1)] {
            assert_eq!(parsed.find(&body), parsed.query.query(&body).all());
        }
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
