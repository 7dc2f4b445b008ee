//! Two versions of the operations of a contract.

use serde_json::Value;

use super::comparison::Comparison;
use super::{Change, Changes, Contract, Level};
use crate::spec::contract::{Operation, Response, ResponseStatus};
use crate::spec::way::Way;
use crate::spec::{Location, escape};

pub(super) fn compare(old: &Contract, new: &Contract, changes: &mut Changes) {
    if old.prefix != new.prefix {
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

/// What a request must have in common with an operation to be answered by it, but for the server's path.
fn key(contract: &Contract, operation: &Operation) -> (String, String) {
    let shape = operation.shape();
    (operation.method.clone(), shape.strip_prefix(&contract.prefix).unwrap_or(&shape).to_owned())
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
        for media in old.content.keys().filter(|media| !new.content.contains_key(*media)) {
            self.tell(
                Level::Breaking,
                format!("the response {} is no longer {media}", shown(new.status)),
                &below,
            );
        }
        self.headers(old, new, &below);
        for media in new.content.keys().filter(|media| !old.content.contains_key(*media)) {
            let level = if old.content.is_empty() { Level::Additive } else { Level::Breaking };
            self.tell(level, format!("the response {} may be {media} now", shown(new.status)), &below);
        }
        for (media, schema) in &old.content {
            if let (Some(old), Some(Some(new_schema))) = (schema, new.content.get(media)) {
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
