//! Two versions of the operations of a contract.

use std::collections::BTreeMap;

use serde_json::Value;

use super::comparison::Comparison;
use super::{Change, Changes, Contract, Level};
use crate::spec::contract::{Operation, Response, ResponseStatus};
use crate::spec::media_type::ranges;
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;
use crate::spec::{Location, escape};

pub(super) fn compare(old: &Contract, new: &Contract, changes: &mut Changes) {
    let is_moved = old.prefix != new.prefix && !is_in_paths(old, new);
    let key = |contract: &Contract, operation: &Operation| key(contract, operation, is_moved);
    if is_moved {
        let message = format!("the path of the server was `{}`, is `{}`", old.prefix, new.prefix);
        changes.add(Level::Breaking, message, new.document().at("/servers/0/url"), "every operation");
    }
    for before in &old.operations {
        if let Some(after) = new.operations.iter().find(|after| key(new, after) == key(old, before)) {
            Pair { old, new, before, after, changes }.compare();
        } else {
            let at = old.document().at_key(&before.pointer);
            changes.add(Level::Breaking, "the operation is gone".to_owned(), at, &name(old, before));
        }
    }
    for after in &new.operations {
        if !old.operations.iter().any(|before| key(old, before) == key(new, after)) {
            let at = new.document().at_key(&after.pointer);
            changes.add(Level::Additive, "the operation is new".to_owned(), at, &name(new, after));
        }
    }
}

/// What a request must have in common with an operation to be answered by it; where all have moved, but for the server's path.
fn key(contract: &Contract, operation: &Operation, is_moved: bool) -> (String, String) {
    let shape = operation.shape();
    let below = shape.strip_prefix(&contract.prefix).filter(|_| is_moved);
    (operation.method.clone(), below.unwrap_or(&shape).to_owned())
}

/// Whether what one contract has in the path of its server, the other has in the paths of its operations.
fn is_in_paths(old: &Contract, new: &Contract) -> bool {
    let has_same = |before: &Operation| {
        new.operations.iter().any(|after| key(new, after, false) == key(old, before, false))
    };
    old.operations.iter().any(has_same)
}

fn name(contract: &Contract, operation: &Operation) -> String {
    let path = operation.path.strip_prefix(&contract.prefix).unwrap_or(&operation.path);
    format!("{} {path}", operation.method)
}

/// One operation in both contracts.
pub(super) struct Pair<'a> {
    pub(super) old: &'a Contract,
    pub(super) new: &'a Contract,
    pub(super) before: &'a Operation,
    pub(super) after: &'a Operation,
    pub(super) changes: &'a mut Changes,
}

impl Pair<'_> {
    fn compare(&mut self) {
        self.authentication();
        self.prose();
        self.parameters();
        self.body();
        self.answers();
    }

    pub(super) fn place(&self) -> String {
        name(self.new, self.after)
    }

    pub(super) fn at(&self, below: &str) -> Location {
        self.new.document().at_key(&format!("{}{below}", self.after.pointer))
    }

    pub(super) fn tell(&mut self, level: Level, message: impl Into<String>, below: &str) {
        let (at, place) = (self.at(below), self.place());
        self.changes.add(level, message.into(), at, &place);
    }

    fn prose(&mut self) {
        let raw = |contract: &Contract, operation: &Operation| {
            contract.document().value().pointer(&operation.pointer).cloned().unwrap_or_default()
        };
        let (old, new) = (raw(self.old, self.before), raw(self.new, self.after));
        for keyword in ["operationId", "summary", "description", "tags", "deprecated", "externalDocs"] {
            if old.get(keyword) != new.get(keyword) {
                let short =
                    |value: Option<&Value>| value.map(ToString::to_string).unwrap_or_default().len() < 60;
                let shown = |value: Option<&Value>| value.map_or("none".to_owned(), ToString::to_string);
                let (was, is) = (old.get(keyword), new.get(keyword));
                let message = if short(was) && short(is) {
                    format!("`{keyword}` was {}, is {}", shown(was), shown(is))
                } else {
                    format!("`{keyword}` has changed")
                };
                self.tell(Level::Documentation, message, &format!("/{keyword}"));
            }
        }
    }

    fn answers(&mut self) {
        let (before, after) = (self.before, self.after);
        for old in &before.responses {
            match after.responses.iter().find(|new| new.status == old.status) {
                Some(new) => self.answer(old, new),
                None if is_success(old.status) => {
                    self.tell(
                        Level::Breaking,
                        format!("the response {} is gone", shown(old.status)),
                        "/responses",
                    );
                }
                None => {
                    let message = format!("the response {} is no longer documented", shown(old.status));
                    self.tell(Level::Documentation, message, "/responses");
                }
            }
        }
        for new in
            after.responses.iter().filter(|new| !before.responses.iter().any(|old| old.status == new.status))
        {
            let below = format!("/responses/{}", escape(&shown(new.status)));
            let (level, word) = if is_success(new.status) {
                (Level::Additive, "new")
            } else {
                (Level::Documentation, "documented now")
            };
            self.tell(level, format!("the response {} is {word}", shown(new.status)), &below);
        }
    }

    fn answer(&mut self, old: &Response, new: &Response) {
        let below = format!("/responses/{}", escape(&shown(new.status)));
        // What comes in place of a range that it is in narrows the range.
        let within = |media: &str, content: &BTreeMap<String, Option<SchemaRef>>| {
            ranges(media).into_iter().find(|range| content.contains_key(range))
        };
        let narrowed: Vec<(String, &String)> =
            new.content.keys().filter_map(|media| Some((within(media, &old.content)?, media))).collect();
        for media in old.content.keys().filter(|media| !new.content.contains_key(*media)) {
            let now: Vec<&str> = narrowed
                .iter()
                .filter(|(range, _)| range == media)
                .map(|(_, media)| media.as_str())
                .collect();
            let (level, word) = match now[..] {
                [] => (Level::Breaking, String::new()),
                _ => (Level::Additive, format!(", but {}", now.join(" or "))),
            };
            let message = format!("the response {} is no longer {media}{word}", shown(new.status));
            self.tell(level, message, &below);
        }
        self.headers(old, new, &below);
        for media in new.content.keys().filter(|media| within(media, &old.content).is_none()) {
            let level = if old.content.is_empty() { Level::Additive } else { Level::Breaking };
            self.tell(level, format!("the response {} may be {media} now", shown(new.status)), &below);
        }
        for (range, media) in &narrowed {
            let (old, new_schema) = (&old.content[range], &new.content[*media]);
            if let (Some(old), Some(new_schema)) = (old, new_schema) {
                let place = format!("{}, response {}", self.place(), shown(new.status));
                let mut comparison = Comparison::new(self.old, self.new, Way::Answer, place, self.changes);
                comparison.compare(&vec![old.clone()], &vec![new_schema.clone()], "");
            }
        }
    }
}

fn is_success(status: ResponseStatus) -> bool {
    matches!(status, ResponseStatus::Exact(200..300) | ResponseStatus::Class(2))
}

pub(super) fn shown(status: ResponseStatus) -> String {
    match status {
        ResponseStatus::Exact(status) => status.to_string(),
        ResponseStatus::Class(class) => format!("{class}XX"),
        ResponseStatus::Default => "default".to_owned(),
    }
}

impl Change {
    /// Whether clients of the first contract may fail.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.level == Level::Breaking
    }
}
