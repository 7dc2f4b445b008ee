//! What the text of a parameter stands for.

use serde_json::Value;

use super::form::Form;
use super::schema::Schemas;
use super::schema_ref::SchemaRef;

/// The values that the text of a parameter may stand for; none where that is not known.
pub(crate) fn readings(schemas: &Schemas, schema: &SchemaRef, text: &str) -> Option<Vec<Value>> {
    let kinds = Form::of(schemas, &vec![schema.clone()]).kinds()?;
    let mut readings = Vec::new();
    if kinds.contains("integer") || kinds.contains("number") {
        readings.extend(text.parse::<i64>().ok().map(Value::from));
        readings.extend(text.parse::<f64>().ok().map(Value::from));
    }
    if kinds.contains("boolean") {
        readings.extend(boolean(text).map(Value::from));
    }
    if kinds.contains("array") || kinds.contains("object") {
        // How these are written, servers see differently.
        return None;
    }
    readings.push(Value::from(text));
    Some(readings)
}

/// A boolean, also in the words of clients in Python, which servers in Go take.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "t" | "T" | "1" => Some(true),
        "false" | "False" | "FALSE" | "f" | "F" | "0" => Some(false),
        _ => None,
    }
}

/// The lists that the texts of a parameter may stand for: its values, whether they come one by one or with commas between them; none
/// where it is no list.
pub(crate) fn lists(schemas: &Schemas, schema: &SchemaRef, texts: &[String]) -> Option<Vec<Value>> {
    let form = Form::of(schemas, &vec![schema.clone()]);
    if !form.kinds()?.contains("array") {
        return None;
    }
    let item = |text: &str| {
        let read = form.items.first().and_then(|item| readings(schemas, item, text));
        read.and_then(|read| read.into_iter().next()).unwrap_or_else(|| text.into())
    };
    let one_by_one = texts.iter().map(|text| item(text)).collect();
    let with_commas = texts.iter().flat_map(|text| text.split(',')).map(item).collect();
    Some(vec![with_commas, one_by_one])
}
