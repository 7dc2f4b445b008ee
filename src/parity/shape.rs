//! The form of many JSON values taken together: which members objects have, and which types values are of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The form of values that stood at one place.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Shape {
    types: BTreeSet<&'static str>,
    /// How many of the values were objects.
    objects: usize,
    members: BTreeMap<String, Member>,
    items: Option<Box<Shape>>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Member {
    /// How many of the objects have it.
    present: usize,
    shape: Shape,
}

/// A place where two forms differ, and how either is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeDifference {
    /// Where, as a JSON Pointer in which `*` stands for every item.
    pub path: String,
    /// How the left one is.
    pub left: String,
    /// How the right one is.
    pub right: String,
}

impl Shape {
    /// Takes a value in.
    pub fn add(&mut self, value: &Value) {
        self.types.insert(type_of(value));
        match value {
            Value::Object(members) => {
                self.objects += 1;
                for (name, value) in members {
                    let member = self.members.entry(generic(name)).or_default();
                    member.present += 1;
                    member.shape.add(value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.items.get_or_insert_default().add(item);
                }
            }
            _ => {}
        }
    }

    /// Where two forms differ. A member counts only where one side always has it and the other never: what comes and goes depends on
    /// data that the sides do not share. `null` says nothing of a type.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<ShapeDifference> {
        let mut found = Vec::new();
        self.compare(other, String::new(), &mut found);
        found
    }

    fn compare(&self, other: &Self, path: String, found: &mut Vec<ShapeDifference>) {
        let (left, right) = (self.typed(), other.typed());
        if !left.is_empty() && !right.is_empty() && left.is_disjoint(&right) {
            found.push(ShapeDifference { path, left: words(&left), right: words(&right) });
            return;
        }
        if self.objects > 0 && other.objects > 0 {
            let names: BTreeSet<&String> = self.members.keys().chain(other.members.keys()).collect();
            for name in names {
                let path = format!("{path}/{name}");
                match (self.members.get(name), other.members.get(name)) {
                    (Some(left), Some(right)) => left.shape.compare(&right.shape, path, found),
                    (Some(left), None) if left.present == self.objects => {
                        found.push(ShapeDifference { path, left: left.shape.described(), right: absent() });
                    }
                    (None, Some(right)) if right.present == other.objects => {
                        found.push(ShapeDifference { path, left: absent(), right: right.shape.described() });
                    }
                    _ => {}
                }
            }
        }
        if let (Some(left), Some(right)) = (&self.items, &other.items) {
            left.compare(right, format!("{path}/*"), found);
        }
    }

    /// The types of values, as far as they say something.
    fn typed(&self) -> BTreeSet<&'static str> {
        self.types.iter().copied().filter(|word| !["null", ANY].contains(word)).collect()
    }

    fn described(&self) -> String {
        words(&self.types)
    }
}

fn absent() -> String {
    "no such member".to_owned()
}

fn words(types: &BTreeSet<&'static str>) -> String {
    types.iter().copied().collect::<Vec<_>>().join(" or ")
}

/// A value of which it is not known of what type it was.
const ANY: &str = "a value";

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        // What changes from run to run has lost its type.
        Value::String(text) if text.starts_with('<') && text.ends_with('>') => ANY,
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A UUID: drawn at random, and other at every service.
static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b").expect("it is a pattern")
});

/// A text in which every reference stands for any of its kind: `<project:2>` becomes `<project>`, and a UUID `<uuid>`. Which one was
/// first depends on what else an account holds.
pub(super) fn generic(text: &str) -> String {
    let text = UUID.replace_all(text, "<uuid>");
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, reference)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        rest = reference;
        let Some((kind, after)) = reference.split_once(':') else { continue };
        let digits = after.find(|character: char| !character.is_ascii_digit()).unwrap_or(after.len());
        let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_kind && digits > 0 && after[digits..].starts_with('>') {
            out.push_str(kind);
            rest = &after[digits..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn shape(values: &[Value]) -> Shape {
        let mut shape = Shape::default();
        for value in values {
            shape.add(value);
        }
        shape
    }

    #[rstest]
    #[case::same(&[json!({"a": 1})], &[json!({"a": 2.5})], &[])]
    #[case::missing(&[json!({"a": 1})], &[json!({})], &["/a: a number | no such member"])]
    #[case::more(&[json!({})], &[json!({"a": null})], &["/a: no such member | null"])]
    #[case::now_and_then(&[json!({"a": 1}), json!({})], &[json!({})], &[])]
    #[case::no_object_to_see(&[json!([])], &[json!([{"a": 1}])], &[])]
    #[case::type_of_items(&[json!({"a": [1]})], &[json!({"a": ["1"]})], &["/a/*: a number | a string"])]
    #[case::one_that_was_replaced(&[json!({"a": "<size>"})], &[json!({"a": 1})], &[])]
    #[case::null_says_nothing(&[json!({"a": null})], &[json!({"a": "x"})], &[])]
    #[case::another_body(&[json!([])], &[json!({})], &[": an array | an object"])]
    #[case::ids_as_names(&[json!({"<project:1>": 1})], &[json!({"<project:7>": 1})], &[])]
    fn forms_differ_where_one_always_has_what_the_other_never_has(
        #[case] left: &[Value],
        #[case] right: &[Value],
        #[case] expected: &[&str],
    ) {
        let differences = shape(left).differences(&shape(right));
        let told: Vec<String> = differences
            .into_iter()
            .map(|ShapeDifference { path, left, right }| format!("{path}: {left} | {right}"))
            .collect();
        assert_eq!(told, expected);
    }

    #[rstest]
    #[case("<project:12> and <branch:1>", "<project> and <branch>")]
    #[case("<time> at <a:b> < 3", "<time> at <a:b> < 3")]
    #[case("é<project:1>é", "é<project>é")]
    #[case("no user 1B028C28-1a04-4894-83d4-0d8b009cb8bb.", "no user <uuid>.")]
    #[case("01b028c28-1a04-4894-83d4-0d8b009cb8bb", "01b028c28-1a04-4894-83d4-0d8b009cb8bb")]
    fn what_identifies_loses_its_identity(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(generic(text), expected);
    }
}
