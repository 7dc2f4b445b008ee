//! A walk: moves in order, and the case that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::action::{ACTIONS, Action, Kind, Lists, Makes, State};
use super::model::{Model, Thing};
use super::words::Words;
use crate::plan::{Trial, trials};
use crate::spec::case_file::Effect;
use crate::spec::contract::OperationId;
use crate::spec::requirement::RequirementId;
use crate::spec::{Diagnostics, Document, Suite};

/// With these statuses an endpoint may decline what it is asked for, for reasons of its own.
const READ_MAY_DECLINE: [u16; 3] = [423, 429, 503];

/// The same for a write that should succeed: limits of a plan among them.
const WRITE_MAY_DECLINE: [u16; 8] = [402, 403, 409, 412, 422, 423, 429, 503];

/// One step of a walk, before it is known what it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    /// Its place in the walk that it was thought of for: what it makes is named by it.
    pub(super) id: usize,
    /// The place of its action.
    pub(super) action: usize,
    /// The key of what it acts on.
    pub(super) subject: Option<String>,
    /// The key of the second thing.
    pub(super) other: Option<String>,
}

/// Moves on their way to a case.
pub(super) struct Way<'s> {
    suite: &'s Suite,
    pub(super) model: Model,
    pub(super) moves: Vec<Move>,
    /// What the last change was about.
    pub(super) touched: Vec<String>,
    steps: Vec<Map<String, Value>>,
    proves: BTreeSet<&'static str>,
}

impl<'s> Way<'s> {
    pub(super) fn new(suite: &'s Suite) -> Self {
        let model = Model::default();
        Self {
            suite,
            model,
            moves: Vec::new(),
            touched: Vec::new(),
            steps: Vec::new(),
            proves: BTreeSet::new(),
        }
    }

    /// The moves of a list that are possible one after the other. What rests on one that is left out is left out too.
    pub(super) fn of(suite: &'s Suite, moves: &[Move]) -> Self {
        let mut way = Self::new(suite);
        for one in moves {
            way.take(one);
        }
        way
    }

    /// Whether what an action needs is there.
    pub(super) fn admits(&self, one: &Move) -> bool {
        let action = &ACTIONS[one.action];
        let (subject, other) = (self.thing(one.subject.as_deref()), self.thing(one.other.as_deref()));
        let is_subject = |subject: &Thing| {
            Some(subject.kind) == action.on
                && subject.state == action.state
                && action.when.iter().all(|(name, wanted)| {
                    let value = self.model.value(subject, name).unwrap_or(Value::Null);
                    wanted.as_array().map_or(value == *wanted, |wanted| wanted.contains(&value))
                })
        };
        let is_other = |other: &Thing| {
            action.other.as_ref().is_some_and(|wanted| {
                let holder = |thing: &Thing| {
                    wanted
                        .inside
                        .and_then(|kind| self.model.holder(thing, kind))
                        .map(|holder| holder.key.clone())
                };
                let is_same_place = wanted.inside.is_none() || holder(other) == subject.and_then(holder);
                let is_it = subject.is_some_and(|subject| subject.key == other.key);
                other.kind == wanted.kind && other.state == wanted.state && is_same_place && !is_it
            })
        };
        subject.map_or(action.on.is_none() && one.subject.is_none(), is_subject)
            && other.map_or(action.other.is_none(), is_other)
            && action.makes.as_ref().is_none_or(|makes| self.has_room(makes, subject))
    }

    fn thing(&self, key: Option<&str>) -> Option<&Thing> {
        self.model.get(key?)
    }

    fn has_room(&self, makes: &Makes, subject: Option<&Thing>) -> bool {
        let within = self.place_of(makes, subject);
        let is_one = |thing: &&Thing| {
            thing.kind == makes.kind && thing.within == within && thing.state == State::There
        };
        self.model.things.iter().filter(is_one).count() < makes.at_most
    }

