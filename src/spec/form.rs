//! What a schema allows, with its references followed and its parts put together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::schema::Schemas;
use super::schema_ref::SchemaRef;
use super::way::Way;

/// A bound of numbers, the one that excludes what it names, and whether a larger value allows more.
type Edge = (&'static str, &'static str, bool);

pub(crate) const EDGES: [Edge; 2] =
    [("minimum", "exclusiveMinimum", false), ("maximum", "exclusiveMaximum", true)];

/// Bounds, and whether a larger value of one allows more.
pub(crate) const BOUNDS: [(&str, bool); 12] = [
    ("minimum", false),
    ("exclusiveMinimum", false),
    ("maximum", true),
    ("exclusiveMaximum", true),
    ("minLength", false),
    ("maxLength", true),
    ("minItems", false),
    ("maxItems", true),
    ("minProperties", false),
    ("maxProperties", true),
    ("minContains", false),
    ("maxContains", true),
];

/// How many items are as `contains` says, where it is not said.
static ONE: LazyLock<Value> = LazyLock::new(|| Value::from(1));

/// Keywords that say something to readers only.
pub(crate) const PROSE: [&str; 6] =
    ["title", "description", "example", "examples", "deprecated", "externalDocs"];

/// Beyond this, not every integer is a number of its own.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Schemas that apply to the same value.
pub(crate) type Node = Vec<SchemaRef>;

/// What a schema allows.
#[derive(Debug, Default, Clone)]
pub(crate) struct Form {
    /// The types; all, where there is none.
    pub(crate) types: Option<BTreeSet<String>>,
    /// The values, as JSON; all, where there is none.
    pub(crate) values: Option<BTreeSet<String>>,
    pub(crate) bounds: BTreeMap<&'static str, f64>,
    pub(crate) patterns: BTreeSet<String>,
    pub(crate) formats: BTreeSet<String>,
    /// What numbers are multiples of.
    pub(crate) multiples: BTreeSet<String>,
    /// No two items may be the same.
    pub(crate) is_unique: bool,
    pub(crate) required: BTreeSet<String>,
    pub(crate) members: BTreeMap<String, Node>,
    pub(crate) items: Node,
    /// What some items must be; the bounds say how many.
    pub(crate) contains: Node,
    /// The schema of members that are not named.
    pub(crate) others: Node,
    /// No other members may be there.
    pub(crate) is_closed: bool,
    /// One of these must apply as well.
    pub(crate) alternatives: Vec<Node>,
    /// Of each of these lists of alternatives, just one may apply.
    pub(crate) choices: Vec<Vec<Node>>,
    /// The member whose value says which alternative is meant.
    pub(crate) discriminator: Option<String>,
    pub(crate) default: Option<Value>,
    pub(crate) prose: BTreeMap<&'static str, Value>,
    /// Whatever else is said, null is allowed.
    is_nullable: bool,
}

impl Form {
    pub(crate) fn of(schemas: &Schemas, node: &Node) -> Self {
        let mut form = Self::default();
        let mut open: Vec<SchemaRef> = node.iter().rev().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(schema) = open.pop() {
            if !seen.insert(schema.clone()) {
                continue;
            }
            if let Some(Value::Object(members)) = schemas.get(&schema) {
                open.extend(form.take(schemas, &schema, members));
            }
        }
        form.settle();
        form
    }

    /// The same things said in other words become the same form.
    fn settle(&mut self) {
        if self.is_nullable {
            for allowed in [&mut self.types, &mut self.values].into_iter().flatten() {
                allowed.insert("null".to_owned());
            }
        }
        let is_whole =
            |types: &BTreeSet<String>| types.iter().all(|kind| kind == "integer" || kind == "null");
        if self.types.as_ref().is_some_and(is_whole) {
            self.include_bounds();
        }
        let Some(values) = &mut self.values else { return };
        if let Some(types) = &self.types {
            values.retain(|value| is_among(types, kind_of(value)));
        }
        let is_all_of = |all: &[&str]| values.iter().map(String::as_str).eq(all.iter().copied());
        let kind = match () {
            () if is_all_of(&["null"]) => "null",
            () if is_all_of(&["false", "true"]) => "boolean",
            () => return,
        };
        self.types = Some(BTreeSet::from([kind.to_owned()]));
        self.values = None;
    }

