//! One of the things that a value may be.

use super::Contract;
use crate::spec::form::{Form, Node};
use crate::spec::way::Way;

/// One of the things that a value may be.
#[derive(Debug, Clone)]
pub(super) struct Variant {
    pub(super) node: Node,
    pub(super) form: Form,
    /// The number of alternatives of the schemas that are decided.
    decided: usize,
    /// The type, or the value as JSON, where only that is meant.
    part: Option<String>,
}

impl Variant {
    pub(super) fn of(contract: &Contract, node: &Node, way: Way) -> Self {
        let form = Form::of(&contract.schemas, node).going(&contract.schemas, way);
        Self { node: node.clone(), form, decided: 0, part: None }
    }

    /// Whether it is one of what another one may be.
    pub(super) fn is_of_several(&self) -> bool {
        self.decided > 0 || self.part.is_some()
    }

    pub(super) fn name(&self) -> Name {
        (self.node.clone(), self.part.clone())
    }

    /// All that it may be, each of one type or one value, without alternatives.
    pub(super) fn taken_apart(&self, contract: &Contract, way: Way, depth: usize) -> Vec<Self> {
        if self.form.alternatives.is_empty() || depth > DEEPEST {
            return self.parts();
        }
        let with = |alternative: &Node| {
            let mut joined = Self::of(contract, &[&self.node[..], alternative].concat(), way);
            joined.decided = self.decided + self.form.alternatives.len();
            joined.form.alternatives.drain(..joined.decided.min(joined.form.alternatives.len()));
            joined.form.choices.clear();
            joined.form.discriminator = None;
            joined.taken_apart(contract, way, depth + 1)
        };
        self.form.alternatives.iter().flat_map(with).collect()
    }

    fn parts(&self) -> Vec<Self> {
        let part = |form, part: &String| Self {
            node: self.node.clone(),
            form,
            decided: self.decided,
            part: Some(part.clone()),
        };
        match (&self.form.values, &self.form.types) {
            (Some(values), _) => values.iter().map(|value| part(self.form.of_value(value), value)).collect(),
            (None, Some(types)) => types.iter().map(|kind| part(self.form.of_kind(kind), kind)).collect(),
            (None, None) => vec![self.clone()],
        }
    }
}

/// What tells variants apart: the schemas, and what of them is meant.
pub(super) type Name = (Node, Option<String>);

/// So deep alternatives within alternatives are taken apart.
const DEEPEST: usize = 8;
