//! Members that go one way only: what is required of a member with `readOnly` holds for answers, and of one with `writeOnly` for requests
//! (OpenAPI 3.0.3, Schema Object). JSON Schema knows both as annotations, and OpenAPI 3.1 with it: what a member with `readOnly` is in a
//! request, each API says; one with `writeOnly` is in no answer (JSON Schema Validation 2020-12 §9.4).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::reference;
use super::schema_ref::SchemaRef;
use super::walk;
use super::way::Way;

/// The files of an OpenAPI document that say something else of values that go this way, as they say it then.
pub(super) fn loosened(
    files: &BTreeMap<String, Value>,
    imported: &[&String],
    way: Way,
) -> BTreeMap<String, Value> {
    let mut loosening = Loosening::new(files, way);
    let values = || imported.iter().filter_map(|file| Some((file.as_str(), files.get(*file)?)));
    if !values().any(|(_, value)| has_keyword(value, way.kept_from())) {
        return BTreeMap::new();
    }
    for (file, value) in values() {
        walk::each(value, &mut |pointer, members| loosening.look_at(SchemaRef::new(file, pointer), members));
    }
    loosening.edit();
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
    /// All schemas, the outer ones first.
    all: Vec<SchemaRef>,
    /// The schemas that refer to one.
    references: BTreeMap<SchemaRef, Vec<SchemaRef>>,
    /// The names that are not required, by schema.
    edits: BTreeMap<SchemaRef, BTreeSet<String>>,
    /// The schemas that want exactly one of several.
    choices: Vec<SchemaRef>,
    /// The schemas that want something not to apply.
    denials: Vec<SchemaRef>,
}

impl<'a> Loosening<'a> {
    fn new(files: &'a BTreeMap<String, Value>, way: Way) -> Self {
        Self {
            files,
            way,
            all: Vec::new(),
            references: BTreeMap::new(),
            edits: BTreeMap::new(),
            choices: Vec::new(),
            denials: Vec::new(),
        }
    }

    fn look_at(&mut self, schema: SchemaRef, members: &Map<String, Value>) {
        if members.contains_key("oneOf") {
            self.choices.push(schema.clone());
        }
        if members.contains_key("not") {
            self.denials.push(schema.clone());
        }
        if let Some(target) = self.referred(&schema, members) {
            self.references.entry(target).or_default().push(schema.clone());
        }
        self.all.push(schema);
    }

    /// Takes the names out of what a schema requires that it, what is around it, or one of what it chooses from says to go one way.
    fn edit(&mut self) {
        let mut open = std::mem::take(&mut self.all);
        // What is said around a schema that others choose from.
        let mut around: BTreeMap<SchemaRef, BTreeSet<String>> = BTreeMap::new();
        let mut known: BTreeMap<SchemaRef, BTreeSet<String>> = BTreeMap::new();
        while let Some(schema) = open.pop() {
            let parts = self.parts(&schema);
            let branches: BTreeSet<SchemaRef> =
                parts.iter().flat_map(|(part, _)| self.chosen(part)).collect();
            let mut own = around.get(&schema).cloned().unwrap_or_default();
            own.extend(self.one_way(&parts));
            let mut names = own.clone();
            for branch in &branches {
                let within = known.entry(branch.clone()).or_insert_with(|| self.one_way_within(branch));
                names.extend(within.iter().cloned());
            }
            for (part, members) in &parts {
                let required = members.get("required").and_then(Value::as_array).into_iter().flatten();
                let required = required.filter_map(Value::as_str).filter(|name| names.contains(*name));
                let one_way: Vec<String> = required.map(str::to_owned).collect();
                if !one_way.is_empty() {
                    self.edits.entry(part.clone()).or_default().extend(one_way);
                }
            }
            for branch in branches {
                let said = around.entry(branch.clone()).or_default();
                let before = said.len();
                said.extend(own.iter().cloned());
                if said.len() > before {
                    open.push(branch);
                }
            }
        }
    }

    /// The members that go one way, as these schemas have it.
    fn one_way(&self, parts: &[(SchemaRef, &Map<String, Value>)]) -> BTreeSet<String> {
        let named = parts.iter().flat_map(|(part, members)| {
            let names = members.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
            names.map(|name| (part.child("properties").child(name), name))
        });
        let kept_from = self.way.kept_from();
        let one_way = named.filter(|(place, _)| reference::says(self.files, place, kept_from));
        one_way.map(|(_, name)| name.clone()).collect()
    }