    /// The key of what a new thing is in.
    fn place_of(&self, makes: &Makes, subject: Option<&Thing>) -> Option<String> {
        match makes.inside {
            Some(Kind::Account) => None,
            Some(kind) => {
                subject.and_then(|subject| self.model.holder(subject, kind)).map(|one| one.key.clone())
            }
            None => subject.map(|subject| subject.key.clone()),
        }
    }

    /// Takes a move, if it is possible.
    pub(super) fn take(&mut self, one: &Move) -> bool {
        if !self.admits(one) {
            return false;
        }
        let action = &ACTIONS[one.action];
        let words = Words {
            model: &self.model,
            subject: self.thing(one.subject.as_deref()),
            other: self.thing(one.other.as_deref()),
            new: action.makes.as_ref().map(|makes| format!("{}{}", makes.kind.letter(), one.id)),
            step: format!("m{}", one.id),
        };
        let about = words.subject.map_or_else(String::new, |subject| format!(" ({})", subject.key));
        let name = format!("{}. {}{about}", one.id, action.name);
        let Some(step) = self.step(action, &words, name) else { return false };
        let fill = |values: &BTreeMap<String, Value>| -> Option<Vec<(String, Value)>> {
            values.iter().map(|(name, value)| Some((name.clone(), words.value(value)?))).collect()
        };
        let Some(sets) = fill(&action.sets) else { return false };
        let made = match &action.makes {
            Some(makes) => match self.made(makes, &words) {
                Some(made) => Some(made),
                None => return false,
            },
            None => None,
        };
        self.steps.push(step);
        self.moves.push(one.clone());
        self.proves.extend(action.proves.iter().map(String::as_str));
        self.follow(action, one, sets, made);
        true
    }

    /// What an action makes, itself first.
    fn made(&self, makes: &Makes, words: &Words<'_>) -> Option<Vec<Thing>> {
        let key = words.new.clone()?;
        let thing = |key: String, kind, within, has: &BTreeMap<String, Value>, id: bool| {
            let filled =
                has.iter().map(|(name, value)| Some((name.clone(), words.value(value).unwrap_or_default())));
            let mut has: BTreeMap<String, Value> = filled.collect::<Option<_>>()?;
            if id {
                has.insert("id".to_owned(), format!("{{{{ {key} }}}}").into());
            }
            Some(Thing { key, kind, within, has, state: State::There, was: State::There, kept: Vec::new() })
        };
        let within = self.place_of(makes, words.subject);
        let mut made = vec![thing(key.clone(), makes.kind, within, &makes.has, makes.id.is_some())?];
        for (end, part) in &makes.with {
            made.push(thing(format!("{key}_{end}"), part.kind, Some(key.clone()), &part.has, true)?);
        }
        Some(made)
    }

    /// Does to the model what a move does.
    fn follow(&mut self, action: &Action, one: &Move, sets: Vec<(String, Value)>, made: Option<Vec<Thing>>) {
        let mut touched: Vec<String> = one.subject.iter().cloned().collect();
        if let (Some(name), Some(subject)) = (&action.unsets, self.thing(one.subject.as_deref()).cloned()) {
            for thing in &mut self.model.things {
                if thing.kind == subject.kind && thing.within == subject.within {
                    thing.has.insert(name.clone(), json!(false));
                }
            }
        }
        if let Some(subject) = one.subject.as_deref() {
            // A database is called otherwise, and so is what it is found by.
            if let Some(thing) = self.model.get_mut(subject) {
                thing.has.extend(sets);
            }
            if action.restores
                && let Some(other) = &one.other
            {
                self.model.restore(subject, other);
            }
            if action.removes {
                self.model.remove(subject);
            }
            if let Some(recovery) = &action.recovers {
                self.model.recover(subject, recovery);
            }
        }
        if let (Some(makes), Some(made)) = (&action.makes, made) {
            let source = one.other.as_deref().or(one.subject.as_deref());
            let contents = source.map(|key| self.model.contents(key)).unwrap_or_default();
            let key = made[0].key.clone();
            self.model.things.extend(made);
            if makes.copies {
                self.model.copy(contents, &key);
            } else if makes.keeps
                && let Some(thing) = self.model.get_mut(&key)
            {
                thing.kept = contents;
            }
            if makes.replaces {
                self.model.things.retain(|thing| Some(&thing.key) != one.subject.as_ref());
            }
            touched.push(key);
        }
        if !action.operation.starts_with("get") && !action.operation.starts_with("list") {
            let holders = touched.iter().filter_map(|key| self.model.get(key)?.within.clone());
            let holders: Vec<String> = holders.collect();
            touched.extend(holders);
            self.touched = touched;
        }
    }

