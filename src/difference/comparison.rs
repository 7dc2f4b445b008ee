//! A comparison under way: what is compared, what has been found, and what was worked out already.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::variant::Name;
use super::{Changes, Contract, Level};
use crate::spec::Location;
use crate::spec::form::Node;
use crate::spec::schema_ref::SchemaRef;
use crate::spec::way::Way;

impl Way {
    /// The level of a change that allows less than before.
    pub(super) fn narrower(self) -> Level {
        match self {
            Self::Request => Level::Breaking,
            Self::Answer => Level::Additive,
        }
    }

    /// The level of a change that allows more than before.
    pub(super) fn wider(self) -> Level {
        match self {
            Self::Request => Level::Additive,
            Self::Answer => Level::Breaking,
        }
    }
}

/// Compares the schemas of one value.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Contract,
    pub(super) new: &'a Contract,
    pub(super) way: Way,
    /// Where clients meet the value.
    pub(super) place: String,
    pub(super) changes: &'a mut Changes,
    /// What was compared already: a schema may contain itself.
    pub(super) seen: BTreeSet<(Node, Node)>,
    /// Turned, where it is asked whether the old one allows what the new one does.
    pub(super) direction: Direction,
    /// How many changes lie between alternatives, as far as that was asked.
    pub(super) distances: Distances,
    /// What keeps alternatives from allowing anything, as far as that was asked.
    pub(super) clashes: Clashes,
}

/// What lies between two variants, by their names and the direction.
pub(super) type Distances = Rc<RefCell<BTreeMap<(Name, Name, Direction), Distance>>>;

/// How many changes break something, and how many there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Distance {
    pub(super) breaking: usize,
    pub(super) all: usize,
}

/// Which of both contracts is held against the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    #[default]
    Forth,
    Back,
}

impl Direction {
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Forth => Self::Back,
            Self::Back => Self::Forth,
        }
    }
}

/// What was worked out of nodes, each of the first contract or of the second.
pub(super) type Clashes = Rc<RefCell<BTreeMap<(Node, bool, bool), Clash>>>;

/// What keeps values from being allowed by a choice.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clash {
    /// Nothing says that two alternatives never apply at once.
    pub(super) overlaps: bool,
    /// How many alternatives stand there again.
    pub(super) doubled: usize,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        old: &'a Contract,
        new: &'a Contract,
        way: Way,
        place: String,
        changes: &'a mut Changes,
    ) -> Self {
        Self {
            old,
            new,
            way,
            place,
            changes,
            seen: BTreeSet::new(),
            direction: Direction::default(),
            distances: Distances::default(),
            clashes: Clashes::default(),
        }
    }

    pub(super) fn add(&mut self, level: Level, message: String, at: Location, path: &str) {
        let place = if path.is_empty() { self.place.clone() } else { format!("{} {path}", self.place) };
        self.changes.add(level, message, at, &place);
    }

    pub(super) fn location(&self, node: &Node) -> Location {
        location(self.new, node).unwrap_or_else(|| self.new.document().at(""))
    }
}

/// Where a value is described: what a reference leads to, where there is nothing but one.
pub(super) fn location(contract: &Contract, node: &Node) -> Option<Location> {
    let mut schema: SchemaRef = node.first()?.clone();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(target) = contract.schemas.referred(&schema).filter(|target| seen.insert(target.clone())) {
        schema = target;
    }
    contract.imported.location(&schema)
}