    /// The same of a schema and of all that it chooses from.
    fn one_way_within(&self, schema: &SchemaRef) -> BTreeSet<String> {
        let (mut names, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![schema.clone()]);
        while let Some(schema) = open.pop() {
            if seen.insert(schema.clone()) {
                let parts = self.parts(&schema);
                names.extend(self.one_way(&parts));
                open.extend(parts.iter().flat_map(|(part, _)| self.chosen(part)));
            }
        }
        names
    }

    /// What a schema refers to.
    fn referred(&self, schema: &SchemaRef, members: &Map<String, Value>) -> Option<SchemaRef> {
        reference::resolve(self.files, &schema.file, members.get("$ref")?.as_str()?)
    }

    /// What a schema chooses one from; of a mere reference, what it leads to.
    fn chosen(&self, schema: &SchemaRef) -> Vec<SchemaRef> {
        let target = |mut branch: SchemaRef| {
            let mut seen = BTreeSet::new();
            while let Some(Value::Object(members)) = self.value(&branch)
                && members.len() == 1
                && let Some(next) = self.referred(&branch, members).filter(|next| seen.insert(next.clone()))
            {
                branch = next;
            }
            branch
        };
        self.branches(schema).into_iter().map(target).collect()
    }

    /// The schemas that speak of the same value, those of which just one applies aside.
    fn parts(&self, schema: &SchemaRef) -> Vec<(SchemaRef, &'a Map<String, Value>)> {
        let mut found: Vec<(SchemaRef, &'a Map<String, Value>)> = Vec::new();
        let mut open = vec![schema.clone()];
        while let Some(schema) = open.pop() {
            let Some(Value::Object(members)) = self.value(&schema) else { continue };
            if found.iter().any(|(known, _)| *known == schema) {
                continue;
            }
            open.extend(self.referred(&schema, members));
            for keyword in ["allOf", "anyOf"] {
                let count = members.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
                open.extend((0..count).map(|index| schema.child(keyword).child(&index.to_string())));
            }
            found.push((schema, members));
        }
        found
    }

    fn applied(mut self) -> BTreeMap<String, Value> {
        // What must not apply stays what it is: with less required, it would apply to more.
        let denials = std::mem::take(&mut self.denials);
        let denied: Vec<SchemaRef> = denials.iter().map(|denial| denial.child("not")).collect();
        let is_in = |schema: &SchemaRef, outer: &SchemaRef| {
            let below = schema.pointer.strip_prefix(&outer.pointer);
            schema.file == outer.file && below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        self.edits.retain(|schema, _| !denied.iter().any(|denied| is_in(schema, denied)));
        let reaching = self.reaching();
        let is_reached = |denial: &&SchemaRef| reaching.contains(&denial.child("not"));
        let loose_denials: Vec<&SchemaRef> = denials.iter().filter(is_reached).collect();
        // What demands less may fit where another does, too.
        let is_loose = |choice: &&SchemaRef| reaching.contains(&choice.child("oneOf"));
        let loose: Vec<&SchemaRef> = self.choices.iter().filter(is_loose).collect();
        let mut changed: BTreeMap<String, Value> = BTreeMap::new();
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
        for schema in loose_denials {
            members(schema, &|members| _ = members.remove("not"));
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

    /// The places of all in which something demands less than it did, or that refer to it.
    fn reaching(&self) -> BTreeSet<SchemaRef> {
        let (mut reaching, mut open) = (BTreeSet::new(), self.edits.keys().cloned().collect::<Vec<_>>());
        while let Some(mut place) = open.pop() {
            while reaching.insert(place.clone()) {
                open.extend(self.references.get(&place).into_iter().flatten().cloned());
                let Some((outer, _)) = place.pointer.rsplit_once('/') else { break };
                place = SchemaRef::new(place.file.as_str(), outer);
            }
        }
        reaching
    }

    fn value(&self, schema: &SchemaRef) -> Option<&'a Value> {
        self.files.get(&schema.file)?.pointer(&schema.pointer)
    }

    /// What a schema chooses one from.
    fn branches(&self, schema: &SchemaRef) -> Vec<SchemaRef> {
        let count = self.value(schema).and_then(|schema| schema.get("oneOf")?.as_array()).map_or(0, Vec::len);
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
    #[case::required_by_one_of_several(json!({"required": ["a"], "properties": {"s": {"writeOnly": true}, "t": {"writeOnly": true}},
        "oneOf": [{"required": ["s"]}, {"required": ["t"]}]}))]
    #[case::described_by_one_of_several(json!({"required": ["a", "s"], "oneOf": [
        {"properties": {"s": {"writeOnly": true}}},
        {"required": ["t"]},
    ]}))]
    #[case::denied(json!({"required": ["a", "s"], "properties": {"s": {"writeOnly": true}},
        "not": {"required": ["b"], "properties": {"b": {"writeOnly": true}}}}))]
    #[case::denied_by_a_reference(json!({"required": ["a", "s"], "properties": {"s": {"writeOnly": true}},
        "not": {"$ref": "#/components/schemas/Held"}}))]
    fn what_only_requests_have_is_not_required_of_answers(#[case] schema: Value) {
        let is_valid = validity(schema);
        assert!(is_valid(Way::Answer, json!({"a": 1})));
        assert!(!is_valid(Way::Answer, json!({})));
        assert!(!is_valid(Way::Request, json!({"a": 1})));
        assert!(is_valid(Way::Request, json!({"a": 1, "s": "x"})));
    }

    #[rstest]
    #[case::denied(json!({"not": {"required": ["s"], "properties": {"s": {"writeOnly": true}}}}), json!({"s": "x"}))]
    #[case::of_another_of_several(
        json!({"oneOf": [{"required": ["a", "s"], "properties": {"s": {"writeOnly": true}}}, {"required": ["b", "s"]}]}),
        json!({"b": 1})
    )]
    fn what_is_not_allowed_without_it_is_not_allowed(#[case] schema: Value, #[case] value: Value) {
        let is_valid = validity(schema);
        assert!(!is_valid(Way::Answer, value));
    }

    #[test]
    fn choices_that_contain_each_other_are_looked_at_once() {
        let part = |number: usize| format!("#/schema/oneOf/{number}");
        let choice = |own: usize| -> Value {
            let others = (0..20).filter(|other| *other != own).map(|other| json!({"$ref": part(other)}));
            json!({"required": ["s"], "properties": {"s": {"writeOnly": true}, "n": {"oneOf": others.collect::<Vec<_>>()}},
                   "oneOf": (0..20).map(|other| json!({"$ref": part(other)})).collect::<Vec<_>>()})
        };
        let document = json!({"schema": {"oneOf": (0..20).map(choice).collect::<Vec<_>>()}});
        let file = "v.yaml".to_owned();
        let files = BTreeMap::from([(file.clone(), document)]);
        let loosened = loosened(&files, &[&file], Way::Answer);
        let required = loosened[&file].to_string().matches("\"required\":[]").count();
        assert_eq!(required, 20);
    }

    #[test]
    fn what_demands_less_may_fit_where_another_does() {
        let held = json!({"properties": {"a": {"$ref": "#/components/schemas/Held"}}});
        let is_valid = validity(json!({"oneOf": [held, {"properties": {"a": {"minProperties": 0}}}]}));
        assert!(is_valid(Way::Answer, json!({"a": {}})));
        assert!(!is_valid(Way::Request, json!({"a": {"h": 1}})));
    }

    /// Whether a value is valid by a schema.
    fn validity(schema: Value) -> impl Fn(Way, Value) -> bool {
        let document = json!({
            "openapi": "3.0.3",
            "components": { "schemas": {
                "Secret": { "type": "string", "writeOnly": true },
                "Named": { "properties": { "s": { "writeOnly": true } } },
                "Held": { "type": "object", "required": ["h"], "properties": { "h": { "writeOnly": true } } },
            } },
            "schema": schema,
        });
        let file = "v.yaml".to_owned();
        let files = BTreeMap::from([(file.clone(), document)]);
        move |way: Way, value: Value| {
            let loosened = loosened(&files, &[&file], way);
            let document = loosened.get(&file).unwrap_or(&files[&file]);
            let mut root = document["schema"].clone();
            root["components"] = document["components"].clone();
            jsonschema::validator_for(&root).expect("it is a schema").is_valid(&value)
        }
    }
}