    /// The step of a case that does it; none, where it needs what is not known.
    fn step(&self, action: &Action, words: &Words<'_>, name: String) -> Option<Map<String, Value>> {
        let mut step = Map::new();
        step.insert("name".to_owned(), name.into());
        step.insert("operation".to_owned(), action.operation.as_str().into());
        step.extend(words.members(&action.step)?);
        let expected = step.get("expect").and_then(|expect| expect.get("status")).cloned();
        let mut found = Map::new();
        for (path, value) in &action.shows {
            let value = match value.split_once('.') {
                Some((word, value)) => words.word(word, Some(value)),
                None => words.word("it", Some(value)),
            };
            found.extend(value.map(|value| (path.clone(), value)));
        }
        if let Some(lists) = &action.lists {
            let (there, gone) = self.listed(lists, words.subject);
            found.extend(there);
            if lists.waits && !gone.is_empty() {
                step.insert("until".to_owned(), json!({ "where": gone, "every": "500ms", "limit": "60s" }));
            } else {
                found.extend(gone);
            }
        }
        if !found.is_empty() {
            let expect = step.entry("expect").or_insert_with(|| json!({}));
            let members = expect.as_object_mut()?.entry("where").or_insert_with(|| json!({}));
            members.as_object_mut()?.extend(found);
        }
        if let Some(makes) = &action.makes {
            let key = words.new.as_deref()?;
            let captures = step.entry("capture").or_insert_with(|| json!({})).as_object_mut()?;
            captures.extend(makes.id.iter().map(|path| (key.to_owned(), path.as_str().into())));
            captures.extend(
                makes.with.iter().map(|(end, part)| (format!("{key}_{end}"), part.id.as_str().into())),
            );
            if let Some(undo) = &makes.undo {
                step.insert("undo".to_owned(), words.value(undo)?);
            }
        }
        step.insert("may_decline".to_owned(), json!(self.may_decline(action, expected.as_ref())));
        step.insert("proves".to_owned(), json!(action.proves));
        Some(step)
    }

    /// What a list must show, and what it must not.
    fn listed(&self, lists: &Lists, holder: Option<&Thing>) -> (Map<String, Value>, Map<String, Value>) {
        let (mut there, mut gone) = (Map::new(), Map::new());
        let is_here = |thing: &Thing| holder.is_none_or(|holder| self.model.is_in(thing, &holder.key));
        for thing in self.model.things.iter().filter(|thing| thing.kind == lists.kind) {
            let is_elsewhere = !is_here(thing);
            if is_elsewhere && !(lists.own && self.is_foreign(thing, holder)) {
                continue;
            }
            let words = Words {
                model: &self.model,
                subject: Some(thing),
                other: None,
                new: None,
                step: String::new(),
            };
            let filled =
                |path: &str| words.text(&path.replace("<id>", "<it>")).map(|path| crate::json::plain(&path));
            let Some(item) = filled(&lists.item) else { continue };
            match thing.state {
                State::There if is_elsewhere => {
                    gone.insert(item, json!({ "count": 0 }));
                }
                State::There => {
                    there.insert(item.clone(), json!({ "count": 1 }));
                    for (member, value) in &lists.shows {
                        let value = self.model.value(thing, value);
                        there.extend(value.map(|value| (format!("{item}.{member}"), value)));
                    }
                }
                State::Gone => {
                    let path = lists.gone.as_deref().and_then(filled).unwrap_or(item);
                    gone.insert(path, json!({ "count": 0 }));
                }
                State::Recovered | State::Lost => {}
            }
        }
        (there, gone)
    }