    /// Between integers, a bound that is excluded is the next integer, included.
    fn include_bounds(&mut self) {
        for (bound, next, grows) in EDGES {
            let Some(limit) = self.bounds.get(next).copied().filter(|limit| limit.abs() < EXACT) else {
                continue;
            };
            self.bounds.remove(next);
            let limit = if grows { limit.ceil() - 1.0 } else { limit.floor() + 1.0 };
            let known = self.bounds.entry(bound).or_insert(limit);
            *known = if grows { known.min(limit) } else { known.max(limit) };
        }
    }

    /// The bound of numbers on one side that decides, by its keyword.
    pub(crate) fn edge(&self, (bound, excluding, grows): Edge) -> Option<(&'static str, f64)> {
        let [included, excluded] =
            [bound, excluding].map(|bound| self.bounds.get(bound).map(|limit| (bound, *limit)));
        match (included, excluded) {
            (Some((_, least)), Some((_, other))) if grows && least < other => included,
            (Some((_, least)), Some((_, other))) if !grows && least > other => included,
            (_, Some(_)) => excluded,
            _ => included,
        }
    }

    /// The types of what is allowed, by the values where these are given; `None`: all.
    pub(crate) fn kinds(&self) -> Option<BTreeSet<String>> {
        let of_values =
            |values: &BTreeSet<String>| values.iter().map(|value| kind_of(value).to_owned()).collect();
        self.values.as_ref().map(of_values).or_else(|| self.types.clone())
    }

    /// What is allowed of one type.
    pub(crate) fn of_kind(&self, kind: &str) -> Self {
        let is_number = matches!(kind, "number" | "integer");
        let speaks_of = |bound: &str| match bound {
            "minLength" | "maxLength" => kind == "string",
            "minItems" | "maxItems" | "minContains" | "maxContains" => kind == "array",
            "minProperties" | "maxProperties" => kind == "object",
            _ => is_number,
        };
        let mut form = self.clone();
        form.types = Some(BTreeSet::from([kind.to_owned()]));
        if let Some(values) = &mut form.values {
            values.retain(|value| kind_of(value) == kind);
        }
        form.bounds.retain(|bound, _| speaks_of(bound));
        if kind != "string" {
            form.patterns.clear();
        }
        if !is_number && kind != "string" {
            form.formats.clear();
        }
        if !is_number {
            form.multiples.clear();
        }
        if kind != "array" {
            form.is_unique = false;
            form.items.clear();
            form.contains.clear();
        }
        if kind != "object" {
            form.members.clear();
            form.required.clear();
            form.others.clear();
            form.is_closed = false;
        }
        form
    }

    /// One of the values that are allowed.
    pub(crate) fn of_value(&self, value: &str) -> Self {
        let mut form = self.of_kind(kind_of(value));
        // Of null there is one value.
        form.values = (value != "null").then(|| BTreeSet::from([value.to_owned()]));
        form
    }

