//! Alternatives of which just one may apply (`oneOf`): what two of them allow is not allowed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Contract;
use super::comparison::{Clash, Comparison, Direction};
use super::variant::Variant;
use crate::spec::form::{Form, Node, is_among};
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

/// So deep values within values are looked at.
const DEEPEST: usize = 6;

impl Comparison<'_> {
    /// How values are told apart of which each is of one alternative. `is_deep`: choices within choices are not compared by themselves.
    pub(super) fn choices(&mut self, old: &Variant, new: &Variant, is_deep: bool, path: &str) {
        let at = self.location(&new.node);
        let was = self.clash(self.old, self.direction == Direction::Forth, old, is_deep);
        let is = self.clash(self.new, self.direction == Direction::Back, new, is_deep);
        let (level, message) = match () {
            () if is.doubled > was.doubled => (
                self.way.narrower(),
                "an alternative of `oneOf` stands there twice, and what it allows is not allowed",
            ),
            () if is.overlaps && !was.overlaps => {
                (self.way.narrower(), "what several alternatives allow is not allowed now (`oneOf`)")
            }
            () if was.overlaps && !is.overlaps && !new.form.alternatives.is_empty() => {
                (self.way.wider(), "what several alternatives allow is allowed now (no `oneOf`)")
            }
            () => return,
        };
        self.add(level, message.to_owned(), at, path);
    }

    /// What keeps values from being allowed by what a variant chooses from.
    fn clash(&self, contract: &Contract, is_first: bool, variant: &Variant, is_deep: bool) -> Clash {
        // What was taken apart has no choice left.
        if variant.is_of_several() || (variant.form.choices.is_empty() && !is_deep) {
            return Clash::default();
        }
        let side = Side { contract, way: self.way };
        let key = (side.target(&variant.node), is_first, is_deep);
        let known = self.clashes.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let clash = side.clash(variant, is_deep, 0);
            self.clashes.borrow_mut().insert(key, clash);
            clash
        })
    }
}

/// One of both contracts, and the way that values go.
#[derive(Clone, Copy)]
struct Side<'a> {
    contract: &'a Contract,
    way: Way,
}

impl Side<'_> {
    fn clash(self, variant: &Variant, is_deep: bool, depth: usize) -> Clash {
        let mut clash = Clash::default();
        for choice in &variant.form.choices {
            let apart = Apart { side: self, around: &variant.form, known: RefCell::default() };
            for (place, one) in choice.iter().enumerate() {
                let others = &choice[place + 1..];
                clash.doubled += usize::from(others.iter().any(|other| self.is_same(one, other)));
                clash.overlaps |= others.iter().any(|other| !apart.are(one, other, true, 0));
            }
        }
        if is_deep && depth < DEEPEST {
            for alternative in &variant.form.alternatives {
                let within = Variant::of(self.contract, alternative, self.way);
                let within = self.clash(&within, is_deep, depth + 1);
                clash.overlaps |= within.overlaps;
                clash.doubled += within.doubled;
            }
        }
        clash
    }

    fn is_same(self, one: &Node, other: &Node) -> bool {
        let value = |node: &Node| self.contract.schemas.get(self.target(node).first()?);
        value(one) == value(other)
    }

    /// What a node refers to, where it is a mere reference.
    fn target(self, node: &Node) -> Node {
        let [schema] = &node[..] else { return node.clone() };
        let mut schema: SchemaRef = schema.clone();
        let mut seen = BTreeSet::new();
        let is_mere = |schema: &SchemaRef| {
            let value = self.contract.schemas.get(schema);
            value.and_then(Value::as_object).is_some_and(|members| members.len() == 1)
        };
        while let Some(next) = self.contract.schemas.referred(&schema).filter(|_| is_mere(&schema)) {
            if !seen.insert(next.clone()) {
                break;
            }
            schema = next;
        }
        vec![schema]
    }
}

/// What keeps the alternatives of one choice apart.
struct Apart<'a> {
    side: Side<'a>,
    /// What is said of each of them.
    around: &'a Form,
    /// What was worked out already: members may be the same everywhere, and contain themselves.
    known: RefCell<BTreeMap<(Node, Node, bool), bool>>,
}

