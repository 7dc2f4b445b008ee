//! Replaces what changes from run to run, and keeps what it means.
//!
//! Identifiers become references that keep identity: the first project of a trial is `<project:1>` wherever it appears,
//! the next `<project:2>`, so that a link to the wrong object is a difference. Times become `<time>`, secrets
//! `<secret>`, names that a run makes up begin with `<prefix>`. What is what is said by the schemas.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use serde_json::Value;

use crate::exchange::Exchange;
use crate::json_path::located;
use crate::judge::Record;
use crate::needles::Needles;
use crate::spec::annotation::Annotation;
use crate::spec::shape::Mark;

/// The references of one trial, numbered per kind by first appearance.
#[derive(Debug, Default)]
pub(super) struct References {
    /// In the order of their first appearance.
    names: Vec<String>,
    /// By kind, and by identifier: the place of the name.
    places: BTreeMap<String, HashMap<String, usize>>,
    /// By identifier alone: the place of the first name.
    first: HashMap<String, usize>,
    /// What is looked for in other texts.
    needles: Needles,
}

impl References {
    /// Goes through the answers in order and gives every identifier its name.
    pub(super) fn collect(record: &Record<'_>) -> Self {
        let mut references = Self::default();
        for (_, exchange) in record.answered() {
            let Some(body) = exchange.response.json() else { continue };
            for annotation in record.annotations(exchange) {
                if let Mark::Identity(kind) | Mark::Reference(kind) = &annotation.mark
                    && let Some(id) = body.pointer(&annotation.pointer).and_then(identifier)
                {
                    references.name(kind, &id);
                }
            }
        }
        references
    }

    fn name(&mut self, kind: &str, id: &str) -> String {
        if !self.places.contains_key(kind) {
            self.places.insert(kind.to_owned(), HashMap::new());
        }
        let of_kind = self.places.get_mut(kind).expect("it has been inserted");
        if let Some(place) = of_kind.get(id) {
            return self.names[*place].clone();
        }
        let place = self.names.len();
        of_kind.insert(id.to_owned(), place);
        let name = format!("<{kind}:{}>", of_kind.len());
        self.names.push(name.clone());
        self.first.entry(id.to_owned()).or_insert(place);
        self.needles.add(id, place);
        name
    }

    /// A text with every identifier in it named. Short numbers are left alone: they may be anything.
    pub(super) fn in_text(&self, text: &str) -> String {
        self.named(text).unwrap_or_else(|| text.to_owned())
    }

    /// The same; `None`, where there is none in it. Where two overlap, the longer one is meant.
    fn named(&self, text: &str) -> Option<String> {
        let mut found: Vec<(Range<usize>, usize)> = self.needles.ids_in(text).collect();
        if found.is_empty() {
            return None;
        }
        found.sort_by_key(|(range, place)| (Reverse(range.len()), *place, range.start));
        let mut meant: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (range, place) in found {
            let before = meant.range(..range.end).next_back();
            if before.is_none_or(|(_, (end, _))| *end <= range.start) {
                meant.insert(range.start, (range.end, place));
            }
        }
        let mut named = String::with_capacity(text.len());
        let mut rest = 0;
        for (start, (end, place)) in meant {
            named.push_str(&text[rest..start]);
            named.push_str(&self.names[place]);
            rest = end;
        }
        named.push_str(&text[rest..]);
        Some(named)
    }

    /// One segment of a path, named if it is an identifier as a whole.
    pub(super) fn in_segment(&self, segment: &str) -> String {
        match self.first.get(segment) {
            Some(place) => self.names[*place].clone(),
            None => self.in_text(segment),
        }
    }
}

/// An answer's body with everything that changes replaced.
pub(super) fn body(record: &Record<'_>, exchange: &Exchange, references: &mut References) -> Option<Value> {
    let body = exchange.response.json()?;
    let annotations = record.annotations(exchange);
    let mut normalised = body.clone();
    let secrets: HashSet<&str> = annotations
        .iter()
        .filter(|annotation| annotation.mark == Mark::Secret)
        .map(|annotation| annotation.pointer.as_str())
        .collect();
    for annotation in annotations {
        if let Some(value) = normalised.pointer_mut(&annotation.pointer) {
            replace(value, annotation, secrets.contains(annotation.pointer.as_str()), references);
        }
    }
    for (path, word) in &record.trial.case.snapshot.replace {
        replace_found(&mut normalised, path, word);
    }
    rename(&mut normalised, references, &record.prefix);
    // The order of members says nothing (RFC 8259 §4).
    normalised.sort_all_objects();
    Some(normalised)
}

