//! Values that may be one thing or another (`anyOf`, `oneOf`, several types, several values), in whatever order and words.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Direction, Distance};
use super::variant::Variant;
use super::{Changes, Contract, Level};
use crate::spec::way::Way;

/// More pairs than that are compared in their order only.
const MOST_PAIRS: usize = 4096;

/// Which of the variants are alike, by their places; and those that are alike to none.
struct Pairs {
    alike: Vec<(usize, usize)>,
    gone: Vec<usize>,
    added: Vec<usize>,
    /// No pair has changed.
    are_same: bool,
}

impl Comparison<'_> {
    /// Whether all is told where at least one of both has alternatives: the same may stand in other words, and what had none may have some.
    pub(super) fn is_rearranged(&mut self, old: &Variant, new: &Variant, path: &str) -> bool {
        let (was_split, is_split) = (!old.form.alternatives.is_empty(), !new.form.alternatives.is_empty());
        if !was_split && !is_split {
            return false;
        }
        let olds = old.taken_apart(self.old, self.way, 0);
        let news = new.taken_apart(self.new, self.way, 0);
        let pairs = self.pairs(&olds, &news);
        let is_told = pairs.are_same || was_split != is_split;
        if is_told && !pairs.are_same {
            self.tell_pairs(&pairs, &olds, &news, new, path);
        }
        is_told
    }

    /// Both have alternatives, or none has.
    pub(super) fn alternatives(&mut self, old: &Variant, new: &Variant, path: &str) {
        let variants = |contract: &Contract, of: &Variant| -> Vec<Variant> {
            of.form.alternatives.iter().map(|node| Variant::of(contract, node, self.way)).collect()
        };
        let (olds, news) = (variants(self.old, old), variants(self.new, new));
        let pairs = self.pairs(&olds, &news);
        self.tell_pairs(&pairs, &olds, &news, new, path);
    }

    fn tell_pairs(&mut self, pairs: &Pairs, olds: &[Variant], news: &[Variant], new: &Variant, path: &str) {
        for (old, new) in &pairs.alike {
            self.compare_variants(&olds[*old], &news[*new], path);
        }
        let level = match (pairs.gone.is_empty(), pairs.added.is_empty()) {
            (true, true) => return,
            (true, false) => self.way.wider(),
            (false, true) => self.way.narrower(),
            (false, false) => Level::Breaking,
        };
        let alternatives = |count: usize| match count {
            1 => "1 alternative".to_owned(),
            _ => format!("{count} alternatives"),
        };
        let was = if olds.len() == 1 { "was" } else { "were" };
        let is = if news.len() == 1 { "is" } else { "are" };
        let message =
            format!("there {was} {}, there {is} {}", alternatives(olds.len()), alternatives(news.len()));
        let at = self.location(&new.node);
        self.add(level, message, at, path);
    }

    /// First those that have not changed, then those between which the fewest changes lie.
    fn pairs(&self, olds: &[Variant], news: &[Variant]) -> Pairs {
        let between = |old: usize, new: usize| (self.distance(&olds[old], &news[new]).all, old, new);
        let mut distances: Vec<(usize, usize, usize)> = if olds.len() * news.len() > MOST_PAIRS {
            (0..olds.len().min(news.len())).map(|place| between(place, place)).collect()
        } else {
            (0..olds.len()).flat_map(|old| (0..news.len()).map(move |new| between(old, new))).collect()
        };
        distances.sort_unstable();
        let (mut is_old_taken, mut is_new_taken) = (vec![false; olds.len()], vec![false; news.len()]);
        let mut alike = Vec::new();
        let mut are_same = true;
        for (distance, old, new) in distances {
            if !is_old_taken[old] && !is_new_taken[new] {
                are_same &= distance == 0;
                (is_old_taken[old], is_new_taken[new]) = (true, true);
                alike.push((old, new));
            }
        }
        alike.sort_unstable();
        let left = |taken: &[bool]| (0..taken.len()).filter(|place| !taken[*place]).collect::<Vec<_>>();
        let (mut gone, mut added) = (left(&is_old_taken), left(&is_new_taken));
        gone.retain(|old| !news.iter().any(|new| self.allows_all_of(&olds[*old], new)));
        added.retain(|new| !olds.iter().any(|old| self.is_allowed_by(&news[*new], old)));
        are_same &= gone.is_empty() && added.is_empty();
        Pairs { alike, gone, added, are_same }
    }

    /// Whether a new variant allows what an old one does.
    fn allows_all_of(&self, old: &Variant, new: &Variant) -> bool {
        let distance = match self.way {
            Way::Request => self.distance(old, new),
            Way::Answer => self.distance_back(new, old),
        };
        distance.breaking == 0
    }

    /// Whether an old variant allows what a new one does.
    fn is_allowed_by(&self, new: &Variant, old: &Variant) -> bool {
        let distance = match self.way {
            Way::Request => self.distance_back(new, old),
            Way::Answer => self.distance(old, new),
        };
        distance.breaking == 0
    }

    pub(super) fn distance(&self, old: &Variant, new: &Variant) -> Distance {
        self.measure((self.old, old), (self.new, new), self.direction)
    }

    fn distance_back(&self, new: &Variant, old: &Variant) -> Distance {
        self.measure((self.new, new), (self.old, old), self.direction.turned())
    }

    /// What lies between two variants, words aside.
    fn measure(
        &self,
        (from_contract, from): (&Contract, &Variant),
        (to_contract, to): (&Contract, &Variant),
        direction: Direction,
    ) -> Distance {
        let key = (from.name(), to.name(), direction);
        if let Some(known) = self.distances.borrow().get(&key) {
            return *known;
        }
        // What is asked for again while it is worked out is the same, as far as anyone knows.
        self.distances.borrow_mut().insert(key.clone(), Distance::default());
        let mut changes = Changes::default();
        let mut inner = Comparison {
            old: from_contract,
            new: to_contract,
            way: self.way,
            place: String::new(),
            changes: &mut changes,
            // What was compared the other way round says nothing.
            seen: if direction == self.direction { self.seen.clone() } else { BTreeSet::new() },
            direction,
            distances: self.distances.clone(),
            clashes: self.clashes.clone(),
        };
        inner.compare_variants(from, to, "");
        let count = |level: Level| changes.0.iter().filter(|change| change.level == level).count();
        let breaking = count(Level::Breaking);
        let distance = Distance { breaking, all: breaking + count(Level::Additive) };
        self.distances.borrow_mut().insert(key, distance);
        distance
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::super::tests::{answer, body, told};
    use Level::{Additive, Breaking};

    use super::*;

    fn levels(old: &Value, new: &Value) -> Vec<Level> {
        told(old, new).into_iter().map(|(level, _)| level).collect()
    }

    #[rstest]
    #[case::in_another_order(
        json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        json!({"anyOf": [{"type": "integer"}, {"type": "string"}]})
    )]
    #[case::of_objects_in_another_order(
        json!({"oneOf": [{"required": ["a"], "properties": {"a": {}}}, {"required": ["b"], "properties": {"b": {}}}]}),
        json!({"oneOf": [{"required": ["b"], "properties": {"b": {}}}, {"required": ["a"], "properties": {"a": {}}}]})
    )]
    #[case::types(json!({"type": ["string", "integer"]}), json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}))]
    #[case::types_with_null(
        json!({"type": ["string", "integer", "null"], "maxLength": 5, "minimum": 2}),
        json!({"anyOf": [{"type": "integer", "minimum": 2}, {"type": "null"}, {"type": "string", "maxLength": 5}]})
    )]
    #[case::values(json!({"enum": ["a", 1, null]}), json!({"oneOf": [{"const": "a"}, {"const": 1}, {"const": null}]}))]
    #[case::all_that_they_share_put_before_them(
        json!({"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        json!({"anyOf": [{"type": "object", "required": ["b"]}, {"type": "object", "required": ["a"]}]})
    )]
    #[case::within_each_other(
        json!({"anyOf": [{"anyOf": [{"type": "string"}, {"type": "boolean"}]}, {"type": "array"}]}),
        json!({"anyOf": [{"type": "array"}, {"type": "boolean"}, {"type": "string"}]})
    )]
    #[case::one_of_one(json!({"type": "object"}), json!({"oneOf": [{"type": "object"}]}))]
    #[case::one_that_another_allows(
        json!({"anyOf": [{"type": "number"}, {"type": "string"}]}),
        json!({"anyOf": [{"type": "number"}, {"type": "integer"}, {"type": "string"}]})
    )]
    #[case::null_as_a_value(json!({"enum": [null]}), json!({"type": "null"}))]
    #[case::null_as_a_constant(json!({"const": null}), json!({"type": "null"}))]
    #[case::null_beside_values(
        json!({"type": ["string", "null"], "enum": ["a", null]}),
        json!({"anyOf": [{"const": "a"}, {"enum": [null]}]})
    )]
    #[case::a_type_beside_its_values(json!({"enum": ["a", "b"]}), json!({"type": "string", "enum": ["b", "a"]}))]
    #[case::both_truths(json!({"type": "boolean"}), json!({"enum": [true, false]}))]
    #[case::a_reference_written_out(
        json!({"anyOf": [{"$ref": "#/paths/~1things~1%7Bid%7D/parameters/0/schema"}, {"type": "integer"}]}),
        json!({"anyOf": [{"type": "integer"}, {"type": "string"}]})
    )]
    fn what_allows_the_same_is_no_change(#[case] one: Value, #[case] other: Value) {
        for (old, new) in [(&one, &other), (&other, &one)] {
            assert_eq!(told(&body(old), &body(new)), [], "sent");
            assert_eq!(told(&answer(old), &answer(new)), [], "got");
        }
    }

    #[rstest]
    #[case::of_one(
        json!({"type": "object", "required": ["a"], "properties": {"a": {}}}),
        json!({"anyOf": [{"type": "object", "required": ["b"], "properties": {"b": {}}}, {"type": "object", "required": ["a"], "properties": {"a": {}}}]})
    )]
    #[case::of_a_type(json!({"type": "string"}), json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}))]
    #[case::of_values(json!({"enum": ["a"]}), json!({"oneOf": [{"const": "b"}, {"const": "a"}]}))]
    #[case::all(json!({"anyOf": [{"type": "object"}, {"type": "array"}]}), json!({}))]
    #[case::a_wider_type(json!({"oneOf": [{"type": "integer"}, {"type": "string"}]}), json!({"type": ["number", "string"]}))]
    #[case::one_of_several(
        json!({"anyOf": [{"type": "string", "maxLength": 5}, {"type": "array"}]}),
        json!({"anyOf": [{"type": "array"}, {"type": "string", "maxLength": 9}]})
    )]
    fn what_allows_more_is_told_by_the_way_it_goes(#[case] less: Value, #[case] more: Value) {
        assert_eq!(levels(&body(&less), &body(&more)), [Additive], "sent");
        assert_eq!(levels(&body(&more), &body(&less)), [Breaking], "sent");
        assert_eq!(levels(&answer(&less), &answer(&more)), [Breaking], "got");
        assert_eq!(levels(&answer(&more), &answer(&less)), [Additive], "got");
    }

    #[test]
    fn what_has_changed_in_one_of_them_is_told_there() {
        let of = |kind: &str| json!({"anyOf": [{"type": "array"}, {"properties": {"a": {"type": kind}}}]});
        let turned =
            |kind: &str| json!({"anyOf": [{"properties": {"a": {"type": kind}}}, {"type": "array"}]});
        let message = "the types were string, are boolean".to_owned();
        assert_eq!(told(&body(&of("string")), &body(&turned("boolean"))), [(Breaking, message)]);
    }

    #[test]
    fn alternatives_that_contain_themselves_are_compared() {
        let tree = |leaf: &str| {
            let own = "#/paths/~1things~1%7Bid%7D/post/requestBody/content/application~1json/schema";
            json!({"oneOf": [{"type": leaf}, {"type": "array", "items": {"$ref": own}}]})
        };
        assert_eq!(told(&body(&tree("string")), &body(&tree("string"))), []);
        assert_eq!(levels(&body(&tree("string")), &body(&tree("boolean"))), [Breaking]);
    }
}