impl Apart<'_> {
    /// Whether no value can be allowed by both. `is_choice`: they are alternatives, not members of these.
    fn are(&self, one: &Node, other: &Node, is_choice: bool, depth: usize) -> bool {
        let (one, other) = (&self.side.target(one), &self.side.target(other));
        if one == other || depth > DEEPEST {
            return false;
        }
        let key = (one.clone(), other.clone(), is_choice);
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        self.known.borrow_mut().insert(key.clone(), false);
        let are_apart = self.work_out(one, other, is_choice, depth);
        self.known.borrow_mut().insert(key, are_apart);
        are_apart
    }

    fn work_out(&self, one: &Node, other: &Node, is_choice: bool, depth: usize) -> bool {
        let form = |node| Variant::of(self.side.contract, node, self.side.way).form;
        let (a, b) = (form(one), form(other));
        let is_around = |name: &String| is_choice && self.around.required.contains(name);
        let is_required =
            |name: &String| a.required.contains(name) || b.required.contains(name) || is_around(name);
        let told_by =
            |name: &String| [&a, &b].iter().all(|form| form.required.contains(name) || is_around(name));
        let apart_by = |name: &String| match (a.members.get(name), b.members.get(name)) {
            (Some(one), Some(other)) => self.are(one, other, false, depth + 1),
            (None, Some(_)) => a.is_closed,
            (Some(_), None) => b.is_closed,
            (None, None) => false,
        };
        let is_apart_within = |form: &Form, from: &Node| {
            !form.alternatives.is_empty()
                && form.alternatives.iter().all(|within| self.are(within, from, is_choice, depth + 1))
        };
        are_apart(&a, &b)
            || (is_choice && self.around.discriminator.as_ref().is_some_and(told_by))
            || a.members.keys().chain(b.members.keys()).any(|name| is_required(name) && apart_by(name))
            || is_apart_within(&a, other)
            || is_apart_within(&b, one)
    }
}