fn replace(value: &mut Value, annotation: &Annotation, is_secret: bool, references: &mut References) {
    let word = match &annotation.mark {
        Mark::Secret => "<secret>".to_owned(),
        _ if is_secret => return,
        Mark::Identity(kind) | Mark::Reference(kind) => match identifier(value) {
            Some(id) => references.name(kind, &id),
            None => return,
        },
        Mark::Volatile(word) => format!("<{word}>"),
        Mark::Time if value.is_string() => "<time>".to_owned(),
        Mark::Time => return,
    };
    *value = Value::String(word);
}

fn replace_found(body: &mut Value, path: &str, word: &str) {
    let pointers: Vec<String> = located(path, body).into_iter().map(|(pointer, _)| pointer).collect();
    for pointer in pointers {
        if let Some(value) = body.pointer_mut(&pointer) {
            *value = Value::String(word.to_owned());
        }
    }
}

/// Names identifiers and the run's prefix inside other texts.
fn rename(value: &mut Value, references: &References, prefix: &str) {
    match value {
        Value::String(text) => {
            if let Some(named) = references.named(text) {
                *text = named;
            }
            // What someone else has made has no name of ours.
            if !prefix.is_empty() && text.contains(prefix) {
                *text = text.replace(prefix, "<prefix>");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, references, prefix)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| rename(member, references, prefix));
            if members.keys().any(|name| references.named(name).is_some()) {
                let renamed = std::mem::take(members).into_iter();
                *members = renamed.map(|(name, member)| (references.in_text(&name), member)).collect();
            }
        }
        _ => {}
    }
}

/// An identifier as text; empty ones and `null` are none.
fn identifier(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::hash_set;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::judge::testing::{project, project_list, rendered};

    /// A list of projects and each of them.
    fn snapshot(ids: &[&str]) -> String {
        let mut answers = vec![("listProjects", project_list(ids))];
        answers.extend(ids.iter().map(|id| ("getProject", json!({ "project": project(id) }))));
        rendered(answers)
    }

    /// So many identifiers, no two of them alike.
    fn identifiers(count: usize) -> impl Strategy<Value = HashSet<String>> {
        hash_set("[a-z]{3,9}-[a-z]{3,9}-[0-9]{8}", count)
    }

    fn named(ids: &HashSet<String>) -> Vec<&str> {
        ids.iter().map(String::as_str).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn other_identifiers_read_the_same((one, other) in (2..6_usize).prop_flat_map(|n| (identifiers(n), identifiers(n)))) {
            prop_assert_eq!(snapshot(&named(&one)), snapshot(&named(&other)));
        }

        #[test]
        fn two_identifiers_that_become_one_read_otherwise(ids in (2..6_usize).prop_flat_map(identifiers), place in 1..6_usize) {
            let ids = named(&ids);
            let mut merged = ids.clone();
            merged[place % (ids.len() - 1) + 1] = ids[0];
            prop_assert_ne!(snapshot(&ids), snapshot(&merged));
        }
    }

    #[test]
    fn references_keep_identity() {
        let mut references = References::default();
        assert_eq!(references.name("project", "calm-sea-1"), "<project:1>");
        assert_eq!(references.name("project", "wild-sea-2"), "<project:2>");
        assert_eq!(references.name("project", "calm-sea-1"), "<project:1>");
        assert_eq!(references.name("branch", "br-1"), "<branch:1>");
        assert_eq!(references.in_text("host of calm-sea-1.example"), "host of <project:1>.example");
    }

    #[test]
    fn short_ids_are_named_only_as_whole_segments() {
        let mut references = References::default();
        references.name("api_key", "7");
        assert_eq!(references.in_segment("7"), "<api_key:1>");
        assert_eq!(references.in_text("17 of 77"), "17 of 77");
    }
}
