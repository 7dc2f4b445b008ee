//! A value that a schema allows, as small as can be.

use serde_json::{Map, Value, json};

use crate::spec::Suite;
use crate::spec::form::{Form, Node};
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

/// So deep a schema is followed.
const DEEPEST: usize = 8;

/// No sample of a text is longer.
const MOST_LETTERS: usize = 10_000;

/// No sample of a list is longer, whatever it should be.
const MOST_ITEMS: usize = 100;

/// A value that the schemas of `node` allow, as far as that can be told.
pub(super) fn sample(suite: &Suite, node: &Node) -> Value {
    Sampler { suite, with_read_only: false }.value(node, 0)
}

/// A body that a schema allows, where one can be made: without members that are only read, unless it wants them.
pub(crate) fn body(suite: &Suite, schema: &SchemaRef) -> Option<Value> {
    let validator = suite.schemas.validator(schema, Way::Request).ok()?;
    let sampled = |with_read_only| Sampler { suite, with_read_only }.value(&vec![schema.clone()], 0);
    [false, true].into_iter().map(sampled).find(|body| validator.is_valid(body))
}

struct Sampler<'a> {
    suite: &'a Suite,
    with_read_only: bool,
}

impl Sampler<'_> {
    fn value(&self, node: &Node, depth: usize) -> Value {
        let mut form = Form::of(&self.suite.schemas, node);
        if !self.with_read_only {
            form = form.going(&self.suite.schemas, Way::Request);
        }
        if let Some(first) =
            form.values.as_ref().and_then(|values| values.iter().find(|value| *value != "null"))
        {
            return serde_json::from_str(first).unwrap_or_default();
        }
        if depth > DEEPEST {
            return Value::Null;
        }
        if let (None, [first, ..]) = (&form.types, form.alternatives.as_slice()) {
            return self.value(first, depth + 1);
        }
        match kind(&form) {
            "integer" => json!(form.whole("minimum").unwrap_or(1).max(0)),
            "number" => json!(form.bounds.get("minimum").copied().unwrap_or(1.0)),
            "boolean" => json!(true),
            "array" => {
                let count = |bound| form.length(bound).unwrap_or(0).min(MOST_ITEMS);
                let contained = count("minContains");
                let both = [&form.contains[..], &form.items].concat();
                let item = |place| self.value(if place < contained { &both } else { &form.items }, depth + 1);
                Value::Array((0..count("minItems").max(contained)).map(item).collect())
            }
            "object" => {
                let members = form.members.iter().filter(|(name, _)| form.required.contains(*name));
                let members = members.map(|(name, node)| (name.clone(), self.value(node, depth + 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            _ => json!(text(&form)),
        }
    }
}

/// The first of its types that is not null; by what else is said, where none is.
pub(super) fn kind(form: &Form) -> &str {
    let types = form.types.iter().flatten().map(String::as_str);
    types.into_iter().find(|kind| *kind != "null").unwrap_or(if form.members.is_empty() {
        "string"
    } else {
        "object"
    })
}

fn text(form: &Form) -> String {
    let format = form.formats.iter().next().map_or("", String::as_str);
    match format {
        "date-time" => "2030-01-01T00:00:00Z".to_owned(),
        "uuid" => uuid::Uuid::nil().to_string(),
        "email" => "someone@example.com".to_owned(),
        "uri" | "url" => "https://example.com/".to_owned(),
        _ => "a".repeat(form.length("minLength").unwrap_or(1).clamp(1, MOST_LETTERS)),
    }
}
