//! The schemas that speak of one value, where one of each choice is taken.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::spec::schema::Schemas;
use crate::spec::schema_ref::SchemaRef;

/// Schemas that apply to the same value.
pub(super) type Node = Vec<SchemaRef>;

/// Which alternatives are taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// Counted from 0; each is another way.
    pub(super) number: usize,
    /// The alternative that is the first of each choice.
    pub(super) first: usize,
}

/// What the schemas of one value say together.
#[derive(Default)]
pub(super) struct Flat<'a> {
    parts: Vec<(SchemaRef, &'a Map<String, Value>)>,
    /// Members whose values say which alternative is taken (OpenAPI 3.1 §4.8.25).
    pub(super) named: BTreeMap<String, Value>,
    /// The number of ways to take one of each choice.
    pub(super) turns: usize,
    /// It says something that shows only in the value as a whole.
    pub(super) is_conditional: bool,
    /// Nothing is allowed.
    pub(super) is_never: bool,
}

/// Types by what else is said, where none is named; the first that has a keyword is meant.
const BY_KEYWORD: [(&str, &[&str]); 4] = [
    ("object", &["properties", "required", "additionalProperties", "minProperties", "patternProperties"]),
    ("array", &["items", "prefixItems", "minItems", "contains"]),
    ("string", &["pattern", "minLength", "maxLength", "format"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
];

/// The types, those that tell most first.
const TYPES: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];

impl<'a> Flat<'a> {
    /// Puts the schemas of a node together; of alternatives, the one whose turn it is. Null comes last.
    pub(super) fn of(schemas: &'a Schemas, node: &Node, turn: Turn) -> Self {
        let mut flat = Self { turns: 1, ..Self::default() };
        let mut open: Vec<SchemaRef> = node.iter().rev().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(schema) = open.pop() {
            if !seen.insert(schema.clone()) {
                continue;
            }
            match schemas.get(&schema) {
                Some(Value::Object(members)) => flat.take(schemas, schema, members, (turn, &mut open)),
                Some(Value::Bool(false)) => flat.is_never = true,
                _ => {}
            }
        }
        flat
    }

    fn take(
        &mut self,
        schemas: &'a Schemas,
        schema: SchemaRef,
        members: &'a Map<String, Value>,
        (turn, open): (Turn, &mut Vec<SchemaRef>),
    ) {
        let children = |keyword: &str| -> Vec<SchemaRef> {
            let count = members.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
            (0..count).map(|index| schema.child(keyword).child(&index.to_string())).collect()
        };
        open.extend(schemas.referred(&schema));
        open.extend(children("allOf").into_iter().rev());
        for keyword in ["anyOf", "oneOf"] {
            let is_null =
                |branch: &SchemaRef| schemas.get(branch).is_some_and(|branch| branch["type"] == "null");
            let (null, mut branches): (Vec<_>, Vec<_>) = children(keyword).into_iter().partition(is_null);
            if !branches.is_empty() {
                let first = turn.first % branches.len();
                branches.rotate_left(first);
            }
            branches.extend(null);
            if branches.is_empty() {
                continue;
            }
            self.is_conditional = true;
            let branch = branches.swap_remove(turn.number / self.turns % branches.len());
            self.turns = self.turns.saturating_mul(branches.len() + 1);
            self.name(schemas, members, &branch);
            open.push(branch);
        }
        self.is_conditional |= ["not", "if", "dependentSchemas", "unevaluatedProperties", "propertyNames"]
            .iter()
            .any(|keyword| members.contains_key(*keyword));
        self.parts.push((schema, members));
    }

    /// Takes the value of a discriminator that means an alternative.
    fn name(&mut self, schemas: &Schemas, members: &Map<String, Value>, branch: &SchemaRef) {
        let Some(discriminator) = members.get("discriminator") else { return };
        let Some(property) = discriminator["propertyName"].as_str() else { return };
        let Some(reference) = schemas.get(branch).and_then(|branch| branch["$ref"].as_str()) else { return };
        let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
        let mut mapping = discriminator["mapping"].as_object().into_iter().flatten();
        let mapped =
            mapping.find(|(_, target)| target.as_str().is_some_and(|to| last(to) == last(reference)));
        let value = mapped.map_or_else(|| last(reference), |(value, _)| value.clone());
        self.named.insert(property.to_owned(), value.into());
    }

    /// What each schema says under a keyword, with the schema.
    pub(super) fn all<'s>(&'s self, keyword: &'s str) -> impl Iterator<Item = (&'s SchemaRef, &'a Value)> {
        self.parts.iter().filter_map(move |(schema, members)| Some((schema, members.get(keyword)?)))
    }

    /// The schemas that stand under a keyword.
    pub(super) fn below(&self, keyword: &str) -> Node {
        self.all(keyword).map(|(schema, _)| schema.child(keyword)).collect()
    }

    /// The texts under a keyword.
    pub(super) fn texts<'s>(&'s self, keyword: &'s str) -> impl Iterator<Item = &'a str> {
        self.all(keyword).filter_map(|(_, value)| value.as_str())
    }

    /// The strictest of the lower bounds under a keyword.
    pub(super) fn least(&self, keyword: &str) -> Option<f64> {
        self.all(keyword).filter_map(|(_, value)| value.as_f64()).reduce(f64::max)
    }

    /// The strictest of the upper bounds under a keyword.
    pub(super) fn most(&self, keyword: &str) -> Option<f64> {
        self.all(keyword).filter_map(|(_, value)| value.as_f64()).reduce(f64::min)
    }

    /// The values that are allowed, where they are listed.
    pub(super) fn values(&self) -> Option<Vec<&'a Value>> {
        let lists = self.all("enum").filter_map(|(_, value)| Some(value.as_array()?.iter().collect()));
        let mut lists = lists.chain(self.all("const").map(|(_, value)| vec![value]));
        let first: Vec<&Value> = lists.next()?;
        let both = |known: Vec<&'a Value>, more: Vec<&'a Value>| {
            known.into_iter().filter(|value| more.contains(value)).collect()
        };
        let mut values = lists.fold(first, both);
        values.retain(|value| self.allows(kind_of(value)));
        Some(values)
    }

    /// Whether all schemas allow a type.
    fn allows(&self, kind: &str) -> bool {
        self.all("type").all(|(_, types)| {
            let has = |kind: &str| match types {
                Value::Array(types) => types.iter().any(|known| known == kind),
                known => known == kind,
            };
            has(kind) || (kind == "integer" && has("number"))
        })
    }

    /// The type of the value that is made.
    pub(super) fn kind(&self) -> Option<&'static str> {
        let is_said = |keywords: &[&str]| keywords.iter().any(|keyword| self.all(keyword).next().is_some());
        if self.all("type").next().is_none() {
            let meant = BY_KEYWORD.iter().find(|(_, keywords)| is_said(keywords));
            return Some(meant.map_or("object", |(kind, _)| kind));
        }
        let fitting = TYPES.iter().find(|kind| self.allows(kind)).copied();
        fitting.or_else(|| self.allows("null").then_some("null"))
    }

    /// The members that must be there.
    pub(super) fn required(&self) -> BTreeSet<&'a str> {
        let lists = self.all("required").filter_map(|(_, names)| names.as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// The members that are named, in the order of the document.
    pub(super) fn members(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let documented = self.all("properties").filter_map(|(_, members)| members.as_object());
        for name in documented.flat_map(Map::keys).map(String::as_str).chain(self.required()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The schemas of a member.
    pub(super) fn member(&self, name: &str) -> Node {
        let mut node = Node::new();
        for (schema, members) in &self.parts {
            let is_named = members.get("properties").is_some_and(|named| named.get(name).is_some());
            if is_named {
                node.push(schema.child("properties").child(name));
            }
            let patterns = members.get("patternProperties").and_then(Value::as_object);
            let patterns = patterns.into_iter().flat_map(Map::keys);
            let fitting: Vec<&String> = patterns.filter(|pattern| fits(pattern, name)).collect();
            let is_other = !is_named && fitting.is_empty();
            node.extend(fitting.iter().map(|pattern| schema.child("patternProperties").child(pattern)));
            if is_other && members.contains_key("additionalProperties") {
                node.push(schema.child("additionalProperties"));
            }
        }
        node
    }

    /// The schemas of an item of a list.
    pub(super) fn item(&self, place: usize) -> Node {
        let mut node = Node::new();
        for (schema, members) in &self.parts {
            let prefix = members.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
            if place < prefix {
                node.push(schema.child("prefixItems").child(&place.to_string()));
            } else if members.contains_key("items") {
                node.push(schema.child("items"));
            }
        }
        node
    }

    /// How the value is named in what is told of it.
    pub(super) fn place(&self) -> String {
        self.parts.last().map(|(schema, _)| schema.to_string()).unwrap_or_default()
    }

    /// What the document gives as examples of the value.
    pub(super) fn examples(&self) -> impl Iterator<Item = &'a Value> {
        let several = self.all("examples").filter_map(|(_, values)| values.as_array()).flatten();
        let single = ["example", "default"].into_iter();
        single.flat_map(|keyword| self.all(keyword).map(|(_, value)| value)).chain(several)
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
