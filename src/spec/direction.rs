//! Members that go one way only: what is required of a member with `readOnly` holds for answers, and of one with `writeOnly` for requests
//! (OpenAPI 3.0.3, Schema Object; JSON Schema knows both as annotations, and OpenAPI 3.1 with it).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::reference;
use super::schema::{SchemaRef, Way};
use super::walk;

/// The files of an OpenAPI 3.0 document that say something else of values that go this way, as they say it then.
pub(super) fn loosened(
    files: &BTreeMap<String, Value>,
    imported: &[&String],
    way: Way,
) -> BTreeMap<String, Value> {
    let mut loosening = Loosening { files, way, edits: BTreeMap::new(), choices: Vec::new() };
    for file in imported {
        if let Some(value) = files.get(*file).filter(|value| has_keyword(value, way.kept_from())) {
            walk::each(value, &mut |pointer, members| {
                loosening.look_at(&SchemaRef::new(file.as_str(), pointer), members);
            });
        }
    }
    loosening.applied()
}

fn has_keyword(value: &Value, keyword: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.get(keyword) == Some(&Value::Bool(true))
                || members.values().any(|member| has_keyword(member, keyword))
        }
        Value::Array(items) => items.iter().any(|item| has_keyword(item, keyword)),
        _ => false,
    }
}

struct Loosening<'a> {
    files: &'a BTreeMap<String, Value>,
    way: Way,
    /// The names that are not required, by schema.
    edits: BTreeMap<SchemaRef, BTreeSet<String>>,
    /// The schemas that want exactly one of several.
    choices: Vec<SchemaRef>,
}

impl<'a> Loosening<'a> {
    fn look_at(&mut self, schema: &SchemaRef, members: &Map<String, Value>) {
        if members.contains_key("oneOf") {
            self.choices.push(schema.clone());
        }
        let parts = self.parts(schema);
        let properties = parts.iter().filter_map(|(part, members)| {
            Some((part.child("properties"), members.get("properties")?.as_object()?))
        });
        let mut one_way = BTreeSet::new();
        for (place, properties) in properties {
            one_way.extend(
                properties
                    .keys()
                    .filter(|name| reference::says(self.files, &place.child(name), self.way.kept_from())),
            );
        }
        if one_way.is_empty() {
            return;
        }
        for (part, members) in &parts {
            let required = members.get("required").and_then(Value::as_array).into_iter().flatten();
            let names: Vec<String> = required
                .filter_map(Value::as_str)
                .filter(|name| one_way.iter().any(|one| one == name))
                .map(str::to_owned)
                .collect();
            if !names.is_empty() {
                self.edits.entry(part.clone()).or_default().extend(names);
            }
        }
    }

    /// The schemas that speak of the same value, those of which just one applies aside.
    fn parts(&self, schema: &SchemaRef) -> Vec<(SchemaRef, &'a Map<String, Value>)> {
        let mut found: Vec<(SchemaRef, &'a Map<String, Value>)> = Vec::new();
        let mut open = vec![schema.clone()];
        while let Some(schema) = open.pop() {
            let value = self.files.get(&schema.file).and_then(|value| value.pointer(&schema.pointer));
            let Some(Value::Object(members)) = value else { continue };
            if found.iter().any(|(known, _)| *known == schema) {
                continue;
            }
            let reference = members.get("$ref").and_then(Value::as_str);
            open.extend(reference.and_then(|to| reference::resolve(self.files, &schema.file, to)));
            for keyword in ["allOf", "anyOf"] {
                let count = members.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
                open.extend((0..count).map(|index| schema.child(keyword).child(&index.to_string())));
            }
            found.push((schema, members));
        }
        found
    }

    fn applied(self) -> BTreeMap<String, Value> {
        let mut changed: BTreeMap<String, Value> = BTreeMap::new();
        // What demands less may fit where another does, too.
        let loose = self.choices.iter().filter(|choice| {
            let branches = self.branches(choice);
            branches
                .iter()
                .any(|branch| self.parts(branch).iter().any(|(part, _)| self.edits.contains_key(part)))
        });
        let loose: Vec<&SchemaRef> = loose.collect();
        let mut members = |schema: &SchemaRef, edit: &dyn Fn(&mut Map<String, Value>)| {
            let file = changed.entry(schema.file.clone()).or_insert_with(|| self.files[&schema.file].clone());
            if let Some(Value::Object(members)) = file.pointer_mut(&schema.pointer) {
                edit(members);
            }
        };
        for (schema, names) in &self.edits {
            members(schema, &|members| {
                if let Some(Value::Array(required)) = members.get_mut("required") {
                    required.retain(|name| name.as_str().is_none_or(|name| !names.contains(name)));
                }
            });
        }
        // The innermost first: what is around it moves.
        for schema in loose.into_iter().rev() {
            members(schema, &|members| {
                if let Some(branches) = members.remove("oneOf") {
                    let all = members.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(all) = all {
                        all.push(serde_json::json!({ "anyOf": branches }));
                    }
                }
            });
        }
        changed
    }

    fn branches(&self, schema: &SchemaRef) -> Vec<SchemaRef> {
        let branches = self.files.get(&schema.file).and_then(|value| value.pointer(&schema.pointer));
        let count = branches.and_then(|schema| schema["oneOf"].as_array()).map_or(0, Vec::len);
        (0..count).map(|index| schema.child("oneOf").child(&index.to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::beside_it(json!({"required": ["a", "s"], "properties": {"s": {"writeOnly": true}}}))]
    #[case::by_a_reference(json!({"required": ["a", "s"], "properties": {"s": {"$ref": "#/components/schemas/Secret"}}}))]
    #[case::by_one_of_its_parts(json!({"required": ["a", "s"], "properties": {"s": {"allOf": [{"$ref": "#/components/schemas/Secret"}]}}}))]
    #[case::in_another_part(
        json!({"allOf": [{"$ref": "#/components/schemas/Named"}, {"required": ["a", "s"]}]})
    )]
    #[case::as_one_of_several(json!({"oneOf": [
        {"required": ["a", "s"], "properties": {"s": {"writeOnly": true}}},
        {"required": ["a", "t"], "properties": {"t": {"writeOnly": true}}},
    ]}))]
    fn what_only_requests_have_is_not_required_of_answers(#[case] schema: Value) {
        let document = json!({
            "openapi": "3.0.3",
            "components": { "schemas": {
                "Secret": { "type": "string", "writeOnly": true },
                "Named": { "properties": { "s": { "writeOnly": true } } },
            } },
            "schema": schema,
        });
        let file = "v.yaml".to_owned();
        let files = BTreeMap::from([(file.clone(), document)]);
        let is_valid = |way: Way, value: Value| {
            let loosened = loosened(&files, &[&file], way);
            let document = loosened.get(&file).unwrap_or(&files[&file]);
            let mut root = document["schema"].clone();
            root["components"] = document["components"].clone();
            jsonschema::validator_for(&root).expect("it is a schema").is_valid(&value)
        };
        assert!(is_valid(Way::Answer, json!({"a": 1})));
        assert!(!is_valid(Way::Answer, json!({})));
        assert!(!is_valid(Way::Request, json!({"a": 1})));
        assert!(is_valid(Way::Request, json!({"a": 1, "s": "x"})));
    }
}
