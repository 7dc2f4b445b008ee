//! The step of a request, with what its operation needs besides.

use serde_json::{Map, Value, json};

use super::sample::sample;
use crate::json::plain;
use crate::spec::Suite;
use crate::spec::contract::{Operation, Place};

/// A step with what the operation needs besides.
pub(super) fn complete(suite: &Suite, operation: &Operation, keys: Value) -> Value {
    let mut query: Map<String, Value> = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.place == Place::Query && parameter.required)
        .filter(|parameter| !suite.supply.params.contains_key(&parameter.name))
        .filter_map(|parameter| {
            let schema = parameter.schema.clone()?;
            Some((parameter.name.clone(), json!(plain(&sample(suite, &vec![schema])))))
        })
        .collect();
    let mut step = if let Value::Object(keys) = keys { keys } else { Map::new() };
    if let Some(Value::Object(own)) = step.remove("query") {
        query.extend(own);
    }
    if !query.is_empty() {
        step.insert("query".to_owned(), Value::Object(query));
    }
    Value::Object(step)
}
