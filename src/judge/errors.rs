//! What is wrong with a body by its schema, however large it is and however much is wrong.
//!
//! A validator holds all errors of a value at once. Those of a large body are looked for piece by piece first: where they are more
//! than anyone reads, the first are told.

use std::ops::ControlFlow;

use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};

use crate::spec::escape;

/// A body of so many values is looked at as a whole.
const WHOLE: usize = 4_000;

/// The maximum number of errors that are collected.
pub(super) const COUNTED: usize = 10_000;

/// The number of reported errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// All of them.
    All,
    /// The first.
    Some,
}

/// Tells the errors of a body with their places (JSON Pointer).
pub(super) fn each(
    validator: &Validator,
    body: &Value,
    mut tell: impl FnMut(&str, &ValidationError<'_>),
) -> Told {
    let are_many = weight(body) > WHOLE && {
        let mut count = 0;
        let counted = pieces(validator, &mut Vec::new(), body, &mut |_, _| count_one(&mut count));
        counted.is_break()
    };
    if !are_many {
        for error in validator.iter_errors(body) {
            tell(error.instance_path().as_str(), &error);
        }
        return Told::All;
    }
    let mut count = 0;
    let _ = pieces(validator, &mut Vec::new(), body, &mut |pointer, error| {
        tell(pointer, error);
        count_one(&mut count)
    });
    Told::Some
}

fn count_one(count: &mut usize) -> ControlFlow<()> {
    *count += 1;
    if *count < COUNTED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// The number of values in a JSON value.
fn weight(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(weight).sum::<usize>(),
        _ => 1,
    }
}

/// A step down into a value.
#[derive(Clone, Copy)]
enum Step<'v> {
    Index(usize),
    Name(&'v str),
}

type Tell<'t> = dyn FnMut(&str, &ValidationError<'_>) -> ControlFlow<()> + 't;

/// Tells what is wrong below a value that is too large to be looked at as a whole, where `path` leads to it.
fn pieces<'v>(
    validator: &Validator,
    path: &mut Vec<Step<'v>>,
    value: &'v Value,
    tell: &mut Tell<'_>,
) -> ControlFlow<()> {
    let below: Box<dyn Iterator<Item = (Step<'v>, &'v Value)>> = match value {
        Value::Array(items) => {
            Box::new(items.iter().enumerate().map(|(index, item)| (Step::Index(index), item)))
        }
        Value::Object(members) => {
            Box::new(members.iter().map(|(name, member)| (Step::Name(name.as_str()), member)))
        }
        _ => return ControlFlow::Continue(()),
    };
    let mut piece = Vec::new();
    let mut size = 0;
    for (step, part) in below {
        let weight = weight(part);
        if size + weight > WHOLE {
            look_at(validator, path, &piece, tell)?;
            piece.clear();
            size = 0;
        }
        if weight > WHOLE {
            path.push(step);
            pieces(validator, path, part, tell)?;
            path.pop();
        } else {
            piece.push((step, part));
            size += weight;
        }
    }
    look_at(validator, path, &piece, tell)
}

/// Tells what is wrong with some of the values below the one that `path` leads to, as if there were nothing else in the body. What
/// is wrong above them is not: it may be wrong only because the rest is not there.
fn look_at(
    validator: &Validator,
    path: &[Step<'_>],
    piece: &[(Step<'_>, &Value)],
    tell: &mut Tell<'_>,
) -> ControlFlow<()> {
    let Some((first, _)) = piece.first() else { return ControlFlow::Continue(()) };
    let mut body = match first {
        Step::Index(_) => Value::Array(piece.iter().map(|(_, part)| Value::clone(part)).collect()),
        Step::Name(_) => {
            let named = piece.iter().filter_map(|(step, part)| match step {
                Step::Name(name) => Some(((*name).to_owned(), Value::clone(part))),
                Step::Index(_) => None,
            });
            Value::Object(named.collect())
        }
    };
    for step in path.iter().rev() {
        body = match step {
            Step::Index(_) => Value::Array(vec![body]),
            Step::Name(name) => Value::Object(Map::from_iter([((*name).to_owned(), body)])),
        };
    }
    let pointer = |is_real: bool| -> String {
        let token = |step: &Step<'_>| match step {
            Step::Index(index) => format!("/{}", if is_real { *index } else { 0 }),
            Step::Name(name) => format!("/{}", escape(name)),
        };
        path.iter().map(token).collect()
    };
    let (real, here) = (pointer(true), pointer(false));
    for error in validator.iter_errors(&body) {
        let place = error.instance_path().as_str();
        let Some(rest) = place.strip_prefix(&here).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let (token, after) = rest.find('/').map_or((rest, ""), |end| rest.split_at(end));
        let token = match (first, token.parse::<usize>()) {
            (Step::Index(_), Ok(index)) => match piece.get(index) {
                Some((Step::Index(index), _)) => index.to_string(),
                _ => continue,
            },
            _ => token.to_owned(),
        };
        tell(&format!("{real}/{token}{after}"), &error)?;
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;
    use serde_json::json;

    use super::*;

    /// A body of `count` lists of numbers, each number wrong unless it is even.
    fn body(lists: usize, numbers: usize, are_wrong: bool) -> Value {
        let number = |number: usize| if are_wrong && number % 2 == 1 { json!("x") } else { json!(number) };
        let list: Vec<Value> = (0..numbers).map(number).collect();
        json!({"lists": vec![json!({"a/b": list}); lists], "few": [1], "odd": [1]})
    }

    #[rstest]
    #[case::few_of_few(body(1, 10, true), 7, Told::All)]
    #[case::few_of_many(body(1, 40_000, false), 2, Told::All)]
    #[case::many_in_one_list(body(1, 40_000, true), COUNTED, Told::Some)]
    #[case::many_in_many_lists(body(40_000, 2, true), COUNTED, Told::Some)]
    #[case::many_in_large_lists(body(5, 10_000, true), COUNTED, Told::Some)]
    #[case::many_members(json!({"lists": [], "few": (0..40_000).map(|n| (n.to_string(), json!(n))).collect::<Map<_, _>>()}), COUNTED, Told::Some)]
    fn errors_are_told_where_they_are(#[case] body: Value, #[case] count: usize, #[case] expected: Told) {
        let schema = json!({
            "required": ["lists", "few", "none"],
            "properties": {
                "lists": {"items": {"properties": {"a/b": {"items": {"type": "integer"}}}}},
                "few": {"additionalProperties": {"type": "string"}},
                "odd": {"minItems": 2},
            },
        });
        let validator = jsonschema::validator_for(&schema).expect("it is a schema");
        let mut told = Vec::new();
        let read = |error: &ValidationError<'_>| error.to_string();
        let outcome = each(&validator, &body, |pointer, error| told.push((pointer.to_owned(), read(error))));
        assert_eq!((told.len(), outcome), (count, expected));
        let whole: BTreeSet<(String, String)> = validator
            .iter_errors(&body)
            .map(|error| (error.instance_path().as_str().to_owned(), read(&error)))
            .collect();
        let told: BTreeSet<(String, String)> = told.into_iter().collect();
        assert_eq!(told.len(), count, "none is told twice");
        assert!(told.is_subset(&whole));
    }
}