    /// Leaves members out that only go the other way (OpenAPI 3.0.3, Schema Object: `readOnly`, `writeOnly`).
    pub(crate) fn going(mut self, schemas: &Schemas, way: Way) -> Self {
        let stays = |node: &Node| !node.iter().any(|schema| schemas.says(schema, way.kept_from()));
        let (members, left_out): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.members).into_iter().partition(|(_, node)| stays(node));
        self.members = members;
        self.required.retain(|name| !left_out.contains_key(name));
        self
    }

    /// A bound, where it is a number that counts exactly.
    pub(crate) fn whole(&self, bound: &str) -> Option<i64> {
        let limit = self.bounds.get(bound)?;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within bounds")]
        (limit.abs() <= EXACT && limit.fract() == 0.0).then_some(*limit as i64)
    }

    /// A bound on a length, where something so long can be sent.
    pub(crate) fn length(&self, bound: &str) -> Option<usize> {
        self.whole(bound).and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit <= 1_000_000)
    }

    /// Takes what one schema says; returns what applies to the same value besides.
    fn take(
        &mut self,
        schemas: &Schemas,
        schema: &SchemaRef,
        members: &Map<String, Value>,
    ) -> Vec<SchemaRef> {
        if let Some(types) = members.get("type") {
            narrow(&mut self.types, strings(types));
        }
        let values = members.get("enum").and_then(Value::as_array).cloned();
        if let Some(values) = values.or_else(|| Some(vec![members.get("const")?.clone()])) {
            narrow(&mut self.values, values.iter().map(Value::to_string).collect());
        }
        let contains = members.contains_key("contains");
        if contains {
            self.contains.push(schema.child("contains"));
        }
        for (bound, grows) in BOUNDS {
            // No length is below zero. How many items are so says nothing where nothing says how they are, and it is one unless it is said.
            let limit = match bound {
                "minContains" | "maxContains" if !contains => None,
                "minContains" => members.get(bound).or(Some(&*ONE)),
                "minLength" | "minItems" | "minProperties" => {
                    members.get(bound).filter(|limit| limit.as_f64() != Some(0.0))
                }
                _ => members.get(bound),
            };
            if let Some(limit) = limit.and_then(Value::as_f64) {
                let known = self.bounds.entry(bound).or_insert(limit);
                *known = if grows { known.min(limit) } else { known.max(limit) };
            }
        }
        self.multiples.extend(members.get("multipleOf").map(Value::to_string));
        self.is_unique |= members.get("uniqueItems") == Some(&Value::Bool(true));
        let word = |keyword: &str| members.get(keyword).and_then(Value::as_str).map(str::to_owned);
        self.patterns.extend(word("pattern"));
        // What int32 and int64 stand for are bounds, which are there.
        self.formats.extend(word("format").filter(|format| !matches!(format.as_str(), "int32" | "int64")));
        self.required.extend(members.get("required").map(strings).unwrap_or_default());
        for name in members.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            self.members.entry(name.clone()).or_default().push(schema.child("properties").child(name));
        }
        if members.contains_key("items") {
            self.items.push(schema.child("items"));
        }
        match members.get("additionalProperties") {
            Some(Value::Bool(false)) => self.is_closed = true,
            Some(Value::Object(_)) => self.others.push(schema.child("additionalProperties")),
            _ => {}
        }
        let discriminator = || Some(members.get("discriminator")?.get("propertyName")?.as_str()?.to_owned());
        self.discriminator = self.discriminator.take().or_else(discriminator);
        self.default = self.default.take().or_else(|| members.get("default").cloned());
        for keyword in PROSE {
            if let Some(prose) = members.get(keyword) {
                self.prose.entry(keyword).or_insert_with(|| prose.clone());
            }
        }
        let mut applied: Vec<SchemaRef> = schemas.referred(schema).into_iter().collect();
        let branches = |keyword: &str| -> Vec<SchemaRef> {
            let count = members.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
            (0..count).map(|index| schema.child(keyword).child(&index.to_string())).collect()
        };
        applied.extend(branches("allOf"));
        for keyword in ["anyOf", "oneOf"] {
            let (null, other): (Vec<SchemaRef>, Vec<SchemaRef>) =
                branches(keyword).into_iter().partition(|branch| is_null(schemas, branch));
            match other.as_slice() {
                [] => {}
                [one] => {
                    self.is_nullable |= !null.is_empty();
                    applied.push(one.clone());
                }
                several => {
                    let all: Vec<Node> =
                        several.iter().chain(&null).map(|branch| vec![branch.clone()]).collect();
                    if keyword == "oneOf" {
                        self.choices.push(all.clone());
                    }
                    self.alternatives.extend(all);
                }
            }
        }
        applied
    }
}

/// Whether a schema allows null and nothing else.
fn is_null(schemas: &Schemas, schema: &SchemaRef) -> bool {
    schemas.get(schema).is_some_and(|schema| schema["type"] == "null")
}

/// The type of a value that is written as JSON.
fn kind_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'n') => "null",
        Some(b't' | b'f') => "boolean",
        Some(b'"') => "string",
        Some(b'[') => "array",
        Some(b'{') => "object",
        _ if json.contains(['.', 'e', 'E']) => "number",
        _ => "integer",
    }
}

/// Whether types have one among them.
pub(crate) fn is_among(types: &BTreeSet<String>, kind: &str) -> bool {
    types.contains(kind) || (kind == "integer" && types.contains("number"))
}

fn strings(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(one) => BTreeSet::from([one.clone()]),
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}

/// Both must hold.
fn narrow(known: &mut Option<BTreeSet<String>>, further: BTreeSet<String>) {
    *known = Some(match known.take() {
        Some(known) => known.intersection(&further).cloned().collect(),
        None => further,
    });
}
