//! A list is a page, and the only one: clients that ask for the next page come to an end.

use serde_json::Value;

use crate::spec::contract::Operation;
use crate::spec::pages::LIMIT;

/// Takes the items that were not asked for out of a list, and the name of the next page; each only where the answer `stays` valid.
pub(super) fn only_page(
    answer: Value,
    operation: &Operation,
    query: &str,
    stays: impl Fn(&Value) -> bool,
) -> Value {
    let changed = |answer: Value, change: &dyn Fn(&mut Value)| {
        let mut changed = answer.clone();
        change(&mut changed);
        if stays(&changed) { changed } else { answer }
    };
    let mut sent = url::form_urlencoded::parse(query.as_bytes());
    let limit = sent.find(|(name, _)| name == LIMIT).and_then(|(_, limit)| limit.parse().ok());
    let mut answer = match limit.filter(|_| operation.is_paged()) {
        Some(limit) => changed(answer, &|answer| shorten(answer, limit)),
        None => answer,
    };
    for end in [without_page, without_name] {
        if operation.next_page(&answer).is_some() {
            answer = changed(answer, &end);
        }
    }
    answer
}

fn without_page(answer: &mut Value) {
    if let Some(members) = answer.as_object_mut() {
        members.shift_remove("pagination");
    }
}

fn without_name(answer: &mut Value) {
    for name in ["cursor", "next"] {
        if let Some(member) = answer["pagination"].get_mut(name) {
            *member = "".into();
        }
    }
}

/// Leaves so many items in a list, or in the lists of an object.
fn shorten(answer: &mut Value, limit: usize) {
    match answer {
        Value::Array(items) => items.truncate(limit),
        Value::Object(members) => {
            members.values_mut().filter_map(Value::as_array_mut).for_each(|items| items.truncate(limit));
        }
        _ => {}
    }
}