/// Whether types, values, bounds or formats leave no value that is of both.
fn are_apart(a: &Form, b: &Form) -> bool {
    let kinds = |form: &Form| {
        let is_object = !form.members.is_empty() || !form.required.is_empty();
        let mut kinds = form.kinds().or_else(|| is_object.then(|| BTreeSet::from(["object".to_owned()])))?;
        // That several allow null is seldom meant.
        if kinds.len() > 1 {
            kinds.remove("null");
        }
        Some(kinds)
    };
    let share = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
        a.iter().any(|kind| is_among(b, kind)) || b.iter().any(|kind| is_among(a, kind))
    };
    let are_apart = |a: Option<BTreeSet<String>>, b: Option<BTreeSet<String>>| {
        a.zip(b).is_some_and(|(a, b)| !share(&a, &b))
    };
    let is_above = |a: &Form, b: &Form| {
        [
            ("minimum", "maximum"),
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
            ("minProperties", "maxProperties"),
        ]
        .iter()
        .any(|(low, high)| a.bounds.get(low).zip(b.bounds.get(high)).is_some_and(|(low, high)| low > high))
    };
    let has_other_format =
        !a.formats.is_empty() && !b.formats.is_empty() && a.formats.is_disjoint(&b.formats);
    are_apart(kinds(a), kinds(b))
        || a.values.as_ref().zip(b.values.as_ref()).is_some_and(|(a, b)| a.is_disjoint(b))
        || is_above(a, b)
        || is_above(b, a)
        || has_other_format
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::super::Level::{self, Additive, Breaking};
    use super::super::tests::{answer, body, told};

    fn levels(old: &Value, new: &Value) -> Vec<Level> {
        told(old, new).into_iter().map(|(level, _)| level).collect()
    }

    fn object(name: &str) -> Value {
        json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}})
    }

    #[rstest]
    #[case::any_that_becomes_one(
        json!({"anyOf": [object("a"), object("b")]}),
        json!({"oneOf": [object("b"), object("a")]})
    )]
    #[case::a_number_of_two_types(json!({"type": "number"}), json!({"oneOf": [{"type": "number"}, {"type": "integer"}]}))]
    #[case::one_that_stands_twice(
        json!({"oneOf": [object("a"), object("b")]}),
        json!({"oneOf": [object("a"), object("b"), object("a")]})
    )]
    #[case::within_each_other(
        json!({"anyOf": [{"anyOf": [object("a"), object("b")]}, {"type": "array"}]}),
        json!({"anyOf": [{"oneOf": [object("a"), object("b")]}, {"type": "array"}]})
    )]
    #[case::patterns(
        json!({"anyOf": [{"type": "string", "pattern": "a"}, {"type": "string", "pattern": "b"}]}),
        json!({"oneOf": [{"type": "string", "pattern": "a"}, {"type": "string", "pattern": "b"}]})
    )]
    fn what_two_allow_is_not_allowed_by_one_of_them(#[case] any: Value, #[case] one: Value) {
        assert_eq!(levels(&body(&any), &body(&one)), [Breaking], "sent");
        assert_eq!(levels(&answer(&any), &answer(&one)), [Additive], "got");
        if any.get("anyOf").is_some() {
            assert_eq!(levels(&body(&one), &body(&any)), [Additive], "sent");
            assert_eq!(levels(&answer(&one), &answer(&any)), [Breaking], "got");
        }
    }

    #[test]
    fn what_becomes_one_of_two_that_may_be_both_breaks() {
        let changes = levels(&body(&object("a")), &body(&json!({"oneOf": [object("a"), object("b")]})));
        assert_eq!(changes, [Breaking, Additive]);
    }

    /// Two alternatives that never apply at once.
    #[rstest]
    #[case::types(json!({"type": "string"}), json!({"type": "integer"}))]
    #[case::types_with_null(json!({"type": ["string", "null"]}), json!({"type": ["integer", "null"]}))]
    #[case::values(json!({"enum": ["a", "b"]}), json!({"const": "c"}))]
    #[case::bounds(json!({"type": "integer", "maximum": 5}), json!({"type": "integer", "minimum": 6}))]
    #[case::formats(json!({"type": "string", "format": "uuid"}), json!({"type": "string", "format": "date-time"}))]
    #[case::a_member(
        json!({"properties": {"k": {"const": "a"}}, "required": ["k"]}),
        json!({"properties": {"k": {"enum": ["b", "c"]}}})
    )]
    #[case::a_member_that_another_does_not_know(object("a"), json!({"properties": {"b": {}}, "additionalProperties": false}))]
    #[case::a_member_of_a_member(
        json!({"required": ["m"], "properties": {"m": {"required": ["k"], "properties": {"k": {"const": 1}}}}}),
        json!({"required": ["m"], "properties": {"m": {"required": ["k"], "properties": {"k": {"const": 2}}}}})
    )]
    #[case::alternatives(json!({"anyOf": [{"type": "string"}, {"type": "boolean"}]}), json!({"type": "array"}))]
    fn where_two_never_apply_at_once_the_keyword_does_not_matter(#[case] a: Value, #[case] b: Value) {
        let (any, one) = (json!({"anyOf": [a, b]}), json!({"oneOf": [a, b]}));
        for (old, new) in [(&any, &one), (&one, &any)] {
            assert_eq!(told(&body(old), &body(new)), [], "sent");
            assert_eq!(told(&answer(old), &answer(new)), [], "got");
        }
    }

    #[test]
    fn what_tells_them_apart_may_stand_around_them() {
        let of = |keyword: &str, around: Value| {
            let kind = |kind: &str| json!({"properties": {"k": {"const": kind}}});
            let mut schema = around;
            schema[keyword] = json!([kind("a"), kind("b")]);
            body(&schema)
        };
        let around = json!({"type": "object", "required": ["k"]});
        assert_eq!(told(&of("anyOf", around.clone()), &of("oneOf", around)), []);
        let around = json!({"type": "object"});
        assert_eq!(levels(&of("anyOf", around.clone()), &of("oneOf", around)), [Breaking]);
    }

    #[test]
    fn members_that_contain_themselves_are_looked_at_once() {
        let own = "#/paths/~1things~1%7Bid%7D/post/requestBody/content/application~1json/schema";
        let names: Vec<String> = (0..5).map(|number| format!("m{number}")).collect();
        let members: Value = names
            .iter()
            .map(|name| (name.clone(), json!({"$ref": own})))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let of = |keyword: &str| {
            let object = json!({"type": "object", "required": names, "properties": members});
            let mut other = object.clone();
            other["properties"]["z"] = json!({});
            let mut schema = object.clone();
            schema[keyword] = json!([object, other]);
            body(&schema)
        };
        assert_eq!(levels(&of("anyOf"), &of("oneOf")), [Breaking]);
    }

    #[test]
    fn another_discriminator_breaks() {
        let of = |name: &str| json!({"oneOf": [object("a"), object("b")], "discriminator": {"propertyName": name}});
        let message = "the discriminator was `k`, is `l`".to_owned();
        for way in [body, answer] {
            assert_eq!(told(&way(&of("k")), &way(&of("l"))), [(Breaking, message.clone())]);
        }
    }
}