    /// Whether something of another branch of the same project has a name that nothing on this branch has had.
    fn is_foreign(&self, thing: &Thing, branch: Option<&Thing>) -> bool {
        let Some(branch) = branch else { return false };
        let is_namesake = |other: &Thing| {
            other.kind == thing.kind
                && self.model.is_in(other, &branch.key)
                && other.has.get("name") == thing.has.get("name")
        };
        let project =
            |thing: &Thing| self.model.holder(thing, Kind::Project).map(|project| project.key.clone());
        thing.state == State::There
            && project(thing) == project(branch)
            && !self.model.things.iter().any(is_namesake)
    }

    fn may_decline(&self, action: &Action, expected: Option<&Value>) -> &'static [u16] {
        let operation = self.suite.operations.get(&OperationId(action.operation.clone()));
        let is_read = operation.is_none_or(|operation| operation.effect() == Effect::Reads);
        let is_to_succeed = expected.is_none_or(|status| status == 200);
        if is_read || !is_to_succeed { &READ_MAY_DECLINE } else { &WRITE_MAY_DECLINE }
    }

    /// The names of the steps, in order.
    pub(super) fn names(&self) -> Vec<String> {
        self.steps.iter().filter_map(|step| Some(step.get("name")?.as_str()?.to_owned())).collect()
    }

    /// The case of these moves as a trial with this name and number.
    ///
    /// # Errors
    /// What the suite lacks for it.
    pub(super) fn trial(&self, name: &str, title: &str, number: usize) -> Result<Trial, Diagnostics> {
        let mut steps = self.steps.clone();
        let all: String = steps.iter().map(|step| json!(step).to_string()).collect();
        for step in &mut steps {
            if let Some(captures) = step.get_mut("capture").and_then(Value::as_object_mut) {
                // A capture that nothing uses is a mistake in a case.
                captures.retain(|name, _| all.contains(&format!("{{{{ {name} }}}}")));
                if captures.is_empty() {
                    step.shift_remove("capture");
                }
            }
        }
        let file = json!({
            "title": title,
            "requirements": self.proves,
            "tags": ["explore"],
            "steps": steps,
            "snapshot": { "omit": true },
        });
        let text = serde_saphyr::to_string(&file).unwrap_or_default();
        let document = Document::parse(Path::new(&format!("{name}.yaml")), text.as_bytes())
            .map_err(|mistake| Diagnostics::from_iter([mistake]))?;
        let case = Arc::new(self.suite.case(name.to_owned(), &document)?);
        let mut all = trials(self.suite, &case);
        let mut trial = all.swap_remove(0);
        trial.number = number;
        Ok(trial)
    }
}

/// Whether a suite knows what an action sends and proves.
pub(super) fn is_known(suite: &Suite, action: &Action) -> bool {
    suite.operations.contains_key(&OperationId(action.operation.clone()))
        && action.proves.iter().all(|id| suite.requirements.contains_key(&RequirementId(id.clone())))
}

/// The same moves, numbered anew in their order.
pub(super) fn renumbered(moves: &[Move]) -> Vec<Move> {
    let numbers: BTreeMap<String, usize> =
        moves.iter().enumerate().map(|(place, one)| (one.id.to_string(), place + 1)).collect();
    let part = |part: &str| {
        let digits = part.find(|letter: char| letter.is_ascii_digit()).unwrap_or(part.len());
        let (letter, id) = part.split_at(digits);
        numbers.get(id).map_or_else(|| part.to_owned(), |number| format!("{letter}{number}"))
    };
    let key = |key: &String| key.split('_').map(part).collect::<Vec<_>>().join("_");
    let renumber = |(place, one): (usize, &Move)| Move {
        id: place + 1,
        action: one.action,
        subject: one.subject.as_ref().map(key),
        other: one.other.as_ref().map(key),
    };
    moves.iter().enumerate().map(renumber).collect()
}
