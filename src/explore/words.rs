//! The words in the texts of an action, and what they stand for in a walk.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value};

use super::action::Kind;
use super::model::{Model, Thing};
use crate::json::plain;

static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<([a-z]+)(?:\\.([a-z_]+))?>").expect("it is a pattern"));

/// What the words of an action stand for.
pub(super) struct Words<'w> {
    pub(super) model: &'w Model,
    pub(super) subject: Option<&'w Thing>,
    pub(super) other: Option<&'w Thing>,
    /// The key of what is made.
    pub(super) new: Option<String>,
    /// A word of the step's own.
    pub(super) step: String,
}

impl Words<'_> {
    /// What a word stands for: `it`, `it.name`, `project`, `new`. None, where that is not known.
    pub(super) fn word(&self, word: &str, value: Option<&str>) -> Option<Value> {
        let thing = match word {
            "new" => {
                let key = self.new.as_deref()?;
                return Some(
                    if value.is_some() { format!("{{{{ {key} }}}}") } else { key.to_owned() }.into(),
                );
            }
            "step" => return Some(self.step.as_str().into()),
            "it" => self.subject?,
            "other" => self.other?,
            kind => self.model.holder(self.subject?, Kind::of_word(kind)?)?,
        };
        self.model.value(thing, value.unwrap_or("id"))
    }

    /// A text with its words filled in: a value, where it is a single word.
    pub(super) fn text(&self, text: &str) -> Option<Value> {
        let of = |found: &Captures<'_>| self.word(&found[1], found.get(2).map(|value| value.as_str()));
        if let Some(found) = WORD.captures(text).filter(|found| found[0].len() == text.len()) {
            return of(&found);
        }
        let mut is_known = true;
        let filled = WORD.replace_all(text, |found: &Captures<'_>| {
            of(found).map_or_else(
                || {
                    is_known = false;
                    String::new()
                },
                |value| plain(&value),
            )
        });
        is_known.then(|| filled.as_ref().into())
    }

    /// The same for all texts in a value.
    pub(super) fn value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => self.members(members).map(Value::Object),
            other => Some(other.clone()),
        }
    }

    /// The same for a mapping, with the words in its names.
    pub(super) fn members(&self, members: &Map<String, Value>) -> Option<Map<String, Value>> {
        let filled = |(name, value): (&String, &Value)| Some((plain(&self.text(name)?), self.value(value)?));
        members.iter().map(filled).collect()
    }
}
